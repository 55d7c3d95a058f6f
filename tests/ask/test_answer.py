"""Answers against sums by hand on small stores, whole, in part and not known at all."""

from __future__ import annotations

import sys

import pytest

from entrepot.ask import Words, ask
from entrepot.ask.answer import command, prepare
from entrepot.ask.saved import save, toml
from entrepot.errors import CoverageError, EntrepotError
from entrepot.study.answer import run
from entrepot.study.question import load
from support.plain import OWN
from support.sampled import some

QUARTER = {"months": "2022Q1"}
VIEWS = [
    {"sender": "DEU", "receiver": "KGZ"},
    {"sender": "FRA", "receiver": "KAZ"},
    {"sender": "DEU", "receiver": "KAZ", "base": "2021"},
    {"sender": "DEU, FRA", "receiver": "KAZ", "by": "reporter"},
    {"sender": "eu27", "receiver": "KAZ", "by": "reporter", "base": "none"},
    {"sender": "DEU", "by": "partner"},
    {"sender": "all", "receiver": "KAZ, KGZ", "by": "partner", "top": 1},
    {"sender": "DEU", "receiver": "all", "by": "product", "goods": "854231, 854232, 8471"},
    {"sender": "DEU", "receiver": "KAZ", "mirror": True},
]


def values(answer, key, column="value_usd"):
    return {row[key]: row[column] for row in answer.rows}


@pytest.mark.usefixtures("two_years")
def test_by_month_each_month_and_their_sum(asked):
    answer = asked("8542.31", sender="Germany", receiver="Kyrgyzstan", **QUARTER)
    assert values(answer, "period") == {"2022-01": 6, "2022-02": 6, "2022-03": 6}
    assert answer.sentence == (
        "The exports of HS 854231 (Integrated circuits: processors and controllers) that Germany "
        "recorded to Kyrgyzstan came to $18 in January–March 2022."
    )
    assert answer.is_whole
    assert {row["known"] for row in answer.rows} == {"all"}


@pytest.mark.usefixtures("two_years")
def test_a_month_that_is_not_published_is_null_and_the_sum_at_least(asked):
    answer = asked("854231", sender="FRA", receiver="KAZ", **QUARTER)
    assert values(answer, "period") == {"2022-01": 12, "2022-02": 12, "2022-03": None}
    assert "came to at least $24 in" in answer.sentence
    assert answer.gaps == ("not published: France March 2022",)
    assert {row["missing"] for row in answer.rows} == {"not published: France March 2022"}


@pytest.mark.usefixtures("two_years")
def test_what_is_known_to_be_nothing_is_zero(asked):
    answer = asked("854231", sender="DEU", receiver="UZB", **QUARTER)
    assert {*values(answer, "period").values()} == {0.0}
    assert "came to $0 in" in answer.sentence


@pytest.mark.usefixtures("two_years")
def test_by_partner_against_the_year_before(asked):
    answer = asked("854231", sender="DEU", receiver="all", by="partner", **QUARTER)
    shown = {row["partner"]: (row["base_usd"], row["value_usd"], row["change_usd"], row["ratio"])
             for row in answer.rows}  # fmt: skip
    assert shown == {"KAZ": (30, 90, 60, 3), "KGZ": (6, 18, 12, 3)}
    assert [row["partner_name"] for row in answer.rows] == ["Kazakhstan", "Kyrgyzstan"]
    assert "rose 3.0-fold to $108 in January–March 2022, from $36 in the same months of 2021." in (
        answer.sentence
    )
    assert answer.sentence.endswith(
        "Largest rises: Kazakhstan (by $60 to $90) and Kyrgyzstan (by $12 to $18)."
    )


@pytest.mark.usefixtures("two_years")
def test_by_reporter_only_months_of_both_years_count(asked):
    answer = asked("854231", sender="DEU, FRA", receiver="KAZ", by="reporter", **QUARTER)
    assert values(answer, "reporter", "base_usd") == {"DEU": 30, "FRA": 8}
    assert values(answer, "reporter") == {"DEU": 90, "FRA": 24}
    assert values(answer, "reporter", "months") == {"DEU": 3, "FRA": 2}
    assert "to $114" in answer.sentence
    assert "over the 5 of 6 reporter-months that can be compared" in answer.sentence


@pytest.mark.usefixtures("two_years")
def test_whoever_is_asked_for_has_a_row_and_null_where_nothing_is_known(asked):
    answer = asked("854231", sender="eu27", receiver="KAZ", by="reporter", base="none", **QUARTER)
    found = values(answer, "reporter")
    assert len(found) == 27
    assert (found.pop("DEU"), found.pop("FRA")) == (90, 24)
    assert {*found.values()} == {None}
    assert values(answer, "reporter", "share")["DEU"] == pytest.approx(90 / 114)
    assert "at least $114" in answer.sentence


@pytest.mark.usefixtures("two_years")
def test_everyone_who_reports_is_looked_at(asked):
    answer = asked("854231", receiver="KAZ", by="reporter", base="none", **QUARTER)
    assert values(answer, "reporter") == {"DEU": 90, "FRA": 24}


