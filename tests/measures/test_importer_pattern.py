"""Importer patterns against planted ones, their bounds with missing months, and brute force."""

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.errors import CoverageError
from entrepot.measures.importer_pattern import importer_pattern
from support.random_world import FEW, GOODS, WHO, random_world

ASKED = {
    "reporters": ("DEU",),
    "partners": ("KGZ",),
    "products": ("854231", "854232"),
    "first": "2022-07",
    "last": "2022-12",
    "base": ("2021-01", "2021-12"),
}
BASE = [date(2021, number, 1) for number in range(1, 13)]
WINDOW = [date(2022, number, 1) for number in range(7, 13)]


def sale(period, usd, **changes):
    plain = {"reporter": "DEU", "partner": "KGZ", "flow": "export", "product": "854231"}
    return plain | {"period": period, "value_usd": float(usd)} | changes


PRESENT = [sale(period, 5, product="010121") for period in (*BASE, *WINDOW)]


def one(table, product="854231"):
    (row,) = [row for row in table.to_pyarrow().to_pylist() if row["product"] == product]
    return row


def test_a_pair_without_any_of_the_goods_before_is_a_new_relationship(flows):
    table = flows(*PRESENT, sale(WINDOW[0], 10_001), sale(WINDOW[5], 50_000))
    row = one(importer_pattern(table, **ASKED))
    assert row["pattern"] == "new relationship"
    assert (row["value_usd"], row["history_mean_usd"], row["history_top_usd"]) == (60_001, 0, 0)
    assert (row["months_over_floor"], row["cells"]) == (2, 2)
    assert (row["window_months_present"], row["window_months_expected"]) == (6, 6)
    assert (row["base_months_present"], row["base_months_expected"]) == (12, 12)


def test_a_pair_with_others_of_the_goods_before_has_a_new_product(flows):
    table = flows(
        *PRESENT,
        *(sale(WINDOW[0], 10_001), sale(WINDOW[5], 50_000)),
        sale(BASE[3], 1, product="854232"),
    )
    found = importer_pattern(table, **ASKED)
    assert one(found)["pattern"] == "new product"
    assert one(found, "854232")["pattern"] == "none"


@pytest.mark.parametrize("second", [0, 10_000])
def test_one_month_above_the_floor_is_no_pattern(flows, second):
    table = flows(*PRESENT, sale(WINDOW[0], 1e9), sale(WINDOW[1], second))
    assert one(importer_pattern(table, **ASKED))["pattern"] == "none"
    assert one(importer_pattern(table, months_needed=1, **ASKED))["pattern"] == "new relationship"


def test_small_shipments_add_up_within_a_month(flows):
    table = flows(*PRESENT, *[sale(period, 6_000) for period in WINDOW[:2] for _ in (1, 2)])
    assert one(importer_pattern(table, **ASKED))["pattern"] == "new relationship"


@pytest.mark.parametrize(
    ("now", "pattern"), [(59_999, "none"), (60_000, "spike"), (100_000, "spike")]
)
def test_a_spike_is_three_times_the_mean_month(flows, now, pattern):
    steady = [sale(period, 20_000) for period in BASE]
    table = flows(*PRESENT, *steady, *[sale(period, now) for period in WINDOW[2:4]])
    row = one(importer_pattern(table, **ASKED))
    assert (row["pattern"], row["history_mean_usd"]) == (pattern, 20_000)
    assert (row["value_usd"], row["cells"]) == (2 * now, 14)


def test_a_spike_exceeds_the_histories_own_peaks(flows):
    """A yearly delivery of 600,000 has a mean month of 50,000; its 99th percentile is 534,000."""
    yearly = [sale(BASE[6], 600_000)]
    table = flows(*PRESENT, *yearly, *[sale(period, 534_000) for period in WINDOW[:2]])
    row = one(importer_pattern(table, **ASKED))
    assert row["history_top_usd"] == pytest.approx(534_000)
    assert (row["pattern"], row["history_mean_usd"]) == ("none", 50_000)
    table = flows(*PRESENT, *yearly, *[sale(period, 534_001) for period in WINDOW[:2]])
    assert one(importer_pattern(table, **ASKED))["pattern"] == "spike"
    lower = importer_pattern(flows(*PRESENT, *yearly, *[sale(period, 150_000) for period in
                             WINDOW[:2]]), percentile=0.5, **ASKED)  # fmt: skip
    assert one(lower)["pattern"] == "spike"


def test_the_percentile_itself_is_no_spike(flows):
    steady = [sale(period, 20_000) for period in (*BASE, *WINDOW)]
    found = importer_pattern(flows(*steady), factor=1.0, **ASKED)
    assert (one(found)["pattern"], one(found)["history_top_usd"]) == ("none", 20_000)


def test_a_window_that_was_not_published_has_no_value(flows):
    row = one(importer_pattern(flows(*[sale(period, 20_000) for period in BASE]), **ASKED))
    assert (row["pattern"], row["value_usd"], row["window_months_present"]) == (None, None, 0)
    assert (row["cells"], row["months_over_floor"]) == (12, 0)


def test_a_rise_below_the_floor_is_no_spike(flows):
    steady = [sale(period, 10) for period in BASE]
    table = flows(*PRESENT, *steady, *[sale(period, 10_000) for period in WINDOW])
    assert one(importer_pattern(table, **ASKED))["pattern"] == "none"
    assert one(importer_pattern(table, floor_usd=9_999.0, **ASKED))["pattern"] == "spike"


