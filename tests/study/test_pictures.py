"""Pictures of studies: a breakdown's rows as each chart takes them, checked by hand."""

from __future__ import annotations

import csv
import io
from types import SimpleNamespace

import pytest

from entrepot.errors import StudyError
from entrepot.publish.brief import Breakdown
from entrepot.study.blocks import BreakdownBlock, PictureBlock
from entrepot.study.pictures import picture
from entrepot.study.question import DEFAULT

LABEL = ("label", "Partner", "")


def drawn(kind, table, block, params=(), **options):
    study = SimpleNamespace(name="s", breakdown=[block], params=dict(params))
    asked = PictureBlock(kind, "T", "R", "A map.", of=block.name, options=options)
    return picture(asked, SimpleNamespace(study=study), (table,))


def read(path):
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))


def table(columns, *rows):
    return Breakdown("t", "T", (LABEL, *((name, name, "USD") for name in columns)), rows)


def test_a_map_is_of_arcs_from_the_one_side_to_each_of_the_other():
    rows = [{"label": "Kazakhstan", "code": "KAZ", "value_usd": 3e6},
            {"label": "Russia", "code": "RUS", "value_usd": None}]  # fmt: skip
    block = BreakdownBlock("t", "T", "partner")
    sent = drawn(
        "corridor_map", table(["value_usd"], *rows), block, {"reporters": ["eu27"]}.items()
    )
    assert [tuple(row.values()) for row in sent.rows] == [
        ("EU27", "KAZ", "in", 3e6),
        ("EU27", "RUS", "in", None),
    ]
    assert sent.alt == "A map. The widest: European Union to Kazakhstan $3.0 million."
    params = {"reporters": ["DEU"], "flow": "import"}
    came = drawn("corridor_map", table(["value_usd"], *rows), block, params.items())
    assert [(row["start"], row["finish"]) for row in came.rows] == [("KAZ", "DEU"), ("RUS", "DEU")]


def test_a_map_needs_one_country_on_the_other_side():
    block = BreakdownBlock("t", "T", "partner", {"reporters": ["DEU", "FRA"]})
    with pytest.raises(StudyError, match="the other side is one country, or eu27; t is by partner"):
        drawn("corridor_map", table(["value_usd"]), block)


def test_a_mirror_takes_the_exporters_column_first_and_no_more_than_two():
    rows = [{"label": "January", "code": "2022-01", "sent": 1.0, "came": None}]
    block = BreakdownBlock("t", "T", "period")
    found = drawn("mirror", table(["sent", "came"], *rows), block, exporter="Turkey")
    assert found.rows == ({"period": "2022-01-01", "sent_usd": 1.0, "came_usd": None},)
    assert found.options == {"exporter": "Turkey"}
    with pytest.raises(StudyError, match="has 1 columns of dollars, expected two"):
        drawn("mirror", table(["sent"], *rows), block)


def test_a_heat_map_has_a_cell_for_each_row_and_column_and_nothing_of_nothing():
    rows = [{"label": "854231", "code": "854231", "KAZ": 1.0, "RUS": None}]
    block = BreakdownBlock("t", "T", "product")
    found = drawn("heat", table(["KAZ", "RUS"], *rows), block)
    assert [tuple(row.values()) for row in found.rows] == [
        ("854231", "KAZ", 1.0),
        ("854231", "RUS", None),
    ]
    assert drawn("heat", table(["RUS"], *rows), block) is None


def test_the_brief_that_ships_has_the_same_numbers_code_by_country_as_code_by_code(briefs):
    brief, folder = briefs(DEFAULT)
    tables = {one.name: one for one in brief.breakdowns}
    alone = {row["code"]: row["value_usd"] for row in tables["codes-russia"].rows}
    crossed = {row["code"]: row["Russia"] for row in tables["codes-countries"].rows}
    assert len(crossed) == 12
    assert crossed == {code: pytest.approx(alone[code]) for code in crossed}
    kinds = [one.kind for one in brief.pictures]
    assert kinds == ["monthly", "corridor_map", "heat", "choices"]
    for number, one in enumerate(brief.pictures, start=1):
        assert len(read(folder / f"picture-{number}.csv")) == len(one.rows)
        assert (folder / f"picture-{number}.png").read_bytes().startswith(b"\x89PNG")


def test_a_table_opens_the_rows_that_the_csv_names_it_for(briefs):
    brief, folder = briefs(DEFAULT)
    (table,) = [one for one in brief.breakdowns if one.name == "countries"]
    page = (folder / "brief.html").read_text("utf-8")
    assert '<a href="#of-table-countries" tabindex="-1">1,766.0</a>' in page
    assert 'id="of-table-countries"' in page
    rows = [
        row for row in read(folder / "brief.csv") if "table countries" in row["figures"].split("; ")
    ]
    assert len(rows) == table.evidence.rows
    russia = sum(float(row["value_usd"]) for row in rows
                 if row["partner"] == "RUS" and row["period"] >= "2022")  # fmt: skip
    (found,) = [row["value_usd"] for row in table.rows if row["code"] == "RUS"]
    assert russia == pytest.approx(found)
