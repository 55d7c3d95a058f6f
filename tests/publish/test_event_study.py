"""The event-study chart, checked against its rows in the chart's data and in the drawn SVG."""

from __future__ import annotations

import pytest

from entrepot.publish.brief import Picture
from entrepot.publish.charts.event_study import event_study
from entrepot.publish.picture import svg
from support.pages import data, texts

ROWS = [
    {"period": "2022-03", "estimate": 0.4, "ci_low": 0.1, "ci_high": 0.7},
    {"period": "2021-09", "estimate": -0.1, "ci_low": -0.3, "ci_high": 0.1},
    {"period": "2021-12", "estimate": 0.0, "ci_low": None, "ci_high": None},
    {"period": "2022-06", "estimate": None, "ci_low": None, "ci_high": None},
]
EVENTS = [{"date": "2022-02-24", "label": "Invasion of Ukraine"}]


def drawn(key, rows=ROWS, **options):
    """Return the data of each layer whose rows have `key` and whose mark is given."""
    spec = event_study(rows, **options)
    return [row for row in data(spec, key) if "middle" in row]


def test_each_estimate_is_drawn_once_with_its_interval_in_order_of_time():
    spec = event_study(ROWS)
    layers = {
        layer["mark"]["type"] + ("/hollow" if "stroke" in layer["mark"] else ""): layer["data"]
        for layer in spec["layer"]
        if any("middle" in row for row in layer["data"]["values"])
    }
    spans = [(row["period"], row["ci_low"], row["ci_high"]) for row in layers["rule"]["values"]]
    assert spans == [("2021-09-01", -0.3, 0.1), ("2022-03-01", 0.1, 0.7)]
    assert [row["estimate"] for row in layers["point"]["values"]] == [-0.1, 0.4]
    assert [row["period"] for row in layers["point/hollow"]["values"]] == ["2021-12-01"]


def test_a_period_stands_in_its_middle():
    """September to November has its middle on 16 October, December to February on 15 January."""
    assert {row["period"]: row["middle"] for row in drawn("middle")} == {
        "2021-09-01": "2021-10-16",
        "2021-12-01": "2022-01-15",
        "2022-03-01": "2022-04-16",
    }


def test_the_scale_holds_every_interval_and_zero():
    spec = event_study([ROWS[0]])
    (domain,) = {
        tuple(layer["encoding"]["y"]["scale"]["domain"])
        for layer in spec["layer"]
        if layer["encoding"].get("y", {}).get("scale")
    }
    assert domain == pytest.approx((-0.042, 0.742))


@pytest.mark.parametrize("width", [680, 340])
def test_the_event_and_the_unit_are_named(width):
    picture = Picture("event_study", "T", "R", "A", tuple(ROWS), {"events": EVENTS})
    first = svg(picture, width)
    assert first == svg(picture, width)
    spoken = texts(first)
    assert "Invasion of Ukraine" in spoken
    assert "log points" in spoken
    assert {"2022", "0.0"} <= set(spoken)


def test_nothing_to_draw_is_an_empty_picture():
    assert "<svg" in svg(Picture("event_study", "T", "R", "A", (), {}), 680)
