"""Bounds against cases solved by hand, enumeration, simulated and planted flows, and scaling."""

from datetime import date
from itertools import product as combinations

import numpy as np
import pytest
from scipy.optimize import linprog

from entrepot.demo.places import COALITION
from entrepot.errors import CoverageError, EntrepotError, UnknownCodeError
from entrepot.estimate.attribution_bounds import attribution_bounds, read_books
from entrepot.measures.attribution import attribution
from support import planted
from support.sampled import costly

TIGHT = 1e-5
"""HiGHS is exact to 1e-7 of a product's trade; the amounts here are below 100."""


def table(*rows):
    return np.array(rows, dtype=np.float64)


def bounds(inflows, outflow, elsewhere=None, **options):
    """Bounds of one product, {origin: (low, high)}, from a list of months per origin."""
    inflows = {name: table(months) for name, months in inflows.items()}
    outflow = table(outflow)
    elsewhere = np.zeros_like(outflow) if elsewhere is None else table(elsewhere)
    total = sum(inflows.values())
    found = attribution_bounds(
        inflows, total=total, outflow=outflow, elsewhere=elsewhere, **options
    )
    pairs = zip(found.low[:, 0], found.high[:, 0], strict=True)
    return found, dict(zip(found.origins, [tuple(pair) for pair in pairs], strict=True))


def near(low, high):
    return pytest.approx((low, high), abs=TIGHT)


def test_what_the_other_origin_cannot_cover_must_come_from_this_one():
    """A brings 100, B 30; 90 go to the destination: at least 60 are A's, and B's may be none."""
    found, pairs = bounds({"A": [100], "B": [30]}, [90])
    assert pairs == {"A": near(60, 90), "B": near(0, 30)}
    assert found.statement == ""
    assert found.unexplained.tolist() == found.unplaced.tolist() == [0]


def test_goods_sold_elsewhere_leave_room_for_either_origin():
    """20 go elsewhere: B's 30 may be in them, so A's 100 can fill the rest."""
    _, pairs = bounds({"A": [100], "B": [30]}, [110], [20])
    assert pairs == {"A": near(80, 100), "B": near(10, 30)}


def test_nothing_can_leave_before_it_came():
    """B's goods come a month too late for the first 40, which must be A's."""
    _, pairs = bounds({"A": [50, 0], "B": [0, 100]}, [40, 20])
    assert pairs == {"A": near(40, 50), "B": near(10, 20)}


def test_stock_carries_goods_over_and_a_limit_on_it_does_not():
    """B's goods of January can be sold in February only as far as they can be held."""
    books = {"A": [0, 100], "B": [100, 0]}
    assert bounds(books, [0, 100])[1]["B"] == near(0, 100)
    assert bounds(books, [0, 100], stock=30)[1] == {"A": near(70, 100), "B": near(0, 30)}
    found, pairs = bounds(books, [0, 100], stock=0)
    assert pairs == {"A": near(100, 100), "B": near(0, 0)}
    assert found.statement == ""


def test_goods_that_can_be_neither_used_nor_held_are_named():
    """100 come, 20 leave, 10 may be used and 30 held a month: 40 have no place."""
    found, pairs = bounds({"A": [60], "B": [40]}, [20], domestic=10, stock=30)
    assert found.unplaced == pytest.approx([40], abs=TIGHT)
    assert "inflow exceeds exports and the bounds on use and stock by 40 (products: 1)" in (
        found.statement
    )
    assert pairs == {"A": near(0, 20), "B": near(0, 20)}
    found, _ = bounds({"A": [60], "B": [40]}, [20], domestic=50, stock=30)
    assert found.statement == ""


def test_exports_beyond_what_came_are_unexplained_and_can_stand_for_any_origin_but_no_more():
    """150 go out, 130 came: 20 from nowhere, so A's 100 are in it and B's 30 too, to the last."""
    found, pairs = bounds({"A": [100], "B": [30]}, [150])
    assert pairs == {"A": near(100, 100), "B": near(30, 30)}
    assert found.unexplained == pytest.approx([20], abs=TIGHT)
    assert found.statement.startswith("exports exceed what came in by 20 (products: 1): made at")


def test_unexplained_goods_may_have_gone_to_either_place():
    """20 from nowhere may all be among the 60 to the destination: only 40 must have come."""
    found, pairs = bounds({"A": [100]}, [60], [60])
    assert pairs == {"A": near(40, 60)}
    assert found.unexplained == pytest.approx([20], abs=TIGHT)


