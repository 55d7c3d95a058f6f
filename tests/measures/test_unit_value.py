"""Unit value against values worked by hand, brute force on random worlds, and invariances."""

import math
import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.errors import CoverageError
from entrepot.measures.unit_value import unit_value
from support.random_world import FEW, GOODS, WHO, random_world

ASKED = {
    "reporters": ("CHN",),
    "partners": ("RUS",),
    "others": ("VNM", "IND"),
    "products": ("848210",),
    "first": "2022-01",
    "last": "2022-01",
    "base": (2021,),
}


def sale(year, usd, kg, **changes):
    return {
        "reporter": "CHN",
        "partner": "RUS",
        "flow": "export",
        "product": "848210",
        "period": date(year, 1, 1),
        "value_usd": float(usd),
        "net_mass_kg": kg,
        "mass_status": None if kg is None else "reported",
    } | changes


def one(table):
    (row,) = table.to_pyarrow().to_pylist()
    return row


OTHERS = [sale(2021, 100, 100.0, partner="VNM"), sale(2022, 110, 100.0, partner="IND")]
WORLD = [sale(2021, 100, 100.0), sale(2022, 176, 87.0), *OTHERS]


def test_known_value(flows):
    """BOFIT's ball bearings: value +76%, quantity -13%, so the unit value doubled."""
    row = one(unit_value(flows(*WORLD), **ASKED))
    assert (row["ratio"], row["volume_ratio"], row["volume_unit"]) == (1.76, 0.87, "kg")
    assert row["unit_value_ratio"] == pytest.approx(2.023, abs=5e-4)
    assert row["others_ratio"] == pytest.approx(1.1)
    assert row["log_difference"] == pytest.approx(math.log(1.76 / 0.87 / 1.1))
    assert (row["value_usd"], row["base_usd"]) == (176, 100)
    assert (row["net_mass_kg"], row["base_mass_kg"]) == (87, 100)
    assert (row["measured_share"], row["cells"]) == (1, 2)
    assert (row["reporter_months"], row["reporter_months_expected"]) == (1, 1)


def test_the_base_is_the_mean_of_its_years_and_weighs_its_unit_values_by_mass(flows):
    table = flows(*WORLD, sale(2020, 60, 300.0), sale(2020, 0, None, partner="VNM"))
    row = one(unit_value(table, **ASKED | {"base": (2020, 2021)}))
    assert (row["base_usd"], row["base_mass_kg"]) == (80, 200)
    assert row["volume_ratio"] == pytest.approx(87 / 200)
    assert row["unit_value_ratio"] == pytest.approx(176 / 87 / 0.4)


def test_goods_are_weighted_by_the_windows_value_to_the_destination(flows):
    second = [
        sale(year, usd, kg, product="848220", partner=whom)
        for year, usd, kg, whom in (
            (2021, 10, 10.0, "RUS"),
            (2022, 44, 11.0, "RUS"),
            (2021, 10, 10.0, "IND"),
            (2022, 20, 10.0, "IND"),
        )
    ]
    row = one(unit_value(flows(*WORLD, *second), **ASKED | {"products": ("848210", "848220")}))
    own = (176 * math.log(1.76 / 0.87) + 44 * math.log(4)) / 220
    other = (176 * math.log(1.1) + 44 * math.log(2)) / 220
    assert row["unit_value_ratio"] == pytest.approx(math.exp(own))
    assert row["others_ratio"] == pytest.approx(math.exp(other))
    assert row["log_difference"] == pytest.approx(own - other)
    assert (row["net_mass_kg"], row["base_mass_kg"], row["volume_unit"]) == (98, 110, "kg")
    assert (row["volume_ratio"], row["measured_share"]) == (pytest.approx(98 / 110), 1)
    assert (row["base_usd"], row["cells"]) == (110, 4)


