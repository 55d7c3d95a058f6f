"""Excess trade against values worked by hand, brute force on random worlds, and invariances."""

import random
from datetime import date
from math import exp, log, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.errors import CoverageError
from entrepot.measures.excess_trade import excess_trade
from support.random_world import FEW, GOODS, WHO, random_world
from support.sampled import some

ASKED = {
    "reporters": ("DEU",),
    "partners": ("KAZ",),
    "products": ("854231",),
    "first": "2022-01",
    "last": "2022-02",
    "base": (2021,),
    "control_partners": ("POL",),
}


def month(year, number, usd, **changes):
    plain = {"reporter": "DEU", "partner": "KAZ", "flow": "export", "value_usd": float(usd)}
    return plain | {"period": date(year, number, 1)} | changes


def control(year, number, usd, **changes):
    return month(year, number, usd, partner="POL") | changes


def one(table):
    (row,) = table.to_pyarrow().to_pylist()
    return row


WORLD = [
    *(month(2021, 1, 10), month(2021, 2, 30), month(2022, 1, 90), month(2022, 2, 40)),
    *(control(2021, 1, 50), control(2021, 2, 50), control(2022, 1, 50), control(2022, 2, 150)),
]


def test_known_value(flows):
    """Control doubles, 100 to 200, so 20 and 60 are expected; 90 and 40 came."""
    row = one(excess_trade(flows(*WORLD), **ASKED))
    assert (row["value_usd"], row["counterfactual_usd"], row["control_growth"]) == (130, 80, 2)
    assert (row["excess_usd"], row["excess_positive_usd"]) == (50, 70)
    assert (row["uncontrolled_usd"], row["cells"], row["months"]) == (0, 4, 2)
    assert (row["reporter_months"], row["reporter_months_expected"]) == (2, 2)


FLAT = [control(year, 1, 60) for year in (2019, 2020, 2021, 2022)]
YEARS = {"last": "2022-01", "base": (2019, 2020, 2021)}
ENDS = ("excess_low_usd", "excess_high_usd", "positive_by_chance_usd")


def own(*values):
    """The goods in January of the years up to 2022."""
    return [month(2023 - len(values) + n, 1, usd) for n, usd in enumerate(values)]


def test_the_interval_comes_from_base_years_predicted_by_the_others(flows):
    """Base years of 10, 40 and 40 are predicted as 40, 25 and 25; the window as 30.

    Student's 95% point with two degrees of freedom is 2.92. Above what was predicted lie 15 and 15
    of 90, so a third of the window's 30.
    """
    row = one(excess_trade(flows(*FLAT, *own(10, 40, 40, 100)), **ASKED | YEARS))
    squares = log(10 / 40) ** 2 + 2 * log(40 / 25) ** 2
    reach = exp(2.920 * sqrt(squares * 8 / 27))
    assert (row["counterfactual_usd"], row["excess_usd"]) == (30, 70)
    assert row["excess_interval"] == "nine in ten"
    assert row["excess_low_usd"] == pytest.approx(100 - 30 * reach)
    assert row["excess_high_usd"] == pytest.approx(100 - 30 / reach)
    assert row["positive_by_chance_usd"] == pytest.approx(10)


def test_a_base_year_is_predicted_from_its_control_too(flows):
    """Where the goods are always half the control, nothing is left to chance."""
    table = flows(
        *(control(2019 + n, 1, usd) for n, usd in enumerate((20, 80, 40, 120))),
        *own(10, 40, 20, 90),
    )
    row = one(excess_trade(table, **ASKED | YEARS))
    assert row["excess_usd"] == pytest.approx(30)
    assert [row[end] for end in ENDS] == pytest.approx([30, 30, 0])


