"""Revisions against links worked by hand, conservation on random tables, and UNSD's own books."""

from __future__ import annotations

import ibis
import openpyxl
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.errors import CoverageError, DriftError, SourceError, UnknownCodeError
from entrepot.harmonise import _links
from entrepot.harmonise.concordance import Concordance, read, switched
from entrepot.harmonise.concordance import convert as converted
from entrepot.harmonise.concordance import unconverted as without_link
from entrepot.reference import goods
from entrepot.schema import FLOWS
from support.concordance_books import CONVERSION, CORRELATION, book
from support.sampled import costly

PHONES = "851712"
LISTED = {good.code: good for name in goods.names() for good in goods.load(name).goods
          if good.hs2017_class != "unstated"}  # fmt: skip


@pytest.fixture(scope="session")
def real(shared_data):
    """UNSD's two workbooks and what follows from them, by name."""
    names = ("HS2022toHS2017", "HS2017toHS2012")
    first, second = (
        read(shared_data / "hs" / f"{name}ConversionAndCorrelationTables.xlsx") for name in names
    )
    found = [first, second, first.reverse(), second.reverse(), first.then(second)]
    found += [second.reverse().then(first.reverse()), first.equal(), first.reverse().equal()]
    return found


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    return read(book(tmp_path_factory.mktemp("book") / "small.xlsx"))


def links(concordance, column):
    rows = concordance.links.to_pylist()
    return {(row["source"], row["target"]): row[column] for row in rows}


def linked(pairs, forward=False):
    rows = [(*pair, False, "") for pair in pairs]
    table = pa.table([list(column) for column in zip(*rows, strict=True)], schema=_links.PAIRS)
    return _links.linked(table, forward=forward)


def row(product, usd, classification="HS2022", **changes):
    return {"product": product, "value_usd": usd, "classification": classification} | changes


def amounts(table, column="value_usd"):
    got = table.group_by("product").agg(sum=table[column].sum()).to_pyarrow().to_pylist()
    return {one["product"]: one["sum"] for one in got}


# Classes


def test_each_link_has_the_class_of_the_graph_seen_from_its_source(small):
    assert links(small, "kind") == {pair[:2]: pair[2] for pair in CORRELATION}


def test_the_other_direction_is_the_transpose(small):
    back = small.reverse()
    assert (back.from_revision, back.to_revision) == ("HS2017", "HS2022")
    assert links(back, "kind") == {(b, a): said[::-1] for a, b, said in CORRELATION}
    assert back.reverse().links == small.links


def test_real_workbooks_agree_with_their_classes_and_transpose(real):
    for one in real[:2]:
        back = one.reverse()
        flipped = {(b, a): kind[::-1] for (a, b), kind in links(one, "kind").items()}
        assert links(back, "kind") == flipped
        assert back.reverse().links == one.links


def test_real_workbooks_have_the_links_that_unsd_counts(real):
    """15,657 and 6,141 pairs as published; 2 added and 3 dropped, 4 dropped."""
    assert [one.links.num_rows for one in real[:2]] == [15_656, 6_137]
    assert pc.sum(pc.equal(real[0].links["source"], "854151")).as_py() == 157


# Weights


def test_recommended_weights_follow_the_conversion_sheet(small):
    assert {pair: w for pair, w in links(small, "weight").items() if w < 1} == {
        ("030000", "030002"): 0,
        ("040002", "040001"): 0,
    }
    back = links(small.reverse(), "weight")
    assert (back["020000", "020001"], back["020000", "020002"]) == (0.5, 0.5)
    # 030002 is in the correlation only, and leads to one code; 040001 converts from 040001 alone.
    assert (back["030002", "030000"], back["040001", "040001"]) == (1, 1)
    assert back["040001", "040002"] == 0


def test_equal_weights_share_by_the_number_of_links(small):
    assert links(small.equal(), "weight")["030000", "030001"] == 0.5
    assert links(small.reverse().equal(), "weight")["040001", "040002"] == 0.5