@pytest.mark.usefixtures("two_years")
def test_by_product_a_code_without_rows_is_zero(asked):
    answer = asked("854231, 854232, 8471", sender="DEU", by="product", base="none", **QUARTER)
    assert values(answer, "product") == {"854232": 150, "854231": 108, "8471": 0}
    assert "Largest: 854232" in answer.sentence


@pytest.mark.usefixtures("two_years")
def test_the_same_months_of_each_year(asked):
    answer = asked("854231", sender="DEU", receiver="KAZ", base="2021", **QUARTER)
    assert values(answer, "year") == {2021: 30, 2022: 90}
    assert "rose 3.0-fold to $90" in answer.sentence


@pytest.mark.usefixtures("annual")
def test_several_whole_years_have_a_column_each(asked):
    answer = asked("854231", sender="DEU", by="partner", months="2021..2022")
    shown = {row["partner"]: (row["usd_2021"], row["usd_2022"]) for row in answer.rows}
    assert shown == {"KAZ": (100, 250), "KGZ": (0, 30)}
    assert "Only figures by year are held" in answer.brief.caveats[0]


@pytest.mark.usefixtures("annual")
def test_by_year_each_year_is_a_row(asked):
    answer = asked("854231", sender="DEU", receiver="KAZ", months="2021..2022")
    assert values(answer, "period") == {"2021": 100, "2022": 250}
    grown = asked("854231", sender="DEU", receiver="KAZ", months="2022", base="2021")
    assert values(grown, "year") == {2021: 100, 2022: 250}


@pytest.mark.usefixtures("two_years")
def test_more_months_than_a_year_are_not_added_up_by_country(asked):
    with pytest.raises(EntrepotError, match=r"is 15 months.*write --months 2021\.\.2022"):
        asked("854231", sender="DEU", by="partner", months="2021-01..2022-03")


def test_both_sides_of_the_mirror(two_years, table, asked):
    arrivals = [
        {"month": f"2022-0{month}", "reporter": "KAZ", "partner": "DEU", "flow": "M", "value": "20"}
        for month in (1, 2)
    ]
    two_years.take(table("kaz.csv", *arrivals), scope="whole")
    answer = asked("854231", sender="DEU", receiver="KAZ", mirror=True, **QUARTER)
    shown = {(row["period"], row["series"]): row["value_usd"] for row in answer.rows}
    sent, got = "Germany's exports to Kazakhstan", "Kazakhstan's imports from Germany"
    assert shown == {
        ("2022-01", sent): 30, ("2022-02", sent): 30, ("2022-03", sent): 30,
        ("2022-01", got): 20, ("2022-02", got): 20, ("2022-03", got): None,
    }  # fmt: skip
    assert answer.sentence.startswith("Germany recorded $60 of exports of HS 854231")
    assert answer.sentence.endswith(
        "and Kazakhstan $40 of imports from Germany, over the 2 months that both published."
    )
    assert sum(answer.stored().column("value_usd").to_pylist()) == 130  # as in the table


def test_partners_never_asked_for_make_the_answer_at_least(desk, table, asked):
    path = table("two.csv", {"partner": "KAZ"}, {"partner": "KGZ", "value": "5"})
    desk.take(path, scope="part")
    answer = asked("854231", sender="DEU", receiver="KAZ, KGZ, RUS", months="2022-01", by="partner")
    assert values(answer, "partner") == {"KAZ": 100, "KGZ": 5, "RUS": None}
    assert "at least $105" in answer.sentence
    assert answer.gaps == ("Germany's exports to Russia were never asked for",)
    whole = asked("854231", sender="DEU", receiver="all", months="2022-01")
    assert "at least $105" in whole.sentence


def test_a_code_of_which_only_the_heading_is_held_is_not_known(desk, table, asked):
    desk.take(table("heading.csv", {"product": "8542"}), mapping=OWN, scope="whole")
    with pytest.raises(CoverageError, match="854231 is held only under a broader code") as caught:
        asked("854231", sender="DEU", receiver="KAZ", months="2022-01")
    assert "entrepot study fetch ./my.toml" in str(caught.value)
    assert asked("8542", sender="DEU", receiver="KAZ", months="2022-01").rows[0]["value_usd"] == 100


@pytest.mark.parametrize("words", some(VIEWS, 2), ids=str)
@pytest.mark.usefixtures("two_years")
def test_months_nobody_published_are_one_line(asked, words):
    with pytest.raises(EntrepotError) as caught:
        asked(**({"goods": "854231"} | words | {"months": "2019Q1"}))
    line = str(caught.value)
    assert line.startswith("ask: ")
    assert "\n" not in line