@pytest.mark.parametrize(
    ("count", "t95"), [(4, 2.353), (5, 2.132), (12, 1.796), (13, 1.796), (14, 1.796)]
)
def test_more_base_years_come_with_their_own_students_t(flows, count, t95):
    """One year of two, all others of one; the table of t ends with eleven degrees of freedom."""
    years = range(2022 - count, 2022)
    table = flows(
        *(control(year, 1, 60) for year in (*years, 2022)), *own(*[1] * (count - 1), 2, 9)
    )
    row = one(excess_trade(table, **ASKED | YEARS | {"base": tuple(years)}))
    squares = log(2) ** 2 + (count - 1) * log((count - 1) / count) ** 2
    reach = exp(t95 * sqrt(squares * (count**2 - 1) / count**3))
    assert row["excess_high_usd"] == pytest.approx(9 - (count + 1) / count / reach)
    assert row["excess_low_usd"] == pytest.approx(9 - (count + 1) / count * reach)


@pytest.mark.parametrize(
    ("rows", "base", "why"),
    [
        (own(20, 20, 90), (2020, 2021), "fewer than three base years"),
        (own(20, 90), (2021,), "fewer than three base years"),
        (own(20, 0, 20, 90), (2019, 2020, 2021), "no trade in one of the years"),
        (own(20, 0, 0, 90), (2019, 2020, 2021), "no trade in one of the years"),
        (own(0, 0, 0, 90), (2019, 2020, 2021), "no trade in one of the years"),
    ],
)
def test_without_a_spread_to_go_by_the_interval_is_null_and_says_why(flows, rows, base, why):
    row = one(excess_trade(flows(*FLAT, *rows), **ASKED | YEARS | {"base": base}))
    assert row["excess_interval"] == why
    assert [row[end] for end in ENDS] == [None] * 3
    assert row["excess_usd"] is not None


@pytest.mark.parametrize(
    ("controls", "excess", "why"),
    [
        ({2019: 60, 2022: 60}, 90 - 20 * 3, "control in one base year only"),
        ({2019: 60, 2020: 60, 2021: 60}, 90, "no trade in one of the years"),
        ({2022: 60}, None, "no control"),
    ],
)
def test_a_control_that_comes_and_goes_gives_no_interval(flows, controls, excess, why):
    silent = [control(year, 1, 1, product="010121") for year in (2019, 2020, 2021, 2022)]
    rows = [control(year, 1, usd) for year, usd in controls.items()]
    row = one(excess_trade(flows(*silent, *rows, *own(20, 20, 20, 90)), **ASKED | YEARS))
    assert (row["excess_usd"], row["excess_interval"]) == (excess, why)
    assert [row[end] for end in ENDS] == [None] * 3


def test_one_good_with_a_thin_control_leaves_the_sum_without_an_interval(flows):
    other = [row | {"product": "854232"} for row in own(20, 20, 20, 90)]
    thin = [control(year, 1, 60, product="854232") for year in (2019, 2022)]
    asked = ASKED | YEARS | {"products": GOODS}
    table = flows(*FLAT, *own(20, 20, 20, 90), *other, *thin)
    assert one(excess_trade(table, **asked))["excess_interval"] == "control in one base year only"
    rows = excess_trade(table, **asked, by=("product",)).to_pyarrow().to_pylist()
    assert {row["product"]: row["excess_interval"] for row in rows} == {
        "854231": "nine in ten",
        "854232": "control in one base year only",
    }


def test_goods_without_a_control_do_not_move_the_interval(flows):
    table = [*FLAT, *own(10, 40, 40, 100)]
    other = [row | {"product": "854232", "value_usd": 7.0} for row in own(1, 1, 1, 1)]
    asked = ASKED | YEARS | {"products": GOODS}
    rows = [one(excess_trade(flows(*more), **asked)) for more in (table, table + other)]
    assert rows[1]["uncontrolled_usd"] == 7
    assert [rows[1][end] for end in ENDS] == [rows[0][end] for end in ENDS]


def test_without_a_control_there_is_no_excess(flows):
    row = one(excess_trade(flows(*WORLD[:4]), **ASKED))
    assert (row["value_usd"], row["uncontrolled_usd"]) == (130, 130)
    assert (row["excess_usd"], row["excess_positive_usd"], row["counterfactual_usd"]) == (None,) * 3
    late = [control(2022, 1, 50)]
    assert one(excess_trade(flows(*WORLD[:4], *late), **ASKED))["excess_usd"] is None