def test_stated_weights_replace_those_of_their_codes_only(small):
    stated = pa.table({"source": ["030000"], "target": ["030002"], "weight": [1.0]})
    weights = links(small.weighted(stated), "weight")
    assert (weights["030000", "030001"], weights["030000", "030002"]) == (0, 1)
    assert {k: v for k, v in weights.items() if k[0] != "030000"} == {
        k: v for k, v in links(small, "weight").items() if k[0] != "030000"
    }


@pytest.mark.parametrize(
    ("targets", "values", "error", "words"),
    [
        (["030001", "030002"], [0.5, 0.4], CoverageError, "weights of 030000 in HS2022-HS2017 sum"),
        (["030001", "030002"], [1.5, -0.5], CoverageError, "none negative"),
        (["030001", "030002"], [1.0, None], CoverageError, "or missing"),
        (["030001", "030001"], [0.5, 0.5], CoverageError, "each target once"),
        (["030001", "010001"], [0.5, 0.5], UnknownCodeError, "030000 to 010001, which HS2022-HS20"),
    ],
)
def test_stated_weights_that_lose_or_invent_trade_are_refused(small, targets, values, error, words):
    stated = pa.table({"source": ["030000"] * 2, "target": targets, "weight": values})
    with pytest.raises(error, match=words):
        small.weighted(stated)


def test_weights_of_every_code_sum_to_one_in_the_real_workbooks(real):
    for one in real:
        sums = one.links.group_by("source").aggregate([("weight", "sum")])["weight_sum"]
        assert pc.max(pc.abs(pc.subtract(sums, 1.0))).as_py() < _links.TOLERANCE
        assert pc.min(one.links["weight"]).as_py() >= 0


def test_a_goods_list_comes_before_the_conversion_sheet_and_that_before_the_rest():
    pairs = pa.table(
        {
            "source": ["A", "A", "B", "B"],
            "target": ["C", "D", "C", "D"],
            "converts": [True, False, True, False],
            "trust": ["", "split", "", ""],
        }
    )
    backward = _links.linked(pairs, forward=False)
    assert backward["weight"].to_pylist() == [0, 1, 1, 0]
    assert _links.linked(pairs, forward=False, equal=True)["weight"].to_pylist() == [0.5] * 4


# The listed codes


def test_the_50_codes_come_out_as_recommended(real):
    to_2017, to_2012, at_once = (links(real[which], "weight") for which in (0, 1, 4))
    assert len(LISTED) == 50
    for good in LISTED.values():
        assert to_2017[good.code, good.hs2017] == 1
        assert to_2012[good.hs2017, good.hs2012] == 1
        assert at_once[good.code, good.hs2012] == 1


def test_the_50_codes_come_out_as_the_collected_facts_recommend(real, shared_domain):
    import csv

    (path,) = shared_domain.glob("*chpl*.csv")
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 50
    weights = links(real[0], "weight"), links(real[4], "weight")
    for good in rows:
        assert weights[0][good["code"], good["hs2017_recommended"]] == 1
        assert weights[1][good["code"], good["hs2012_recommended"]] == 1


def test_no_listed_code_is_linked_to_mobile_phones_in_any_direction(real):
    for one in real:
        for source, target in links(one, "weight"):
            assert not (target == PHONES and source in LISTED), one.name
            assert not (source == PHONES and target in LISTED), one.name


def test_only_phones_and_display_modules_have_weight_from_mobile_phones(real):
    """The conversion sheet sends display modules (8524) there; they are on no list."""
    sources = {a for (a, b), w in links(real[0], "weight").items() if b == PHONES and w}
    assert {code for code in sources if not code.startswith("8524")} == {"851713", "851714"}


def test_forward_a_split_is_shared_and_a_carved_code_is_not_taken_whole(real):
    forward = links(real[2], "weight")
    assert forward["854150", "854151"] == forward["854150", "854159"] == 0.5
    assert forward["854140", "854149"] == 0.25
    assert forward["880330", "880730"] == 1