@pytest.mark.parametrize("words", some(VIEWS, 2), ids=str)
def test_a_saved_study_gives_the_same_answer(two_years, table, asked, tmp_path, words):
    two_years.take(
        table("kaz.csv", {"reporter": "KAZ", "partner": "DEU", "flow": "M"}), scope="whole"
    )
    given = {"goods": "854231"} | QUARTER | words
    answer = asked(**given)
    path = tmp_path / "mine.toml"
    save(answer.study, path, command(answer.asked, []))
    again, _books = run(load(str(path)), two_years)
    first, second = answer.brief.to_dict(), again.to_dict()
    for made in (first, second):
        del made["study"], made["evidence"]["command"]
        for table in made["breakdowns"]:
            table.pop("evidence", None)
    assert first == second


def test_a_saved_study_reads_like_one_that_was_written(two_years):
    _asked, made = prepare(Words("8542.31", sender="DEU", receiver="KAZ", **QUARTER), two_years)
    text = toml(made, "entrepot ask 8542.31")
    assert text.startswith("# entrepot ask 8542.31\ntitle = ")
    assert 'goods = "8542.31"\n' in text
    assert '[params]\nreporters = ["DEU"]\npartners = ["KAZ"]\n' in text


@pytest.mark.parametrize("words", some(VIEWS[:-1], 2), ids=str)
@pytest.mark.usefixtures("two_years")
def test_the_stored_rows_add_up_to_the_sentence(asked, words):
    answer = asked(**({"goods": "854231"} | QUARTER | words))
    stored = answer.stored()
    now = [row["value_usd"] for row in stored.to_pylist() if row["period"].year == 2022]
    assert sum(now) == answer.brief.figures[0].value
    names = {(row["reporter"], row["reporter_name"]) for row in stored.to_pylist()}
    assert names <= {("DEU", "Germany"), ("FRA", "France")}
    assert all(row["vintage"] and row["file"] for row in stored.to_pylist())


@pytest.mark.usefixtures("two_years")
def test_the_rows_as_arrow_and_as_a_page_of_a_notebook(asked):
    answer = asked("854231", sender="DEU", receiver="KGZ", **QUARTER)
    assert answer.to_arrow().to_pylist() == answer.rows
    assert answer._repr_html_().startswith("<iframe srcdoc=")
    assert "pandas" not in sys.modules or answer.to_pandas().shape[0] == 3


def test_a_workspace_is_asked_in_the_same_words(two_years):
    answer = two_years.ask("8542.31", sender="Germany", receiver=["KAZ", "KGZ"], months="2022-01")
    assert [row["value_usd"] for row in answer.rows] == [36]
    with pytest.raises(EntrepotError, match="did you mean receiver"):
        two_years.ask("8542.31", reciever="KAZ")


@pytest.mark.usefixtures("two_years")
def test_goods_of_which_all_is_known_and_nothing_recorded_are_zero(asked):
    answer = asked("880730", sender="DEU", receiver="KAZ", **QUARTER)
    assert {row["value_usd"] for row in answer.rows} <= {0.0}
    assert answer.is_whole
    assert "$0" in answer.sentence


def test_a_code_that_older_revisions_had_elsewhere_is_answered_as_listed(desk, table, asked):
    """880730 is new in HS2022, so the stable basket has no code at all."""
    desk.take(table("parts.csv", {"product": "880730"}), scope="whole")
    answer = asked("8807.30", sender="DEU", receiver="KAZ", months="2022-01")
    assert values(answer, "period") == {"2022-01": 100}
    choices = {one.option: one.value for one in answer.brief.figures[0].sensitivity}
    assert choices == {"as-listed": 100, "stable": None, "bridged": 100}


@pytest.mark.usefixtures("desk")
def test_an_empty_store_says_what_to_do(asked):
    with pytest.raises(CoverageError, match="try --demo"):
        asked("854231", sender="DEU")


@pytest.mark.usefixtures("two_years")
def test_the_rows_behind_an_answer_stay_its_own_when_the_next_is_asked(asked):
    """A connection is asked again before the rows of the first answer are looked at."""
    one = {"sender": "DEU", "receiver": "KAZ", "months": "2022-01..2022-03"}
    first = asked("854231", **one)
    at_once = first.stored()
    late = asked("854231", **one)
    asked("854232", sender="FRA", receiver="RUS", months="2021-01..2021-02")
    assert late.stored() == at_once
    assert at_once.column("value_usd").to_pylist() == [30.0, 30.0, 30.0]


@pytest.mark.parametrize("view", [
    {"receiver": "KAZ"}, {"receiver": "KAZ", "base": "2021"}, {"receiver": "all", "by": "partner"},
    {"receiver": "KAZ, KGZ", "by": "product", "base": "none"},
])  # fmt: skip
def test_a_plain_answer_says_the_same_without_ranges(two_years, view):
    words = Words("854231", sender="DEU", months="2022-01..2022-03", **view)
    whole, plain = ask(words, two_years), ask(words, two_years, is_plain=True)
    assert (plain.sentence, plain.gaps, plain.rows) == (whole.sentence, whole.gaps, whole.rows)
    assert plain.brief.pictures[:1] == whole.brief.pictures[:1]
    assert plain.stored() == whole.stored()
    assert [one.value for one in plain.brief.figures] == [one.value for one in whole.brief.figures]