def test_a_control_that_ended_leaves_everything_in_excess(flows):
    row = one(excess_trade(flows(*WORLD[:6]), **ASKED))
    assert (row["counterfactual_usd"], row["excess_usd"]) == (0, 130)


def test_what_has_no_control_is_kept_apart(flows):
    other = [month(2021, 1, 3, product="854232"), month(2022, 1, 7, product="854232")]
    row = one(excess_trade(flows(*WORLD, *other), **ASKED | {"products": GOODS}))
    assert (row["value_usd"], row["uncontrolled_usd"], row["excess_usd"]) == (137, 7, 50)
    assert row["control_growth"] == 2


def test_goods_new_to_the_pair_are_all_excess(flows):
    row = one(excess_trade(flows(*WORLD[2:]), **ASKED))
    assert (row["value_usd"], row["reporter_months"]) == (130, 2)
    assert (row["counterfactual_usd"], row["excess_usd"], row["control_growth"]) == (0, 130, None)


def test_published_months_without_the_goods_are_zero(flows):
    row = one(excess_trade(flows(*WORLD[4:]), **ASKED))
    assert (row["value_usd"], row["cells"], row["uncontrolled_usd"]) == (0, 0, 0)
    assert row["excess_usd"] is None


def test_other_goods_of_the_chapter_can_be_the_control(flows):
    """Listed goods, headings, other chapters and other partners are never in it."""
    goods = [month(2021, 1, 10, product="850110"), month(2022, 1, 30, product="850110")]
    noise = [
        month(2022, 1, 1e9, product=product) for product in ("8501", "854232", "840110", "presence")
    ]
    noise += [month(2022, 1, 1e9, product="850110", partner="POL")]
    noise += [row | {"period": date(2021, 1, 1), "value_usd": 7.0} for row in noise]
    asked = ASKED | {"control_partners": (), "listed": ("854232",), "last": "2022-01"}
    row = one(excess_trade(flows(*WORLD[:4], *goods, *noise), **asked))
    assert (row["control_growth"], row["excess_usd"]) == (3, 60)


def test_a_code_counts_as_control_only_if_it_was_used_in_every_year(flows):
    """One is new in 2022, one has no trade in 2021; what it was sold for elsewhere does count."""
    asked = ASKED | {"control_partners": (), "last": "2022-01", "base": (2020, 2021)}
    steady = [month(year, 1, 10, product="850110") for year in (2020, 2021)]
    steady += [month(2022, 1, 30, product="850110")]
    new = [month(2022, 1, 1e9, product="854141")]
    late = [
        month(year, 1, usd, product="850120") for year, usd in ((2020, 5), (2021, 0), (2022, 9))
    ]
    elsewhere = [month(2021, 1, 1, product="850130", partner="POL")]
    elsewhere += [month(year, 1, 10, product="850130") for year in (2020, 2022)]
    goods = [month(2020, 1, 10), month(2021, 1, 10), month(2022, 1, 90)]
    row = one(excess_trade(flows(*goods, *steady, *new, *late, *elsewhere), **asked))
    assert row["control_growth"] == pytest.approx(40 / 15)
    foreign = [row | {"reporter": "FRA"} for row in new]
    foreign += [month(year, 1, 1, product="854141", reporter="FRA") for year in (2020, 2021)]
    row = one(excess_trade(flows(*goods, *steady, *new, *foreign), **asked))
    assert row["control_growth"] == 3


def test_eleven_months_never_meet_twelve(flows):
    missing = [row for row in WORLD if row["period"] != date(2021, 2, 1)]
    row = one(excess_trade(flows(*missing), **ASKED))
    assert (row["value_usd"], row["excess_usd"], row["reporter_months"]) == (90, 80, 1)