# Conversion by hand

AMOUNTS = ("value_usd", "net_mass_kg", "quantity", "value_local")


def convert(table, *concordances):
    return converted(table, *concordances, amounts=AMOUNTS)


def unconverted(table, *concordances):
    return without_link(table, *concordances, amounts=["value_usd"])


def test_amounts_follow_the_weights_and_stay_between_their_bounds(small, flows):
    table = flows(
        row("010001", 8.0), row("030000", 10.0, net_mass_kg=6.0, quantity=4.0), row("040002", 3.0)
    )
    half = small.weighted(
        pa.table(
            {
                "source": ["030000"] * 2,
                "target": ["030001", "030002"],
                "weight": [0.75, 0.25],
            }
        )
    )
    got = convert(table, half)
    assert amounts(got) == {
        "010001": 8.0,
        "030001": 7.5,
        "030002": 2.5,
        "040001": 0.0,
        "040002": 3.0,
    }
    assert amounts(got, "value_usd_low") == {
        "010001": 8.0,
        "030001": 0.0,
        "030002": 0.0,
        "040001": 0.0,
        "040002": 0.0,
    }
    assert amounts(got, "value_usd_high") == {
        "010001": 8.0,
        "030001": 10.0,
        "030002": 10.0,
        "040001": 3.0,
        "040002": 3.0,
    }
    rows = got.to_pyarrow().to_pylist()
    (one,) = (r for r in rows if (r["from_product"], r["product"]) == ("030000", "030001"))
    assert (one["net_mass_kg"], one["net_mass_kg_low"], one["net_mass_kg_high"]) == (4.5, 0.0, 6.0)
    assert (one["quantity"], one["quantity_low"], one["quantity_high"]) == (3.0, 0.0, 4.0)
    assert one["value_local"] == 750_000.0
    assert (one["classification"], one["from_classification"]) == ("HS2017", "HS2022")
    assert (one["link"], one["weight"]) == ("1:n", 0.75)


def test_forward_a_divided_code_is_shared_and_a_merged_one_is_added(small, flows):
    table = flows(
        *[row(code, usd, "HS2017") for code, usd in [("020000", 6.0), ("030001", 1.0)]],
        row("030002", 2.0, "HS2017"),
    )
    got = convert(table, small.reverse())
    assert amounts(got) == {"020001": 3.0, "020002": 3.0, "030000": 3.0}
    assert amounts(got, "value_usd_low") == {"020001": 0.0, "020002": 0.0, "030000": 3.0}
    assert amounts(got, "value_usd_high") == {"020001": 6.0, "020002": 6.0, "030000": 3.0}


def test_each_row_is_converted_by_its_own_classification(small, flows):
    """CN2022 and a national code with a stated base are HS2022; HS2017 and CN2021 are there."""
    names = ["HS2022", "CN2022", "GTIP2023-HS2022", "HS2017", "CN2021"]
    table = flows(*[row("020001", 1.0, name, partner=name) for name in names])
    got = {r["partner"]: r for r in convert(table, small).to_pyarrow().to_pylist()}
    codes = ["020000"] * 3 + ["020001"] * 2
    assert [got[name]["product"] for name in names] == codes
    assert {r["classification"] for r in got.values()} == {"HS2017"}
    assert [got[name]["link"] for name in names] == ["n:1"] * 3 + [None] * 2


def test_what_no_concordance_knows_stays_as_published_and_is_listed(small, flows):
    table = flows(
        row("99", 1.0), row("999999", 2.0), row("02000100", 4.0), row("020001", 8.0, "SITC4")
    )
    got = convert(table, small)
    assert amounts(got) == amounts(table)
    kept = got.to_pyarrow().to_pylist()
    assert all(r["value_usd_low"] == r["value_usd_high"] == r["value_usd"] for r in kept)
    assert {r["classification"] for r in kept} == {"HS2022", "SITC4"}
    assert {(r["link"], r["weight"]) for r in kept} == {(None, None)}
    left = unconverted(table, small).to_pyarrow().to_pylist()
    assert sorted(
        (r["classification"], r["product"], r["cells"], r["value_usd"]) for r in left
    ) == [
        ("HS2022", "02000100", 1, 4.0),
        ("HS2022", "99", 1, 1.0),
        ("HS2022", "999999", 1, 2.0),
        ("SITC4", "020001", 1, 8.0),
    ]


