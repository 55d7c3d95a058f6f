"""The mirror gap against values worked by hand, brute force on random worlds, and invariances."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entrepot.errors import CoverageError
from entrepot.measures.mirror_gap import mirror_gap
from support.random_world import GOODS, random_world

WINDOW = ("2023-01", "2023-02")
BASE = ("2021-01", "2021-04")


def sent(year, number, usd, **changes):
    return {
        "reporter": "TUR",
        "partner": "KAZ",
        "flow": "export",
        "period": date(year, number, 1),
        "value_usd": float(usd),
    } | changes


def received(year, number, usd, **changes):
    plain = {"reporter": "KAZ", "partner": "TUR", "flow": "import", "valuation": "CIF"}
    return sent(year, number, usd) | plain | changes


def gaps(table, **changes):
    asked = {"window": WINDOW, "exporters": ("TUR",), "importers": ("KAZ",)}
    return mirror_gap(table, **asked | changes).to_pyarrow().to_pylist()


def one(table, **changes):
    (row,) = gaps(table, **changes)
    return row


def test_known_value_of_a_month(flows):
    row = one(flows(sent(2023, 1, 40), received(2023, 1, 5.6)))
    assert (row["freq"], row["exporter"], row["importer"]) == ("M", "TUR", "KAZ")
    assert (row["product"], row["period"]) == ("854231", date(2023, 1, 1))
    assert (row["export_usd"], row["import_usd"]) == (40, 5.6)
    assert (row["gap_low_usd"], row["gap_high_usd"]) == (40 - 5.6, pytest.approx(35))
    assert (row["mirror_status"], row["cells"]) == ("both", 2)
    assert (row["periods_compared"], row["periods_expected"]) == (1, 1)
    assert row["change_low_usd"] is row["base_gap_low_usd"] is row["origin_share"] is None


def test_known_value_against_a_base(flows):
    """Base: 19 a month as recorded, 20 freed. Window: 73 and 76 in all, so 35 and 36 more."""
    table = flows(
        *[sent(2021, n, 30.2) for n in (1, 2)],
        *[received(2021, n, 11.2) for n in (1, 2)],
        sent(2023, 1, 60),
        sent(2023, 2, 41),
        received(2023, 1, 28),
    )
    table = table.union(flows(received(2023, 2, 0, product="010121")))
    row = one(table, base=("2021-01", "2021-04"), products=("854231",))
    assert row["period"] is None
    assert (row["export_usd"], row["import_usd"]) == (101, 28)
    assert (row["gap_low_usd"], row["gap_high_usd"]) == (73, pytest.approx(76))
    assert row["base_gap_low_usd"] == pytest.approx(19)
    assert row["base_gap_high_usd"] == pytest.approx(20.2)
    assert row["change_low_usd"] == pytest.approx(73 - 38)
    assert row["change_high_usd"] == pytest.approx(76 - 40.4)
    assert (row["periods_compared"], row["periods_expected"], row["base_periods"]) == (2, 2, 2)
    assert (row["cells"], row["mirror_status"]) == (7, "both")


def test_freight_can_make_the_change_smaller_as_well_as_larger(flows):
    """Imports fell: freeing the larger base of freight takes more from the base's side."""
    table = flows(sent(2021, 1, 100), received(2021, 1, 112), sent(2023, 1, 100),
                  received(2023, 1, 56))  # fmt: skip
    row = one(table, window=("2023-01", "2023-01"), base=BASE)
    assert row["change_low_usd"] == pytest.approx(50)
    assert row["change_high_usd"] == pytest.approx(56)


@pytest.mark.parametrize("usd", [100.0, 33.25])
def test_a_gap_that_only_persists_has_no_change(flows, usd):
    months = [(2021, n) for n in range(1, 5)] + [(2023, 1), (2023, 2)]
    table = flows(
        *[sent(*month, usd) for month in months], *[received(*month, usd / 4) for month in months]
    )
    row = one(table, base=BASE)
    assert row["gap_low_usd"] == usd * 1.5
    assert row["change_low_usd"] == pytest.approx(0, abs=1e-9)
    assert row["change_high_usd"] == pytest.approx(0, abs=1e-9)


def test_imports_valued_fob_lose_no_freight(flows):
    row = one(flows(sent(2023, 1, 40), received(2023, 1, 5.6, valuation="FOB")))
    assert row["gap_low_usd"] == row["gap_high_usd"] == pytest.approx(34.4)


