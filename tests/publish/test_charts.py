"""All charts: each is a valid Vega-Lite specification, and a pure function of its rows."""

from __future__ import annotations

import copy
from itertools import pairwise
from types import FunctionType

import pytest

from entrepot.publish.brief import Picture
from entrepot.publish.charts import _style as style
from entrepot.publish.charts.corridor_map import _projected
from entrepot.publish.picture import svg
from entrepot.reference import groups, places
from entrepot.registry import load
from support.pages import texts
from support.sample_charts import SAMPLES
from support.sampled import costly

CHARTS = load("entrepot.publish.charts", FunctionType)


def test_every_chart_has_a_sample():
    assert set(SAMPLES) == set(CHARTS)


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_leaves_its_rows_alone_and_is_the_same_twice(name):
    rows, options = copy.deepcopy(SAMPLES[name])
    first = CHARTS[name](rows, **options, width=860)
    assert CHARTS[name](rows, **options, width=860) == first
    assert (rows, options) == SAMPLES[name]


@costly
@pytest.mark.parametrize("width", [860, 340])
@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_valid_by_the_schema_of_vega_lite(name, width):
    altair = pytest.importorskip("altair")  # it brings the schema
    rows, options = SAMPLES[name]
    chart = CHARTS[name](rows, **options, width=width)
    assert altair.Chart.from_dict(chart).to_dict()


def test_the_freight_band_is_what_was_sent_times_the_freight_and_no_gap_is_bridged():
    rows, options = SAMPLES["mirror"]
    (band,) = [one for one in CHARTS["mirror"](rows, **options)["layer"]
               if one["mark"]["type"] == "area"]  # fmt: skip
    found = [(r["month"], r["low"], r["high"], r["run"]) for r in band["data"]["values"]]
    assert found == [("2022-01", 10.0, 12.0, "0"), ("2022-03", 20.0, 24.0, "1")]


def test_a_cell_is_as_full_as_the_root_of_its_amount_and_the_unknown_is_empty():
    rows, _options = SAMPLES["heat"]
    cells = {
        (one["text"], layer["mark"].get("color"), round(one["opacity"], 3))
        for layer in CHARTS["heat"](rows)["layer"]
        if layer["mark"]["type"] == "rect"
        for one in layer["data"]["values"]
        if "opacity" in one
    }
    blue, red = style.SERIES[1], style.SERIES[0]
    # 1/9 of the largest has a root of 1/3 of it: .05 + .45 / 3.
    assert cells == {("$9.0m", blue, 0.5), ("$0", None, 0), ("\N{MINUS SIGN}$1.0m", red, 0.2),
                     ("?", None, 0)}  # fmt: skip


def test_what_a_heat_map_leaves_out_is_said():
    rows = [{"row": f"R{n}", "column": "C", "value_usd": float(n)} for n in range(5)]
    drawn = texts(svg(Picture("heat", "", "", "a", tuple(rows), {"most": 3})))
    assert {"R4", "R3", "R2", "Not shown: 2 smaller rows."} <= {*drawn}
    assert "R1" not in drawn


def test_small_multiples_share_one_scale_unless_told_otherwise():
    rows = [{"series": name, "period": f"2022-0{m}-01", "value_usd": value * m}
            for name, value in (("small", 1.0), ("large", 9.0)) for m in (1, 2)]  # fmt: skip

    def tops(**options):
        return [
            one["layer"][0]["encoding"]["y"]["scale"]["domain"][1]
            for one in CHARTS["multiples"](rows, **options)["concat"]
        ]

    assert tops() == [20, 20]
    assert tops(own_scale=True) == [2, 20]


def test_a_panel_of_which_nothing_is_known_says_so():
    rows = ({"series": "A", "period": "2022-01-01", "value_usd": None},
            {"series": "B", "period": "2022-01-01", "value_usd": 1.0})  # fmt: skip
    assert texts(svg(Picture("multiples", "", "", "a", rows))).count("not known") == 1


def test_arcs_are_as_wide_as_their_amounts_and_the_unknown_is_broken():
    rows, _options = SAMPLES["corridor_map"]
    lines = [one for one in CHARTS["corridor_map"](rows)["layer"] if one["mark"]["type"] == "line"]
    wide = {row["wide"] for one in lines if "strokeDash" not in one["mark"]
            for row in one["data"]["values"]}  # fmt: skip
    assert wide == {13.0, 6.5}
    assert sum("strokeDash" in one["mark"] for one in lines) == 1


def test_flows_that_are_not_on_the_map_are_added_up_below_it_and_nothing_is_not_drawn():
    sent = {"DEU": 5.0, "FRA": 3.0, "ITA": 2.0, "POL": 0.0, "NIU": 9.0}
    rows = [{"start": start, "finish": "KAZ", "leg": "in", "value_usd": value}
            for start, value in sent.items()]  # fmt: skip
    drawn = " ".join(texts(svg(Picture("corridor_map", "", "", "a", tuple(rows), {"most": 1}))))
    assert "Not on the map: 2 smaller flows of $5 in all; Niue." in drawn
    assert "Germany" in drawn
    assert "France" not in drawn
    assert "Poland" not in drawn


def test_places_stand_where_the_equal_earth_projection_puts_them():
    """As Šavrič, Patterson and Jenny (2018) give the half width and half height of the sphere."""
    assert _projected((180.0, 0.0))[0] == pytest.approx(2.70663, abs=1e-4)
    assert _projected((0.0, 90.0))[1] == pytest.approx(1.31737, abs=1e-4)


def test_every_country_of_a_group_has_a_place_inside_the_world():
    members = {code for name in groups.names() for code in groups.members(name)}
    assert members <= places.table().keys()
    assert all(-180 <= x <= 180 and -90 <= y <= 90 for x, y in places.table().values())


def test_no_coast_jumps_over_the_day_line():
    for ring in places.coasts():
        assert all(abs(a[0] - b[0]) < 60 for a, b in pairwise(ring))
        assert ring[0] == ring[-1]


def test_a_bar_below_zero_goes_left_from_zero_and_is_a_fall():
    rows = ({"label": "up", "value_usd": 3.0}, {"label": "down", "value_usd": -1.0})
    chart = CHARTS["bars"](rows)
    rects = [one for one in chart["layer"] if one["mark"]["type"] == "rect"
             and "opacity" not in one["mark"]]  # fmt: skip
    assert [one["mark"]["color"] for one in rects] == [style.SERIES[1], style.SERIES[0]]
    assert rects[0]["encoding"]["x"]["scale"]["domain"] == [-1.0, 3.0]
    assert "\N{MINUS SIGN}$1" in texts(svg(Picture("bars", "", "", "a", rows)))
