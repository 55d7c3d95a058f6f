"""Downloads: a picture's rows as CSV, and the picture as a file of its own."""

from __future__ import annotations

import base64
import csv
import io
from dataclasses import replace
from xml.etree import ElementTree

from entrepot.publish.brief import Picture
from entrepot.publish.downloads import data, links
from entrepot.publish.mark import SYNTHETIC
from entrepot.publish.picture import svg

ROWS = (
    {"label": "Turkey, to all", "value_usd": 3.5},
    {"label": "China", "value_usd": None},
    {"label": "Iran", "value_usd": 0.0},
)
PICTURE = Picture("bars", "Who sent it, 2023", "r", "a", ROWS, {}, f"{SYNTHETIC}. Source: X.")


def test_the_data_are_the_rows_with_the_notice_in_each_and_the_source_once():
    found = list(csv.DictReader(io.StringIO(data(PICTURE))))
    assert [row["label"] for row in found] == ["Turkey, to all", "China", "Iran"]
    assert [row["value_usd"] for row in found] == ["3.5", "", "0.0"]
    assert {row["notice"] for row in found} == {SYNTHETIC}
    assert [row["source"] for row in found] == ["Source: X.", "", ""]
    assert "SYNTHETIC" not in data(replace(PICTURE, mark="Source: X."))


def test_links_hold_their_files_where_nothing_else_is_there():
    found = {one.kind: one for one in links(PICTURE, svg)}
    assert set(found) == {"CSV", "SVG"}
    head, _, body = found["CSV"].address.partition(",")
    assert head == "data:text/csv;charset=utf-8;base64"
    assert base64.b64decode(body).decode() == data(PICTURE)
    drawing = base64.b64decode(found["SVG"].address.partition(",")[2]).decode()
    ElementTree.fromstring(drawing)
    assert "Who sent it, 2023" in drawing
    assert "SYNTHETIC" in drawing
    assert found["SVG"].name == "who-sent-it-2023.svg"


def test_links_lead_to_files_where_they_are():
    found = links(PICTURE, svg, lambda kind: f"picture-1.{kind}")
    assert [one.address for one in found] == ["picture-1.csv", "picture-1.svg", "picture-1.png"]
