"""Estimated weights against planted ones, worked cases, and what trade cannot tell."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

pytest.importorskip("scipy", reason="weights are estimated with the extra: pip install .[estimate]")

from entrepot.errors import CoverageError
from entrepot.estimate import concordance_weights as module
from entrepot.estimate.concordance_weights import WORST, concordance_weights

EXACT = 1e-4  # how far the pull to equal parts may move a weight that trade decides
SPLIT = [("a", "A"), ("a", "B")]
SHARED = [("a", "A"), ("a", "B"), ("b", "B"), ("b", "C")]


def table(pairs):
    return pa.table({"source": [s for s, _ in pairs], "target": [t for _, t in pairs]})


def side(trade):
    """Return totals from {(reporter, product): value}."""
    return pa.table(
        {
            "reporter": [reporter for reporter, _ in trade],
            "product": [product for _, product in trade],
            "value_usd": [float(value) for value in trade.values()],
        },
        schema=pa.schema([("reporter", "string"), ("product", "string"), ("value_usd", "float64")]),
    )


def column(estimate, name="weight"):
    rows = estimate.links.to_pylist()
    return {(row["source"], row["target"]): row[name] for row in rows}


def only(estimate):
    (row,) = estimate.components.to_pylist()
    return row


def world(pairs, weights, reporters, noise=0.0, growth=0.0, seed=0):
    """Return both sides of trade in which each reporter splits by the given weights."""
    rng = np.random.default_rng(seed)
    sources = sorted({source for source, _ in pairs})
    before, after = {}, {}
    for number in range(reporters):
        name, grows = f"R{number:02}", np.exp(rng.normal(0, growth))
        bought = dict(zip(sources, rng.lognormal(10, 1, len(sources)), strict=True))
        before |= {(name, source): value for source, value in bought.items()}
        for (source, target), weight in zip(pairs, weights, strict=True):
            part = bought[source] * weight * grows * np.exp(rng.normal(0, noise))
            after[name, target] = after.get((name, target), 0.0) + part
    return side(before), side(after)


def test_a_split_is_the_share_that_reporters_show():
    """One reporter, 30 of 100 under A and 70 under B."""
    found = concordance_weights(
        table(SPLIT), side({("X", "a"): 100}), side({("X", "A"): 30, ("X", "B"): 70})
    )
    assert column(found) == pytest.approx({("a", "A"): 0.3, ("a", "B"): 0.7}, abs=EXACT)


def test_two_reporters_are_weighed_by_least_squares():
    """Shares 0.2 of 100 and 0.8 of 300: (0.2*100² + 0.8*300²) / (100² + 300²) = 0.74."""
    found = concordance_weights(
        table(SPLIT),
        side({("X", "a"): 100, ("Y", "a"): 300}),
        side({("X", "A"): 20, ("X", "B"): 80, ("Y", "A"): 240, ("Y", "B"): 60}),
    )
    assert column(found)["a", "A"] == pytest.approx(0.74, abs=EXACT)
    # Misplaced: |20-74| and |240-222| on each side of 400.
    assert only(found)["residual_share"] == pytest.approx((54 + 18) / 400, abs=EXACT)


def test_growth_between_the_years_is_no_change_of_code():
    before = side({("X", "a"): 100, ("Y", "a"): 300})
    after = side({("X", "A"): 60, ("X", "B"): 140, ("Y", "A"): 9, ("Y", "B"): 21})
    found = concordance_weights(table(SPLIT), before, after)
    assert column(found)["a", "A"] == pytest.approx(0.3, abs=EXACT)
    assert only(found)["residual_share"] == pytest.approx(0.0, abs=EXACT)


@pytest.mark.parametrize("seed", range(3))
def test_planted_weights_of_many_to_many_links_are_recovered(seed):
    rng = np.random.default_rng(seed)
    pairs = [(f"s{i}", f"t{(i + k) % 12}") for i in range(12) for k in range(3)]
    planted = rng.dirichlet([0.5] * 3, 12).ravel()
    trade = world(pairs, planted, 40, growth=0.3, seed=seed)
    found = concordance_weights(table(pairs), *trade)
    assert np.abs(np.array(found.links["weight"]) - planted).max() < EXACT
    assert all(column(found, "identified").values())
    assert only(found) | {"residual_share": 0} == {
        "component": 0,
        "sources": 12,
        "targets": 12,
        "links": 36,
        "identified": 36,
        "reporters": 40,
        "residual_share": 0,
        "solved": True,
    }


def test_under_noise_errors_are_as_large_as_their_standard_errors_say():
    """Ten worlds of 12 codes, 5% noise: nine of ten weights lie within two standard errors."""
    pairs = [(f"s{i}", f"t{(i + k) % 12}") for i in range(12) for k in range(2)]
    off, known = [], []
    for seed in range(10):
        planted = np.random.default_rng(seed).dirichlet([2.0] * 2, 12).ravel()
        found = concordance_weights(table(pairs), *world(pairs, planted, 40, 0.05, 0.2, seed))
        error = np.abs(np.array(found.links["weight"]) - planted)
        off.append(error / np.array(found.links["se"]))
        known.append(error[np.array(found.links["identified"])])
    assert np.mean(np.concatenate(off) <= 2) > 0.9
    assert np.median(np.concatenate(off)) > 0.2
    assert np.concatenate(known).max() < 2 * WORST


def test_noisy_weights_are_those_of_a_general_solver():
    """SLSQP on the same sum of squares under the same constraints, 30% noise."""
    from scipy.optimize import minimize

    planted = [0.9, 0.1, 0.2, 0.8]
    before, after = world(SHARED, planted, 12, noise=0.3, seed=4)
    names = sorted(set(before["reporter"].to_pylist()))
    x, y = np.zeros((12, 2)), np.zeros((12, 3))
    for matrix, table_, codes in ((x, before, "ab"), (y, after, "ABC")):
        for one in table_.to_pylist():
            matrix[names.index(one["reporter"]), codes.index(one["product"])] = one["value_usd"]
    y *= (x.sum(axis=1) / y.sum(axis=1))[:, None]

    def loss(b):
        shares = np.array([[b[0], 1 - b[0], 0], [0, b[1], 1 - b[1]]])
        return (((y - x @ shares) / x.sum()) ** 2).sum() * 1e4

    best = minimize(loss, [0.5, 0.5], bounds=[(0, 1)] * 2, method="SLSQP", tol=1e-14).x
    found = column(concordance_weights(table(SHARED), before, after))
    assert [found["a", "A"], found["b", "B"]] == pytest.approx(best, abs=1e-6)


def test_a_code_drowned_by_the_noise_of_a_large_one_is_not_identified():
    """b is a thousand times a, and both are divided between the same two targets."""
    pairs = [("a", "A"), ("a", "B"), ("b", "A"), ("b", "B")]
    before, after = world(pairs, [0.5] * 4, 30, noise=0.1, seed=2)
    value = before["value_usd"].to_numpy() * np.where(before["product"].to_numpy() == "a", 1e-3, 1)
    small = before.set_column(2, "value_usd", pa.array(value))
    found = concordance_weights(table(pairs), small, after)
    assert column(found, "se")["a", "A"] > WORST
    known = {pair for pair, is_known in column(found, "identified").items() if is_known}
    assert known == {("b", "A"), ("b", "B")}


def test_a_link_is_as_certain_as_the_others_of_its_code_together():
    """Z has more links than there are reporters; a's other link stands alone."""
    pairs = [("a", "A"), *[(source, "Z") for source in "abcde"], ("b", "B")]
    found = concordance_weights(table(pairs), *world(pairs, [0.4, 0.6, 0.7, 1, 1, 1, 0.3], 4, 0.02))
    errors = column(found, "se")
    assert 0 < errors["a", "Z"] == pytest.approx(errors["a", "A"])
    assert errors["c", "Z"] == 0
    pairs = [("a", "A"), ("a", "B"), ("b", "B"), ("b", "C")]
    errors = column(concordance_weights(table(pairs), *world(pairs, [0.5] * 4, 20, 0.1)), "se")
    assert errors["a", "B"] <= errors["a", "A"] * (1 + 1e-9)
    assert errors["b", "B"] <= errors["b", "C"] * (1 + 1e-9)