def test_exports_before_any_inflow_are_unexplained():
    found, pairs = bounds({"A": [0, 50]}, [10, 10])
    assert found.unexplained == pytest.approx([10], abs=TIGHT)
    assert pairs == {"A": near(10, 10)}


def test_a_markup_lets_what_came_leave_for_more():
    """What cost 100 fetches up to 110: A's share is at most 110, and B's 50 cover at most 55."""
    found, pairs = bounds({"A": [100], "B": [50]}, [120], markup=0.1)
    assert pairs == {"A": near(65, 110), "B": near(10, 55)}
    assert found.statement == ""
    found, _ = bounds({"A": [100], "B": [50]}, [120], [60], markup=0.1)
    assert found.unexplained == pytest.approx([15], abs=TIGHT)


def test_a_markup_is_not_needed_to_place_goods():
    """At home 10 are used at the most; what left for 100 cost 91 to 100, so 101 to 110 fit."""
    for came, missing in ((101, 0), (110, 0), (115, 5)):
        found, _ = bounds({"A": [came]}, [100], markup=0.1, domestic=10, stock=0)
        assert found.unplaced == pytest.approx([missing], abs=TIGHT)
        assert found.unexplained == pytest.approx([0], abs=TIGHT)


def test_a_group_must_bring_more_than_its_members():
    """Each of two members can be replaced by the other, but both together cannot."""
    a, b, c = table([50]), table([50]), table([10])
    found = attribution_bounds(
        {"A": a, "B": b, "A and B": a + b},
        total=a + b + c,
        outflow=table([60]),
        elsewhere=table([0]),
    )
    assert found.low[:, 0] == pytest.approx([0, 0, 50], abs=TIGHT)
    assert found.high[:, 0] == pytest.approx([50, 50, 60], abs=TIGHT)


def test_products_are_solved_each_by_itself_and_added_in_the_rows():
    inflows = {"A": table([100, 0], [0, 0]), "B": table([30, 0], [0, 7])}
    found = attribution_bounds(
        inflows,
        total=sum(inflows.values()),
        outflow=table([0, 90], [0, 5]),
        elsewhere=table([0, 0], [0, 0]),
    )
    assert found.low == pytest.approx(table([60, 0], [0, 5]), abs=TIGHT)
    assert found.high == pytest.approx(table([90, 0], [30, 5]), abs=TIGHT)
    a, b = found.rows()
    assert (a["origin"], b["origin"]) == ("A", "B")
    assert (b["low_usd"], b["high_usd"]) == near(5, 35)
    assert (a["outflow_usd"], a["unexplained_usd"], a["unplaced_usd"]) == (95, 0, 0)
    assert a["statement"] == ""


def test_without_exports_or_origins_there_is_nothing_to_bound():
    found, pairs = bounds({"A": [5], "B": [0]}, [0], [3])
    assert pairs == {"A": (0, 0), "B": (0, 0)}
    none = attribution_bounds({}, total=table([5]), outflow=table([3]), elsewhere=table([0]))
    assert (none.rows(), none.low.shape) == ([], (0, 1))
    found, pairs = bounds({"A": [0]}, [0])
    assert (pairs, found.statement) == ({"A": (0, 0)}, "")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"total": table([1, 2])}, "tables of shape"),
        ({"inflows": {"A": np.ones(1)}}, "tables of shape"),
        ({"outflow": table([-1.0])}, "negative or missing"),
        ({"elsewhere": table([np.nan])}, "negative or missing"),
        ({"domestic": -1.0}, "negative or missing"),
        ({"stock": np.inf}, "negative or missing"),
        ({"inflows": {"A": table([9])}}, "exceeds the total"),
        ({"markup": -0.1}, "markup of -0.1"),
    ],
)
def test_books_that_cannot_be_are_refused(changes, told):
    asked = {
        "inflows": {"A": table([1])},
        "total": table([2]),
        "outflow": table([1]),
        "elsewhere": table([0]),
    }
    with pytest.raises(EntrepotError, match=told):
        attribution_bounds(**asked | changes)


def splits(amount, parts):
    """Every way to write a whole number as a sum of so many."""
    if parts == 1:
        return [(amount,)]
    return [(n, *rest) for n in range(amount + 1) for rest in splits(amount - n, parts - 1)]


