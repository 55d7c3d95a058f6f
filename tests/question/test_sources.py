"""One set of books per country, and a group or its members but never both."""

import pytest

from entrepot.errors import CoverageError
from entrepot.question.sources import choose, expand, refuse_overlap, unions
from entrepot.reference import groups

GERMANY, TURKEY = ("DEU", "export"), ("TUR", "export")
HELD = {GERMANY: ("comtrade", "eurostat"), TURKEY: ("comtrade",)}
BOTH = {GERMANY: {"comtrade", "eurostat"}, TURKEY: {"comtrade"}}


def test_a_reporter_in_two_sources_is_refused():
    with pytest.raises(
        CoverageError,
        match=r"Germany's exports are in 2 sources: comtrade, eurostat \(1 .*--source comtrade",
    ):
        choose(HELD, (), BOTH)


def test_the_refusal_names_the_first_such_reporter_and_counts_them():
    held = HELD | {("ARM", "import"): ("comtrade", "own")}
    able = BOTH | {("ARM", "import"): {"comtrade", "own"}}
    with pytest.raises(CoverageError, match=r"Armenia's imports are in .*own \(2 such reporters"):
        choose(held, (), able)


@pytest.mark.parametrize(
    ("preferred", "expected"),
    [
        (("eurostat", "comtrade"), {GERMANY: "eurostat", TURKEY: "comtrade"}),
        (("comtrade",), {GERMANY: "comtrade", TURKEY: "comtrade"}),
        (("eurostat",), {GERMANY: "eurostat"}),
        (("own",), {}),
    ],
)
def test_the_preferred_source_is_taken_and_others_fill_in(preferred, expected):
    assert choose(HELD, preferred, BOTH) == expected


def test_a_source_that_knows_nothing_of_the_question_is_no_second_one():
    assert choose(HELD, (), {GERMANY: {"eurostat"}})[GERMANY] == "eurostat"


def test_of_two_sources_of_which_neither_knows_anything_none_is_guessed():
    with pytest.raises(CoverageError, match="2 sources"):
        choose(HELD, (), {})


def test_imports_and_exports_may_come_from_two_sources():
    held = {GERMANY: ("comtrade",), ("DEU", "import"): ("eurostat",)}
    assert choose(held, (), {}) == {GERMANY: "comtrade", ("DEU", "import"): "eurostat"}


def test_a_group_is_its_members_unless_only_the_group_reports():
    members = groups.members("eu27")
    assert len(members) == 27
    assert expand(("eu27", "TUR"), {"DEU", "EU27"}) == (*members, "TUR")
    assert expand(("eu27",), {"EU27", "TUR"}) == ("EU27",)
    assert expand(("eu27",), set()) == members
    assert expand(("TUR", "TUR"), {"TUR"}) == ("TUR",)


def test_a_union_beside_its_members_is_found_and_alone_it_is_not():
    (members,) = unions(("TUR", "EU27", "FRA", "DEU")).values()
    assert {*members} == {"DEU", "FRA"}
    assert unions(("TUR", "EU27")) == {}
    assert unions(("TUR", "DEU")) == {}


def test_a_union_and_its_member_are_never_added():
    with pytest.raises(CoverageError, match=r"\(EU27\) holds Germany \(DEU\) already; .*eu27"):
        refuse_overlap(("EU27", "DEU"))
    refuse_overlap(("EU27", "TUR"))
    refuse_overlap(groups.members("eu27"))
