"""The block [[estimate]] and `estimate run`, against a planted effect, a placebo and real rows."""

from __future__ import annotations

import csv
import json
from itertools import product as combinations

import numpy as np
import pytest

from entrepot.errors import CoverageError, EntrepotError, StudyError
from entrepot.study.question import load
from entrepot.study.written import answer
from entrepot.workspace import Workspace
from support.commandline import run as command
from support.sampled import costly

LISTED = {"847150": "2022-03-01", "854231": "2022-03-01"}
OTHERS = ["870323", "940360"]
IMPORTERS = ["KGZ", "KAZ", "GEO", "UZB", "SRB"]
MONTHS = [f"{year}-{month:02}" for year in (2021, 2022) for month in range(1, 13)]

STUDY = """
title = "Planted"
question = "Did they part?"
goods = "{goods}"
headline = "{{parted.factor}} times, p {{parted.placebo_p}}; {{value.value_usd}}"
unanswered = "Open."

[[figure]]
name = "value"
measure = "growth"
[figure.params]
reporters = ["DEU"]
partners = ["KGZ"]
first = "2022-06"
last = "2022-08"
base = [2021]
[figure.show]
value_usd = "Value"

[[estimate]]
name = "parted"
title = "Sanctioned against others"
estimator = "event_study"
picture = "Path"
alt = "Dots."
[estimate.params]
exporters = ["DEU", "ITA"]
intermediaries = ["{treated}"]
others = ["KAZ", "GEO", "UZB"]
first = "2021-01"
last = "2022-12"
draws = 99
"""


def rows(rise, noise=0.02):
    """A product of effects per cell, importer-month and good-month; KGZ's listed goods rise."""
    random = np.random.default_rng(276)
    shape = {"jt": (len(IMPORTERS), 24), "kt": (4, 24), "cell": (2, len(IMPORTERS), 4)}
    by = {key: random.normal(size=size) * 0.5 for key, size in shape.items()}
    goods = [*LISTED, *OTHERS]
    for (i, who), (j, to), (k, code), (t, month) in combinations(
        *map(enumerate, (["DEU", "ITA"], IMPORTERS, goods, MONTHS))
    ):
        value = np.exp(10 + by["cell"][i, j, k] + by["jt"][j, t] + by["kt"][k, t])
        value *= np.exp(noise * random.normal())
        value *= rise if (to, code in LISTED, t >= 14) == ("KGZ", True, True) else 1
        yield {
            "reporter": who, "partner": to, "product": code, "month": month, "value": f"{value:.2f}"
        }  # fmt: skip


@pytest.fixture
def world(kept, table, tmp_path):
    """A store with a planted doubling, and a list of the two goods with their days."""
    desk = kept("planted", lambda desk: desk.take(table("planted.csv", *rows(2.0))))
    listed = tmp_path / "listed.csv"
    listed.write_text(
        "code,since\n" + "".join(f"{code},{day}\n" for code, day in LISTED.items()), "utf-8"
    )
    return desk, listed


def study(tmp_path, listed, treated="KGZ", text=STUDY):
    path = tmp_path / "planted.toml"
    path.write_text(text.format(goods=listed.as_posix(), treated=treated), "utf-8")
    return str(path)


def asked(listed, treated="KGZ", others="KAZ,GEO,UZB", **more):
    return {
        "exporters": "DEU,ITA", "intermediaries": treated, "others": others, "draws": "99",
        "goods": str(listed), "months": "2021..2022", **more,
    }  # fmt: skip


def test_a_planted_doubling_is_found_with_its_path_its_table_and_its_rows(world, tmp_path):
    desk, listed = world
    brief = answer(study(tmp_path, listed), desk.store.path, out=tmp_path / "out")
    table = next(one for one in brief.breakdowns if one.name == "parted")
    effect, *path = table.rows
    assert effect["factor"] == pytest.approx(2, rel=0.03)
    assert effect["ci_low"] < np.log(2) < effect["ci_high"]
    assert (effect["observations"], effect["clusters"]) == (2 * 4 * 4 * 24, 4 * 4)
    assert (effect["placebo_p"], effect["placebo_sets"]) == (1 / 4, 4)
    after = [row["estimate"] for row in path if row["label"] >= "2022-03"]
    assert after == pytest.approx([np.log(2)] * len(after), abs=0.08)
    assert "(N-1)/(N-K)" in table.note
    assert "Rests on 2 of the codes beside 2 others" in table.note
    assert brief.headline.startswith(f"{effect['factor']:.2f} times, p 0.250; ")
    assert [one.kind for one in brief.pictures] == ["event_study"]
    with (tmp_path / "out" / "parted.csv").open(newline="") as stream:
        behind = list(csv.DictReader(stream))
    assert len(behind) == 2 * 4 * 4 * 24
    assert {row["counted_as"] for row in behind} == {*LISTED, *OTHERS}
    # The figure's own rows of another partner count beside them.
    assert sum(used.rows for used in brief.evidence.vintages) > len(behind)
    assert "<svg" in (tmp_path / "out" / "brief.html").read_text("utf-8")


