"""Mark: by hand, and in the drawing of every kind of picture."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from xml.etree import ElementTree

import pyarrow as pa
import pytest

from entrepot.publish import cite
from entrepot.publish.brief import Picture
from entrepot.publish.mark import COLUMNS, INVENTED, SYNTHETIC, mark_of
from entrepot.publish.picture import svg
from support.sample_briefs import DEMO, REAL


@dataclass
class Vintage:
    publisher: str
    published: date
    licence: str


VINTAGES = (
    Vintage("Eurostat", date(2023, 1, 13), "CC BY 4.0"),
    Vintage("Eurostat", date(2023, 5, 2), "CC BY 4.0"),
    Vintage("UNSD", date(2023, 2, 1), "its own"),
)
REAL_ONE = mark_of(VINTAGES, synthetic=False)
INVENTED_ONE = mark_of(VINTAGES, synthetic=True, as_of=date(2023, 3, 1))


def test_a_mark_names_every_publisher_day_and_licence_once():
    assert REAL_ONE.to_dict() == {
        "notice": "",
        "publisher": "Eurostat, published 2023-01-13 and 2023-05-02; UNSD, published 2023-02-01",
        "as_of": "2023-05-02",
        "licence": "CC BY 4.0; its own",
    }
    assert REAL_ONE.line == (
        "Source: Eurostat, published 2023-01-13 and 2023-05-02; UNSD, published 2023-02-01; "
        "as known on 2023-05-02; licence: CC BY 4.0; its own."
    )


def test_invented_figures_are_no_publishers():
    assert INVENTED_ONE.notice == SYNTHETIC
    assert INVENTED_ONE.publisher.startswith("invented, in the format of Eurostat")
    assert (INVENTED_ONE.as_of, INVENTED_ONE.licence) == ("2023-03-01", INVENTED)
    assert INVENTED_ONE.line.startswith(f"{SYNTHETIC}. Source: invented")


def test_many_days_are_named_by_the_first_and_the_last():
    days = [Vintage("A", date(2023, 1, day), "") for day in (1, 2, 3)]
    assert mark_of(days, synthetic=False).publisher == "A, published 2023-01-01 to 2023-01-03"


def test_rows_and_tables_carry_the_same_columns():
    (row,) = REAL_ONE.on([{"a": 1}])
    table = REAL_ONE.on_table(pa.table({"a": [1]}))
    assert table.to_pylist() == [row]
    assert list(row) == ["a", *COLUMNS]
    assert REAL_ONE.on_table(table) == table


def texts(drawing):
    found = ElementTree.fromstring(drawing)
    return found, list(found.iter("{http://www.w3.org/2000/svg}text"))


@pytest.mark.parametrize("width", [340, 860])
@pytest.mark.parametrize(
    "picture", [*DEMO.pictures, *REAL.pictures], ids=lambda picture: picture.kind
)
def test_the_mark_stands_in_the_drawing_and_inside_its_frame(picture, width):
    plain = svg(replace(picture, mark=""), width)
    root, drawn = texts(svg(replace(picture, mark=INVENTED_ONE.line), width))
    said = [(e.text or "", float(e.get("y") or 0)) for e in drawn if e.get("y")]
    told = " ".join(text for text, _y in said)
    for part in (SYNTHETIC, "as known on 2023-03-01", INVENTED):
        assert part in told
    height = float((root.get("viewBox") or "").split()[3])
    before = float(re.search(r'viewBox="0 0 [\d.]+ ([\d.]+)"', plain)[1])
    assert all(before < y < height for text, y in said if text in INVENTED_ONE.line)
    assert SYNTHETIC not in plain


def test_a_line_of_a_mark_fits_its_drawing():
    picture = Picture("bars", "t", "r", "a", ({"label": "a", "value_usd": 1.0},))
    _root, drawn = texts(svg(replace(picture, mark=INVENTED_ONE.line), 340))
    lines = [e.text for e in drawn if e.get("font-size") == "11" and e.text]
    assert max(map(len, lines)) * 11 * 0.6 <= 340


def test_a_citation_has_title_publisher_day_and_command_in_both_forms():
    told = cite.text("A & B", INVENTED_ONE, "1.0", "entrepot brief x")
    entry = cite.bibtex("x", "A & B", INVENTED_ONE, "1.0", "entrepot brief x")
    for part in ("Eurostat", "2023-03-01", "entrepot brief x", "SYNTHETIC"):
        assert part in told
        assert part in entry
    assert entry.startswith("@misc{entrepot-x-2023-03-01,\n")
    assert r"A \& B" in entry
    assert entry.count("{") == entry.count("}")