@pytest.mark.parametrize(
    ("rows", "status", "export", "imported", "gap"),
    [
        ([sent(2023, 1, 40), received(2023, 1, 9, product="010121")], "importer zero", 40, 0, 40),
        ([sent(2023, 1, 40), received(2023, 1, 0)], "importer zero", 40, 0, 40),
        ([received(2023, 1, 9), sent(2023, 1, 7, product="010121")], "exporter zero", 0, 9, -9),
        ([received(2023, 1, 0), sent(2023, 1, 0)], "both zero", 0, 0, 0),
        ([received(2023, 1, 0.5), sent(2023, 1, 0.75)], "both", 0.75, 0.5, 0.25),
        ([received(2023, 1, 0), sent(2023, 1, 0.5)], "importer zero", 0.5, 0, 0.5),
        ([received(2023, 1, 0.5), sent(2023, 1, 0)], "exporter zero", 0, 0.5, -0.5),
        ([sent(2023, 1, 40)], "importer silent", 40, None, None),
        ([received(2023, 1, 9)], "exporter silent", None, 9, None),
        ([sent(2023, 1, 40), received(2022, 12, 9)], "importer not yet", 40, None, None),
        ([sent(2023, 1, 40), received(2022, 1, 9)], "importer not yet", 40, None, None),
        ([sent(2023, 1, 40), received(2021, 12, 9)], "importer silent", 40, None, None),
        ([sent(2023, 1, 40), received(2023, 2, 9)], "importer silent", 40, None, None),
        ([received(2023, 1, 9), sent(2022, 12, 40)], "exporter not yet", None, 9, None),
        ([sent(2023, 1, 40), received(2022, 1, 9, freq="A")], "importer silent", 40, None, None),
        ([sent(2023, 1, 40), received(2022, 6, 9), sent(2025, 1, 1, freq="A")],
         "importer not yet", 40, None, None),
        ([sent(2023, 1, 40), received(2023, 1, 9, flow="export")], "importer silent", 40, None,
         None),
    ],
)  # fmt: skip
def test_silence_zero_and_not_yet_are_three_things(flows, rows, status, export, imported, gap):
    row = one(flows(*rows), window=("2023-01", "2023-01"), products=("854231",))
    assert row["mirror_status"] == status
    assert (row["export_usd"], row["import_usd"], row["gap_low_usd"]) == (export, imported, gap)
    assert row["gap_high_usd"] == pytest.approx(gap - imported / 1.12 + imported if gap else gap)
    assert (row["periods_compared"], row["periods_mixed"]) == (gap is not None, 0)
    assert (row["world_usd"] is None) == (status in ("importer silent", "importer not yet"))


def test_only_periods_that_both_published_enter_the_change(flows):
    """February 2023 and March 2021 lack the importer, so neither exports nor months count."""
    table = flows(
        sent(2023, 1, 50), sent(2023, 2, 999), received(2023, 1, 10, valuation="FOB"),
        sent(2021, 1, 30), sent(2021, 3, 999), received(2021, 1, 10, valuation="FOB"),
    )  # fmt: skip
    row = one(table, base=BASE)
    assert (row["export_usd"], row["change_low_usd"], row["change_high_usd"]) == (50, 20, 20)
    assert (row["periods_compared"], row["periods_expected"], row["base_periods"]) == (1, 2, 1)


def test_a_period_that_several_published_is_not_yet_published_once(flows):
    others = [sent(2023, 1, 7, reporter=who) for who in ("DEU", "FRA")]
    row = one(flows(sent(2023, 1, 40), received(2022, 12, 9), *others))
    assert (row["mirror_status"], row["cells"]) == ("importer not yet", 1)


def test_goods_that_are_new_have_a_base_of_zero(flows):
    other = {"product": "010121"}
    table = flows(
        *(sent(2021, 1, 1, **other), received(2021, 1, 1, **other)),
        *(sent(2023, 1, 40), received(2023, 1, 5, valuation="FOB")),
    )
    row = one(table, base=BASE, products=("854231",))
    assert (row["base_gap_low_usd"], row["base_gap_high_usd"], row["base_periods"]) == (0, 0, 1)
    assert (row["change_low_usd"], row["change_high_usd"]) == (35, 35)
    assert (row["world_usd"], row["world_change_usd"]) == (5, 5)