def test_codes_in_proportion_are_identified_where_each_has_a_target_of_its_own():
    before, after = {}, {}
    for number, size in enumerate([100.0, 250.0, 40.0, 70.0]):
        name = f"R{number}"
        before |= {(name, "a"): size, (name, "b"): 2 * size}
        after |= {(name, "A"): 0.3 * size, (name, "B"): 1.7 * size, (name, "C"): size}
    found = concordance_weights(table(SHARED), side(before), side(after))
    assert all(column(found, "identified").values())
    assert column(found)["a", "B"] == pytest.approx(0.7, abs=EXACT)
    assert found.weights.num_rows == 4


def test_rows_of_one_reporter_and_code_are_added():
    before = side({("X", "a"): 50})
    twice = pa.concat_tables([side({("X", "A"): 15}), side({("X", "A"): 15, ("X", "B"): 70})])
    found = concordance_weights(table(SPLIT), pa.concat_tables([before, before]), twice)
    assert column(found)["a", "A"] == pytest.approx(0.3, abs=EXACT)


def test_weights_are_never_negative_and_sum_to_one_whatever_the_books_say():
    """Under A came more than left a: least squares alone would give B a negative weight."""
    found = concordance_weights(
        table(SHARED),
        side({("X", "a"): 10, ("X", "b"): 90, ("Y", "a"): 90, ("Y", "b"): 10}),
        side({("X", "A"): 90, ("X", "C"): 10, ("Y", "A"): 95, ("Y", "C"): 5}),
    )
    weights = column(found)
    assert min(weights.values()) >= 0
    for source in "ab":
        total = sum(weight for (code, _), weight in weights.items() if code == source)
        assert total == pytest.approx(1, abs=1e-12)
    assert weights["a", "A"] == pytest.approx(1, abs=EXACT)


