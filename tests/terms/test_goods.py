"""Goods: checked against the lists that ship, and by hand on codes as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.errors import UnknownCodeError
from entrepot.reference import goods as lists
from entrepot.terms import ALL_GOODS, all_goods, goods

NEWEST = lists.load("chpl-2024-02")
FORMS = "the path of a CSV"


def refused(words):
    """The one line with which words are refused; nothing where they are understood."""
    try:
        goods(words)
    except UnknownCodeError as error:
        line = str(error)
    else:
        return ""
    assert len(line.splitlines()) == 1
    assert len(line) <= 300
    assert line.startswith("goods: ")
    return line


@pytest.mark.parametrize("name", lists.names())
def test_every_list_is_understood_however_its_parts_are_joined(name):
    for form in (name, name.upper(), name.replace("-", " "), f" {name.replace('-', '_')} "):
        assert goods(form) == lists.load(name)


@pytest.mark.parametrize("name", lists.names())
def test_every_tier_of_every_list_is_understood(name):
    given = lists.load(name)
    for tier in {good.tier for good in given.goods}:
        codes = tuple(good.code for good in given.goods if good.tier == tier)
        for form in (f"tier:{tier}", f"tier {tier.lower()}", f"TIER{tier.replace('.', '')}"):
            found = goods(f"{name} {form}")
            assert found.codes == codes
            assert (found.name, found.title) == (name, f"{given.title}, tier {tier}")


@pytest.mark.parametrize("words", ["tier:1", "Tier 1", "tier1", "tier: 1", "chpl-2024-02, tier:1"])
def test_a_tier_alone_is_that_of_the_newest_common_list(words):
    assert goods(words).codes == ("854231", "854232", "854233", "854239")


@pytest.mark.parametrize(
    ("words", "size"),
    [
        ("tier:3", 25),
        ("tier:3.A", 16),
        ("tier:1,2", 9),
        ("tier:1 and 3B", 13),
        ("tiers 1, 2", 9),
        ("tier:1, tier:2", 9),
        ("chpl-2023-09 tier 3", 25),
        (["bis-fincen-9", "tier:2"], 5),
    ],
)
def test_several_tiers_are_taken_together(words, size):
    assert len(goods(words).codes) == size


def test_an_unknown_tier_is_refused_with_the_tiers_there_are():
    expected = "goods: chpl-2024-02 has no tier '9'; it has the tiers 1, 2, 3.A, 3.B, 4.A, 4.B"
    assert refused("tier:9") == expected
    assert "has no tier '2.A'; it has the tiers 1, 2" in refused("tier:1,2.A")
    assert "has no tier '3'; it has the tiers 1, 2" in refused("bis-fincen-9 tier:3")
    assert "no list or code 'chpl-2024-03'; did you mean chpl-2024-02" in refused(
        "chpl-2024-03 tier:1"
    )


@pytest.mark.parametrize("words", ["all", "ALL", "all-goods", "All goods", "total", "TOTAL"])
def test_all_goods_are_one_product(words):
    assert goods(words) == all_goods()
    assert (goods(words).name, goods(words).codes) == (ALL_GOODS, ("TOTAL",))


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("85", "85"),
        ("8542", "8542"),
        ("85.42", "8542"),
        ("854231", "854231"),
        ("8542.31", "854231"),
        ("8542 31", "854231"),
        ('"8542 31"', "854231"),
        ("85 42 31", "854231"),
        ("HS 8542.31", "854231"),
        ("8542.31.90", "85423190"),
        ("854231901", "854231901"),
        ("8542.31.0001", "8542310001"),
        ("85423190123", "85423190123"),
        ("854231901234", "854231901234"),
        ("010121", "010121"),
        ("98041000", "98041000"),
        ("00000000", "00000000"),
    ],
)
def test_a_code_of_2_to_12_digits_is_understood_with_and_without_marks(words, code):
    assert goods(words).codes == (code,)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("85423", "'85423' has 5 digits, a leading zero was lost or a digit is missing"),
        ("8", "has 1 digit, a leading zero"),
        ("854", "has 3 digits"),
        ("8542319", "has 7 digits"),
        ("8542.3", "has 5 digits"),
        ("1234567890123", "has 13 digits, expected 2 to 12"),
        ("00", "is in chapter 00, expected a chapter of the HS: 01 to 97, without 77"),
        ("9804", "is in chapter 98"),
        ("999999", "is in chapter 99"),
        ("7701", "is in chapter 77"),
        ("854231 854232", "reads as more than one code; put commas between codes"),
        ("854231 8542", "reads as more than one code"),
        ("8471 8542", "reads as more than one code"),
        ("8542-31", "is no code of goods, expected 2 to 12 digits"),
        ("\u0668\u0665", "is no code of goods"),
        ("854231, banana", "no list or code 'banana'"),
        ("banana", FORMS),
        ("chpl-2032-09", "did you mean chpl-2023-09"),
        ("chpl-2024-02, 854231", "'chpl-2024-02' is a list and stands alone"),
        ("all, 8542", "'all' is a list and stands alone"),
        ("mine.xlsx", FORMS),
        ("", "nothing was asked for"),
        ("x\ny" * 500, FORMS),
        ("nowhere.csv", "there is no file 'nowhere.csv'; give the path of a CSV"),
        ("~nobody-at-all/mine.csv", "there is no file"),
        ("no\nwhere" * 99 + ".csv", "there is no file 'no where"),
    ],
)
def test_what_is_no_code_is_refused_in_one_line(words, found):
    assert found in refused(words)


@given(st.text(max_size=60))
def test_any_text_is_a_list_or_refused_in_one_line(text):
    assert refused(text) or goods(text).codes


@given(st.lists(st.from_regex(r"\A(0[1-9]|[1-6][0-9]|8[0-9])([0-9]{2}){0,5}\Z"), min_size=1))
def test_no_code_of_a_list_is_inside_another_and_every_one_asked_is_covered(codes):
    found = goods(codes)
    kept = found.codes
    assert kept == tuple(sorted(set(kept)))
    assert not [a for a in kept for b in kept if a != b and a.startswith(b)]
    for code in codes:
        assert code in kept or (code in found.note and code.startswith(kept))


def test_a_code_inside_another_is_left_out_and_named():
    found = goods("854231, 8542; 85423190")
    assert found.codes == ("8542",)
    assert found.note == ("Left out, or it would count twice: 854231 (in 8542), 85423190 (in 8542)")
    assert goods("854231, 854232").note == ""


def test_titles_of_typed_codes_are_readable():
    named = "Integrated circuits: processors and controllers"
    assert goods("8542.31").title == f"HS 854231 ({named})"
    assert goods("8542").title == "HS 8542"
    assert goods("8542.31.90").title == "Code 85423190"
    assert goods("854231, 854232, 8471").title == "3 HS codes: 854231, 854232, 8471"
    assert goods("854231, 85423290").title == "2 codes: 854231, 85423290"
    assert goods("01,02,03,04,05").title == "5 HS codes: 01, 02, 03 and 2 more"
    assert {goods(words).name for words in ("85", "85, 84")} == {"codes"}


def test_a_typed_code_of_a_list_has_its_known_past_and_says_from_where():
    (good,) = goods("880730").goods
    assert (good.hs2017, good.hs2017_class) == ("880330", "renumbered")
    assert good.note.startswith("Title and predecessors as in chpl-2024-02")
    for listed in NEWEST.goods:
        (typed,) = goods(listed.code).goods
        assert (typed.hs2017, typed.hs2012) == (listed.hs2017, listed.hs2012)
        assert typed.description == listed.description
        assert typed.note.endswith(listed.note)
        assert typed.tier == ""


def test_any_other_code_is_its_own_past():
    for code in ("8542", "010121", "85423190"):
        (good,) = goods(code).goods
        assert (good.hs2017, good.hs2017_class) == (code, "unstated")
        assert (good.hs2012, good.hs2012_class) == (code, "unstated")
        assert (good.description, good.note) == ("", "")


def test_a_list_of_ones_own_is_understood_by_its_path(tmp_path):
    text = "code,title,tier\n8542.31,Processors,high\n8471,,low\n84713000,,low\n"
    (tmp_path / "Mine.csv").write_text(text, "utf-8")
    found = goods("Mine.csv", folder=tmp_path)
    assert found == goods(str(tmp_path / "Mine.csv"))
    assert found.codes == ("8471", "854231")
    assert found.goods[1].description == "Processors"
    assert found.note == "Left out, or it would count twice: 84713000 (in 8471)"
    assert goods("Mine.csv tier:high", folder=tmp_path).codes == ("854231",)


def test_a_list_without_tiers_says_so(tmp_path):
    (tmp_path / "mine.csv").write_text("code\n8471\n", "utf-8")
    with pytest.raises(UnknownCodeError, match=r"mine has no tier '1'; it has no tiers$"):
        goods("mine.csv tier:1", folder=tmp_path)