def test_nothing_to_compare_gives_no_row(flows):
    assert excess_trade(flows(month(2022, 1, 1)), **ASKED).to_pyarrow().num_rows == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"control_partners": ("KAZ",)}, "KAZ contains"),
        ({"control_partners": ("WLD",)}, "WLD contains"),
        ({"base": (2022,)}, "no base year other than 2022"),
        ({"last": "2023-01"}, "13 months"),
    ],
)
def test_questions_without_an_answer_are_refused(flows, changes, message):
    with pytest.raises(CoverageError, match=message):
        excess_trade(flows(*WORLD), **ASKED | changes)


def brute(world, years, now, *, by, of_control, key):
    """Return value, counterfactual and both of each base year by cell, with loops."""
    published = {(r["reporter"], r["period"]) for r in world if r["flow"] == "export"}
    kept = [
        r
        for r in world
        if r["flow"] == "export"
        and r["reporter"] in WHO
        and 3 <= r["period"].month <= 8
        and all(
            (r["reporter"], date(year, r["period"].month, 1)) in published for year in (now, *years)
        )
    ]

    def total(rows, when):
        return sum(r["value_usd"] for r in rows if r["period"].year in when)

    def expect(rows, of, year, base):
        below = total(of, base)
        return total(rows, base) / len(base) * total(of, (year,)) / (below / len(base))

    def lasts(r):
        same = [o for o in kept if (o["reporter"], o["product"]) == (r["reporter"], r["product"])]
        told = {o["period"].year for o in same if o["value_usd"] > 0}
        return {now, *years} <= told

    cells = {}
    for r in kept:
        if r["partner"] in ("KAZ",) and r["product"] in GOODS and r["period"].year in (now, *years):
            cells.setdefault(
                (r["reporter"], r["partner"], r["product"], r["period"].month), []
            ).append(r)
    found = {}
    for (who, whom, what, _month), rows in cells.items():
        of = [r for r in kept if of_control(r) and key(r) == key(rows[0])
              and (r["product"] in GOODS or lasts(r))]  # fmt: skip
        names = dict(zip(("reporter", "partner", "product"), (who, whom, what), strict=True))
        told = [(total(rows, (y,)), expect(rows, of, y, [o for o in years if o != y]))
                for y in years]  # fmt: skip
        entry = found.setdefault(tuple(names[column] for column in by), [])
        entry.append((total(rows, (now,)), expect(rows, of, now, years), told))
    return found


@pytest.mark.parametrize("seed", some(range(4), 2))
@pytest.mark.parametrize("by", [(), ("product",), ("reporter",)])
@pytest.mark.parametrize("chapter", [False, True])
def test_random_worlds_agree_with_brute_force(flows, seed, by, chapter):
    world = random_world(seed)
    world += [r | {"product": "850110", "value_usd": r["value_usd"] + 5} for r in world[::2]
              if r["product"] == "854231"]  # fmt: skip
    years = [2019, 2020, 2021]
    controls = () if chapter else ("RUS", "FRA", "DEU")
    table = excess_trade(
        flows(*world), reporters=WHO, partners=("KAZ",), products=GOODS, first="2022-03",
        last="2022-08", base=years, control_partners=controls, by=by,
    )  # fmt: skip
    expected = brute(
        world, years, 2022, by=by,
        of_control=(lambda r: r["product"] == "850110" and r["partner"] == "KAZ")
        if chapter
        else (lambda r: r["partner"] in controls and r["product"] in GOODS),
        key=(lambda r: (r["reporter"], r["partner"]))
        if chapter
        else (lambda r: (r["reporter"], r["product"])),
    )  # fmt: skip
    rows = table.to_pyarrow().to_pylist()
    assert {tuple(row[column] for column in by) for row in rows} == set(expected)
    for row in rows:
        cells = expected[tuple(row[column] for column in by)]
        counterfactual = sum(expected for _usd, expected, _told in cells)
        excess = sum(usd for usd, _expected, _told in cells) - counterfactual
        positive = sum(max(usd - expected, 0) for usd, expected, _told in cells)
        assert row["excess_usd"] == pytest.approx(excess)
        assert row["excess_positive_usd"] == pytest.approx(positive)
        predicted = [sum(told[n][1] for *_, told in cells) for n in range(3)]
        if not (counterfactual and all(predicted)):
            assert row["excess_interval"] == "no trade in one of the years"
            continue
        errors = [log(sum(told[n][0] for *_, told in cells) / predicted[n]) for n in range(3)]
        reach = 2.920 * sqrt(sum(error**2 for error in errors) * 8 / 27)
        above = sum(max(had - usd, 0) for *_, told in cells for had, usd in told)
        assert row["excess_interval"] == "nine in ten"
        assert row["excess_low_usd"] == pytest.approx(excess - counterfactual * (exp(reach) - 1))
        assert row["excess_high_usd"] == pytest.approx(excess - counterfactual * (exp(-reach) - 1))
        chance = counterfactual * above / sum(predicted)
        assert row["positive_by_chance_usd"] == pytest.approx(chance)