def test_components_are_solved_apart_and_single_links_are_certain():
    pairs = [*SPLIT, ("c", "C"), ("d", "C")]
    trade = {("X", "a"): 100, ("X", "c"): 5, ("X", "d"): 6}
    found = concordance_weights(
        table(pairs), side(trade), side({("X", "A"): 50, ("X", "B"): 50, ("X", "C"): 99})
    )
    assert column(found)["c", "C"] == column(found)["d", "C"] == 1
    assert column(found, "se")["c", "C"] == 0
    assert column(found, "identified")["c", "C"]
    sizes = [(row["sources"], row["targets"]) for row in found.components.to_pylist()]
    assert sizes == [(1, 2), (2, 1)]
    assert found.components["residual_share"].to_pylist()[1] == pytest.approx(0)


def test_codes_that_reporters_trade_in_proportion_are_not_identified():
    """Every reporter buys twice as much of b as of a: which part of B is a's cannot be known."""
    pairs = [*SHARED, ("a", "C"), ("b", "A")]
    before, after = {}, {}
    for number, size in enumerate([100.0, 250.0, 40.0, 70.0]):
        name = f"R{number}"
        before |= {(name, "a"): size, (name, "b"): 2 * size}
        after |= {(name, "A"): size, (name, "B"): size, (name, "C"): size}
    found = concordance_weights(table(pairs), side(before), side(after))
    assert not any(column(found, "identified").values())
    assert column(found) == pytest.approx(dict.fromkeys(pairs, 1 / 3), abs=0.01)
    assert found.weights.num_rows == 0
    assert only(found)["identified"] == 0
    assert only(found)["residual_share"] == pytest.approx(0, abs=EXACT)


