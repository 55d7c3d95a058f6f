"""A scan's report and its entries by hand, for the tests of pages and files."""

from __future__ import annotations

from entrepot.findings import Finding, OriginShare
from entrepot.publish.brief import Breakdown, ListUsed, Picture, VintageUsed
from entrepot.publish.finding import FindingDetail, Ranked, RowsUsed, ScanReport

WHY = (("why", "Why", ""), ("cells", "Cells", "count"), ("which", "Which", ""))


def row(third="KAZ", product="854231", q=0.01, excess=2e6, **changes):
    plain = {
        "detector": "diversion",
        "origin": "coalition",
        "intermediary": third,
        "destination": "RUS",
        "product": product,
        "score": 3.0,
        "p_value": q,
        "q_value": q,
        "recorded_usd": None if excess is None else excess + 5e5,
        "expected_usd": 5e5,
        "excess_usd": excess,
        "excess_low_usd": None if excess is None else excess / 2,
        "excess_high_usd": None if excess is None else excess * 2,
        "before_usd": 1e6,
        "months_above": 7,
        "months_published": 9,
        "months_window": 10,
        "first_month": "2022-05",
        "explanation": "More went <in> & more went out.",
    }
    return Finding(**(plain | changes))


ORIGINS = (OriginShare("DEU", 3e6, 1e6, 0.75), OriginShare("JPN", 1e6, 2e6, 0.0))


def entry(place=1, has_page=True, signals=(), **changes):
    found = row(**changes)
    slug = f"{found.intermediary}-{found.product}"
    goods = "Processors <and> controllers"
    return Ranked(place, found, tuple(signals), ORIGINS, goods, slug, has_page)


FLOWS = tuple(
    {"origin": who, "intermediary": "Kazakhstan", "end": end, "value_usd": value}
    for who, end, value in (("Germany", "exports", 3.0), ("Japan", "exports", 1.0),
                            ("Germany", "missing", 2.0))
)  # fmt: skip
SERIES = tuple(
    {
        "panel": "In",
        "period": f"2022-{m:02d}-01",
        "value_usd": None if m == 4 else 10.0 * m,
        "mirror_usd": 5.0,
        **({"expected_usd": 20.0, "low_usd": 10.0, "high_usd": 30.0} if m > 2 else {}),
    }
    for m in range(1, 7)
)


def report(*entries, **changes):
    fields = {
        "title": "Listed goods towards Russia since March 2022",
        "question": "Through which third countries?",
        "destination": "RUS",
        "months": ("2018-01", "2022-12"),
        "since": "2022-03",
        "entries": entries,
        "cells": 40,
        "thirds": 8,
        "pictures": (Picture("corridors", "Corridors", "Height is value.", "alt", FLOWS),),
        "untested": Breakdown("u", "What was not tested, and why", WHY,
                              ({"why": "No past", "cells": 3, "which": "854151"},)),
        "silent": Breakdown("s", "What was silent", WHY, ()),
        "goods": ListUsed("a-list", "A list", "", ("854231",)),
        "coalition": ("the coalition", ("DEU", "JPN")),
        "detectors": (("surge", "Find surges."),),
        "vintages": (VintageUsed("own-1", "own", "An office", "2023-02-01", 1200,
                                 ({"name": "a.csv", "sha256": "ab" * 32, "bytes": 10},)),),
        "synthetic": False,
        "command": "entrepot scan --destination RUS --since 2022-03",
        "as_of": "2023-02-01",
        "version": "0",
    }  # fmt: skip
    return ScanReport(**(fields | changes))


def detail(found):
    picture = Picture("counterfactual", "Trade", "Read it so.", "alt", SERIES)
    events = (("1", "2022-02-24", "RU: invasion", "https://example.org"),)
    parts = (RowsUsed("into", "own", "own-1", 7, 4e6), RowsUsed("onward", "own", "own-1", 2, 1e6))
    return FindingDetail(found, picture, events, parts, ("Not proof.",))


def no_drawing(_picture, width):
    return f'<svg width="{width}" viewBox="0 0 {width} 9"></svg>'
