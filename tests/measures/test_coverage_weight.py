"""Coverage weight against values worked by hand, brute force and invariance."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.measures.coverage_weight import coverage_weight
from support.random_world import FEW, GOODS, WHO, random_world

ASKED = {
    "reporters": ("TUR",),
    "partners": ("RUS",),
    "products": ("854231",),
    "first": "2022-12",
    "last": "2023-01",
}


def sale(year, number, usd, **changes):
    return {
        "reporter": "TUR",
        "partner": "RUS",
        "flow": "export",
        "period": date(year, number, 1),
        "value_usd": float(usd),
    } | changes


def one(table):
    (row,) = table.to_pyarrow().to_pylist()
    return row


def test_known_value(flows):
    """January 2023 is missing; January 2022 was worth a quarter of the two months."""
    table = flows(sale(2021, 12, 30), sale(2022, 1, 10), sale(2022, 12, 90))
    row = one(coverage_weight(table, **ASKED))
    assert (row["reporter_months_present"], row["reporter_months_expected"]) == (1, 2)
    assert (row["present_share"], row["covered_share"]) == (0.5, 0.75)
    assert (row["value_usd"], row["year_before_usd"], row["missing_usd"]) == (90, 30, 10)
    assert (row["reporter_months_unknown"], row["cells"], row["reporter"]) == (0, 3, None)


def test_everything_present_is_covered(flows):
    table = flows(sale(2021, 12, 30), sale(2022, 1, 10), sale(2022, 12, 90), sale(2023, 1, 5))
    row = one(coverage_weight(table, **ASKED))
    assert (row["present_share"], row["covered_share"], row["missing_usd"]) == (1, 1, 0)
    assert (row["value_usd"], row["year_before_usd"]) == (95, 40)


def test_a_month_unknown_a_year_before_is_in_no_sum(flows):
    """January 2022 was not published, so January 2023 has nothing to stand beside."""
    row = one(
        coverage_weight(flows(sale(2021, 12, 30), sale(2022, 12, 9), sale(2023, 1, 5)), **ASKED)
    )
    assert (row["value_usd"], row["year_before_usd"]) == (9, 30)
    assert (row["reporter_months_present"], row["reporter_months_unknown"]) == (2, 1)


def test_a_missing_month_that_was_never_known_weighs_nobody_knows_what(flows):
    row = one(coverage_weight(flows(sale(2021, 12, 30), sale(2022, 12, 9)), **ASKED))
    assert (row["missing_usd"], row["covered_share"], row["reporter_months_unknown"]) == (
        None,
        1,
        1,
    )


def test_months_of_one_year_only_count_their_rows_once(flows):
    row = one(coverage_weight(flows(sale(2021, 12, 30)), **ASKED))
    assert (row["cells"], row["missing_usd"], row["covered_share"]) == (1, 30, 0)
    assert one(coverage_weight(flows(sale(2022, 12, 30)), **ASKED))["cells"] == 0


def test_a_silent_reporter_is_expected_and_unknown(flows):
    table = flows(sale(2021, 12, 30), sale(2022, 1, 10), sale(2022, 12, 90))
    asked = ASKED | {"reporters": ("TUR", "UZB")}
    rows = coverage_weight(table, by=("reporter",), **asked).to_pyarrow().to_pylist()
    found = {row["reporter"]: row for row in rows}
    assert found["TUR"]["covered_share"] == 0.75
    uzbekistan = found["UZB"]
    assert (uzbekistan["reporter_months_present"], uzbekistan["reporter_months_unknown"]) == (0, 2)
    assert (uzbekistan["value_usd"], uzbekistan["covered_share"]) == (None, None)
    assert (uzbekistan["missing_usd"], uzbekistan["year_before_usd"]) == (None, None)
    assert uzbekistan["cells"] == 0
    row = one(coverage_weight(table, **asked))
    assert (row["present_share"], row["covered_share"]) == (0.25, 0.75)


def test_published_months_without_the_goods_are_zero(flows):
    other = {"product": "010121"}
    table = flows(sale(2021, 12, 1, **other), sale(2022, 1, 1, **other), sale(2022, 12, 90))
    row = one(coverage_weight(table, **ASKED))
    assert (row["value_usd"], row["year_before_usd"], row["missing_usd"]) == (90, 0, 0)
    assert row["covered_share"] is None


def test_longer_windows_weigh_each_month_by_the_year_before_it(flows):
    table = flows(*[sale(2020 + n // 12, n % 12 + 1, n + 1) for n in range(30)])
    row = one(coverage_weight(table, **ASKED | {"first": "2021-01", "last": "2022-12"}))
    assert (row["reporter_months_present"], row["reporter_months_expected"]) == (18, 24)
    assert row["year_before_usd"] == sum(range(1, 19))
    assert row["missing_usd"] == sum(range(19, 25))
    assert row["value_usd"] == sum(range(13, 31))


def test_noise_is_left_out(flows):
    plain = [sale(2021, 12, 30), sale(2022, 1, 10), sale(2022, 12, 90)]
    noise = [
        sale(2021, 12, 1e9, **change)
        for change in (
            {"flow": "import"},
            {"partner": "WLD"},
            {"freq": "A"},
            {"product": "8542"},
            {"reporter": "KAZ"},
        )
    ]
    noise += [sale(2021, 11, 1e9), sale(2023, 2, 1e9), sale(2022, 6, 1e9)]
    assert one(coverage_weight(flows(*plain, *noise), **ASKED)) == one(
        coverage_weight(flows(*plain), **ASKED)
    )


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("by", [(), ("reporter",)])
def test_random_worlds_agree_with_brute_force(flows, seed, by):
    world = random_world(seed)
    world = [r for r in world if (r["reporter"], r["period"]) < ("FRA", date(2022, 6, 1))]
    rows = coverage_weight(
        flows(*world), reporters=WHO, partners=("RUS", "KAZ"), products=GOODS, first="2020-10",
        last="2022-09", by=by,
    ).to_pyarrow().to_pylist()  # fmt: skip
    assert len(rows) == (2 if by else 1)
    books = {}
    for r in world:
        if r["flow"] == "export":
            key = (r["reporter"], r["period"])
            wanted = r["partner"] in ("RUS", "KAZ") and r["product"] in GOODS
            books[key] = books.get(key, 0.0) + r["value_usd"] * wanted
    months = [date(2020 + n // 12, n % 12 + 1, 1) for n in range(9, 33)]
    for row in rows:
        who = (row["reporter"],) if by else WHO
        cells = [
            (books.get((one, day)), books.get((one, day.replace(year=day.year - 1))))
            for one in who
            for day in months
        ]
        assert row["reporter_months_expected"] == len(cells)
        assert row["reporter_months_present"] == sum(now is not None for now, _ in cells)
        assert row["reporter_months_unknown"] == sum(then is None for _, then in cells)
        both = [(now, then) for now, then in cells if now is not None and then is not None]
        missing = sum(then for now, then in cells if now is None and then is not None)
        before = sum(then for _, then in both)
        assert row["value_usd"] == sum(now for now, _ in both)
        assert (row["year_before_usd"], row["missing_usd"]) == (before, missing)
        assert row["covered_share"] == pytest.approx(before / (before + missing))


@FEW
@given(scale=st.floats(1e-3, 1e3))
def test_shares_have_no_unit(flows, scale):
    table = flows(sale(2021, 12, 30 * scale), sale(2022, 1, 10 * scale), sale(2022, 12, 9 * scale))
    row = one(coverage_weight(table, **ASKED))
    assert row["covered_share"] == pytest.approx(0.75)
