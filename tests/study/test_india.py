"""India's 2024 figures: on a store written by hand, and on India's own records."""

from __future__ import annotations

from datetime import date

import pytest

from entrepot.study import load, run
from entrepot.workspace import Workspace
from support import india
from support.plain import OWN

STUDY = "india-2024"


def told(folder):
    brief, _books = run(load(STUDY), Workspace(folder))
    values = {figure.name: figure.value for figure in brief.figures}
    return brief, values, [claim.verdict for claim in brief.claims]


def written(folder, **millions):
    """A store of two codes in the months of 2023 and 2024, in millions by month of 2024."""
    lines = []
    for year in (2023, 2024):
        for month in range(1, 13):
            value = millions.get(f"m{month}", 1) if year == 2024 else 1
            lines += [f"{year}-{month:02d},IND,RUS,X,847150,{value - 0.25}e6"]
            lines += [f"{year}-{month:02d},IND,RUS,X,845811,0.25e6"]
            lines += [f"{year}-{month:02d},IND,RUS,X,300490,500e6"]
    path = folder / "own.csv"
    path.write_text("month,reporter,partner,flow,product,value\n" + "\n".join(lines) + "\n")
    day = date(2024, 12, 31)
    Workspace(folder).ingest("generic", [path], mapping=OWN, published=day, scope="whole")
    return folder


def test_the_three_figures_are_sums_of_listed_goods_by_hand(tmp_path):
    brief, values, verdicts = told(written(tmp_path, m4=60.5, m5=59.5, m7=98))
    assert values["april.value_usd"] == pytest.approx(60.5e6)
    assert values["may.value_usd"] == pytest.approx(59.5e6)
    assert values["july.value_usd"] == pytest.approx(98e6)
    assert values["before.value_usd"] == pytest.approx(3e6)
    assert values["april.ratio"] == pytest.approx(60.5)
    assert verdicts == ["reproduced", "not reproduced", "reproduced"]
    assert all("the officials named none" in claim.expected for claim in brief.claims)


def test_july_must_lie_within_a_twentieth(tmp_path):
    assert told(written(tmp_path, m4=61, m5=61, m7=101))[2][2] == "not reproduced"


def test_indias_own_records_reproduce_them(tmp_path_factory, shared_data):
    """On the list of 50: 62.01, 68.22 and 98.21; on that of 45: 60.89, 67.20 and 96.85."""
    brief, values, verdicts = told(india.stored(tmp_path_factory, shared_data))
    found = [values[f"{month}.value_usd"] / 1e6 for month in ("april", "may", "july")]
    assert found == pytest.approx([62.01, 68.22, 98.21], abs=0.005)
    assert verdicts == ["depends", "reproduced", "reproduced"]
    assert brief.claims[0].depends_on == ("basket",)  # on stable codes alone April holds less
    assert "$98 million in July" in brief.headline
