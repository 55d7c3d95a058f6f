"""Goods that stand twice: whether two levels or revisions agree, and which revision counts."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from datetime import date

import ibis
import pytest

from entrepot.errors import CoverageError
from entrepot.harmonise.products import revision_of
from entrepot.publish import words
from entrepot.question.levels import is_doubled, is_mixed, one_revision, refuse_disagreement
from entrepot.reference import countries
from support.kinds import kind, written

SLACK = 0.005
CELLS = tuple(
    {"source": source, "reporter": who, "partner": partner, "flow": flow, "period": day}
    for source, who, partner, flow, day in (
        ("own", "TUR", "RUS", "export", date(2022, 1, 1)),
        ("own", "TUR", "KAZ", "export", date(2022, 1, 1)),
        ("own", "TUR", "RUS", "import", date(2022, 1, 1)),
        ("own", "TUR", "RUS", "export", date(2022, 2, 1)),
        ("own", "DEU", "RUS", "export", date(2022, 1, 1)),
        ("two", "TUR", "RUS", "export", date(2022, 1, 1)),
    )
)


def key(row):
    return tuple(row[name] for name in CELLS[0])


def rows_of(table):
    return table.to_pyarrow().to_pylist()


@pytest.mark.parametrize(
    ("depths", "shortest", "told"),
    [
        ([(6,)], 6, False),
        ([(6, 8)], 6, True),
        ([(6,), (8,)], 6, False),  # two slices, each of one level
        ([(4, 8)], 6, False),  # the heading is above what is asked for
        ([(4, 8)], 4, True),
        ([(0, 6)], 2, False),
        ([(8, 10)], 6, True),
    ],
)
def test_a_slice_is_mixed_where_it_has_two_levels_at_or_below_the_code(depths, shortest, told):
    kinds = [kind(depths=one) for one in depths]
    assert is_mixed(kinds, [(place,) for place in range(len(kinds))], shortest) == told


def test_two_vintages_of_a_slice_are_looked_at_together():
    kinds = [kind(depths=(6,)), kind(depths=(8,)), written("CN2021")]
    assert is_mixed(kinds, [(0, 1)], 6)
    assert not is_mixed(kinds, [(0,), (1,)], 6)
    assert is_doubled(kinds, [(0, 2)])
    assert not is_doubled(kinds, [(0,), (2,), (0, 1)])
    assert not is_doubled([kind(), written("GTIP2023")], [(0, 1)])


def refused(table, **words):
    try:
        refuse_disagreement(table, rows_of, **words)
    except CoverageError as error:
        return str(error)
    return None


def twice(cells, levels):
    """The largest cell whose sums differ, of (first, last, their names)."""
    found = []
    for (cell, stem), sums in cells.items():
        first, last = min(sums), max(sums)
        most, least = max(sums.values()), min(sums.values())
        if first == last:
            continue
        if levels and first == 6:
            is_odd = most > sums[first] * (1 + SLACK)
        else:
            is_odd = most - least > SLACK * most
        if is_odd:
            found.append((most, stem, cell, sums[first], sums[last], first, last))
    return max(found, default=None)


def by_level(rows):
    sums = defaultdict(lambda: defaultdict(lambda: defaultdict(float)))
    for row in rows:
        size, hs = len(row["product"]), revision_of(row["classification"])
        stem = row["code"] if len(row["code"]) > 6 else row["product"][:6]
        sums[key(row), stem][size][hs] += row["value_usd"]
    return {
        place: {size: max(each.values()) for size, each in sizes.items()}
        for place, sizes in sums.items()
    }


def by_revision(rows):
    lines = defaultdict(list)
    for row in rows:
        if hs := revision_of(row["classification"]):
            stem = row["code"] if len(row["code"]) > 6 else row["product"][:6]
            lines[key(row), stem, hs].append((len(row["product"]), row["value_usd"]))
    sums = defaultdict(dict)
    for (cell, stem, hs), told in lines.items():
        top = min(size for size, _usd in told)
        sums[cell, stem][hs] = sum(usd for size, usd in told if size == top)
    return sums


def says(error, odd, digits):
    """Whether a refusal names the cell, both figures and both levels."""
    _most, stem, cell, first, last, a, b = odd
    source, who, partner, flow, day = cell
    names = (f"{a}{digits}", f"{b}{digits}")
    return (
        error.startswith(
            f"{source}: {words.possessive(countries.name(who))} {flow} of {stem} with "
            f"{countries.name(partner)} in {words.months(day, day)} stands twice, as "
            f"{words.usd(first)} in {names[0]} and as {words.usd(last)} in {names[1]};"
        )
        and re.search("take in one of them", error) is not None
    )


def drawn(chance):
    """Rows of a few cells, some twice, with sums that agree within rounding or do not."""
    rows = []
    bases = [1 + 3 * place for place in chance.sample(range(3 * len(CELLS)), 3 * len(CELLS))]
    odds = (0.99, 0.996, 1.004, 1.01, 0.5) + (1.0,) * chance.choice((0, 12))
    for cell in CELLS:
        for product, code in (("854231", "854231"), ("854232", "8542"), ("85423110", "85423110")):
            if chance.random() < 0.5:
                continue
            base = 1000.0 * bases.pop()
            for size in chance.sample((4, 6, 8, 10), chance.randint(1, 2)):
                for hs in chance.sample(("HS2017", "HS2022", "CN2023", "GTIP2023"),
                                        chance.choice((1, 1, 2))):  # fmt: skip
                    odd = chance.choice(odds)
                    name = product[:size].ljust(size, "1") if size != 4 else product[:4]
                    if len(name) < len(code) and size != 4:
                        continue
                    parts = [name] if size < 8 else [name, name[:-1] + "9"]
                    for part in parts:
                        rows.append(cell | {
                            "product": part, "code": code, "classification": hs,
                            "value_usd": base * odd / len(parts),
                        })  # fmt: skip
    return rows


def with_code(flows, rows):
    """A table of rows with the code that each counts under."""
    table = flows(*(
        {name: value for name, value in row.items() if name != "code"}
        | {"quantity_unit": row["code"]} for row in rows
    ))  # fmt: skip
    return table.mutate(code=table.quantity_unit)


@pytest.mark.parametrize("seed", range(40))
def test_what_stands_twice_and_disagrees_is_refused_with_the_largest_cell(seed, flows):
    rows = drawn(random.Random(seed))
    table = with_code(flows, rows)
    fine = [row for row in rows if len(row["product"]) >= 6]
    levels, revisions = twice(by_level(fine), True), twice(by_revision(fine), False)
    for mixed in (False, True):
        for doubled in (False, True):
            error = refused(table, mixed=mixed, doubled=doubled)
            if mixed and levels:
                assert says(error, levels, " digits")
            elif doubled and revisions:
                assert says(error, revisions, "")
            else:
                assert error is None


@pytest.mark.parametrize(
    ("values", "is_refused"),
    [
        ({"854231": 800.0, "85423110": 800 * (1 + SLACK)}, False),
        ({"854231": 800.0, "85423110": 804.5}, True),
        ({"854231": 800.0, "85423110": 300.0}, False),  # some national codes are secret
        ({"85423110": 796.0, "854231100000": 800.0}, False),
        ({"85423110": 795.5, "854231100000": 800.0}, True),
    ],
)
def test_levels_may_differ_by_rounding(values, is_refused, flows):
    rows = [CELLS[0] | {"product": code, "code": "854231", "value_usd": usd,
                        "classification": "HS2022"} for code, usd in values.items()]  # fmt: skip
    assert (refused(with_code(flows, rows), mixed=True, doubled=False) is not None) == is_refused


@pytest.mark.parametrize(("usd", "is_refused"), [(796.0, False), (795.5, True)])
def test_revisions_may_differ_by_rounding(usd, is_refused, flows):
    rows = [CELLS[0] | {"product": "854231", "code": "854231", "value_usd": value,
                        "classification": hs}
            for hs, value in (("HS2017", usd), ("HS2022", 800.0))]  # fmt: skip
    assert (refused(with_code(flows, rows), mixed=False, doubled=True) is not None) == is_refused


@pytest.mark.parametrize("seed", range(25))
def test_one_revision_counts_the_newest_of_a_subheading_and_of_a_heading_the_fullest(seed, flows):
    chance = random.Random(seed)
    rows = [
        cell | {"product": name, "classification": hs or "GTIP2023", "quantity_unit": hs,
                "mass_status": name, "value_usd": chance.choice((1.0, 2.0, 5.0))}
        for cell in CELLS
        for name in ("854231", "8542", "TOTAL")
        for hs in chance.sample(("HS2012", "HS2017", "HS2022", None), chance.randint(1, 3))
        for _ in range(chance.randint(1, 2))
    ]  # fmt: skip
    table = flows(*rows).mutate(hs=ibis._.quantity_unit, counted_as=ibis._.mass_status)
    sums = defaultdict(lambda: defaultdict(float))
    for row in rows:
        sums[key(row), row["product"]][row["quantity_unit"] or ""] += row["value_usd"]
    kept = {
        place: max(each, key=lambda hs: (each[hs] if len(place[1]) < 6 else 0, hs))
        for place, each in sums.items()
    }
    expected = sorted(
        (key(row), row["product"], row["quantity_unit"] or "", row["value_usd"])
        for row in rows
        if kept[key(row), row["product"]] == (row["quantity_unit"] or "")
    )
    found = rows_of(one_revision(table))
    assert sorted(
        (key(row), row["counted_as"], row["hs"] or "", row["value_usd"]) for row in found
    ) == expected  # fmt: skip
    assert {row["hs"] for row in found} >= {hs or None for hs in kept.values()}


@pytest.mark.parametrize(
    ("older", "newer", "counted"),
    [(100.004, 100.001, "HS2022"), (100.02, 100.01, "HS2017")],
)
def test_of_a_heading_less_than_a_cent_decides_nothing(older, newer, counted, flows):
    table = flows(*(
        {"classification": hs, "value_usd": usd} for hs, usd in (("HS2017", older),
                                                                ("HS2022", newer))
    ))  # fmt: skip
    (row,) = rows_of(
        one_revision(table.mutate(hs=table.classification, counted_as=ibis.literal("8542")))
    )
    assert row["hs"] == counted


@pytest.mark.parametrize(("newer", "is_refused"), [(1000.0, False), (300.0, True)])
def test_of_a_revision_in_two_levels_the_highest_is_compared(newer, is_refused, flows):
    rows = [
        CELLS[0] | {"product": product, "code": "854231", "value_usd": usd, "classification": hs}
        for product, usd, hs in (("854231", 1000.0, "HS2017"), ("85423110", 300.0, "CN2021"),
                                 ("854231", newer, "HS2022"))
    ]  # fmt: skip
    assert (refused(with_code(flows, rows), mixed=False, doubled=True) is not None) == is_refused