@pytest.mark.parametrize("kg", [None, 0.0])
def test_without_a_mass_there_is_no_unit_value(flows, kg):
    """A mass of zero with a value is a mass that was not reported."""
    row = one(unit_value(flows(WORLD[0], sale(2022, 176, kg), *OTHERS), **ASKED))
    assert (row["value_usd"], row["net_mass_kg"], row["unit_value_ratio"]) == (None, None, None)
    assert (row["volume_ratio"], row["log_difference"], row["measured_share"]) == (None, None, 0)
    assert (row["base_usd"], row["base_mass_kg"]) == (100, 100)


def test_value_without_mass_is_left_out_and_shown(flows):
    row = one(unit_value(flows(*WORLD, sale(2022, 24, None)), **ASKED))
    assert (row["value_usd"], row["measured_share"]) == (176, 0.88)
    assert row["unit_value_ratio"] == pytest.approx(1.76 / 0.87)


@pytest.mark.parametrize("side", range(4))
def test_the_share_is_that_of_the_worst_measured_side(flows, side):
    half = WORLD[side] | {"net_mass_kg": None, "value_usd": WORLD[side]["value_usd"] * 3}
    row = one(unit_value(flows(*WORLD, half), **ASKED))
    assert row["measured_share"] == pytest.approx(0.25)


def test_estimated_masses_count_only_when_asked(flows):
    guess = {"mass_status": "estimated"}
    table = flows(WORLD[0], WORLD[1] | guess, *OTHERS)
    assert one(unit_value(table, **ASKED))["unit_value_ratio"] is None
    assert one(unit_value(table, estimated=True, **ASKED))["unit_value_ratio"] == pytest.approx(
        1.76 / 0.87
    )


def test_no_comparison_without_others(flows):
    row = one(unit_value(flows(*WORLD[:3]), **ASKED))
    assert row["unit_value_ratio"] == pytest.approx(1.76 / 0.87)
    assert (row["others_ratio"], row["log_difference"]) == (None, None)


def test_trade_that_ended_is_zero_and_has_no_unit_value(flows):
    row = one(unit_value(flows(WORLD[0], *OTHERS), **ASKED))
    assert (row["value_usd"], row["net_mass_kg"], row["volume_ratio"]) == (0, 0, 0)
    assert row["unit_value_ratio"] is None


def pieces(year, usd, number, unit="u", **changes):
    return sale(year, usd, None, quantity=number, quantity_unit=unit, **changes)


def test_pieces_are_compared_with_pieces(flows):
    table = flows(
        *(pieces(2021, 100, 50.0), pieces(2022, 90, 30.0)),
        *(pieces(2021, 10, 1.0, partner="IND"), pieces(2022, 20, 1.0, partner="IND")),
    )
    row = one(unit_value(table, per="quantity", **ASKED))
    assert row["unit_value_ratio"] == pytest.approx(1.5)
    assert row["log_difference"] == pytest.approx(math.log(1.5 / 2))
    assert (row["volume_ratio"], row["volume_unit"]) == (0.6, "u")
    assert row["net_mass_kg"] is None


def test_pieces_are_never_compared_with_litres(flows):
    table = flows(pieces(2021, 100, 50.0), pieces(2022, 90, 30.0, unit="l"))
    row = one(unit_value(table, per="quantity", **ASKED))
    assert (row["unit_value_ratio"], row["volume_ratio"], row["volume_unit"]) == (None, None, None)
    table = flows(pieces(2021, 100, 50.0, unit=None), pieces(2022, 90, 30.0, unit=None))
    row = one(unit_value(table, per="quantity", **ASKED))
    assert (row["unit_value_ratio"], row["measured_share"]) == (None, 0)


def test_a_month_missing_in_the_base_is_left_out(flows):
    other = [sale(2022, 999, 1.0, period=date(2022, 2, 1))]
    row = one(unit_value(flows(*WORLD, *other), **ASKED | {"last": "2022-02"}))
    assert (row["value_usd"], row["months"], row["reporter_months_expected"]) == (176, 1, 2)