def test_a_place_to_which_nothing_happened_has_no_effect(world):
    """Serbia in the place of Kyrgyzstan, which is left out: the interval holds zero."""
    desk, listed = world
    (row,) = desk.estimate("did", **asked(listed, "SRB")).rows
    assert row["ci_low"] < 0 < row["ci_high"]
    assert abs(row["estimate"]) < 0.05


def test_a_good_of_a_later_day_counts_from_its_own_month(world):
    """Both rose in March; a list that says July for one of them leaves four of ten months out."""
    desk, listed = world
    right = desk.estimate("did", **asked(listed)).rows[0]["estimate"]
    listed.write_text("code,since\n847150,2022-03-01\n854231,2022-07-01\n", "utf-8")
    late = desk.estimate("did", **asked(listed)).rows[0]["estimate"]
    fixed = desk.estimate("did", **asked(listed, since="2022-03")).rows[0]["estimate"]
    assert fixed == pytest.approx(right)
    assert late < right - 0.05


def test_every_estimator_runs_and_says_its_convention(world):
    desk, listed = world
    own = {key: value for key, value in asked(listed).items() if key != "intermediaries"}
    pooled = desk.estimate("did", **asked(listed, pooled="yes"))
    assert pooled.rows[0]["factor"] == pytest.approx(2, rel=0.05)
    gravity = desk.estimate(
        "ppml", **own, treated="KGZ",
        effects="exporter-importer-product,product-month", cluster="importer",
    ).rows[0]  # fmt: skip
    for row in (*pooled.rows, gravity):
        assert row["convention"].startswith("clustered, times G/(G-1) and (N-1)/(N-K)")
    assert gravity["clusters"] == 4


def test_flows_that_begin_are_a_chance_that_rises(desk, table, tmp_path):
    """Germany's listed goods reach Kyrgyzstan from March 2022 only: from one in two to two."""
    kept = [
        row for row in rows(1.0)
        if (row["reporter"], row["partner"], row["product"] in LISTED) != ("DEU", "KGZ", True)
        or row["month"] >= "2022-03"
    ]  # fmt: skip
    desk.take(table("begin.csv", *kept))
    listed = tmp_path / "listed.csv"
    listed.write_text("code,since\n847150,2022-03-01\n854231,2022-03-01\n", "utf-8")
    (row,) = desk.estimate("extensive_margin", **asked(listed)).rows
    assert row["estimate"] == pytest.approx(0.5, abs=1e-6)
    assert row["factor"] is None


def test_goods_compared_with_may_be_named_by_chapter(world):
    desk, listed = world
    found = desk.estimate("did", **asked(listed, controls="87"))
    assert found.compared == (2, 1)


@pytest.mark.parametrize(
    ("change", "kind", "told"),
    [
        ({"others": "KGZ,KAZ"}, StudyError, "KGZ is an intermediary and one of the others"),
        ({"sinse": "2022-03"}, StudyError, "estimator did: no option --sinse; did you mean since"),
        ({"goods": "847150"}, StudyError, "--since listed needs a day for each good, and 847150"),
        (
            {"goods": "850110", "since": "2022-03"},
            CoverageError,
            "nothing|none of the goods|no exp",
        ),
        ({"months": "2022-04..2022-12"}, EntrepotError, "expected at least one|months before"),
        ({"exporters": "FRA"}, CoverageError, "none of the goods is known|nothing"),
    ],
)
def test_what_cannot_be_estimated_is_refused_in_one_line(world, change, kind, told):
    desk, listed = world
    with pytest.raises(kind, match=told) as caught:
        desk.estimate("did", **(asked(listed) | change))
    assert "\n" not in str(caught.value)