def test_a_pair_without_a_common_period_has_no_change(flows):
    assert not gaps(flows(sent(2023, 1, 50), received(2021, 1, 1)), base=BASE)
    assert not gaps(flows(sent(2021, 1, 50), received(2021, 1, 1), sent(2023, 1, 9)), base=BASE)
    row = one(flows(sent(2023, 1, 50), received(2023, 1, 1)), base=BASE)
    assert (row["gap_low_usd"], row["base_periods"]) == (49, 0)
    assert row["change_low_usd"] is row["change_high_usd"] is row["base_gap_low_usd"] is None
    assert row["world_change_usd"] is row["origin_share"] is None


def test_a_series_that_ended_counts_as_zero(flows):
    other = {"product": "010121"}
    table = flows(
        sent(2021, 1, 30),
        received(2021, 1, 0, **other),
        sent(2023, 1, 1, **other),
        received(2023, 1, 1, **other),
    )
    row = one(table, base=BASE, products=("854231",))
    assert (row["export_usd"], row["gap_low_usd"], row["change_low_usd"]) == (0, 0, -30)
    assert (row["mirror_status"], row["world_usd"], row["world_change_usd"]) == ("both zero", 0, 0)


def origins(*changes):
    """Turkey sends 90 more than before; Kazakhstan books 10 from it in both, the rest elsewhere."""
    books = [
        (sent, 2021, 20, {}),
        (sent, 2023, 110, {}),
        (received, 2021, 10, {}),
        (received, 2023, 10, {}),
        *changes,
    ]
    return [make(year, 1, usd, **{"valuation": "FOB"} | more) for make, year, usd, more in books]


def test_a_rise_of_imports_from_others_bounds_what_origin_can_explain(flows):
    german = {"partner": "DEU"}
    table = flows(*origins((received, 2021, 5, german), (received, 2023, 50, german)))
    row = one(table, base=BASE)
    assert (row["change_low_usd"], row["origin_share"]) == (90, 0.5)
    assert (row["world_usd"], row["world_change_usd"], row["world_basis"]) == (60, 45, "summed")


@pytest.mark.parametrize(("german", "share"), [(1000, 1), (5, 0), (0, 0)])
def test_origin_explains_all_or_nothing_at_most(flows, german, share):
    table = flows(
        *origins(
            (received, 2021, 5, {"partner": "DEU"}), (received, 2023, german, {"partner": "DEU"})
        )
    )
    assert one(table, base=BASE)["origin_share"] == share


def test_the_published_world_total_is_taken_before_the_sum(flows):
    more = [
        (received, year, usd, {"partner": partner})
        for year, usd in ((2021, 15), (2023, 60))
        for partner, usd in (("WLD", usd), ("DEU", 1), ("EU27", 999), ("_X", 2))
    ]
    row = one(flows(*origins(*more)), base=BASE)
    assert (row["world_usd"], row["world_change_usd"], row["world_basis"]) == (60, 45, "published")
    assert row["origin_share"] == 0.5
    only_now = [change for change in more if change[1] == 2023 or change[3]["partner"] != "WLD"]
    row = one(flows(*origins(*only_now)), base=BASE)
    assert (row["world_usd"], row["world_change_usd"], row["world_basis"]) == (60, 47, "mixed")


def test_the_world_of_a_month_stands_beside_its_gap(flows):
    table = flows(sent(2023, 1, 40), received(2023, 1, 5, partner="DEU"))
    row = one(table)
    assert (row["import_usd"], row["world_usd"], row["world_basis"]) == (0, 5, "summed")
    row = one(
        flows(sent(2023, 1, 40), received(2023, 1, 5, product="010121")), products=("854231",)
    )
    assert (row["world_usd"], row["world_basis"]) == (0, None)
    row = one(flows(sent(2023, 1, 40), received(2023, 1, 5, partner="EU27")))
    assert (row["world_usd"], row["world_basis"]) == (0, None)


def test_a_gap_that_did_not_grow_leaves_origin_nothing_to_explain(flows):
    table = flows(*[make(year, 1, 10) for make in (sent, received) for year in (2021, 2023)])
    assert one(table, base=BASE)["origin_share"] is None