@FEW
@given(scale=st.floats(1e-3, 1e3), growth=st.floats(0.1, 10))
def test_dollars_scale_and_what_grows_as_its_control_has_no_excess(flows, scale, growth):
    table = flows(*[row | {"value_usd": row["value_usd"] * scale} for row in WORLD])
    assert one(excess_trade(table, **ASKED))["excess_usd"] == pytest.approx(50 * scale)
    even = [
        *(month(2021, n, 10 * n) for n in (1, 2)),
        *(month(2022, n, 10 * n * growth) for n in (1, 2)),
        *(control(2021, n, 7) for n in (1, 2)),
        *(control(2022, n, 7 * growth) for n in (1, 2)),
    ]
    row = one(excess_trade(flows(*even), **ASKED))
    assert row["excess_usd"] == pytest.approx(0, abs=1e-6 * growth)


def noisy_pairs(seed, base):
    """Trade of 300 pairs around levels of their own, and what is planted in each from 2022 on.

    Pairs share no chance; a pair's months do: half of its noise is a year's. The planted amount is
    nothing for half of the pairs, and up to four times the ordinary trade for the others.
    """
    chance = random.Random(seed)
    rows, planted = [], {}
    for pair in range(300):
        who, whom = f"R{pair // 20:02}", f"P{pair % 20:02}"
        added = max(chance.uniform(-4, 4), 0)
        planted[who, whom] = 0.0
        for product in (*GOODS, "850110", "850120"):
            level = exp(chance.gauss(5, 1))
            for year in (*base, 2022):
                of_year = chance.gauss(0, 0.4)
                for number in (1, 2, 3):
                    usd = level * exp(of_year + chance.gauss(0, 0.4))
                    more = added * level if year == 2022 and product in GOODS else 0.0
                    planted[who, whom] += more
                    made = month(year, number, usd + more, reporter=who, partner=whom)
                    rows.append(made | {"product": product})
    return rows, planted


@pytest.mark.parametrize("base", [(2019, 2020, 2021), (2017, 2018, 2019, 2020, 2021)])
def test_nine_intervals_in_ten_hold_what_is_planted(flows, base):
    """Of 300, 270 are promised, and chance moves that by 5."""
    rows, planted = noisy_pairs(len(base), base)
    who, whom = (tuple(sorted({pair[n] for pair in planted})) for n in (0, 1))
    found = excess_trade(
        flows(*rows), reporters=who, partners=whom, products=GOODS, first="2022-01",
        last="2022-03", base=base, by=("reporter", "partner"),
    ).to_pyarrow().to_pylist()  # fmt: skip
    assert len(found) == 300
    held = sum(
        row["excess_low_usd"] <= planted[row["reporter"], row["partner"]] <= row["excess_high_usd"]
        for row in found
    )
    assert 255 <= held <= 285
    total = sum(planted.values())
    positive = sum(row["excess_positive_usd"] for row in found)
    by_chance = sum(row["positive_by_chance_usd"] for row in found)
    assert positive - by_chance < total < positive
    assert sum(row["excess_usd"] for row in found) == pytest.approx(total, rel=0.15)