def test_nothing_is_left_where_all_is_converted_or_current(small, flows):
    table = flows(row("020001", 1.0), row("020000", 1.0, "HS2017"))
    assert unconverted(table, small).count().to_pyarrow().as_py() == 0


def test_missing_amounts_and_bounds_stay_missing(small, flows):
    table = flows(row("030000", 1.0))
    got = convert(table, small).to_pyarrow().to_pylist()
    assert {r["net_mass_kg"] for r in got} == {r["quantity_high"] for r in got} == {None}
    assert {r["quantity_low"] for r in got} == {None}


def test_an_amount_below_zero_is_counted_whole_in_the_low_bound(small, flows):
    """A correction of -10: at the least all of it is of a code, at the most none."""
    got = convert(flows(row("030000", -10.0), row("010001", -1.0)), small)
    assert amounts(got) == {"010001": -1.0, "030001": -10.0, "030002": 0.0}
    assert amounts(got, "value_usd_low") == {"010001": -1.0, "030001": -10.0, "030002": -10.0}
    assert amounts(got, "value_usd_high") == {"010001": -1.0, "030001": 0.0, "030002": 0.0}


def test_any_table_with_codes_keeps_its_other_columns(small):
    table = pa.table({"classification": ["HS2022"], "product": ["030000"], "who": ["x"], "n": [8]})
    got = converted(ibis.memtable(table), small.equal(), amounts=["n"]).to_pyarrow()
    assert got.column_names == [
        *("classification", "product", "who", "n", "from_classification", "from_product"),
        *("link", "weight", "n_low", "n_high"),
    ]
    assert [(r["product"], r["who"], r["n"]) for r in got.to_pylist()] == [
        ("030001", "x", 4),
        ("030002", "x", 4),
    ]


def test_codes_of_the_target_that_no_link_knows_are_listed_as_such(small, flows):
    table = flows(row("020000", 1.0, "HS2022"), row("777777", 2.0, "HS2017"))
    left = {
        r["product"]: r["is_current"] for r in unconverted(table, small).to_pyarrow().to_pylist()
    }
    assert left == {"020000": True, "777777": False}


@pytest.mark.parametrize("which", ["none", "twice", "targets"])
def test_concordances_that_do_not_fit_together_are_refused(small, flows, which):
    given = {"none": (), "twice": (small, small), "targets": (small, small.reverse())}[which]
    for use in (convert, unconverted):
        with pytest.raises(CoverageError, match="expected one concordance per revision"):
            use(flows({}), *given)


# Two steps


def test_two_steps_are_one_with_the_products_of_their_weights(flows):
    first = Concordance("HS2022", "HS2017", linked([("A", "B"), ("A", "C"), ("D", "C")]))
    second = Concordance("HS2017", "HS2012", linked([("B", "E"), ("C", "E"), ("C", "F")]))
    both = first.then(second)
    assert (both.name, links(both, "weight")) == (
        "HS2022-HS2012",
        {("A", "E"): 0.75, ("A", "F"): 0.25, ("D", "E"): 0.5, ("D", "F"): 0.5},
    )
    assert set(links(both, "kind").values()) == {"n:n"}
    assert amounts(convert(flows(row("A", 4.0)), both)) == {"E": 3.0, "F": 1.0}