def test_annual_rows_are_compared_with_annual_rows(flows):
    table = flows(
        *[sent(year, 1, usd, freq="A") for year, usd in ((2021, 10), (2022, 30), (2023, 80))],
        *[received(year, 1, 5, freq="A", valuation="FOB") for year in (2021, 2022, 2023)],
        sent(2023, 1, 7),
    )
    row = one(table, window=("2023-01", "2023-01"), base=("2021-01", "2022-12"))
    assert (row["freq"], row["change_low_usd"]) == ("A", 75 - 15)
    assert (row["periods_compared"], row["periods_expected"], row["base_periods"]) == (1, 1, 2)
    found = gaps(table, window=("2023-01", "2023-12"))
    assert [
        (row["freq"], row["mirror_status"]) for row in sorted(found, key=lambda r: r["freq"])
    ] == [
        ("A", "both"),
        ("M", "importer silent"),
    ]


def test_two_revisions_are_counted_and_presence_rows_have_none(flows):
    old, none = {"classification": "HS2017"}, {"classification": "none", "product": "presence"}
    plain = [sent(2023, 1, 40), received(2023, 1, 5)]
    assert one(flows(*plain, received(2023, 1, 0, **none)))["periods_mixed"] == 0
    assert one(flows(sent(2023, 1, 40), received(2023, 1, 5, **old)))["periods_mixed"] == 1
    assert one(flows(*plain, received(2023, 1, 5, partner="DEU", **old)))["periods_mixed"] == 1
    both = [sent(2023, 1, 2, **old), received(2023, 1, 5, **old)]
    assert one(flows(sent(2023, 1, 40), *both))["periods_mixed"] == 1
    silent = [make(2023, 2, 0, **none) for make in (sent, received)]
    row = one(flows(*plain, *silent, sent(2021, 1, 1), received(2021, 1, 1)), base=BASE)
    assert (row["periods_compared"], row["periods_mixed"]) == (2, 0)
    alone = one(flows(sent(2023, 1, 40), sent(2023, 1, 2, **old), received(2022, 12, 5)))
    assert (alone["mirror_status"], alone["periods_mixed"]) == ("importer not yet", 0)
    table = flows(*plain, sent(2023, 2, 1), received(2023, 2, 1, **old), sent(2021, 1, 1),
                  received(2021, 1, 1, **old))  # fmt: skip
    assert one(table, base=BASE)["periods_mixed"] == 1


def test_sums_of_countries_own_trade_and_other_flows_are_left_out(flows):
    plain = [sent(2023, 1, 40), received(2023, 1, 5)]
    noise = [
        sent(2023, 1, 1e9, partner="WLD"),
        sent(2023, 1, 1e9, partner="EU27"),
        sent(2023, 1, 1e9, partner="_X"),
        sent(2023, 1, 1e9, partner="TUR"),
        sent(2023, 1, 1e9, reporter="EU27"),
        sent(2023, 1, 1e9, flow="re-export"),
        sent(2023, 1, 1e9, product="85"),
        sent(2023, 3, 1e9),
    ]
    found = gaps(flows(*plain, *noise), exporters=(), importers=())
    assert found == gaps(flows(*plain), exporters=(), importers=())
    assert len(found) == 1


def test_a_sum_of_countries_has_no_mirror(flows):
    with pytest.raises(CoverageError, match="EU27 is a sum of countries"):
        gaps(flows(sent(2023, 1, 1)), exporters=("EU27",))
    with pytest.raises(CoverageError, match="WLD is a sum of countries"):
        gaps(flows(sent(2023, 1, 1)), importers=("KAZ", "WLD"))


@pytest.mark.parametrize(
    "asked",
    [{"window": ("2023-01",)}, {"base": ("2022-01", "2023-01")}, {"base": ("2021-02", "2021-01")}],
)
def test_windows_that_cannot_be_compared_are_refused(flows, asked):
    with pytest.raises(CoverageError):
        gaps(flows(sent(2023, 1, 1)), **asked)


def book(world):
    """Return value by (exporter, importer, product, period, side), and who published what."""
    cells, published = {}, set()
    for r in world:
        published.add((r["reporter"], r["flow"], r["period"]))
        if len(r["product"]) == 6:
            x, m = r["reporter"], r["partner"]
            x, m = (x, m) if r["flow"] == "export" else (m, x)
            cells[x, m, r["product"], r["period"], r["flow"]] = r["value_usd"]
    return cells, published


