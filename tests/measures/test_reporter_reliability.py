"""Reporter reliability against values worked by hand, brute force and invariances."""

from datetime import date
from math import log
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entrepot.errors import CoverageError
from entrepot.measures.reporter_reliability import reporter_reliability
from support.random_world import random_world

WINDOW = ("2023-01", "2023-12")


def cell(who, whom, flow, usd, month=1, **changes):
    return {
        "reporter": who,
        "partner": whom,
        "flow": flow,
        "value_usd": float(usd),
        "valuation": "CIF" if flow == "import" else "FOB",
        "period": date(2023, month, 1),
    } | changes


def pair(exporter, importer, usd, landed, **changes):
    rows = []
    if usd is not None:
        rows.append(cell(exporter, importer, "export", usd, **changes))
    if landed is not None:
        rows.append(cell(importer, exporter, "import", landed, **changes))
    return rows


def reliability(table, **changes):
    found = reporter_reliability(table, **{"window": WINDOW, "floor_usd": 0} | changes)
    return {(row["reporter"], row["flow"]): row for row in found.to_pyarrow().to_pylist()}


def test_known_value(flows):
    """Within the band (100 to 106), too much by 40 (140 to 100), too little by 25 (50 to 84)."""
    rows = [
        *pair("DEU", "KAZ", 100, 106),
        *pair("DEU", "TUR", 140, 100),
        *pair("DEU", "ARM", 50, 84),
    ]
    found = reliability(flows(*rows))
    row = found["DEU", "export"]
    assert (row["freq"], row["pairs"], row["partners"]) == ("M", 3, 3)
    assert row["compared_usd"] == 106 + 140 + 84
    assert row["within_share"] == pytest.approx(106 / 330)
    assert row["median_log_gap"] == pytest.approx(log(1.4))
    assert row["median_asymmetry"] == pytest.approx(40 / 240)
    assert row["asymmetry"] == pytest.approx((0 + 40 + 25) / (200 + 240 + 125))
    assert row["one_sided_share"] == 0
    assert set(found) == {
        ("DEU", "export"), ("KAZ", "import"), ("TUR", "import"), ("ARM", "import")
    }  # fmt: skip
    assert found["ARM", "import"]["median_log_gap"] == pytest.approx(log(1.5))
    assert found["KAZ", "import"]["within_share"] == 1


def test_pairs_with_one_side_only_add_up(flows):
    """Of 100 that Germany sent, 30 and 20 are in nobody's books."""
    other = {"product": "010121"}
    quiet = [cell(who, "DEU", "import", 0, **other) for who in ("KAZ", "TUR")]
    rows = [cell("DEU", "KAZ", "export", 30), cell("DEU", "TUR", "export", 20)]
    found = reliability(flows(*rows, *quiet, *pair("DEU", "ARM", 50, 50)), products=("854231",))
    assert found["DEU", "export"]["one_sided_share"] == 0.5


def test_a_pair_counts_from_a_thousand_dollars_on(flows):
    table = flows(*pair("DEU", "KAZ", 1000, 1000), *pair("DEU", "TUR", 999, 999))
    rows = reporter_reliability(table, window=WINDOW).to_pyarrow().to_pylist()
    assert {(row["reporter"], row["pairs"]) for row in rows} == {("DEU", 1), ("KAZ", 1)}


@pytest.mark.parametrize(
    ("landed", "valuation", "is_within"),
    [(100, "CIF", True), (112, "CIF", True), (99, "CIF", False), (113, "CIF", False),
     (100, "FOB", True), (106, "FOB", False)],
)  # fmt: skip
def test_the_band_reaches_from_equal_to_all_freight(flows, landed, valuation, is_within):
    rows = [
        *pair("DEU", "KAZ", 100, None),
        cell("KAZ", "DEU", "import", landed, valuation=valuation),
    ]
    row = reliability(flows(*rows))["DEU", "export"]
    assert row["within_share"] == is_within
    assert (row["median_log_gap"] == 0) == (row["median_asymmetry"] == 0) == is_within


def test_a_side_with_nothing_is_as_far_off_as_can_be(flows):
    """Kazakhstan published January, but not these goods: zero, and no log."""
    rows = [*pair("DEU", "KAZ", 100, None), cell("KAZ", "TUR", "import", 0)]
    row = reliability(flows(*rows))["DEU", "export"]
    assert (row["median_asymmetry"], row["asymmetry"], row["one_sided_share"]) == (1, 1, 1)
    assert (row["median_log_gap"], row["within_share"]) == (None, 0)
    rows = [*pair("DEU", "KAZ", None, 100), cell("DEU", "TUR", "export", 0)]
    row = reliability(flows(*rows))["KAZ", "import"]
    assert (row["median_asymmetry"], row["one_sided_share"]) == (1, 1)


def test_silence_is_not_unreliable(flows):
    assert not reliability(flows(*pair("DEU", "KAZ", 100, None)))
    rows = [*pair("DEU", "KAZ", 100, 100), *pair("DEU", "KAZ", 900, None, month=2)]
    assert reliability(flows(*rows))["DEU", "export"]["compared_usd"] == 100


def test_goods_under_way_at_a_month_s_end_do_not_count(flows):
    rows = [
        *pair("DEU", "KAZ", 60, 20),
        *pair("DEU", "KAZ", 40, 80, month=2),
    ]
    assert reliability(flows(*rows))["KAZ", "import"]["within_share"] == 1