def test_what_both_steps_recommend_is_recommended_and_the_more_careful_trust_holds():
    def step(*rows):
        table = pa.table([list(cells) for cells in zip(*rows, strict=True)], schema=_links.PAIRS)
        return _links.linked(table, forward=False)

    first = step(("A", "B", True, "split"), ("A", "C", False, "carved"), ("X", "C", True, "split"))
    second = step(("B", "E", True, "split"), ("C", "E", True, "split"), ("C", "F", False, ""))
    both = _links.joined(first, second).to_pylist()
    assert {(r["source"], r["target"]): (r["converts"], r["trust"]) for r in both} == {
        ("A", "E"): (True, "carved"),
        ("A", "F"): (False, ""),
        ("X", "E"): (True, "split"),
        ("X", "F"): (False, ""),
    }


def test_a_code_that_splits_and_merges_again_has_a_certain_amount(flows):
    first = Concordance("HS2022", "HS2017", linked([("A", "B"), ("A", "C")]))
    second = Concordance("HS2017", "HS2012", linked([("B", "E"), ("C", "E")]))
    got = convert(flows(row("A", 4.0)), first.then(second))
    assert amounts(got, "value_usd_low") == amounts(got, "value_usd_high") == {"E": 4.0}


def test_a_code_with_a_path_into_nothing_stays_as_published(real):
    """HS2012 300210 was divided; one part, 300219, is missing from UNSD's HS2022 tables."""
    assert "300210" not in real[5].links["source"].to_pylist()
    assert real[5].links.select(["source"]).group_by("source").aggregate([]).num_rows == 5_205


def test_steps_that_do_not_meet_are_refused(small):
    with pytest.raises(CoverageError, match="HS2022-HS2017 and HS2022-HS2017 do not meet"):
        small.then(small)


# Conservation

AMOUNT = st.none() | st.floats(0, 1e12)
CODES = sorted({code for pair in CORRELATION for code in pair[:2]} | {"999999", "85"})
CELLS = st.lists(
    st.tuples(st.sampled_from(CODES), st.sampled_from(["HS2012", "HS2017", "HS2022"])).flatmap(
        lambda cell: st.tuples(st.just(cell), st.floats(0, 1e12), AMOUNT, AMOUNT)
    ),
    min_size=1,
    max_size=30,
)
SUMS = {
    "value_usd": ("value_usd_low", "value_usd_high"),
    "net_mass_kg": ("net_mass_kg_low", "net_mass_kg_high"),
    "quantity": ("quantity_low", "quantity_high"),
    "value_local": None,
}


def sums(table, by, names):
    """Return the sum of each column per group, a missing sum as 0, in one query."""
    every = {name: table[name].sum().fill_null(0.0) for name in names}
    return table.group_by(by).agg(**every).order_by(by).to_pyarrow()


def conserved(table, *concordances):
    """Assert that every amount is what it was, per reporter, and lies inside its bounds."""
    before = sums(table, "reporter", SUMS)
    got = convert(table, *concordances)
    after = sums(got, "reporter", SUMS)
    for name in SUMS:
        assert after[name].to_pylist() == pytest.approx(before[name].to_pylist(), rel=1e-9)
    sided = {name: sides for name, sides in SUMS.items() if sides}
    codes = sums(got, "product", [*sided, *(side for sides in sided.values() for side in sides)])
    for name, (low, high) in sided.items():
        amount = pc.multiply(codes[name], 1 + 1e-9)
        assert pc.all(pc.less_equal(codes[low], amount)).as_py()
        assert pc.all(pc.less_equal(codes[name], pc.multiply(codes[high], 1 + 1e-9))).as_py()


@costly
@given(CELLS, st.lists(st.floats(0.01, 1), min_size=8, max_size=8), st.integers(0, 3))
def test_value_mass_and_quantity_are_conserved_on_random_tables(flows, small, cells, parts, which):
    stated = small.links.select(["source", "target"]).append_column("part", pa.array(parts))
    share = "source, target, part / sum(part) over (partition by source) as weight"
    table = _links.query(f"select {share} from stated", stated=stated)
    given = flows(
        *[
            row(code, usd, hs, net_mass_kg=mass, quantity=count, value_local=usd, reporter=code[:3])
            for (code, hs), usd, mass, count in cells
        ]
    )
    conserved(given, (small.weighted(table), small, small.equal(), small.reverse())[which])