@pytest.mark.parametrize("seed", range(3))
def test_random_worlds_agree_with_brute_force_month_by_month(flows, seed):
    cells, published = book(random_world(seed))
    found = gaps(flows(*random_world(seed)), window=("2021-06", "2022-05"), exporters=(),
                 importers=())  # fmt: skip
    keys = {k[:4] for k in cells if date(2021, 6, 1) <= k[3] <= date(2022, 5, 1)}
    assert len(found) == len(keys)
    for row in found:
        x, m, product, period = key = tuple(
            row[name] for name in ("exporter", "importer", "product", "period")
        )
        keys.remove(key)
        export = cells.get((*key, "export"), 0) if (x, "export", period) in published else None
        landed = cells.get((*key, "import"), 0) if (m, "import", period) in published else None
        assert (row["export_usd"], row["import_usd"]) == (export, landed)
        if export is None or landed is None:
            assert row["gap_low_usd"] is row["gap_high_usd"] is None
            assert row["mirror_status"].split()[1] in ("silent", "not")
        else:
            assert row["gap_low_usd"] == export - landed
            assert row["gap_high_usd"] == pytest.approx(export - landed / 1.12)
        total = sum(
            usd for (_x, j, k, t, flow), usd in cells.items()
            if (j, k, t, flow) == (m, product, period, "import")
        )  # fmt: skip
        assert row["world_usd"] == (None if landed is None else total)


@pytest.mark.parametrize("seed", range(3))
def test_random_worlds_agree_with_brute_force_against_a_base(flows, seed):
    cells, published = book(random_world(seed))
    now = [date(2022, n, 1) for n in range(3, 9)]
    before = [date(year, n, 1) for year in (2020, 2021) for n in range(1, 13)]
    found = gaps(flows(*random_world(seed)), window=("2022-03", "2022-08"),
                 base=("2020-01", "2021-12"), exporters=("DEU", "FRA"), importers=("KAZ",),
                 products=GOODS)  # fmt: skip
    assert {(row["exporter"], row["product"]) for row in found} == {
        (x, k) for x in ("DEU", "FRA") for k in GOODS
    }
    for row in found:
        x, m, k = row["exporter"], row["importer"], row["product"]

        def both(months, x=x, m=m):
            return [t for t in months if {(x, "export", t), (m, "import", t)} <= published]

        def total(months, flow, x=x, m=m, k=k):
            return sum(cells.get((x, m, k, t, flow), 0) for t in months)

        def world(months, m=m, k=k):
            return sum(usd for (_x, j, p, t, flow), usd in cells.items()
                       if (j, p, flow) == (m, k, "import") and t in months)  # fmt: skip

        t1, t0 = both(now), both(before)
        scale = len(t1) / len(t0)
        ends = [
            total(t1, "export") - total(t1, "import") / c
            - scale * (total(t0, "export") - total(t0, "import") / c)
            for c in (1, 1.12)
        ]  # fmt: skip
        assert row["change_low_usd"] == pytest.approx(min(ends))
        assert row["change_high_usd"] == pytest.approx(max(ends))
        assert (row["periods_compared"], row["base_periods"]) == (len(t1), len(t0))
        rise = world(t1) - scale * world(t0)
        assert row["world_change_usd"] == pytest.approx(rise)
        others = rise - (total(t1, "import") - scale * total(t0, "import"))
        share = min(1, max(0, others) / min(ends)) if min(ends) > 0 else None
        assert row["origin_share"] == (share if share is None else pytest.approx(share))


@settings(max_examples=3)
@given(scale=st.floats(1e-3, 1e3), cut=st.floats(0, 1))
def test_neither_the_unit_nor_splitting_rows_matters(flows, scale, cut):
    german = {"partner": "DEU"}
    more = (received, 2021, 5, german), (received, 2023, 50, german)
    plain = one(flows(*origins(*more)), base=BASE)
    split = [
        row | {"value_usd": row["value_usd"] * scale * part}
        for row in origins(*more)
        for part in (cut, 1 - cut)
    ]
    row = one(flows(*split), base=BASE)
    assert row["origin_share"] == pytest.approx(plain["origin_share"])
    assert row["change_low_usd"] == pytest.approx(plain["change_low_usd"] * scale)


@settings(max_examples=3)
@given(less=st.floats(0, 0.5), more=st.floats(0, 0.5))
def test_a_wider_band_holds_the_narrower_one(flows, less, more):
    table = flows(
        sent(2021, 1, 30), received(2021, 1, 20), sent(2023, 1, 80), received(2023, 1, 35)
    )
    narrow, wide = (one(table, base=BASE, freight=f) for f in sorted((less, more)))
    assert wide["change_low_usd"] <= narrow["change_low_usd"] + 1e-9
    assert wide["change_high_usd"] >= narrow["change_high_usd"] - 1e-9
