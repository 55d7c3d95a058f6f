"""Codes to baskets: against the lists, worked rows, and the trap of the UN's conversion sheet."""

from datetime import date

import ibis
import pytest

from entrepot import terms
from entrepot.errors import CoverageError
from entrepot.harmonise.products import (
    BASKETS,
    LIMITED,
    PRESENCE,
    REVISIONS,
    coded,
    family,
    hs_revision,
    is_subheading,
    links,
    match,
    one_level,
    presence,
    refuse_unbridged,
    revision_of,
)
from entrepot.reference import goods

LIST = goods.load("chpl-2023-09")
OLD, NEW = date(2021, 3, 1), date(2022, 3, 1)


def cell(product, classification, usd=1.0, **changes):
    return {"product": product, "classification": classification, "value_usd": usd} | changes


def slices(table, *, is_limited=False):
    keys = table.select("source", "reporter", "freq", "flow", "period").distinct()
    return keys.mutate(is_limited=ibis.literal(is_limited))


def counted(table, basket, codes=LIST):
    found = match(table, codes, basket).to_pyarrow().to_pylist()
    sums = {}
    for row in found:
        key = (row["hs"], row["counted_as"])
        sums[key] = sums.get(key, 0) + row["value_usd"]
    return sums


@pytest.mark.parametrize(
    ("classification", "revision"),
    [
        ("CN2022", "HS2022"),
        ("CN2026", "HS2022"),
        ("CN2021", "HS2017"),
        ("CN2017", "HS2017"),
        ("CN2016", "HS2012"),
        ("CN2011", "HS2007"),
        ("CN2012", "HS2012"),
        ("CN2007", "HS2007"),
        ("CN2006", None),
        ("CN2022-8", "HS2022"),
        ("HS2017", "HS2017"),
        ("SITC4", None),
        ("GTIP2023-HS2022", "HS2022"),
        ("GTIP2023", None),
        ("none", None),
    ],
)
def test_every_classification_knows_its_revision(flows, classification, revision):
    table = flows({"classification": classification})
    (row,) = table.select(hs=hs_revision(table.classification)).to_pyarrow().to_pylist()
    assert row["hs"] == revision
    assert revision_of(classification) == revision


def test_the_baskets_have_45_39_and_bridged_codes():
    by_revision = {
        basket: {
            hs: {code for r, code, _ in links(LIST, basket) if r == hs}
            for hs in ("HS2012", "HS2017", "HS2022")
        }
        for basket in BASKETS
    }
    assert {hs: len(codes) for hs, codes in by_revision["as-listed"].items()} == {
        "HS2012": 45,
        "HS2017": 45,
        "HS2022": 45,
    }
    assert {len(codes) for codes in by_revision["stable"].values()} == {39}
    bridged = by_revision["bridged"]
    assert bridged["HS2022"] == set(LIST.codes)
    assert bridged["HS2017"] == set(LIST.stable) | {
        "854890",
        "852580",
        "854140",
        "854150",
        "880330",
    }


def test_nothing_is_ever_a_mobile_phone():
    for name in goods.names():
        for basket in BASKETS:
            found = [link for link in links(goods.load(name), basket) if "851712" in link]
            # A list that holds them itself counts them as themselves.
            listed = "851712" in goods.load(name).codes
            assert {link[1:] for link in found} == ({("851712", "851712")} if listed else set())


def test_a_list_of_an_older_revision_counts_its_numbers_in_later_ones():
    counted = {hs for hs, code, _name in links(goods.load("eu-russia-2023-02"), "bridged")
               if code == "847150"}  # fmt: skip
    assert counted == {"HS2012", "HS2017", "HS2022"}


def test_codes_that_share_a_predecessor_are_one_family():
    names = family(LIST)
    assert names["854151"] == names["854159"] == "854151+854159"
    assert [code for code, name in names.items() if name != code] == ["854151", "854159"]


def test_a_predecessor_counts_only_when_bridged(flows):
    table = flows(
        cell("88033000", "CN2021", 5, period=OLD),
        cell("88073000", "CN2022", 7, period=NEW),
        cell("854150", "HS2017", 11, period=OLD),
        cell("85415100", "CN2022", 2, period=NEW),
        cell("85415900", "CN2022", 3, period=NEW),
    )
    assert counted(table, "as-listed") == {
        ("HS2022", "880730"): 7,
        ("HS2022", "854151"): 2,
        ("HS2022", "854159"): 3,
    }
    assert counted(table, "stable") == {}
    assert counted(table, "bridged") == {
        ("HS2017", "880730"): 5,
        ("HS2022", "880730"): 7,
        ("HS2017", "854151+854159"): 11,
        ("HS2022", "854151+854159"): 5,
    }


def test_a_number_counts_in_its_own_revision_only(flows):
    """880330 was a predecessor until 2021; a row that still uses it in HS2022 is not counted."""
    assert counted(flows(cell("880330", "HS2022", 5)), "bridged") == {}


def test_eight_digits_are_summed_under_their_subheading(flows):
    table = flows(cell("85423110", "CN2022", 2), cell("85423190", "CN2022", 3))
    assert counted(table, "stable") == {("HS2022", "854231"): 5}