def test_all_is_conserved_through_the_real_workbooks_forward_and_backward(real):
    """A flow of every code of both revisions, of amounts from cents to billions."""
    for one, other in ((real[0], real[3]), (real[2], real[5]), (real[4], None), (real[6], None)):
        given = [one] if other is None else [one, other]
        for seed in (1, 2):
            conserved(many(given, seed), *given)


def many(concordances, seed):
    import numpy as np

    from support.plain import PLAIN

    cells = [
        (one.from_revision, code)
        for one in concordances
        for code in sorted({*one.links["source"].to_pylist(), "300219", "85"})
    ]
    value, mass = np.random.default_rng(seed).lognormal(10, 5, (2, len(cells)))
    plain = {name: [cell] * len(cells) for name, cell in PLAIN.items()}
    changed = {
        "classification": [hs for hs, _code in cells],
        "product": [code for _hs, code in cells],
        "reporter": [code[:1] for _hs, code in cells],
        "value_usd": value,
        "value_local": value,
        "net_mass_kg": mass,
        "quantity": mass,
    }
    return ibis.memtable(pa.table(plain | changed, schema=FLOWS.arrow))


def test_there_and_back_the_whole_is_what_it_was(real):
    table = many([real[0]], 3)
    back = convert(convert(table, real[0]).select(FLOWS.names), real[2])
    assert back.value_usd.sum().to_pyarrow().as_py() == pytest.approx(
        table.value_usd.sum().to_pyarrow().as_py(), rel=1e-9
    )


# Reporters that switch


def test_only_reporters_that_switch_on_time_count(small, flows):
    from datetime import date

    def year(number, reporter, product, hs, **changes):
        plain = {"freq": "A", "period": date(number, 1, 1), "reporter": reporter}
        return row(product, 5.0, hs, **plain) | changes

    table = flows(
        year(2021, "DEU", "020000", "HS2017"),
        year(2021, "DEU", "020000", "CN2021", partner="FRA"),
        year(2022, "DEU", "020001", "HS2022"),
        year(2022, "DEU", "02", "HS2022"),
        year(2022, "DEU", "020002", "HS2022", flow="export"),
        year(2021, "LAT", "020000", "HS2017"),
        year(2022, "LAT", "020000", "HS2017"),
        year(2021, "ODD", "020000", "HS2017"),
        year(2022, "ODD", "020001", "HS2022"),
        year(2022, "ODD", "020002", "SITC4"),
        year(2022, "NEW", "020001", "HS2022"),
    )
    for one in (small, small.reverse()):
        got = switched(table, one, year=2022).to_pyarrow().to_pylist()
        assert sorted(tuple(r.values()) for r in got) == [
            ("DEU", "HS2017", "020000", 10.0),
            ("DEU", "HS2022", "020001", 5.0),
        ]


# Workbooks that stray


def test_a_code_stored_as_a_number_of_six_digits_is_read(tmp_path):
    rows = [*CORRELATION, ("999999", "999999", "1:1")]
    path = book(tmp_path / "a.xlsx", rows, [*CONVERSION, (999999, 999999)])
    assert links(read(path), "weight")["999999", "999999"] == 1


def test_the_mark_for_a_part_of_a_code_is_read(tmp_path):
    marks = ["ex" if said[0] == "n" else "" for *_, said in CORRELATION]
    assert read(book(tmp_path / "a.xlsx", marks=marks)).links.num_rows == len(CORRELATION)


@pytest.mark.parametrize(
    ("mark", "words"),
    [("part", "row 3 has the mark 'part'"), ("ex", "row 3 has the mark 'ex' at class 1:1")],
)
def test_a_mark_that_is_unknown_or_contradicts_the_class_is_named(tmp_path, mark, words):
    marks = [mark, *["ex" if said[0] == "n" else "" for *_, said in CORRELATION[1:]]]
    with pytest.raises(DriftError, match=words):
        read(book(tmp_path / "a.xlsx", marks=marks))