def test_without_the_whole_history_nothing_is_called_new(flows):
    present = [row for row in PRESENT if row["period"] != BASE[4]]
    table = flows(*present, sale(WINDOW[0], 1e6), sale(WINDOW[1], 1e6))
    row = one(importer_pattern(table, **ASKED))
    assert (row["pattern"], row["base_months_present"]) == (None, 11)
    silent = flows(sale(WINDOW[0], 1e6), sale(WINDOW[1], 1e6))
    row = one(importer_pattern(silent, **ASKED))
    assert (row["pattern"], row["history_mean_usd"], row["history_top_usd"]) == (None, None, None)


def test_a_missing_month_of_the_window_leaves_open_only_what_is_not_yet_shown(flows):
    present = [row for row in PRESENT if row["period"] != WINDOW[5]]
    shown = flows(*present, sale(WINDOW[0], 20_000), sale(WINDOW[1], 20_000))
    assert one(importer_pattern(shown, **ASKED))["pattern"] == "new relationship"
    open_ = flows(*present, sale(WINDOW[0], 20_000))
    assert one(importer_pattern(open_, **ASKED))["pattern"] is None


def test_other_periods_flows_and_partners_are_left_out(flows):
    plain = [*PRESENT, sale(WINDOW[0], 10_001), sale(WINDOW[5], 50_000)]
    noise = [
        sale(date(2022, 3, 1), 1e9),
        sale(BASE[0], 1e9, partner="WLD"),
        sale(BASE[0], 1e9, flow="import"),
        sale(BASE[0], 1e9, freq="A"),
        sale(BASE[0], 1e9, product="8542"),
    ]
    assert one(importer_pattern(flows(*plain, *noise), **ASKED)) == one(
        importer_pattern(flows(*plain), **ASKED)
    )


def test_an_empty_history_is_refused(flows):
    with pytest.raises(CoverageError, match="ends before it begins"):
        importer_pattern(flows(*PRESENT), **ASKED | {"base": ("2021-12", "2021-01")})


def top(values, share):
    """Percentile by linear interpolation, as in the textbooks."""
    values, place = sorted(values), share * (len(values) - 1)
    low = int(place)
    return values[low] + (place - low) * (values[min(low + 1, len(values) - 1)] - values[low])


@pytest.mark.parametrize("seed", range(8))
def test_random_worlds_agree_with_brute_force(flows, seed):
    chance = random.Random(seed)
    world = [r for r in random_world(seed, holes=seed % 2) if not (
        r["product"] in GOODS and r["period"].year < 2021
        and (seed + hash_of(r)) % 3 == 0 and r["partner"] in ("KAZ", "RUS"))]  # fmt: skip
    factor = chance.choice([1.5, 2.0])
    found = importer_pattern(
        flows(*world), reporters=WHO, partners=("KAZ", "RUS"), products=GOODS, first="2021-07",
        last="2021-12", base=("2019-03", "2020-12"), floor_usd=100.0, factor=factor, percentile=0.8,
    ).to_pyarrow().to_pylist()  # fmt: skip
    before = {date(2019 + n // 12, n % 12 + 1, 1) for n in range(2, 24)}
    window = {date(2021, n, 1) for n in range(7, 13)}
    published, usd = {}, {}
    for r in world:
        if r["flow"] == "export" and r["reporter"] in WHO:
            published.setdefault(r["reporter"], set()).add(r["period"])
            cell = (r["reporter"], r["partner"], r["product"])
            if r["product"] in GOODS and r["partner"] in ("KAZ", "RUS"):
                months = usd.setdefault(cell, {})
                months[r["period"]] = months.get(r["period"], 0.0) + r["value_usd"]
    usd = {cell: months for cell, months in usd.items() if {*months} & (before | window)}
    assert len(found) == len(usd)
    for row in found:
        cell = (row["reporter"], row["partner"], row["product"])
        seen = published[cell[0]]
        past = [usd[cell].get(period, 0.0) for period in seen & before]
        now = [usd[cell].get(period, 0.0) for period in seen & window]
        pair = sum(
            months.get(period, 0.0)
            for other, months in usd.items()
            if other[:2] == cell[:2]
            for period in before
        )
        over = sum(value > 100 for value in now)
        spikes = sum(
            value > max(100, top(past, 0.8)) and value >= factor * sum(past) / len(past)
            for value in now
        )
        if not seen >= before:
            expected = None
        elif not sum(past) and over >= 2:
            expected = "new product" if pair else "new relationship"
        elif sum(past) and spikes >= 2:
            expected = "spike"
        else:
            expected = "none" if seen >= window else None
        assert row["pattern"] == expected
        assert (row["months_over_floor"], row["months_of_spike"]) == (over, spikes)
        assert row["history_top_usd"] == pytest.approx(top(past, 0.8))


def hash_of(row):
    return sum(map(ord, row["reporter"] + row["partner"] + row["product"]))


@FEW
@given(scale=st.floats(1e-3, 1e3), now=st.floats(0, 200_000))
def test_the_pattern_has_no_unit(flows, scale, now):
    def pattern(by):
        rows = [sale(period, 20_000 * by) for period in BASE]
        rows += [sale(period, (now + 0.5) * by) for period in WINDOW]
        return one(importer_pattern(flows(*rows), floor_usd=10_000.1 * by, factor=3.0001, **ASKED))

    assert pattern(scale)["pattern"] == pattern(1)["pattern"]
