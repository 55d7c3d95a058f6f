"""Excess trade against values worked by hand, brute force on random worlds, and invariances."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.errors import CoverageError
from entrepot.measures.excess_trade import excess_trade
from measures.conftest import FEW, GOODS, WHO, random_world

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


def test_the_interval_leaves_each_base_year_out_once(flows):
    """Growth 60/30 with both years; 60/20 of 20 without 2020; 60/40 of 10 without 2021."""
    table = flows(
        *(month(2020, 1, 10), month(2021, 1, 20), month(2022, 1, 100)),
        *(control(2020, 1, 40), control(2021, 1, 20), control(2022, 1, 60)),
    )
    row = one(excess_trade(table, **ASKED | {"last": "2022-01", "base": (2020, 2021)}))
    assert row["counterfactual_usd"] == pytest.approx(30)
    assert row["control_growth"] == pytest.approx(2)
    assert row["excess_usd"] == pytest.approx(70)
    assert row["excess_low_usd"] == pytest.approx(100 - 20 * 3)
    assert row["excess_high_usd"] == pytest.approx(100 - 10 * 1.5)


def test_one_base_year_gives_no_interval(flows):
    row = one(excess_trade(flows(*WORLD), **ASKED))
    assert (row["excess_low_usd"], row["excess_high_usd"]) == (None, None)


def test_a_base_year_that_holds_the_only_control_gives_no_interval(flows):
    table = flows(
        *(month(2020, 1, 10), month(2021, 1, 20), month(2022, 1, 100)),
        *(control(2020, 1, 40), control(2022, 1, 60)),
    )
    row = one(excess_trade(table, **ASKED | {"last": "2022-01", "base": (2020, 2021)}))
    assert row["excess_usd"] == pytest.approx(100 - 15 * 3)
    assert (row["excess_low_usd"], row["excess_high_usd"]) == (None, None)


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
    asked = ASKED | {"control_partners": (), "listed": ("854232",), "last": "2022-01"}
    row = one(excess_trade(flows(*WORLD[:4], *goods, *noise), **asked))
    assert (row["control_growth"], row["excess_usd"]) == (3, 60)


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
    """Sum excess month by month with loops; None where no cell has a control."""
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

    def expect(rows, of, base):
        below = total(of, base)
        return (
            total(rows, base) / len(base) * total(of, (now,)) / (below / len(base))
            if below
            else None
        )

    cells = {}
    for r in kept:
        if r["partner"] in ("KAZ",) and r["product"] in GOODS and r["period"].year in (now, *years):
            cells.setdefault(
                (r["reporter"], r["partner"], r["product"], r["period"].month), []
            ).append(r)
    found = {}
    for (who, whom, what, _month), rows in cells.items():
        of = [r for r in kept if of_control(r) and key(r) == key(rows[0])]
        sets = [years, *([y for y in years if y != out] for out in years)]
        names = dict(zip(("reporter", "partner", "product"), (who, whom, what), strict=True))
        entry = found.setdefault(tuple(names[column] for column in by), [])
        entry.append((total(rows, (now,)), [expect(rows, of, base) for base in sets]))
    return found


@pytest.mark.parametrize("seed", range(4))
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
        assert all(None not in versions for _usd, versions in cells)
        sums = [sum(usd - versions[n] for usd, versions in cells) for n in range(4)]
        assert row["excess_usd"] == pytest.approx(sums[0])
        assert row["excess_low_usd"] == pytest.approx(min(sums))
        assert row["excess_high_usd"] == pytest.approx(max(sums))
        positive = sum(max(usd - versions[0], 0) for usd, versions in cells)
        assert row["excess_positive_usd"] == pytest.approx(positive)


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