def test_a_pair_is_a_partner_and_a_product(flows):
    rows = [*pair("DEU", "KAZ", 100, 100), *pair("DEU", "KAZ", 9, 90, product="854232")]
    row = reliability(flows(*rows))["DEU", "export"]
    assert (row["pairs"], row["partners"], row["compared_usd"]) == (2, 1, 190)


def test_small_pairs_are_left_to_thresholds_of_declaration(flows):
    rows = [*pair("DEU", "KAZ", 999, 100), *pair("DEU", "TUR", 100, 1000)]
    row = reliability(flows(*rows), floor_usd=1000)["DEU", "export"]
    assert (row["pairs"], row["compared_usd"]) == (1, 1000)
    assert not reliability(flows(*pair("DEU", "KAZ", 0, 0)))


def test_a_country_that_books_consignment_looks_unreliable_without_an_error(flows):
    """Georgia sends on German cars, Armenia books Germany: all true, and Georgia stands out."""
    rows = [
        *pair("DEU", "GEO", 100, 104),
        *pair("GEO", "ARM", 100, 0),
        *pair("DEU", "ARM", 300, 416),
        *pair("TUR", "GEO", 50, 52),
    ]
    found = reliability(flows(*rows))
    assert found["GEO", "export"]["one_sided_share"] == 1
    assert found["GEO", "import"]["within_share"] == 1


def test_annual_and_monthly_books_are_kept_apart(flows):
    rows = [*pair("DEU", "KAZ", 100, 100), *pair("DEU", "KAZ", 500, 900, freq="A")]
    found = reporter_reliability(flows(*rows), window=WINDOW, floor_usd=0).to_pyarrow().to_pylist()
    shares = {(row["freq"], row["reporter"]): row["within_share"] for row in found}
    assert shares == {("M", "DEU"): 1, ("M", "KAZ"): 1, ("A", "DEU"): 0, ("A", "KAZ"): 0}


def test_sums_of_countries_other_goods_and_other_times_are_left_out(flows):
    plain = pair("DEU", "KAZ", 100, 90)
    noise = [
        *pair("DEU", "WLD", 1e9, 1),
        *pair("EU27", "KAZ", 1e9, 1),
        *pair("_X", "KAZ", 1e9, 1),
        *pair("KAZ", "KAZ", 1e9, 1),
        *pair("DEU", "KAZ", 1e9, 1, product="85"),
        *pair("DEU", "KAZ", 1e9, 1, period=date(2022, 1, 1)),
        cell("DEU", "KAZ", "re-export", 1e9),
    ]
    assert reliability(flows(*plain, *noise)) == reliability(flows(*plain))
    other = pair("DEU", "KAZ", 1e9, 1, product="010121")
    assert reliability(flows(*plain, *other), products=("854231",)) == reliability(flows(*plain))


def test_a_window_that_is_none_is_refused(flows):
    with pytest.raises(CoverageError):
        reliability(flows(*pair("DEU", "KAZ", 100, 90)), window=("2023-02", "2023-01"))


@pytest.mark.parametrize("seed", range(3))
def test_random_worlds_agree_with_brute_force(flows, seed):
    world = [r | {"product": r["product"]} for r in random_world(seed) if r["period"].year == 2022]
    published = {(r["reporter"], r["flow"], r["period"]) for r in world}
    pairs = {}
    for r in world:
        out = r["flow"] == "export"
        key = (r["reporter"], r["partner"]) if out else (r["partner"], r["reporter"])
        if len(r["product"]) == 6 and (
            (r["partner"], "import" if out else "export", r["period"]) in published
        ):
            pairs.setdefault((*key, r["product"]), [0.0, 0.0])[not out] += r["value_usd"]
    sides = {}
    for (x, m, _k), (usd, landed) in pairs.items():
        if max(usd, landed) >= 3000:
            got = min(max(usd, landed / 1.12), landed)
            for key in ((x, "export"), (m, "import")):
                sides.setdefault(key, []).append((usd, got, max(usd, landed)))
    found = reliability(flows(*world), window=("2022-01", "2022-12"), floor_usd=3000)
    assert set(found) == set(sides)
    for key, row in found.items():
        values = sides[key]
        assert row["pairs"] == len(values)
        assert row["compared_usd"] == pytest.approx(sum(v[2] for v in values))
        within = sum(larger for usd, got, larger in values if usd == got)
        assert row["within_share"] == pytest.approx(within / row["compared_usd"])
        assert row["median_log_gap"] == pytest.approx(
            median(abs(log(x / g)) for x, g, _v in values)
        )
        distances = [abs(x - g) / (x + g) for x, g, _v in values]
        assert row["median_asymmetry"] == pytest.approx(median(distances))


@settings(max_examples=3)
@given(scale=st.floats(1e-3, 1e3), cut=st.floats(0.1, 0.9))
def test_neither_the_unit_nor_splitting_rows_matters(flows, scale, cut):
    rows = [*pair("DEU", "KAZ", 100, 180), *pair("DEU", "TUR", 100, 50), *pair("DEU", "ARM", 9, 0)]
    split = [
        row | {"value_usd": row["value_usd"] * scale * part}
        for row in rows
        for part in (cut, 1 - cut)
    ]
    plain, found = reliability(flows(*rows)), reliability(flows(*split))
    for key, row in plain.items():
        assert found[key]["compared_usd"] == pytest.approx(row["compared_usd"] * scale)
        for name in ("median_log_gap", "median_asymmetry", "asymmetry", "one_sided_share"):
            expected = row[name]
            assert found[key][name] == (expected if expected is None else pytest.approx(expected))
