"""Totals left to the reader: the world of a good and all goods with a partner, by plain loops."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date

import ibis
import pytest

from entrepot.question.sums import SLICE, aggregates, with_total, with_world
from entrepot.schema import FLOWS

SLICES = tuple(
    {"source": source, "freq": freq, "period": day, "reporter": who, "flow": flow}
    for source, freq, day, who, flow in (
        ("own", "M", date(2022, 1, 1), "TUR", "export"),
        ("own", "M", date(2022, 2, 1), "TUR", "export"),
        ("own", "A", date(2022, 1, 1), "TUR", "export"),
        ("own", "M", date(2022, 1, 1), "DEU", "export"),
        ("own", "M", date(2022, 1, 1), "TUR", "import"),
        ("two", "M", date(2022, 1, 1), "TUR", "export"),
    )
)
PARTNERS = ("RUS", "KAZ", "WLD", "EU27")


def test_sums_of_countries_are_aggregates_and_countries_are_not():
    assert {"WLD", "EU27"} <= {*aggregates()}
    assert not {"RUS", "TWN", "HKG"} & {*aggregates()}
    assert aggregates() == sorted(aggregates())


def place(row, *others):
    return tuple(row[name] for name in (*SLICE, *others))


def drawn(chance, products):
    """Rows of some slices, partners and products, some without a mass."""
    return [
        cell | {
            "partner": partner, "product": product, "value_usd": float(chance.randint(1, 99)),
            "value_local": float(chance.randint(1, 99)), "net_mass_kg": mass,
            "classification": chance.choice(("HS2022", "CN2022")), "quantity": 3.0,
            "quantity_unit": "8542" if product.startswith("8542") else product[:4],
            "mass_status": "given", "currency": chance.choice(("EUR", "USD")),
            "valuation": chance.choice(("CIF", "FOB")), "vintage": chance.choice("abc"),
            "file": chance.choice("xyz"), "status": "reported",
        }
        for cell in SLICES for partner in PARTNERS for product in products
        if chance.random() < 0.35
        for mass in (chance.choice((None, 1.0, 2.0, 2.0)),)
    ]  # fmt: skip


def added(rows, **constant):
    masses = [row["net_mass_kg"] for row in rows]
    return rows[0] | {
        "value_usd": sum(row["value_usd"] for row in rows),
        "value_local": sum(row["value_local"] for row in rows),
        "net_mass_kg": None if None in masses else sum(masses),
        **{name: max(row[name] for row in rows)
           for name in ("currency", "valuation", "vintage", "file")},
        "status": "derived", "quantity": None, "quantity_unit": None, "mass_status": None,
        **constant,
    }  # fmt: skip


def grouped(rows, *others):
    groups = defaultdict(list)
    for row in rows:
        groups[place(row, *others)].append(row)
    return groups.values()


def same(table, expected, names):
    def ordered(rows):
        return sorted(
            (tuple((row[name] is None, row[name]) for name in names) for row in rows),
            key=repr,
        )

    assert ordered(table.to_pyarrow().to_pylist()) == ordered(expected)


def whole(flows, chance):
    """Some of the slices as rows, and as a table."""
    kept = chance.sample(SLICES, 4)
    return {place(one) for one in kept}, flows(*kept).select(*SLICE)


@pytest.mark.parametrize("seed", range(15))
def test_the_world_of_a_good_is_the_sum_of_the_partners_where_it_is_not_given(seed, flows):
    chance = random.Random(seed)
    rows = drawn(chance, ("854231", "85423110", "854232", "8471"))
    slices, table = whole(flows, chance)
    hs = {"HS2022": "HS2022", "CN2022": "HS2017"}
    named = flows(*rows).mutate(
        hs=ibis.cases(*((ibis._.classification == name, told) for name, told in hs.items())),
        counted_as=ibis._.quantity_unit,
    )
    for row in rows:
        row |= {"hs": hs[row["classification"]], "counted_as": row["quantity_unit"]}
    rest = []
    for row in rows:
        given = [
            other["product"] for other in rows
            if other["partner"] == "WLD"
            and place(other, "counted_as") == place(row, "counted_as")
        ]  # fmt: skip
        lies = any(row["product"].startswith(one) or one.startswith(row["product"])
                   for one in given)  # fmt: skip
        if row["partner"] not in ("WLD", "EU27") and place(row) in slices and not lies:
            rest.append(row)
    sums = grouped(rest, "counted_as", "hs", "classification", "product")
    expected = rows + [added(one, partner="WLD") for one in sums]
    same(with_world(named, table), expected, (*FLOWS.names, "hs", "counted_as"))


def highest(rows):
    """Of a partner's rows those of the highest level of each branch; the shorter national codes."""
    products = {row["product"] for row in rows}
    for row in rows:
        name = row["product"]
        above = {name[:size] for size in (2, 4) if size < len(name)}
        fine = [len(one) for one in products if len(one) >= 6 and one[:6] == name[:6]]
        if not above & products and (len(name) < 6 or len(name) == min(fine)):
            yield row


@pytest.mark.parametrize("seed", range(15))
def test_all_goods_with_a_partner_are_the_highest_codes_where_no_total_is_given(seed, flows):
    chance = random.Random(seed)
    products = ("85", "8542", "854231", "85423110", "8471", "847130", "847130000000", "01", "TOTAL")
    rows = drawn(chance, products)
    slices, table = whole(flows, chance)
    told = [row for row in rows if row["product"] == "TOTAL"]
    given = {place(row, "partner") for row in told}
    rest = [row for row in rows if place(row) in slices and place(row, "partner") not in given]
    top = [row for cell in grouped(rest, "partner") for row in highest(cell)]
    sums = [added(one, product="TOTAL") for one in grouped(top, "partner", "classification")]
    same(with_total(flows(*rows), table), told + sums, FLOWS.names)
