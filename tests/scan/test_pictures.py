"""The pictures of a scan: what stands out on a map, and all that was tested as a heat map."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from entrepot.findings import OriginShare
from entrepot.publish.lists import ROUTE, WENT_OUT
from entrepot.scan.pictures import pictures
from support.scan_pages import entry, row

ASKED = SimpleNamespace(to="RUS")


def found(third, excess, q, signals=()):
    one = row(intermediary=third, excess_usd=excess, q_value=q, origin="DEU")
    shares = (OriginShare("DEU", 1.0, 0.0, 0.75), OriginShare("JPN", 1.0, 0.0, 0.25))
    return replace(entry(signals=signals), finding=one, origins=shares)


def test_a_map_adds_up_what_stands_out_by_origin_and_says_what_went_on():
    ghost = row(detector="ghost_trade", p_value=0.001)
    entries = [found("KAZ", 4e6, 0.01), found("KAZ", 2e6, 0.05), found("GEO", 8e6, 0.05, [ghost]),
               found("ARM", 9e6, 0.5), found("KGZ", -1e6, 0.01)]  # fmt: skip
    flow, on_map, heat = pictures(entries, ASKED, ROUTE)
    assert [one.kind for one in (flow, on_map, heat)] == ["corridors", "corridor_map", "heat"]
    arcs = {(r["start"], r["finish"], r["leg"]): r["value_usd"] for r in on_map.rows}
    assert arcs == pytest.approx({
        ("DEU", "KAZ", "in"): 4.5e6, ("JPN", "KAZ", "in"): 1.5e6, ("KAZ", "RUS", "out"): 6e6,
        ("DEU", "GEO", "in"): 6e6, ("JPN", "GEO", "in"): 2e6,
    })  # fmt: skip
    assert [r["value_usd"] for r in heat.rows] == [4e6, 2e6, 8e6, 9e6, -1e6]


def test_nothing_that_stands_out_is_no_map_and_nothing_tested_is_no_heat_map():
    assert [one.kind for one in pictures([found("ARM", 9e6, 0.5)], ASKED, ROUTE)] == ["heat"]
    assert pictures([], ASKED, ROUTE) == ()
    assert [one.kind for one in pictures([found("ARM", 9e6, 0.01)], ASKED, WENT_OUT)] == ["heat"]