def test_a_subheading_beside_its_eight_digit_lines_is_not_added_to_them(flows):
    table = flows(
        cell("854231", "HS2022", 6),
        cell("85423110", "CN2022", 2),
        cell("85423190", "CN2022", 3),
        cell("85423110", "CN2022", 40, partner="RUS"),
    )
    assert counted(table, "as-listed") == {("HS2022", "854231"): 46}


def test_headings_chapters_and_totals_are_never_counted(flows):
    table = flows(*[cell(code, "HS2022", 9) for code in ("8542", "85", "TOTAL")])
    assert counted(table, "as-listed") == {}


def test_each_slice_has_one_presence_row_without_value(flows):
    table = flows(
        cell("010121", "HS2022", 5),
        cell("854231", "HS2022", 5),
        cell("010121", "HS2022", 5, period=NEW),
        cell("010121", "HS2022", 5, flow="export"),
    )
    rows = presence(slices(table)).to_pyarrow().to_pylist()
    assert len(rows) == 3
    assert {(row["product"], row["value_usd"], row["partner"]) for row in rows} == {
        (PRESENCE, 0.0, "WLD")
    }


def test_presence_of_a_slice_that_was_asked_for_some_partners_says_so(flows):
    table = flows(cell("854231", "HS2022", 5))
    (row,) = presence(slices(table, is_limited=True)).to_pyarrow().to_pylist()
    assert (row["partner"], row["product"], row["value_usd"]) == (LIMITED, PRESENCE, 0.0)


def test_a_heading_counts_once_with_what_is_under_it(flows):
    """A row of the heading stands for those under it; where there is none they are added up."""
    asked = terms.goods("8542, 010121")
    table = flows(
        cell("8542", "HS2022", 9),
        cell("854231", "HS2022", 5),
        cell("85423190", "CN2022", 3),
        cell("854231", "HS2022", 5, partner="RUS"),
        cell("85423990", "CN2022", 2, partner="RUS"),
        cell("85", "HS2022", 70),
        cell("TOTAL", "HS2022", 99),
    )
    for basket in BASKETS:
        assert counted(table, basket, asked) == {("HS2022", "8542"): 16}


def test_a_national_code_counts_as_itself_and_a_subheading_does_not_stand_for_it(flows):
    asked = terms.goods("85423190")
    table = flows(cell("85423190", "CN2022", 3), cell("854231", "HS2022", 5))
    assert counted(table, "as-listed", asked) == {("HS2022", "85423190"): 3}


def test_of_one_level_the_highest_counts_and_of_two_nomenclatures_the_shorter(flows):
    table = flows(
        cell("85", "HS2022", 1),
        cell("8542", "HS2022", 2),
        cell("8501", "HS2022", 4, partner="RUS"),
        cell("850110", "HS2022", 8, partner="RUS"),
        cell("85423190", "CN2022", 16, partner="RUS"),
        cell("854231900010", "GTIP2023-HS2022", 32, partner="RUS"),
    )
    rows = table.mutate(code=ibis.literal("85"))
    kept = one_level(rows, below=2).to_pyarrow().to_pylist()
    assert sorted(row["value_usd"] for row in kept) == [1, 4, 16]
    fine = one_level(rows).to_pyarrow().to_pylist()
    assert sorted(row["value_usd"] for row in fine) == [1, 2, 4, 8, 16]


def test_rows_are_kept_under_codes_of_any_length(flows):
    table = flows(*[cell(code, "HS2022") for code in ("8542", "854231", "85011010", "8501", "99")])
    rows = coded(table, {"8542", "850110"}).to_pyarrow().to_pylist()
    assert sorted(((row["code"], row["product"]) for row in rows), reverse=True) == [
        ("8542", "854231"),
        ("8542", "8542"),
        ("850110", "85011010"),
    ]


def test_a_national_code_counts_whatever_the_base_and_a_subheading_does_not(flows):
    asked = terms.goods("85423190, 854232, 0101")
    table = flows(cell("85423190", "GTIP2023", 3), cell("854232", "GTIP2023", 5),
                  cell("854232", "HS2022", 7), cell("0101", "SITC4", 11))  # fmt: skip
    for basket in BASKETS:
        assert counted(table, basket, asked) == {
            (None, "85423190"): 3, ("HS2022", "854232"): 7, (None, "0101"): 11,
        }  # fmt: skip


@pytest.mark.parametrize(
    ("code", "told"),
    [("854231", True), ("85423", False), ("8542310", False), ("ABCDEF", False), ("TOTAL", False)],
)
def test_a_subheading_is_six_digits(code, told):
    assert is_subheading(code) == told


def test_a_basket_without_codes_counts_nothing(flows):
    new = terms.goods("854151")
    assert new.stable == ()
    found = match(flows(cell("854151", "HS2022", 3)), new, "stable")
    assert {"hs", "counted_as"} < {*found.columns}
    assert found.to_pyarrow().num_rows == 0


def test_a_code_that_is_no_subheading_is_itself_under_every_basket():
    for basket in BASKETS:
        assert {*links(terms.goods("8542"), basket)} == {
            (revision, "8542", "8542") for revision in REVISIONS
        }


def test_a_revision_before_hs2012_is_refused():
    refuse_unbridged(["CN2021", "CN2012", "HS2012", "GTIP2023-HS2022", "none"], "bridged")
    for odd in ("HS2007", "CN2011", "GTIP2023", "SITC4"):
        with pytest.raises(CoverageError, match=odd):
            refuse_unbridged([odd, "HS2022"], "bridged")