def test_the_last_open_link_of_a_code_follows_from_the_others():
    """b and c trade in proportion, and a third code, a, is divided among targets of its own too."""
    pairs = [("a", "A"), ("a", "B"), ("b", "B"), ("b", "C"), ("c", "B"), ("c", "C")]
    before, after = {}, {}
    rng = np.random.default_rng(1)
    for number in range(6):
        a, b = rng.lognormal(5, 1, 2)
        name = f"R{number}"
        before |= {(name, "a"): a, (name, "b"): b, (name, "c"): 3 * b}
        after |= {(name, "A"): 0.4 * a, (name, "B"): 0.6 * a + 2 * b, (name, "C"): 2 * b}
    found = concordance_weights(table(pairs), side(before), side(after))
    known = {pair for pair, is_known in column(found, "identified").items() if is_known}
    assert known == {("a", "A"), ("a", "B")}
    assert set(found.weights["source"].to_pylist()) == {"a"}
    assert column(found)["a", "A"] == pytest.approx(0.4, abs=EXACT)


def test_a_code_nobody_trades_stays_at_equal_parts_and_open():
    found = concordance_weights(
        table([*SHARED]),
        side({("X", "a"): 10, ("Y", "a"): 30}),
        side({("X", "A"): 5, ("X", "B"): 5, ("Y", "A"): 15, ("Y", "B"): 15}),
    )
    assert column(found)["b", "B"] == column(found)["b", "C"] == 0.5
    assert np.isinf(column(found, "se")["b", "B"])
    assert not column(found, "identified")["b", "B"]


def test_a_component_nobody_trades_or_that_is_too_large_is_not_solved(monkeypatch):
    pairs = [*SPLIT, ("c", "C"), ("c", "D")]
    trade = side({("X", "a"): 10}), side({("X", "A"): 2, ("X", "B"): 8})
    found = concordance_weights(table(pairs), *trade)
    assert found.components["solved"].to_pylist() == [True, False]
    assert found.components["residual_share"].to_pylist()[1] is None
    assert column(found)["c", "C"] == 0.5
    monkeypatch.setattr(module, "LARGEST", 1)
    found = concordance_weights(table(pairs), *trade)
    assert found.components["solved"].to_pylist() == [False, False]
    assert not any(column(found, "identified").values())


def test_a_solver_that_gives_up_is_said_so(monkeypatch):
    def gives_up(*_args, **_options):
        raise RuntimeError("Maximum number of iterations reached.")

    monkeypatch.setattr(module, "nnls", gives_up)
    found = concordance_weights(
        table(SPLIT), side({("X", "a"): 1}), side({("X", "A"): 1, ("X", "B"): 0})
    )
    assert only(found)["solved"] is False
    assert column(found, "se") == {("a", "A"): np.inf, ("a", "B"): np.inf}


def test_codes_without_links_are_left_out():
    trade = {("X", "a"): 100, ("X", "zz"): 1e9}, {("X", "A"): 30, ("X", "B"): 70, ("X", "zz"): 1e9}
    found = concordance_weights(table(SPLIT), *(side(one) for one in trade))
    assert column(found)["a", "A"] == pytest.approx(0.3, abs=EXACT)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ({}, {}, "no reporter; give reporters with trade before and after"),
        ({("X", "a"): 1, ("Y", "a"): 1}, {("X", "A"): 1}, "Y with one side only"),
        ({("X", "a"): -1}, {("X", "A"): 1}, "negative or null"),
        ({("X", "a"): 1}, {("X", "A"): float("nan")}, "negative or null"),
    ],
)
def test_trade_that_shows_one_side_or_no_amount_is_refused(before, after, words):
    with pytest.raises(CoverageError, match=words):
        concordance_weights(table(SPLIT), side(before), side(after))