def test_a_month_of_an_exporter_that_is_absent_is_named_and_is_no_zero(desk, table, tmp_path):
    kept = [r for r in rows(2.0) if (r["reporter"], r["month"]) != ("ITA", "2022-05")]
    desk.take(table("part.csv", *kept))
    listed = tmp_path / "listed.csv"
    listed.write_text("code,since\n847150,2022-03-01\n854231,2022-03-01\n", "utf-8")
    found = desk.estimate("did", **asked(listed))
    assert any("Italy May 2022" in gap for gap in found.missing)
    assert found.rows[0]["observations"] == 2 * 4 * 4 * 24 - 4 * 4
    assert found.rows[0]["factor"] == pytest.approx(2, rel=0.03)
    assert {row["known"] for row in found.records()} == {"part"}


def test_an_estimate_that_cannot_be_made_is_a_row_with_the_reason(world, tmp_path):
    desk, listed = world
    text = STUDY.replace('headline = "', 'headline = "{{value.value_usd}}"\n#').replace(
        'first = "2021-01"', 'first = "2022-04"'
    )
    brief = answer(study(tmp_path, listed, text=text), desk.store.path)
    table = next(one for one in brief.breakdowns if one.name == "parted")
    assert [row["label"] for row in table.rows] == ["Not estimated"]
    assert "at least one" in table.note or "months before" in table.note


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('estimator = "event_study"', 'estimator = "event_studdy"', "estimator 'event_studdy'"),
        ("others =", "othrs =", "parameter 'othrs' does not exist; did you mean others"),
        ('alt = "Dots."', 'alto = "Dots."', "unknown key 'alto'"),
        ("{{parted.factor}}", "{{parted.faktor}}", "column of parted 'faktor'"),
    ],
)
def test_a_misspelt_key_of_the_block_is_refused_before_anything_runs(
    world, tmp_path, before, after, told
):
    desk, listed = world
    assert before in STUDY
    path = study(tmp_path, listed, text=STUDY.replace(before, after))
    with pytest.raises(StudyError, match=told):
        answer(path, desk.store.path)


def test_the_command_lists_shows_runs_and_draws(world, tmp_path):
    desk, listed = world
    names = {row["estimator"] for row in json.loads(command("estimate", "list").stdout)}
    assert names == {"did", "event_study", "extensive_margin", "ppml"}
    assert "(N-1)/(N-K)" in command("estimate", "show", "did").stdout
    options = command("estimate", "run", "did", "--help").stdout
    assert "--intermediaries" in options
    assert "--goods" in options
    words = [part for key, value in asked(listed).items() for part in (f"--{key}", value)]
    place = ["--store", str(desk.store.path), "--format", "json"]
    out = tmp_path / "path.svg"
    done = command("estimate", "run", "event_study", *words, *place, "--out", str(out))
    found = json.loads(done.stdout)
    assert found[0]["factor"] == pytest.approx(2, rel=0.03)
    assert found[0]["convention"].endswith("clusters of importer and product")
    assert out.read_text("utf-8").startswith("<svg")
    refused = command("estimate", "run", "did", *words, *place, "--out", str(out), check=False)
    assert "gives one number and no path to draw" in refused.stderr


def test_a_study_that_estimates_asks_for_every_good(tmp_path, world):
    from entrepot.study.needs import needs

    _desk, listed = world
    wide = [query for query in needs(load(study(tmp_path, listed))) if not query.products]
    assert {partner for query in wide for partner in query.partners} == {"KGZ", "KAZ", "GEO", "UZB"}


@costly
def test_the_sanctioned_goods_of_the_three_are_what_was_computed(full):
    """EU27 to ARM, KAZ, KGZ, March to September 2022: $2,801.9 million, 1.911 times 2021."""
    (row,) = Workspace(full).measure(
        "growth", reporters="eu27", partners="ARM,KAZ,KGZ", goods="eu-russia-2023-02",
        months="2022-03..2022-09", base="2021",
    ).rows  # fmt: skip
    assert row["value_usd"] / 1e6 == pytest.approx(2801.9, abs=0.05)
    assert row["ratio"] == pytest.approx(1.911, abs=0.0005)


@costly
def test_sanctioned_goods_did_not_part_from_others_in_a_way_that_can_be_told(full):
    """Against 74 other codes and two other places; earlier periods differ, so no effect is read."""
    found = Workspace(full).estimate(
        "did", exporters="eu27", intermediaries="ARM,KAZ,KGZ", others="GEO,UZB",
        goods="eu-russia-2023-02", months="2021-01..2022-09", pooled="yes",
    )  # fmt: skip
    (row,) = found.rows
    assert found.compared == (1316, 74)
    assert row["estimate"] == pytest.approx(0.0115, abs=0.001)
    assert row["ci_low"] < 0 < row["ci_high"]
    assert row["pretrend_p"] < 0.05
    assert row["placebo_p"] == 0.2
