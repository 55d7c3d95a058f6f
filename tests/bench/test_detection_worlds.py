"""Truth: sums by hand, and the planted routes as the difference between a world and its placebo."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection import _books, _plan, _routes, _trade, calibration, fit, marks, peers, score
from detection._kept import kept
from detection._plan import COUNTRIES, GOAL, LISTED, MONTHS, PRODUCTS, Bools, Floats
from detection._report import bars, best, page, summary
from detection.marks import Alarms, Marks
from detection.world import World, make
from entrepot.errors import EntrepotError
from entrepot.findings import Finding
from entrepot.schema import FLOWS
from support.sampled import costly

SEED = 3
NAN = float("nan")


@pytest.fixture(scope="module")
def world() -> World:
    return make(SEED)


@pytest.fixture(scope="module")
def placebo() -> World:
    return make(SEED, effect=False)


def rows(query: str, **tables: Any) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        for name, table in tables.items():
            connection.register(name, table)
        return connection.sql(query).fetchall()


def added(world: World, placebo: World) -> dict[tuple[str, ...], float]:
    """Return what a world books above its placebo, by (flow, reporter, partner, product)."""
    older = " ".join(f"when '{new}' then '{old}'" for new, old in world.question.older.items())
    found = rows(
        f"""select flow, reporter, partner, case product {older} else product end,
            sum(usd) as more
        from (select *, value_usd as usd from world union all
            select *, -value_usd from placebo)
        group by all having more <> 0""",
        world=world.flows,
        placebo=placebo.flows,
    )
    return {tuple(row[:4]): row[4] for row in found}


def older(world: World, product: str) -> str:
    return str(world.question.older.get(product, product))


# Worlds


@costly
def test_a_world_has_the_columns_of_flows_and_one_row_per_cell(world: World) -> None:
    assert world.flows.schema == FLOWS.arrow
    assert 1_000_000 < world.flows.num_rows < 3_500_000
    keys = ", ".join(FLOWS.keys)
    sql = f"select count(*) from (select 1 from world group by {keys} having count(*) > 1)"
    assert rows(sql, world=world.flows) == [(0,)]
    values = rows("select min(value_usd), max(value_usd) from world", world=world.flows)[0]
    assert values[0] >= 1
    assert values[1] > 1e5 * 1000


@costly
def test_a_world_without_effect_has_no_diversion_and_the_same_decoys(
    world: World, placebo: World
) -> None:
    quiet = placebo.truth.to_pylist()
    assert quiet
    assert not any(row["is_diversion"] for row in quiet)
    assert quiet == [row for row in world.truth.to_pylist() if not row["is_diversion"]]


@costly
def test_the_placebo_differs_only_where_routes_are_planted(world: World, placebo: World) -> None:
    planted = defaultdict(set)
    for row in world.truth.to_pylist():
        if row["is_diversion"]:
            planted[older(world, row["product"])] |= {row["intermediary"], row["origin"]}
    more = added(world, placebo)
    assert len(more) > 100
    for _flow, reporter, partner, product in more:
        assert reporter in planted[product]
        assert partner in {*planted[product], world.question.destination}


@costly
def test_what_origins_book_more_is_the_diverted_value(world: World, placebo: World) -> None:
    truth: dict[tuple[str, ...], float] = defaultdict(float)
    for row in world.truth.to_pylist():
        if row["is_diversion"] and row["hop"] == 1:
            product = older(world, row["product"])
            truth["export", row["origin"], row["intermediary"], product] += row["diverted_usd"]
    more = added(world, placebo)
    since = world.question.since
    spoke = rows(
        f"select reporter, count(distinct period) from world where period >= '{since}' group by 1",
        world=world.flows,
    )
    span = (2023 - since.year) * 12 + 13 - since.month
    open_books = {name for name, months in spoke if months == span}
    checked = [key for key in truth if key[1] in open_books]
    assert len(checked) > 5
    for key in checked:
        # Each month and cell is rounded to whole dollars.
        assert more[key] == pytest.approx(truth[key], abs=2 * span)
    for key in truth:
        assert more.get(key, 0) <= truth[key] + 2 * span


@costly
def test_a_ghost_leaves_no_trace_in_the_books_of_the_country_it_passes(
    world: World, placebo: World
) -> None:
    kinds = defaultdict(set)
    for row in world.truth.to_pylist():
        if row["is_diversion"]:
            kinds[row["intermediary"], older(world, row["product"])].add(row["kind"])
    ghosts = {cell for cell, kind in kinds.items() if kind == {"ghost"}}
    routes = {cell for cell, kind in kinds.items() if kind == {"route"}}
    booked = {(who, product) for _flow, who, _partner, product in added(world, placebo)}
    assert len(ghosts) > 10
    assert not ghosts & booked
    assert len(routes & booked) > 0.9 * len(routes)


@costly
def test_a_second_hop_sells_what_the_first_bought(world: World) -> None:
    hops = defaultdict(list)
    for row in world.truth.to_pylist():
        if row["kind"] == "multi-hop":
            hops[row["hop"]].append((row["origin"], row["product"], row["diverted_usd"]))
    assert sorted(hops[1]) == sorted(hops[2])
    assert len(hops[1]) > 10


@costly
def test_six_to_ten_of_a_hundred_cells_of_near_countries_are_planted(world: World) -> None:
    first = [row for row in world.truth.to_pylist() if row["is_diversion"] and row["hop"] == 1]
    cells = {(row["intermediary"], row["product"]) for row in first}
    assert 0.06 <= len(cells) / (_plan.NEAR * len(LISTED)) <= 0.10
    known = [row["multiple"] for row in first if row["multiple"] is not None]
    assert min(known) >= 1.3
    assert max(known) <= 5
    assert len(known) < len(first)
    assert min(row["first_month"] for row in first) >= world.question.since


@costly
def test_the_destination_falls_silent_and_listed_goods_fall_most(placebo: World) -> None:
    since, goal = placebo.question.since, placebo.question.destination
    assert rows(
        f"select max(period) < '{since}' from world where reporter = '{goal}'", world=placebo.flows
    ) == [(True,)]
    listed = {*placebo.question.listed} - {*placebo.question.older} - {"901380"}
    unlisted = {*PRODUCTS} - {*LISTED} - {*_plan.OLDER}

    def ratio(codes: set[str]) -> float:
        (after, before) = rows(
            f"""select sum(value_usd) filter (period >= date '{since}' + interval 4 month
                    and period < date '{since}' + interval 16 month),
                sum(value_usd) filter (period < '{since}'
                    and period >= date '{since}' - interval 12 month)
            from world where flow = 'export' and partner = '{goal}'
                and list_contains({list(placebo.question.coalition)}, reporter)
                and list_contains({sorted(codes)}, product)""",
            world=placebo.flows,
        )[0]
        return float(after / before)

    assert 0.03 < ratio(listed) < 0.5
    assert 0.4 < ratio(unlisted) < 1.0


@costly
def test_an_earlier_day_knows_only_what_was_published_by_then(world: World) -> None:
    last = date(world.question.since.year, 12, 1)
    then = world.known(last)
    assert then.question.until == last
    seen = dict(rows("select reporter, max(period) from t group by 1", t=then.flows))
    for name, newest in seen.items():
        wait = (last.year - newest.year) * 12 + last.month - newest.month
        assert wait >= world.delay[name]
    prompt = [name for name in world.question.coalition if world.delay[name] == 0]
    assert all(seen[name] == last for name in prompt)


def test_price_decoys_move_values_and_no_kilograms() -> None:
    eco = _plan.economy(np.random.default_rng(0))
    false = _plan.decoys(np.random.default_rng(1), eco)
    every = _trade.cells(np.random.default_rng(2), eco)
    some = every.where(np.arange(0, len(every.usd), 50))
    flat = replace(false, dearer=np.ones_like(false.dearer), relabel=())
    double = replace(flat, dearer=np.full_like(false.dearer, 2.0))
    one = _trade.ordinary(np.random.default_rng(3), eco, flat, some)
    two = _trade.ordinary(np.random.default_rng(3), eco, double, some)
    assert len(one) > 10_000
    np.testing.assert_allclose(two.usd, 2 * one.usd)
    np.testing.assert_allclose(two.kg, one.kg)


def legs(**changes: list[Any]) -> _trade.Legs:
    """Two consignments of $1000: Germany to the first third country in month 80, and onward."""
    third, count = _plan.FIRST_THIRD, len(next(iter(changes.values()), [0, 0]))
    plain: dict[str, list[Any]] = {
        "exporter": [1, third],
        "importer": [third, third + 1],
        "product": [LISTED.index("854231")] * count,
        "month": [80] * count,
        "usd": [1000.0] * count,
        "kg": [10.0] * count,
        "origin": [1] * count,
        "hidden": [False] * count,
        "route": [-1] * count,
    }
    return _trade.Legs(**{name: np.array(value) for name, value in (plain | changes).items()})


def habits(**changes: Any) -> _books.Habits:
    """Everybody is prompt, writes the sender and switches in time; freight adds 6%."""
    count = len(COUNTRIES)
    plain: dict[str, Any] = {
        "arrives": np.full((count, count), 1.06),
        "dispatched": np.ones(count),
        "slow": np.zeros(count),
        "by_origin": np.zeros(count, dtype=bool),
        "switch": np.full(count, 72),
        "delay": np.zeros(count, dtype=np.int64),
        "silent": np.zeros((count, MONTHS), dtype=bool),
    }
    return _books.Habits(**(plain | changes))


def booked(goods: _trade.Legs, how: _books.Habits) -> list[dict[str, Any]]:
    table = _books.publish(
        np.random.default_rng(0), [_books.book(np.random.default_rng(0), goods, how)], how
    )
    return [row for row in table.to_pylist() if row["value_usd"]]


def written(found: list[dict[str, Any]]) -> set[tuple[str, str, str]]:
    return {(row["flow"], row["reporter"], row["partner"]) for row in found}


def test_exporters_book_fob_and_importers_add_freight() -> None:
    found = {(r["flow"], r["reporter"]): r for r in booked(legs(), habits())}
    sent, got = found["export", "DEU"], found["import", "CHN"]
    assert (sent["partner"], sent["value_usd"], sent["valuation"]) == ("CHN", 1000, "FOB")
    assert (got["partner"], got["valuation"]) == ("DEU", "CIF")
    assert 1000 * 1.06 * 0.8 < got["value_usd"] < 1000 * 1.06 * 1.25
    assert (sent["period"], got["period"]) == (date(2022, 9, 1), date(2022, 9, 1))
    assert (sent["net_mass_kg"], got["net_mass_kg"]) == (10, 10)
    assert {r["classification"] for r in found.values()} == {"HS2022"}


def test_importers_that_record_origin_name_the_maker() -> None:
    by_origin = np.ones(len(COUNTRIES), dtype=bool)
    assert ("import", "HKG", "CHN") in written(booked(legs(), habits()))
    assert ("import", "HKG", "DEU") in written(booked(legs(), habits(by_origin=by_origin)))


def test_hidden_goods_stand_only_in_the_exporters_book() -> None:
    found = written(booked(legs(hidden=[True, True]), habits()))
    assert found == {("export", "DEU", "CHN"), ("export", "CHN", "HKG")}


def test_silent_reporters_have_no_rows_and_slow_ones_book_a_month_later() -> None:
    silent = np.zeros((len(COUNTRIES), MONTHS), dtype=bool)
    silent[COUNTRIES.index("CHN"), 80] = True
    found = written(booked(legs(), habits(silent=silent)))
    assert found == {("export", "DEU", "CHN"), ("import", "HKG", "CHN")}
    late = booked(legs(), habits(slow=np.ones(len(COUNTRIES))))
    assert {(row["flow"], row["period"].month) for row in late} == {("export", 9), ("import", 10)}


def test_old_numbers_hold_until_the_reporter_switches() -> None:
    switch = np.full(len(COUNTRIES), 72)
    switch[COUNTRIES.index("CHN")] = 81
    switch[COUNTRIES.index("HKG")] = 80
    product = [LISTED.index("854800")] * 2
    found = booked(legs(product=product), habits(switch=switch))
    assert {(r["reporter"], r["product"], r["classification"]) for r in found} == {
        ("DEU", "854800", "HS2022"),
        ("CHN", "854890", "HS2017"),
        ("HKG", "854800", "HS2022"),
    }


def test_sales_to_the_destination_can_be_under_recorded_for_ever() -> None:
    goods = legs(importer=[GOAL, GOAL])
    found = booked(goods, habits(dispatched=np.full(len(COUNTRIES), 0.25)))
    assert {(r["value_usd"], r["net_mass_kg"]) for r in found if r["flow"] == "export"} == {
        (250.0, 2.5)
    }


def test_a_changed_label_moves_goods_and_keeps_their_value() -> None:
    third = _plan.FIRST_THIRD
    false = _plan.decoys(np.random.default_rng(1), _plan.economy(np.random.default_rng(0)))
    goods = legs(
        exporter=[1, 1, third, third, 1],
        importer=[third, third, GOAL, third + 1, third + 1],
        month=[79, 80, 80, 80, 80],
        product=[5] * 5,
    )
    found = _trade._relabelled(
        np.random.default_rng(0), goods, replace(false, relabel=((third, 5, 60, 1.0, 80),))
    )
    assert found.product.tolist() == [5, 60, 60, 5, 5]


def test_each_decoy_moves_what_its_name_says() -> None:
    eco = _plan.economy(np.random.default_rng(0))
    false = _plan.decoys(np.random.default_rng(1), eco)
    kinds = defaultdict(set)
    for kind, country, product, start, _multiple in false.rows:
        # One that starts late is not at its full size yet; its name keeps the cell out below.
        kinds[country, product].add(kind if start < 80 else "late")
    general = false.onward[:, :, -1].min(axis=1)
    moved = {
        "surge": (True, False, False),
        "home-made": (False, True, False),
        "both": (True, True, False),
        "price": (False, False, True),
    }
    checked = set()
    for (country, product), names in kinds.items():
        kind = next(iter(names))
        if len(names) == 1 and kind in moved:
            checked.add(kind)
            at = country, product, -1
            rise = false.inflow[at], false.onward[at] / general[country], false.dearer[at]
            assert tuple(one > 1.25 for one in rise) == moved[kind]
            assert max(rise) < 5.1
    assert checked == set(moved)
    assert {row[0] for row in false.rows} == {*moved, "new-supplier", "code-switch"}


def test_a_route_at_full_size_lifts_the_inflow_to_its_multiple() -> None:
    eco = _plan.economy(np.random.default_rng(0))
    false = _plan.decoys(np.random.default_rng(1), eco)
    inflow = _trade.inflow(_trade.cells(np.random.default_rng(2), eco))
    plan = _routes.routes(np.random.default_rng(3), eco, false, inflow, (1, 3))
    usual = inflow.sum(axis=0)[plan.first, plan.product]
    full = plan.expected.sum(axis=1).max(axis=1)
    old = ~np.isnan(plan.multiple)
    np.testing.assert_allclose((usual[old] + full[old]) / usual[old], plan.multiple[old])
    assert (usual[~old] == 0).all()
    assert (full > 0).all()
    assert plan.expected[:, :, : eco.since].sum() == 0
    np.testing.assert_allclose(plan.expected[:, :, eco.since + 12].sum(axis=1), full)
    assert not {*zip(plan.first, plan.product, strict=True)} & {row[1:3] for row in false.rows}


@pytest.mark.parametrize("second", [-1, 20])
def test_diverted_goods_keep_their_mass_and_grow_dearer_on_each_leg(second: int) -> None:
    eco = _plan.economy(np.random.default_rng(0))
    expected = np.zeros((1, 8, MONTHS))
    expected[0, 1, 80:84] = 50 * eco.shipment[7]
    plan = _routes.Routes(
        kind=np.array([0 if second < 0 else 2]),
        first=np.array([10]),
        second=np.array([second]),
        product=np.array([7]),
        multiple=np.array([NAN]),
        lag=np.array([2]),
        markup=np.array([1.2]),
        seen=np.array([1.0]),
        expected=expected,
    )
    found = _trade.diverted(np.random.default_rng(0), eco, plan)
    way = [1, 10, GOAL] if second < 0 else [1, 10, second, GOAL]
    pairs = list(pairwise(way))
    assert sorted(set(zip(found.exporter, found.importer, strict=True))) == sorted(pairs)
    parts = [found.where((found.exporter == a) & (found.importer == b)) for a, b in pairs]
    assert parts[0].usd.sum() == pytest.approx(
        expected[0, 1, 80:84] @ (eco.season[7] * eco.price[7])[80:84], rel=0.25
    )
    for before, after in pairwise(parts):
        assert after.usd.sum() == pytest.approx(1.2 * before.usd.sum())
        assert after.kg.sum() == pytest.approx(before.kg.sum())
        assert set(after.month - before.month) <= {2, 3}
    assert set(found.origin) == {1}
    assert not found.hidden.any()


# Scores


def test_average_precision_is_the_mean_precision_at_hits() -> None:
    found = score.average_precision(
        np.array([4.0, 3.0, 2.0, 1.0]), np.array([True, False, True, False])
    )
    assert found == pytest.approx((1 / 1 + 2 / 3) / 2)


def test_cells_with_the_same_score_are_alarmed_together() -> None:
    level = np.array([np.inf, np.inf, -np.inf, -np.inf])
    true = np.array([True, False, False, True])
    assert score.average_precision(level, true) == pytest.approx(1 / 2 * 1 / 2 + 1 / 2 * 2 / 4)
    assert score.average_precision(np.zeros(4), true) == pytest.approx(1 / 2)
    assert np.isnan(score.average_precision(level, np.zeros(4, dtype=bool)))


@given(
    st.lists(st.tuples(st.integers(-3, 3), st.booleans()), min_size=1, max_size=30),
    st.randoms(use_true_random=False),
)
def test_the_order_in_memory_does_not_matter(cells: list[tuple[int, bool]], rng: Any) -> None:
    def both(of: list[tuple[int, bool]]) -> tuple[float, float]:
        level = np.array([float(a) for a, _ in of])
        true = np.array([b for _, b in of] + [True])
        level = np.append(level, 0.0)
        return (
            score.average_precision(level, true),
            score.recall_at_false_alarms(level, true, 2),
        )

    shuffled = list(cells)
    rng.shuffle(shuffled)
    assert both(cells) == pytest.approx(both(shuffled))


def test_precision_and_recall_are_null_without_alarms_or_truth() -> None:
    flagged, true = np.array([True, True, False, False]), np.array([True, False, True, True])
    none = np.zeros(4, dtype=bool)
    assert score.precision(flagged, true) == 1 / 2
    assert score.recall(flagged, true) == pytest.approx(1 / 3)
    assert np.isnan(score.precision(none, true))
    assert np.isnan(score.recall(flagged, none))


@pytest.mark.parametrize(("allowed", "expected"), [(0, 1 / 3), (1, 2 / 3), (2, 2 / 3), (9, 2 / 3)])
def test_a_budget_of_false_alarms_bounds_recall(allowed: int, expected: float) -> None:
    level = np.array([9.0, 8.0, 7.0, 5.0, 5.0, -np.inf])
    true = np.array([True, False, True, False, False, True])
    assert score.recall_at_false_alarms(level, true, allowed) == pytest.approx(expected)


def test_a_threshold_that_starts_with_too_many_false_alarms_finds_nothing() -> None:
    true = np.array([True, False, False])
    assert score.recall_at_false_alarms(np.zeros(3), true, 1) == 0
    assert score.recall_at_false_alarms(np.zeros(3), true, 2) == 1


def test_uniform_p_values_pass_and_bunched_ones_fail() -> None:
    even = (np.arange(100) + 0.5) / 100
    statistic, p = score.uniformity(np.append(even, NAN))
    assert statistic == pytest.approx(0.005)
    assert p > 0.99
    statistic, p = score.uniformity(even / 2)
    assert statistic == pytest.approx(0.5025)
    assert p < 0.001
    assert np.isnan(score.uniformity(np.array([NAN, 0.3]))).all()


def test_coverage_counts_the_intervals_that_hold_the_truth() -> None:
    low, high = np.array([0, 2, 1, NAN, 0]), np.array([1, 3, 1, NAN, NAN])
    assert score.coverage(low, high, np.ones(5)) == pytest.approx(2 / 3)
    assert np.isnan(score.coverage(low[3:], high[3:], np.ones(2)))


def test_days_run_from_the_first_month_to_the_end_of_the_first_run_that_sees_it() -> None:
    ends = [date(2022, 3, 31), date(2022, 6, 30), date(2022, 12, 31)]
    starts = [date(2022, 3, 1), date(2022, 5, 1), date(2022, 1, 1)]
    flagged = [
        np.array([False, True, False]),
        np.array([True, True, False]),
        np.array([True, True, False]),
    ]
    # 121 days from March to June, 60 from May; the March run cannot find what starts in May.
    assert score.days_to_detection(starts, ends, flagged) == (pytest.approx(2 / 3), 90.5)
    nothing = [np.zeros(3, dtype=bool)] * 3
    share, days = score.days_to_detection(starts, ends, nothing)
    assert share == 0
    assert np.isnan(days)


# Peers


def flat(before: float, after: float, since: int = 40, months: int = 60) -> Floats:
    return np.where(np.arange(months) < since, before, after).astype(float)


def seen(*cells: tuple[Floats, Floats]) -> peers.Panel:
    """A panel of one product with (bought from one supplier, sold on) per third country.

    Their trade with the world is 10 a month two years before the break, and very large else.
    """
    bought, sold = (np.array([cell[side] for cell in cells])[:, None] for side in (0, 1))
    month = np.arange(60)
    whole = np.broadcast_to(np.where((month >= 16) & (month < 28), 10.0, 1e4), sold.shape)
    return peers.Panel(bought[None], sold, exports=whole, imports=whole, since=40)


def flagged(panel: peers.Panel, rule: str, variant: str) -> list[bool]:
    found: list[bool] = peers.rate(panel)[rule][variant].flagged[:, 0].tolist()
    return found


def test_a_ratio_is_flagged_above_its_threshold_and_not_at_it() -> None:
    panel = seen((flat(1, 3), flat(1, 1)), (flat(1, 3.1), flat(1, 1)), (flat(1, 1), flat(1, 4)))
    rule = "post/pre mean > 3"
    assert flagged(panel, rule, "in, 12 months, new first") == [False, True, False]
    assert flagged(panel, rule, "out, 12 months, new first") == [False, False, True]
    assert flagged(panel, rule, "either, all months, new last") == [False, True, True]
    assert flagged(panel, rule, "both, 36 months, new last") == [False, False, False]


def test_year_on_year_compares_the_first_year_with_the_last() -> None:
    rise = flat(1, 1.5)
    rise[52:] = 100
    panel = seen((rise, flat(0, 0)), (flat(1, 1.2), flat(0, 0)), (flat(1, 2.1), flat(0, 0)))
    variant = "in, first year, new first"
    assert flagged(panel, "year-on-year > 30%", variant) == [True, False, True]
    assert flagged(panel, "year-on-year > 100%", variant) == [False, False, True]
    quarter = "in, best quarter, new first"
    assert flagged(panel, "year-on-year > 100%", quarter) == [True, False, True]
    slow = np.array(1.05 ** np.arange(60))
    steady = seen((slow, flat(0, 0)), (flat(1, 1), flat(0, 0)))
    assert flagged(steady, "year-on-year > 30%", quarter) == [True, False]


def test_new_trade_is_first_or_last_and_no_trade_is_never_flagged() -> None:
    panel = seen((flat(0, 5), flat(0, 0)), (flat(0, 0), flat(0, 0)), (flat(1, 9), flat(0, 0)))
    rated = peers.rate(panel)["post/pre mean > 3"]
    first, last = rated["in, 12 months, new first"], rated["in, 12 months, new last"]
    assert first.flagged[:, 0].tolist() == [True, False, True]
    assert last.flagged[:, 0].tolist() == [False, False, True]
    assert np.argsort(-first.score[:, 0]).tolist() == [0, 2, 1]
    assert np.argmax(last.score[:, 0]) == 2


def test_ties_go_to_the_larger_trade() -> None:
    panel = seen((flat(0, 5), flat(0, 0)), (flat(0, 7), flat(0, 0)), (flat(0, 7), flat(0, 0)))
    found = peers.rate(panel)["post/pre mean > 3"]["in, 12 months, new first"].score[:, 0]
    assert found[1] == found[2] > found[0]


def test_a_z_score_counts_standard_deviations_of_the_months_before() -> None:
    wave = np.where(np.arange(60) % 2 == 0, 9.0, 11.0)
    # Standard deviation of 12 months of 9 and 11 is 1.0445, so the limit is 12.09.
    low, high = (np.where(np.arange(60) < 40, wave, level) for level in (12.0, 12.2))
    panel = seen((low, low), (high, low))
    variant = "in, 12 months, new first"
    assert flagged(panel, "z-score > 2", variant) == [False, True]
    assert flagged(panel, "z-score > 2", "out, 12 months, new first") == [False, False]


def test_the_red_flag_compares_sales_with_all_exports_two_years_before() -> None:
    panel = seen((flat(0, 0), flat(0, 499)), (flat(0, 0), flat(0, 501)))
    variant = "out, first year, new first"
    assert flagged(panel, "ifo red flag > 50", variant) == [False, True]


def test_silent_months_are_left_out_of_means() -> None:
    usd = np.array([[[[2.0, NAN, 4.0]]], [[[1.0, 1.0, NAN]]], [[[3.0, NAN, NAN]]]])
    assert peers._mean(usd, 0, 3).tolist() == [[3.0 + 1.0 + 3.0]]
    assert peers._spread(usd, 0, 3)[0, 0] == pytest.approx(1.0)
    assert peers._spread(usd[0], 0, 3)[0, 0] == pytest.approx(2**0.5)


@costly
def test_the_panel_reads_each_leg_and_chains_old_numbers(placebo: World) -> None:
    def row(who: str, whom: str, flow: str, code: str, day: date, usd: float) -> dict[str, Any]:
        revision = "HS2022" if day >= date(2022, 1, 1) else "HS2017"
        return dict.fromkeys(FLOWS.names) | {
            "reporter": who,
            "partner": whom,
            "flow": flow,
            "product": code,
            "classification": revision,
            "period": day,
            "value_usd": usd,
        }

    old, new = date(2021, 12, 1), date(2022, 1, 1)
    table = FLOWS.arrow.empty_table().from_pylist(
        [
            row("DEU", "KAZ", "export", "852580", old, 100.0),
            row("DEU", "KAZ", "export", "852589", new, 20.0),
            row("DEU", "KAZ", "export", "852581", new, 80.0),
            row("KAZ", "RUS", "export", "854231", new, 7.0),
            row("KAZ", "FRA", "export", "854231", new, 5.0),
            row("KAZ", "FRA", "import", "854231", new, 4.0),
            row("KAZ", "RUS", "import", "854231", new, 9.0),
        ],
        FLOWS.arrow,
    )
    question = replace(placebo.question, since=new, until=new)
    panel = peers.panel(World(table, placebo.truth, question, {}))
    kaz, camera = question.thirds.index("KAZ"), LISTED.index("852589")
    chip, germany = LISTED.index("854231"), question.coalition.index("DEU")
    assert panel.since == 1
    # 20 in the one month after, 100 over the twelve before: 20 / (100 / 12) is above one.
    assert panel.bought[germany, kaz, camera].tolist() == [100.0, 20.0]
    assert panel.sold[kaz, chip, 1] == 7
    assert panel.exports[kaz, chip, 1] == 12
    assert panel.imports[kaz, chip, 1] == 13
    assert np.isnan(panel.sold[kaz, chip, 0])
    assert np.isnan(panel.bought[question.coalition.index("USA"), kaz, chip]).all()


# The run


def finding(world: World, **changes: Any) -> Finding:
    found = Finding(
        detector="diversion",
        origin="coalition",
        intermediary=world.question.thirds[0],
        destination=world.question.destination,
        product=LISTED[0],
        score=2.0,
        p_value=0.01,
        q_value=0.05,
        recorded_usd=7.0,
        expected_usd=2.0,
        excess_usd=5.0,
        excess_low_usd=4.0,
        excess_high_usd=None,
        before_usd=2.0,
        months_above=1,
        months_published=24,
        months_window=24,
        first_month=None,
        explanation="",
    )
    return replace(found, **changes)


@costly
def test_findings_are_laid_out_and_silence_is_not_a_score(placebo: World) -> None:
    found = marks.laid_out([finding(placebo)], placebo)
    assert found.score[0, 0] == 2
    assert found.flagged[0, 0]
    assert np.isneginf(found.score[1:]).all()
    assert found.flagged.sum() == 1
    assert found.high is not None
    assert np.isnan(found.high).all()
    assert marks.laid_out([finding(placebo, q_value=0.1)], placebo).flagged.sum() == 0


@pytest.mark.parametrize("changes", [{}, {"product": "852580"}, {"intermediary": "DEU"}])
@costly
def test_findings_of_no_cell_or_twice_of_one_are_refused(
    placebo: World, changes: dict[str, str]
) -> None:
    with pytest.raises(EntrepotError, match="expected each third country and listed product"):
        marks.laid_out([finding(placebo), finding(placebo, **changes)], placebo)


@costly
def test_the_truth_sums_origins_and_a_planted_cell_is_no_decoy(world: World) -> None:
    real = marks.truth(world)
    listed = [row for row in world.truth.to_pylist() if row["is_diversion"]]
    assert real.usd.sum() == pytest.approx(sum(row["diverted_usd"] for row in listed))
    assert set(real.kinds) == {"route", "ghost", "multi-hop"}
    assert (np.any([*real.kinds.values()], axis=0) == real.true).all()
    assert not any((cells & real.true).any() for cells in real.decoys.values())
    second = {(row["intermediary"], row["product"]) for row in listed if row["hop"] == 2}
    assert real.passed_on.sum() == len(second) > 0
    assert (real.passed_on <= real.kinds["multi-hop"]).all()
    assert len(real.start) == real.true.sum() == (real.usd > 0).sum()


def small(true: Bools, usd: Floats) -> marks.Truth:
    second = true & [[False, True, False, False]]
    return marks.Truth(true, second, usd, {}, {"route": true}, {"surge": ~true})


def test_marks_come_from_flags_scores_and_intervals() -> None:
    true = np.array([[True, True, False, False]])
    alarms = Alarms(
        np.array([[4.0, 1.0, 3.0, 2.0]]),
        np.array([[True, False, True, False]]),
        low=np.array([[0.0, 6.0, NAN, NAN]]),
        high=np.array([[9.0, 9.0, NAN, NAN]]),
    )
    found = marks.mark(alarms, small(true, np.full((1, 4), 5.0)), months=1)
    assert found["ap"] == pytest.approx((1 + 2 / 4) / 2)
    assert (found["precision"], found["recall"], found["f1"]) == (0.5, 0.5, 0.5)
    assert (found["alarms"], found["budget"], found["chance"]) == (2, 0.5, 0.5)
    assert (found["cover_all"], found["cover_found"], found["cover_first"]) == (0.5, 1.0, 1.0)
    parts = {
        "route": true & [[True, False, False, False]],
        "ghost": true & [[False, True, True, True]],
    }
    mixed = replace(small(true, np.zeros((1, 4))), kinds=parts)
    assert marks.alone(alarms, mixed) == {"route": 1.0, "ghost": pytest.approx(1 / 3)}
    kinds = marks.shares(alarms, {"route": true, "none": np.zeros_like(true)})
    assert kinds["route"] == 0.5
    assert np.isnan(kinds["none"])


def test_calibration_gives_the_shares_of_small_p_values() -> None:
    p = np.concatenate([np.full(20, 0.001), np.linspace(0.02, 1, 20), [NAN]])[None]
    found = marks.calibration(Alarms(p, p < 0.01, p_value=p))
    assert found == {"p0.05": 21 / 40, "p0.01": 20 / 40, "false": 20}


def test_the_best_variant_of_a_rule_counts() -> None:
    def told(*values: float) -> list[Marks]:
        return [Marks(seed, {"ap": value}) for seed, value in enumerate(values)]

    given = {"a | in": told(0.2, 0.6), "a | out": told(0.5, 0.5), "diversion": told(0.1, 0.1)}
    assert list(best(given)) == ["a | out", "diversion"]


def test_the_page_says_which_bars_are_missed() -> None:
    one = {"ap": 0.8, "precision": 0.7, "recall": 0.4, "alarms": 10.0, "false": 0.0}
    other = {"ap": 0.6, "precision": 0.9, "recall": 0.6, "alarms": 30.0, "false": 2.0}
    found = {
        "a | in": [Marks(0, {"ap": 0.4, "chance": 0.05, "days": NAN}), Marks(1, {"ap": 0.1})],
        "a | out": [Marks(0, {"ap": 0.1, "chance": 0.05}), Marks(1, {"ap": 0.7})],
        "diversion": [
            Marks(0, one | {"chance": 0.05, "cover_first": 0.9, "cover_all": 0.5}),
            Marks(1, other | {"chance": 0.05, "cover_first": 0.8, "cover_all": 0.5}),
        ],
    }
    for runs in found.values():
        runs[1].values.setdefault("chance", 0.05)
    measured = summary(found)
    assert measured["false"] == pytest.approx((3 + 3) / 40)
    assert (measured["ap"], measured["ap_worst"]) == (pytest.approx(0.7), 0.6)
    assert (measured["peer"], measured["beaten"]) == (pytest.approx(0.55), 0.5)
    text = bars(found)
    assert "| average precision | >= 0.72 | 0.70 | **missed** |" in text
    assert "| false share at q < 0.1 | <= 0.12 | 0.15 | **missed** |" in text
    assert "| coverage, first countries | 0.85 to 0.95 | 0.85 | met |" in text
    assert "| alarms in ten placebo worlds | <= 1 | 2.00 | **missed** |" in text
    for run in found["diversion"]:
        del run.values["false"]
    assert "| nan | not measured |" in bars(found)
    whole = page({"plain": found, "other": found})
    assert "| other | 0.70 (0.60) | 0.55 | 50% | 0.50 (0.40) | 0.15 | 0.85 |" in whole
    assert "| 1 | 0.60 | a: out | 0.70 | 0.60 | 0.10 |" in whole
    assert "## Trust in the numbers" in whole


def test_a_share_is_told_with_its_band_over_worlds() -> None:
    assert calibration.share([0.04, 0.06], 0.05) == "0.05 (0.03-0.07)"
    assert calibration.share([0.08, 0.1], 0.05) == "**0.09 (0.07-0.11)**"


def test_the_share_that_p_is_read_from_holds_for_every_size() -> None:
    odds = [np.array([3.0, 0, 0, 0, 0, 0]), np.array([0.0, 0, 0, 0, 0, 0])]
    sizes = [np.arange(6.0), np.arange(6.0)]
    # Small flows: one of two in the first world, none in the second: .25 +- 1.96 sd/sqrt 2.
    (end,) = fit.reached(odds, sizes, np.array([1.0]))
    assert end == pytest.approx(0.25 + 1.96 * np.std([0.5, 0], ddof=1) / 2**0.5)
    (of_all,) = fit.reached(odds, sizes, np.array([-1.0]))
    assert of_all == 1


def test_what_a_world_gave_is_not_made_again(tmp_path: Path) -> None:
    asked = []

    def made() -> calibration.World:
        asked.append(1)
        odds = np.array([0.5, 2.0])
        return calibration.World(odds, odds / 10, odds > 1, 3, np.ones((2, 5), dtype=bool))

    for _ in range(2):
        world = kept(tmp_path / "1.npz", calibration.World, made)
        assert world.missed == 3
        assert world.true.tolist() == [False, True]
    assert len(asked) == 1
    said = calibration.said(world)
    assert (said.p >= world.rare).all()
    assert sorted(tmp_path.iterdir()) == [tmp_path / "1.npz"]


def test_tables_of_error_rates_by_hand() -> None:
    p, q = np.array([0.0005, 0.03, 0.5, 0.9]), np.array([0.02, 0.08, 0.3, 0.9])
    true = np.array([True, False, True, False])
    one = calibration.Said(p, q, np.array([0.95, 0.8, 0.4, 0.0]), true, 2, {"decoys": ~true})
    rare = calibration.rare([one, one])
    assert "| all | 8 | **0.5 (0.5-0.5)** | **0.25 (0.25-0.25)** |" in rare
    assert "| decoys | 4 | **0.5 (0.5-0.5)** | 0 (0-0) |" in rare
    assert "Alarms at q < 0.1: 4 in 2 worlds, in 2 of them." in rare
    table = calibration.true([one])
    assert "| 0.1 | 2 | 0.500 | 0.250 |" in table
    assert "| 0.7 to 0.9 | 1 | 0.000 |" in table
    assert "| 0.9 to 1 | 1 | 1.000 |" in table


def test_lumps_send_the_same_worth_in_fewer_shipments() -> None:
    usual, lumpy = make(SEED), make(SEED, lumps=3.0)
    assert 0.4 < lumpy.flows.num_rows / usual.flows.num_rows < 0.8
    assert 0.8 < sum_of(lumpy) / sum_of(usual) < 1.2


def sum_of(world: World) -> float:
    return float(np.nansum(world.flows["value_usd"].to_numpy()))


# The benchmark in short: one world and its placebo. `make detection` runs ten and writes the page.


@pytest.fixture(scope="module")
def told(world: World) -> dict[str, Alarms]:
    return marks.detectors(world)


@costly
def test_diversion_ranks_better_than_every_rule_and_flags_little_by_mistake(
    world: World, told: dict[str, Alarms]
) -> None:
    """Measured on this world: AP .79 against .33; 41 of 44 alarms are planted."""
    real = marks.truth(world)
    found_by = {name: marks.mark(one, real, months=24) for name, one in told.items()}
    rules = [marks.mark(one, real, months=24)["ap"] for one in marks.rules(world).values()]
    found = found_by["diversion"]
    assert found["ap"] > max(rules) + 0.3
    assert found["ap"] > max(one["ap"] for name, one in found_by.items() if name != "diversion")
    assert found["precision"] >= 0.85
    assert found["alarms"] >= 10


@costly
def test_the_interval_of_an_excess_holds_what_came_straight_from_the_coalition(
    world: World, told: dict[str, Alarms]
) -> None:
    """Nine in ten, of some eighty; less where goods came through another country."""
    found = marks.mark(told["diversion"], marks.truth(world), months=24)
    assert 0.83 <= found["cover_first"] <= 0.97
    assert found["cover_all"] < found["cover_first"]


@costly
def test_nothing_stands_out_in_a_placebo_world(placebo: World) -> None:
    found = marks.calibration(marks.detectors(placebo)["diversion"])
    assert found["p0.05"] <= 0.06, "over a hundred worlds .044"
    assert found["p0.01"] <= 0.012, "over a hundred worlds .008"
    assert found["false"] == 0