def enumerated(inflows, outflow, elsewhere):
    """Every outcome in whole units: {origin: (least, most)} where least is unexplained."""
    count = len(inflows)
    states = {((0,) * count, (0,) * count, 0)}
    for month in range(len(outflow)):
        after = set()
        for stock, reached, lost in states:
            held = [stock[o] + inflows[o][month] for o in range(count)]
            for to in splits(outflow[month], count + 1):
                for off in splits(elsewhere[month], count + 1):
                    left = tuple(held[o] - to[o] - off[o] for o in range(count))
                    if min(left) >= 0:
                        arrived = tuple(reached[o] + to[o] for o in range(count))
                        after.add((left, arrived, lost + to[-1] + off[-1]))
        states = after
    least = min(lost for _, _, lost in states)
    kept = [reached for _, reached, lost in states if lost == least]
    return least, [(min(r[o] for r in kept), max(r[o] for r in kept)) for o in range(count)]


@pytest.mark.parametrize("seed", range(25))
def test_small_problems_agree_with_enumeration(seed):
    """Three origins, up to three months, whole units: the extremes of a flow problem are whole."""
    chance = np.random.default_rng(seed)
    months = int(chance.integers(1, 4))
    inflows = chance.integers(0, 4, (3, months)).tolist()
    outflow, elsewhere = chance.integers(0, 4, (2, months)).tolist()
    least, expected = enumerated(inflows, outflow, elsewhere)
    found, pairs = bounds(dict(zip("ABC", inflows, strict=True)), outflow, elsewhere)
    assert found.unexplained == pytest.approx([least], abs=TIGHT)
    for name, (low, high) in zip("ABC", expected, strict=True):
        assert pairs[name] == near(low, high)


def test_every_small_problem_of_one_month_agrees_with_enumeration():
    cases = list(combinations(range(3), range(4), range(4), range(3)))
    a, b, outflow, elsewhere = np.array(cases, dtype=np.float64).T[:, :, None]
    found = attribution_bounds({"A": a, "B": b}, total=a + b, outflow=outflow, elsewhere=elsewhere)
    for row, (of_a, of_b, out, other) in enumerate(cases):
        least, expected = enumerated([[of_a], [of_b]], [out], [other])
        assert found.unexplained[row] == pytest.approx(least, abs=TIGHT)
        for origin, (low, high) in enumerate(expected):
            assert (found.low[origin, row], found.high[origin, row]) == near(low, high)


def simulated(seed, markup=0.0):
    """Goods of four origins in one stock, used and sold at random: the books and the truth."""
    chance = np.random.default_rng(seed)
    origins, products, months = 4, 3, 6
    came = chance.gamma(0.5, 20, (origins, products, months))
    stock = np.zeros((origins, products))
    sent, other, used = (np.zeros((origins, products, months)) for _ in range(3))
    held = np.zeros((products, months))
    for month in range(months):
        stock += came[:, :, month]
        for to, most in ((sent, 0.5), (other, 0.4), (used, 0.5)):
            share = chance.random((origins, products)) * most
            to[:, :, month] = stock * share
            stock = stock * (1 - share)
        held[:, month] = stock.sum(axis=0)
    price = 1 + markup * chance.random((2, *came.shape))
    return came, sent * price[0], other * price[1], used.sum(axis=0), held


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("markup", [0.0, 0.3])
def test_bounds_contain_the_truth_of_simulated_flows(seed, markup):
    came, sent, other, used, held = simulated(seed, markup)
    books = {
        "inflows": dict(zip("ABCD", came, strict=True)),
        "total": came.sum(axis=0),
        "outflow": sent.sum(axis=0),
        "elsewhere": other.sum(axis=0),
    }
    truth = sent.sum(axis=2)
    free = attribution_bounds(**books, markup=markup)
    tight = attribution_bounds(**books, markup=markup, domestic=used, stock=held)
    for found in (free, tight):
        assert found.statement == ""
        assert (found.low <= truth + TIGHT).all()
        assert (found.high >= truth - TIGHT).all()
    assert (tight.low >= free.low - TIGHT).all()
    assert (tight.high <= free.high + TIGHT).all()