def test_a_window_over_the_new_year_keeps_its_months_together(flows):
    table = flows(
        *(sale(2020, 1, 1.0, period=date(2020, 12, 1)), sale(2021, 3, 1.0)),
        *(sale(2021, 10, 1.0, period=date(2021, 12, 1)), sale(2022, 30, 1.0)),
    )
    asked = ASKED | {"first": "2021-12", "last": "2022-01", "base": (2020,)}
    row = one(unit_value(table, **asked))
    assert (row["value_usd"], row["base_usd"]) == (40, 4)
    assert row["unit_value_ratio"] == pytest.approx(10)


@pytest.mark.parametrize(("own", "other"), [("u", "l"), ("l", "u")])
def test_a_unit_of_others_alone_does_not_mix(flows, own, other):
    table = flows(
        *(pieces(2021, 100, 50.0, unit=own), pieces(2022, 90, 30.0, unit=own)),
        pieces(2021, 10, 1.0, unit=other, partner="IND"),
        pieces(2022, 2, 1.0, unit=own, partner="IND"),
    )
    row = one(unit_value(table, per="quantity", **ASKED))
    assert (row["volume_ratio"], row["volume_unit"], row["log_difference"]) == (0.6, own, None)


def test_goods_that_others_do_not_buy_are_in_no_comparison(flows):
    alone = [sale(2021, 5, 5.0, product="848220"), sale(2022, 50, 5.0, product="848220")]
    row = one(unit_value(flows(*WORLD, *alone), **ASKED | {"products": ("848210", "848220")}))
    own = (176 * math.log(1.76 / 0.87) + 50 * math.log(10)) / 226
    assert math.log(row["unit_value_ratio"]) == pytest.approx(own)
    assert row["others_ratio"] == pytest.approx(1.1)
    assert row["log_difference"] == pytest.approx(math.log(1.76 / 0.87 / 1.1))


def test_goods_new_to_the_destination_are_in_no_comparison(flows):
    new = [
        sale(2022, 50, 5.0, product="848220"),
        sale(2021, 5, 5.0, product="848220", partner="IND"),
        sale(2022, 50, 5.0, product="848220", partner="IND"),
    ]
    row = one(unit_value(flows(*WORLD, *new), **ASKED | {"products": ("848210", "848220")}))
    assert row["unit_value_ratio"] == pytest.approx(1.76 / 0.87)
    assert row["others_ratio"] == pytest.approx(1.1)
    assert row["log_difference"] == pytest.approx(math.log(1.76 / 0.87 / 1.1))


def test_published_months_without_the_goods_are_zero(flows):
    other = [row | {"product": "010121"} for row in WORLD]
    row = one(unit_value(flows(*other), **ASKED))
    assert (row["value_usd"], row["base_usd"], row["net_mass_kg"], row["cells"]) == (0, 0, 0, 0)
    assert (row["ratio"], row["unit_value_ratio"], row["measured_share"]) == (None, None, None)


def test_a_mass_of_no_value_has_no_unit_value(flows):
    row = one(unit_value(flows(WORLD[0], sale(2022, 0, 5.0), *OTHERS), **ASKED))
    assert (row["value_usd"], row["net_mass_kg"], row["unit_value_ratio"]) == (0, 5, None)
    assert (row["volume_ratio"], row["measured_share"]) == (0.05, 1)
    row = one(unit_value(flows(sale(2021, 0, 5.0), WORLD[1], *OTHERS), **ASKED))
    assert (row["ratio"], row["unit_value_ratio"], row["volume_ratio"]) == (None, None, 17.4)


def test_nothing_to_compare_gives_no_row(flows):
    assert unit_value(flows(WORLD[1]), **ASKED).to_pyarrow().num_rows == 0


