"""Withheld values: in a broader code, confidential or below zero, cell by cell."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date

import pytest

from entrepot.question import gaps, withheld
from entrepot.reads import Reads
from support.kinds import kind

JAN, FEB = date(2022, 1, 1), date(2022, 2, 1)
NOW, BEFORE, NEXT = (("2022-01",) * 2,), (("2021-01",) * 2,), (FEB,)
RUSSIA = Reads("export", ("TUR",), ("RUS",), NOW, BEFORE, NEXT)


def rows_of(table):
    return table.to_pyarrow().to_pylist()


def cell(**changes):
    plain = {"reporter": "TUR", "partner": "RUS", "flow": "export", "period": JAN}
    return plain | changes


ODD = (
    {"reporter": "DEU"},
    {"partner": "KAZ"},
    {"flow": "import"},
    {"period": FEB},
    {"period": date(2021, 1, 1)},
    {"status": "correction"},
)


def test_a_broader_code_tells_what_it_holds_in_the_windows_measured(flows):
    gap = gaps.goods(("854231", "847130"), 3, "only coarser")
    table = flows(
        cell(product="8542", value_usd=5e6),
        cell(product="8542", value_usd=2e6),
        cell(product="84", value_usd=9e6),
        cell(product="854231", value_usd=1e6),
        cell(product="85", value_usd=70e6),
        *(cell(product="8542", value_usd=3e8) | odd for odd in ODD),
    )
    found = withheld.with_broader(gap, table, [RUSSIA], rows_of)
    assert found == gaps.broader(gap, {"8542": 7e6, "84": 9e6})
    assert "84 $9.0 million and 8542 $7.0 million" in found.text


def test_a_code_of_four_digits_has_its_chapter_above_it_and_not_itself(flows):
    gap = gaps.goods(("8542",), 1, "only coarser")
    table = flows(cell(product="8542", value_usd=5e6), cell(product="85", value_usd=70e6))
    assert withheld.with_broader(gap, table, [RUSSIA], rows_of) == gaps.broader(gap, {"85": 70e6})
    chapter = gaps.goods(("85",), 1, "only coarser")
    assert withheld.with_broader(chapter, table, [RUSSIA], rows_of) == chapter


def test_what_several_reads_look_at_counts_once(flows):
    imports = Reads("import", (), ("RUS",), NOW)
    table = flows(cell(product="8542", value_usd=5e6),
                  cell(product="8542", value_usd=2e6, flow="import", reporter="DEU"))  # fmt: skip
    gap = gaps.goods(("854231",), 1, "only coarser")
    found = withheld.with_broader(gap, table, [RUSSIA, RUSSIA, imports], rows_of)
    assert found == gaps.broader(gap, {"8542": 7e6})


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ([{}], False),
        ([{}, {"has_secrets": True}], True),
        ([{"has_corrections": True}, {}], True),
    ],
)
def test_whether_anything_is_withheld(facts, told):
    assert withheld.is_any([kind(**one) for one in facts]) == told


def test_rows_that_reads_count_are_kept(flows):
    table = flows(cell(value_usd=0.0), *(cell(value_usd=1.0 + at) | odd
                                         for at, odd in enumerate(ODD)))  # fmt: skip
    kept = withheld.with_summed(table, [RUSSIA], table.limit(0))
    assert sorted(row["value_usd"] for row in rows_of(kept)) == [0, 4, 5, 6]
    everyone = Reads("export", now=NOW)
    kept = withheld.with_summed(table, [everyone], table.limit(0))
    assert sorted(row["value_usd"] for row in rows_of(kept)) == [0, 1, 2, 6]
    kept = withheld.with_summed(table, [RUSSIA, Reads("import", now=NOW)], table.limit(0))
    assert sorted(row["value_usd"] for row in rows_of(kept)) == [0, 3, 4, 5, 6]


def test_the_partners_of_an_added_up_world_are_kept_with_it(flows):
    world = Reads("export", ("TUR",), ("WLD", "RUS"), NOW)
    slots = ({}, {"period": FEB}, {"reporter": "DEU"}, {"flow": "import"})
    table = flows(*(
        cell(partner=who, value_usd=10.0 * at + place) | slot
        for at, slot in enumerate(slots)
        for place, who in enumerate(("WLD", "RUS", "KAZ", "EU27"))
    ))  # fmt: skip
    adding = flows(cell())
    found = withheld.with_summed(table, [world], adding)
    assert sorted(row["value_usd"] for row in rows_of(found)) == [0, 1, 2]
    other = withheld.with_summed(table, [world], flows(cell(period=FEB)))
    assert sorted(row["value_usd"] for row in rows_of(other)) == [0, 1]
    beside = withheld.with_summed(table, [world, Reads("import", ("TUR",), ("KAZ",), NOW)], adding)
    assert sorted(row["value_usd"] for row in rows_of(beside)) == [0, 1, 2, 32]


def test_withheld_cells_are_counted_by_kind(flows):
    table = flows(
        cell(status="confidential", value_usd=0.0),
        cell(status="confidential", value_usd=0.0, reporter="DEU"),
        cell(status="confidential", value_usd=0.0, partner="KAZ"),
        cell(status="correction", value_usd=-4e6),
        cell(status="correction", value_usd=-1e6),
        cell(value_usd=9e6),
        cell(status="derived", value_usd=9e6),
    )
    assert withheld.counted(table, rows_of) == [
        gaps.cells("confidential", 3, 0.0, ["DEU", "TUR"]),
        gaps.cells("correction", 2, -5e6, ["TUR"]),
    ]
    assert withheld.counted(flows(cell()), rows_of) == []


def test_stems_are_the_torn_headings_and_chapters_above_the_codes():
    kinds = [kind(torn=frozenset({"8542", "84"})), kind(torn=frozenset({"85", "8541", "01"}))]
    assert withheld.stems(kinds, ("854231", "847130", "0101")) == {"8542", "84", "85", "01"}
    assert withheld.stems(kinds, ("8542", "84")) == {"85"}
    assert withheld.stems([], ("854231",)) == frozenset()


PLACES = [
    cell(source=source, freq=freq, partner=who, reporter=reporter, flow=flow, period=day)
    for source, freq, who, reporter, flow, day in (
        ("own", "M", "RUS", "TUR", "export", JAN), ("two", "M", "RUS", "TUR", "export", JAN),
        ("own", "A", "RUS", "TUR", "export", JAN), ("own", "M", "KAZ", "TUR", "export", JAN),
        ("own", "M", "RUS", "DEU", "export", JAN), ("own", "M", "RUS", "TUR", "import", JAN),
        ("own", "M", "RUS", "TUR", "export", FEB),
    )
]  # fmt: skip


@pytest.mark.parametrize("seed", range(25))
def test_cells_with_a_heading_alone_are_those_of_a_plain_loop(seed, flows):
    chance = random.Random(seed)
    rows = [
        slot | {"product": product, "value_usd": 0.25 * chance.randint(0, 3),
                "status": chance.choice(("reported",) * 4 + ("correction",))}
        for slot in PLACES
        for product in ("85", "8542", "8541", "854231", "01", "010121")
        if chance.random() < 0.5
    ]  # fmt: skip
    asked = ["8542", "85", "8541"]
    seen = [row for row in rows if row["status"] != "correction"]
    sums = defaultdict(list)
    for row in seen:
        name, where = row["product"], {key: row[key] for key in PLACES[0]}
        finer = [
            other for other in seen
            if where.items() <= other.items() and other["product"].startswith(name)
            and other["product"] != name
        ]  # fmt: skip
        if name in asked and not finer:
            sums[name].append(row["value_usd"])
    expected = [
        gaps.alone(name, len(sums[name]), sum(sums[name]))
        for name in sorted(asked, key=lambda one: (len(one), one))
        if sum(sums[name])
    ]
    assert withheld.torn(flows(*rows), asked, rows_of) == expected