def spelt_out(came, sent, other, markup, used, held):
    """The least and most of each origin of one product, every origin with variables of its own."""
    origins, months = came.shape
    kinds = ("sent", "other", "used", "held", "added", "unplaced")
    names = [(k, o, t) for k in kinds for o in range(origins) for t in range(months)]
    names += [("missing", to, t) for to in ("sent", "other") for t in range(months)]
    at = {name: number for number, name in enumerate(names)}

    def line(terms):
        row = np.zeros(len(names))
        for name, factor in terms:
            row[at[name]] += factor
        return row

    equal, most = [], []
    for t in range(months):
        for o in range(origins):
            out = [(k, 1) for k in ("sent", "other", "used", "held", "unplaced")] + [("added", -1)]
            terms = [((k, o, t), factor) for k, factor in out]
            terms += [(("held", o, t - 1), -1)] if t else []
            equal.append((line(terms), came[o, t]))
            part = markup / (1 + markup)
            terms = [(("added", o, t), 1), (("sent", o, t), -part), (("other", o, t), -part)]
            most.append((line(terms), 0.0))
        for to, amount in (("sent", sent[t]), ("other", other[t])):
            terms = [((to, o, t), 1) for o in range(origins)] + [(("missing", to, t), 1)]
            equal.append((line(terms), amount))
        for kind, amount in (("used", used[t]), ("held", held[t])):
            most.append((line([((kind, o, t), 1) for o in range(origins)]), amount))
    slack = line([(name, 1) for name in names if name[0] in ("unplaced", "missing")])

    def best(goal, rows):
        a_ub, b_ub = zip(*rows, strict=True)
        a_eq, b_eq = zip(*equal, strict=True)
        return linprog(goal, np.array(a_ub), b_ub, np.array(a_eq), b_eq, method="highs").fun

    least = best(slack, most)
    most.append((slack, least + 1e-9))
    goals = [line([(("sent", o, t), 1) for t in range(months)]) for o in range(origins)]
    return least, [(best(goal, most), -best(-goal, most)) for goal in goals]


@pytest.mark.parametrize("seed", range(8))
def test_own_and_other_goods_are_enough_kinds(seed):
    """Bounds with limits and a markup, against a programme that keeps every origin apart."""
    chance = np.random.default_rng(seed)
    came = chance.gamma(0.5, 20, (3, 4))
    sent, other = chance.gamma(0.7, 12, (2, 4))
    used, held = chance.gamma(1, 8, (2, 4))
    least, expected = spelt_out(came, sent, other, 0.2, used, held)
    found, pairs = bounds(
        dict(zip("ABC", came, strict=True)),
        sent,
        other,
        markup=0.2,
        domestic=table(used),
        stock=table(held),
    )
    assert found.unexplained + found.unplaced == pytest.approx([least], abs=10 * TIGHT)
    for name, (low, high) in zip("ABC", expected, strict=True):
        assert pairs[name] == pytest.approx((low, high), abs=10 * TIGHT)


@pytest.mark.parametrize("seed", range(3))
def test_the_unit_does_not_matter(seed):
    came, sent, other, _, _ = simulated(seed)

    def found(scale):
        return attribution_bounds(
            dict(zip("ABCD", came * scale, strict=True)),
            total=came.sum(axis=0) * scale,
            outflow=sent.sum(axis=0) * scale,
            elsewhere=other.sum(axis=0) * scale,
        )

    plain, scaled = found(1.0), found(1e6)
    assert scaled.low == pytest.approx(plain.low * 1e6, rel=1e-4, abs=1.0)
    assert scaled.high == pytest.approx(plain.high * 1e6, rel=1e-4, abs=1.0)


def row(partner, flow, month, usd, **changes):
    return {
        "reporter": "KAZ",
        "partner": partner,
        "flow": flow,
        "period": date(2022, month, 1),
        "value_usd": float(usd),
    } | changes


BOOKS = (
    row("DEU", "import", 1, 40),
    row("FRA", "import", 1, 10),
    row("CHN", "import", 2, 20),
    row("RUS", "export", 1, 5),
    row("RUS", "export", 2, 50),
    row("KGZ", "export", 2, 8),
)
ASKED = {
    "third": "KAZ",
    "destination": "RUS",
    "origins": {"DEU": ("DEU",), "EU": ("DEU", "FRA")},
    "products": ("854231", "854110"),
    "first": "2022-01",
    "last": "2022-02",
}


def test_books_are_read_by_product_and_month(flows):
    noise = [
        row("WLD", "import", 1, 1e9),
        row("EU27", "import", 1, 1e9),
        row("RUS", "export", 2, 1e9, freq="A"),
        row("RUS", "re-export", 2, 1e9),
        row("RUS", "export", 2, 1e9, product="8542"),
        row("DEU", "import", 1, 1e9, reporter="UZB"),
        row("DEU", "import", 3, 1e9),
    ]
    books = read_books(flows(*BOOKS, *noise), **ASKED)
    assert books["inflows"]["DEU"].tolist() == [[0, 0], [40, 0]]
    assert books["inflows"]["EU"].tolist() == [[0, 0], [50, 0]]
    assert books["total"].tolist() == [[0, 0], [50, 20]]
    assert books["outflow"].tolist() == [[0, 0], [5, 50]]
    assert books["elsewhere"].tolist() == [[0, 0], [0, 8]]
    found = attribution_bounds(**books)
    assert (found.low[1, 1], found.high[1, 1]) == near(35, 50)