@pytest.mark.parametrize(
    ("correlation", "conversion", "words"),
    [
        ([("10001", "010001", "1:1")], [], r"Correlations' row 3 has the code '10001'"),
        ([(10001, "010001", "1:1")], [], r"Correlations' row 3 has the code 10001\.0"),
        ([("010001", "01000A", "1:1")], [], "row 3 has the code '01000A', expected six digits"),
        ([("010001", "010001", "1:2")], [], "row 3 has the class '1:2', expected one of 1:1"),
        ([("010001", "010001", None)], [], "row 3 has the class ''"),
        (
            [("010001", "010001", "1:1"), ("010001", "010001", "1:1")],
            [],
            "row 4 has 010001 with 010001 again",
        ),
        ([], [], "Correlations' row 3 has no row"),
        (
            [("010001", "010001", "1:1")],
            [("010001", "010002")],
            r"Conversions' row 2 has 010001 to 010002, expected a pair of the correlation sheet",
        ),
        (
            [("010001", "010001", "1:n"), ("010001", "010002", "1:n")],
            [("010001", "010001"), ("010001", "010002")],
            r"Conversions' row 3 has 010001 with 010002 again",
        ),
        (
            [("010001", "010001", "1:1"), ("010002", "010002", "1:1")],
            [("010001", "010001")],
            "Conversions' has no row for 010002",
        ),
        ([("010001", "010001", "1:1")], [("010001", "010001", "x")], "'x' beside the codes"),
        (
            [("010001", "010001", "1:1"), ("020001", "020001", "1:n")],
            [("010001", "010001"), ("020001", "020001")],
            "correlation sheet row 4 calls 020001 with 020001 1:n, .*it is 1:1",
        ),
        (
            [("854151", "851712", "1:n"), ("854151", "854150", "1:n")],
            [("854151", "851712")],
            None,
        ),
    ],
)
def test_a_workbook_that_strays_is_refused_with_sheet_and_row(
    tmp_path, correlation, conversion, words
):
    from entrepot.errors import RegistryError

    error = RegistryError if words is None else DriftError
    with pytest.raises(error, match=words or "cannot add 854151 with 854150"):
        read(book(tmp_path / "a.xlsx", correlation, conversion))


def test_a_listed_code_whose_predecessor_is_not_in_the_workbook_is_named(tmp_path):
    from entrepot.errors import RegistryError

    path = book(tmp_path / "a.xlsx", [("854800", "010001", "1:1")], [("854800", "010001")])
    with pytest.raises(RegistryError, match=r"takes 854800 from 854890, but a\.xlsx has no such"):
        read(path)


def test_a_workbook_without_a_sheet_or_that_is_none_is_refused(tmp_path):
    path = book(tmp_path / "a.xlsx", sheets=("HS2022-HS2017 Conversions", "Notes"))
    with pytest.raises(SourceError, match=r"a\.xlsx has the sheets .*Notes; expected one correl"):
        read(path)
    path.write_bytes(b"PK not a workbook")
    with pytest.raises(SourceError, match=r"cannot open a\.xlsx"):
        read(path)
    with pytest.raises(SourceError, match=r"cannot open b\.xlsx"):
        read(tmp_path / "b.xlsx")


def test_a_workbook_of_other_or_turned_revisions_is_refused(tmp_path):
    with pytest.raises(DriftError, match="row 2 has HS2012 left of HS2017"):
        read(book(tmp_path / "a.xlsx", later=2012))
    path = book(tmp_path / "b.xlsx")
    workbook = openpyxl.load_workbook(path)
    workbook.worksheets[0]["A1"] = "From HS2028"
    workbook.save(path)
    with pytest.raises(DriftError, match="converts HS2028 to HS2017 but correlates HS2022 with"):
        read(path)
    workbook.worksheets[0]["A1"] = "From the new one"
    workbook.save(path)
    with pytest.raises(DriftError, match="Conversions' row 1 has no header"):
        read(path)