def test_noise_is_left_out(flows):
    noise = [
        sale(2022, 1e9, 1.0, **change)
        for change in ({"freq": "A"}, {"flow": "import"}, {"partner": "WLD"}, {"reporter": "HKG"})
    ]
    assert one(unit_value(flows(*WORLD, *noise), **ASKED)) == one(
        unit_value(flows(*WORLD), **ASKED)
    )


@pytest.mark.parametrize("changes", [{"per": "litre"}, {"base": ()}, {"last": "2023-01"}])
def test_questions_without_an_answer_are_refused(flows, changes):
    with pytest.raises(CoverageError):
        unit_value(flows(*WORLD), **ASKED | changes)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("by", [(), ("reporter", "product")])
def test_random_worlds_agree_with_brute_force(flows, seed, by):
    chance = random.Random(seed)
    world = [
        r | {"net_mass_kg": chance.choice([None, 0.0, *[chance.uniform(1, 50)] * 6])}
        for r in random_world(seed)
    ]
    table = unit_value(
        flows(*world), reporters=WHO, partners=("RUS",), others=("KAZ", *WHO), products=GOODS,
        first="2022-02", last="2022-09", base=(2020, 2021), by=by,
    )  # fmt: skip
    published = {(r["reporter"], r["period"]) for r in world if r["flow"] == "export"}
    sums = {}
    for r in world:
        when = r["period"]
        months = [date(year, when.month, 1) for year in (2020, 2021, 2022)]
        if (
            (r["flow"], r["reporter"] in WHO, r["product"] in GOODS) != ("export", True, True)
            or not (2 <= when.month <= 9 and when.year >= 2020 and (r["net_mass_kg"] or 0) > 0)
            or not all((r["reporter"], period) in published for period in months)
        ):
            continue
        side = (r["partner"] == "RUS", when.year == 2022)
        cell = sums.setdefault((r["reporter"], r["product"]), {})
        usd, kg = cell.get(side, (0.0, 0.0))
        cell[side] = (usd + r["value_usd"], kg + r["net_mass_kg"])
    own, other = (True, False)
    groups = {}
    for key, cell in sums.items():
        value = {side: usd / kg for side, (usd, kg) in cell.items()}
        change = {
            who: math.log(value[who, True] / value[who, False])
            for who in (own, other)
            if {(who, True), (who, False)} <= set(value)
        }
        usd = cell.get((own, True), (0.0, 0.0))[0]
        groups.setdefault(key if by else (), []).append((usd, change))
    rows = {tuple(row[c] for c in by): row for row in table.to_pyarrow().to_pylist()}
    assert set(rows) == set(groups)
    for key, parts in groups.items():
        pairs = [(usd, change[own]) for usd, change in parts if own in change]
        gaps = [(usd, change[own] - change[other]) for usd, change in parts if len(change) == 2]
        if not pairs:
            assert rows[key]["unit_value_ratio"] is None
            continue
        assert rows[key]["value_usd"] == pytest.approx(sum(usd for usd, _change in parts))
        assert math.log(rows[key]["unit_value_ratio"]) == pytest.approx(mean(pairs))
        assert rows[key]["log_difference"] == pytest.approx(mean(gaps))


def mean(weighted):
    return sum(weight * part for weight, part in weighted) / sum(
        weight for weight, _part in weighted
    )


@FEW
@given(dollars=st.floats(1e-2, 1e2), kilos=st.floats(1e-2, 1e2))
def test_neither_the_currency_nor_the_unit_of_mass_matters(flows, dollars, kilos):
    world = [
        r | {"value_usd": r["value_usd"] * dollars, "net_mass_kg": r["net_mass_kg"] * kilos}
        for r in WORLD
    ]
    row, plain = (one(unit_value(flows(*rows), **ASKED)) for rows in (world, WORLD))
    for name in ("unit_value_ratio", "others_ratio", "log_difference", "ratio", "volume_ratio"):
        assert row[name] == pytest.approx(plain[name])