def test_a_month_without_the_goods_is_zero_and_a_month_without_data_is_refused(flows):
    rows = [made for made in BOOKS if made["period"].month == 1]
    seen = [row("WLD", flow, 2, 0, product="presence") for flow in ("import", "export")]
    assert read_books(flows(*rows, *seen), **ASKED)["total"].tolist() == [[0, 0], [50, 0]]
    with pytest.raises(CoverageError, match="KAZ published no exports for 2022-02 and 0 more of 2"):
        read_books(flows(*rows, seen[0]), **ASKED)
    with pytest.raises(CoverageError, match="no imports for 2022-02"):
        read_books(flows(*rows, seen[1]), **ASKED)


@pytest.mark.parametrize(
    ("changes", "error", "told"),
    [
        ({"last": "2021-12"}, CoverageError, "2022-01 to 2021-12 is no window"),
        ({"first": "January"}, CoverageError, "January to 2022-02 is no window"),
        ({"origins": {"EU": ("EU27",)}}, CoverageError, "EU27 sums countries"),
        ({"origins": {"DE": ("DE",)}}, UnknownCodeError, "'DE'"),
    ],
)
def test_what_cannot_be_read_is_refused(flows, changes, error, told):
    with pytest.raises(error, match=told):
        read_books(flows(*BOOKS), **ASKED | changes)


@pytest.mark.parametrize("seed", range(3))
def test_proportional_attribution_lies_within_the_bounds(flows, seed):
    """In a month whose whole inflow is new and covers all exports, the mix is one solution."""
    chance = np.random.default_rng(seed)
    came = chance.integers(1, 100, 2)
    out = chance.integers(1, came.sum(), 1)
    last_year = [row("RUS", flow, 1, 0, period=date(2021, 1, 1)) for flow in ("import", "export")]
    world = flows(
        row("DEU", "import", 1, came[0]),
        row("FRA", "import", 1, came[1]),
        row("RUS", "export", 1, out[0]),
        *last_year,
    )
    asked = {"third": "KAZ", "destination": "RUS", "products": ("854231",)}
    window = {"first": "2022-01", "last": "2022-01"}
    parts = attribution(world, coalition=("DEU", "FRA"), base=(2021,), lag=0, **asked, **window)
    origins = {"DEU": ("DEU",), "FRA": ("FRA",)}
    found = attribution_bounds(**read_books(world, origins=origins, **asked, **window))
    given = {r["origin"]: r["attributed_usd"] for r in parts.to_pyarrow().to_pylist()}
    assert sum(given.values()) == pytest.approx(out[0])
    for bound in found.rows():
        assert bound["low_usd"] - TIGHT <= given[bound["origin"]] <= bound["high_usd"] + TIGHT


@costly
@pytest.mark.parametrize("third", ["TUR", "KGZ"])
def test_the_planted_diversion_lies_within_the_bounds(third):
    """From the war on, makers' planted parts of the exports to Russia, home-made goods included."""
    first, last = "2022-03", "2023-12"
    truth = planted.sold(third, first, last)
    makers = sorted({*truth} - {third})
    origins = {maker: (maker,) for maker in makers} | {"coalition": tuple(COALITION)}
    books = read_books(
        planted.books(third),
        third=third,
        destination="RUS",
        origins=origins,
        products=planted.products(),
        first=first,
        last=last,
    )
    home = np.zeros_like(books["total"])
    for code, day, usd in planted.made_at_home(third, first, last):
        at = (day.year - 2022) * 12 + day.month - 3
        home[planted.products().index(code), at] = usd
    books["inflows"][third] = home
    books["total"] = books["total"] + home
    found = {row["origin"]: row for row in attribution_bounds(**books, markup=0.35).rows()}
    truth["coalition"] = sum(truth[maker] for maker in makers if maker in COALITION)
    assert len(truth) > 15
    for origin, usd in truth.items():
        assert found[origin]["low_usd"] - 1 <= usd <= found[origin]["high_usd"] + 1
    assert found["coalition"]["statement"] == ""
    assert found["coalition"]["low_usd"] > 0.2 * found["coalition"]["outflow_usd"]
