"""Words against what they mean, by hand; and wrong ones against their one line."""

from __future__ import annotations

import shlex

import pytest

from entrepot.ask import Words
from entrepot.ask.answer import command
from entrepot.ask.question import read, words_of
from entrepot.errors import EntrepotError


def asked(desk, goods="854231", **words):
    return read(Words(goods, **words), desk)


def test_from_and_to_read_the_exporters_books(two_years):
    found = asked(two_years, sender="germany", receiver="kz, kgz", months="2022Q1")
    assert (found.reporters, found.partners, found.flow) == (("DEU",), ("KAZ", "KGZ"), "export")
    assert (found.first, found.last, found.freq, found.view) == ("2022-01", "2022-03", "M", "month")


def test_imports_read_the_importers_books(two_years):
    turned = asked(two_years, sender="Germany", receiver="KAZ", flow="imports", months="2022")
    said = asked(two_years, reporter="KAZ", partner="Germany", flow="M", months="2022")
    assert turned == said
    assert (said.reporters, said.partners, said.flow) == (("KAZ",), ("DEU",), "import")


def test_a_side_left_out_is_everyone(two_years):
    assert asked(two_years, receiver="KAZ", months="2022").reporters == ("ALL",)
    assert asked(two_years, sender="DEU", months="2022").partners == ("ALL",)


def test_the_last_months_are_those_of_the_reporter(two_years):
    late = asked(two_years, sender="DEU", receiver="KAZ", months="last-2")
    early = asked(two_years, sender="FRA", receiver="KAZ", months="last 2 months")
    assert (late.first, late.last) == ("2022-02", "2022-03")
    assert (early.first, early.last) == ("2022-01", "2022-02")


@pytest.mark.parametrize(
    ("by", "flow", "view"),
    [
        ("month", "", "month"),
        ("Partners", "", "partner"),
        ("reporter", "", "reporter"),
        ("codes", "", "product"),
        ("exporter", "", "reporter"),
        ("destination", "", "partner"),
        ("origin", "import", "partner"),
        ("importer", "import", "reporter"),
    ],
)
def test_a_view_by_any_of_its_names(two_years, by, flow, view):
    assert (
        asked(two_years, sender="DEU", receiver="KAZ", by=by, flow=flow, months="2022").view == view
    )


def test_a_table_compares_with_the_year_before_where_it_is_held(two_years):
    sides = {"sender": "DEU", "receiver": "all", "by": "partner"}
    assert asked(two_years, months="2022Q1", **sides).base == (2021,)
    first = asked(two_years, months="2021Q1", **sides)
    assert first.base == ()
    assert first.note == "Nothing of 2020 is held, so there is no comparison with the year before."
    assert asked(two_years, months="2022Q1", base="none", **sides).base == ()
    assert asked(two_years, months="2022Q1", base="year before", **sides).base == (2021,)
    assert asked(two_years, months="2022Q1", base="2019-2021", **sides).base == (2019, 2020, 2021)
    assert asked(two_years, months="2022Q1", base="2019, 2021", **sides).base == (2019, 2021)
    assert asked(two_years, months="2022Q1", sender="DEU").base == ()


def test_years_are_counted_where_only_years_are_held(annual):
    found = asked(annual, sender="DEU", receiver="KAZ", months="2022")
    assert found.freq == "A"
    assert found.note == "Only figures by year are held, so years are counted."
    told = asked(annual, sender="DEU", receiver="KAZ", months="2022", freq="annual")
    assert (told.freq, told.note) == ("A", "")


def test_the_command_asks_the_same_again(two_years):
    first = asked(two_years, sender="FRA", receiver="kz", months="last-2", by="partner", top=3)
    words = shlex.split(command(first, ["--demo"]))
    assert words == shlex.split(
        "entrepot ask 854231 --from FRA --to KAZ --months 2022-01..2022-02 --by partner "
        "--base 2021 --top 3 --demo"
    )
    again = Words(
        words[2], sender="FRA", receiver="KAZ", months="2022-01..2022-02", by="partner",
        base="2021", top=3,
    )  # fmt: skip
    assert read(again, two_years) == first


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ({"sender": "Kirgistan"}, "--from: nothing is called 'Kirgistan'; did you mean Kyrgyzstan"),
        ({"receiver": "Korea"}, "--to: 'Korea' may be South Korea (KOR) or North Korea (PRK)"),
        ({"reporter": "Germny"}, "--of: nothing is called 'Germny'; did you mean Germany (DEU)?"),
        ({"months": "2022-13"}, "has month 13, expected 1 to 12"),
        ({"months": "2022-09..2022-01"}, "ends before it begins; swap its ends"),
        ({"goods": "85423"}, "has 5 digits"),
        ({"goods": "chpl-2032-09"}, "did you mean chpl-2023-09"),
        ({"goods": " "}, "ask: names no goods"),
        ({"by": "partnr"}, "ask: --by 'partnr' is no view; did you mean partner?"),
        ({"base": "2022"}, "--base 2022 is the year asked about; write an earlier one"),
        ({"base": "2021-02"}, "--base '2021-02' is no year; write 2021 or 2019-2021"),
        ({"base": "2020", "months": "2021-2022"}, "is 24 months, and the same months of other"),
        ({"flow": "exprot"}, "did you mean export or re-export?"),
        ({"basket": "stabel"}, "--basket 'stabel'; did you mean stable?"),
        ({"freq": "weekly"}, "'weekly' is no frequency"),
        ({"top": -1}, "--top -1 is below 1"),
        ({"mirror": True, "receiver": "eu27"}, "--to is 27 countries; name one country on each"),
        ({"mirror": True, "by": "month"}, "--mirror shows both sides by month; leave out --by"),
        ({"mirror": True, "base": "2021"}, "two books, not two years; leave out --base"),
    ],
)
def test_a_wrong_word_is_one_line_with_the_next_step(two_years, words, line):
    given = {"goods": "854231", "months": "2022Q1"}
    if not {"reporter", "partner"} & words.keys():
        given |= {"sender": "DEU", "receiver": "KAZ"}
    with pytest.raises(EntrepotError) as caught:
        read(Words(**(given | words)), two_years)
    assert line in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_wrong_word_is_told_before_an_empty_store(desk):
    with pytest.raises(EntrepotError, match="did you mean Germany"):
        read(Words("854231", sender="Germny", receiver="KAZ"), desk)
    with pytest.raises(EntrepotError, match="nothing is known"):
        read(Words("854231", sender="Germany", receiver="KAZ"), desk)


def test_two_ways_to_say_who_are_refused_and_none_at_all(two_years):
    with pytest.raises(EntrepotError, match="write one pair or the other"):
        asked(two_years, sender="DEU", partner="KAZ")
    with pytest.raises(EntrepotError, match="neither who sends the goods nor who gets them"):
        asked(two_years)


def test_months_of_a_store_of_years_are_refused_with_the_years(annual):
    with pytest.raises(EntrepotError, match=r"only figures by year are held.*write --months 2022$"):
        asked(annual, sender="DEU", receiver="KAZ", months="2022-03")


def test_python_words_are_checked_by_name():
    assert words_of("85", {"sender": ["DEU", "FRA"]}).sender == "DEU, FRA"
    with pytest.raises(EntrepotError, match=r"no word 'sendr'; did you mean sender\?"):
        words_of("85", {"sendr": "DEU"})
