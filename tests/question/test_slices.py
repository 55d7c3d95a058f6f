"""Which slices reads look at, of which source: by hand, and random against plain loops."""

from __future__ import annotations

import random
from datetime import date

import duckdb
import pytest

from entrepot.errors import CoverageError
from entrepot.question.grid import Grid
from entrepot.question.slices import slices
from entrepot.reads import Reads
from entrepot.store.snapshot import Snapshot
from support.kinds import kind

JAN, FEB, MAR = (date(2022, month, 1) for month in (1, 2, 3))
SPAN = ("2022-01", "2022-03")
GOODS = (("HS2022", "854231", "854231"),)
KNOWS, OTHER = kind(), kind(products=frozenset({"847130"}))
FEW, RUSSIA = kind(depths=(4,)), kind(partners=frozenset({"RUS"}))
KINDS = (KNOWS, OTHER, FEW, RUSSIA)


def look(rows, *reads, preferred=(), kinds=KINDS):
    """The slices of a table of (source, reporter, freq, flow, period, kinds)."""
    con = duckdb.connect()
    con.execute("""create table flows_known (source varchar, reporter varchar, freq varchar,
        flow varchar, period date, kinds bigint[])""")
    con.executemany("insert into flows_known values (?, ?, ?, ?, ?, ?)", rows)
    return slices(con, Snapshot("flows", ()), reads, Grid(kinds, GOODS), preferred)


def row(source="one", who="DEU", flow="export", day=JAN, kinds=(0,), freq="M"):
    return (source, who, freq, flow, day, [*kinds])


EXPORTS = Reads("export", now=(SPAN,))
TURKEY = Reads("export", ("TUR",), now=(SPAN,))


def test_only_what_reads_look_at_is_found():
    rows = [
        row(), row(day=FEB, kinds=(2, 0)), row(flow="import"), row(freq="A"),
        row(day=date(2022, 4, 1)), row(day=date(2021, 12, 1)), row(who="TUR"),
    ]  # fmt: skip
    everyone = look(rows, EXPORTS)
    assert everyone.found == {
        ("DEU", "export"): {JAN: (0,), FEB: (2, 0)},
        ("TUR", "export"): {JAN: (0,)},
    }
    assert everyone.source == {("DEU", "export"): "one", ("TUR", "export"): "one"}
    assert set(look(rows, TURKEY).found) == {("TUR", "export")}
    imports = Reads("import", ("DEU",), now=(SPAN,))
    assert set(look(rows, TURKEY, imports).found) == {("TUR", "export"), ("DEU", "import")}
    assert set(look(rows, EXPORTS, imports).found) == {*everyone.found, ("DEU", "import")}
    assert look(rows, Reads("export")).found == {}


def test_months_of_every_read_are_looked_at():
    early, late = Reads("export", now=(SPAN[:1] * 2,)), Reads("export", now=(SPAN[1:] * 2,))
    rows = [row(day=day) for day in (JAN, FEB, MAR)]
    assert set(look(rows, early).found["DEU", "export"]) == {JAN}
    assert set(look(rows, early, late).found["DEU", "export"]) >= {JAN, MAR}


def test_a_union_is_left_out_beside_its_members_only():
    rows = [row(who="EU27"), row(who="FRA"), row(who="TUR")]
    found = look(rows, EXPORTS)
    assert found.unions == {"EU27": ("FRA",)}
    assert found.reporters("export") == ("FRA", "TUR")
    assert found.reporters("import") == ()
    assert look([rows[0], rows[2]], EXPORTS).reporters("export") == ("EU27", "TUR")


def test_a_read_needs_whom_it_names_or_everyone_but_the_destination():
    rows = [row(who=who) for who in ("DEU", "KAZ", "RUS", "TUR")]
    found = look(rows, EXPORTS)
    assert found.asked(Reads("export", ("TUR", "ARM", "TUR"))) == ("TUR", "ARM")
    assert found.asked(Reads("export", partners=("RUS", "KAZ"))) == ("DEU", "KAZ", "TUR")
    assert found.asked(Reads("export")) == ("DEU", "KAZ", "RUS", "TUR")
    assert found.asked(Reads("import")) == ()


TWO = [row(), row("two")]


def test_two_sources_that_both_know_are_a_question():
    with pytest.raises(CoverageError, match="Germany's exports are in 2 sources: one, two"):
        look(TWO, EXPORTS)
    assert look(TWO, EXPORTS, preferred=("two",)).source == {("DEU", "export"): "two"}
    assert look(TWO, EXPORTS, preferred=("two",)).found == {("DEU", "export"): {JAN: (0,)}}


@pytest.mark.parametrize(
    ("first", "second", "partners", "taken"),
    [
        ((0,), (1,), (), "one"),  # the second knows nothing of these goods
        ((1,), (0,), (), "two"),
        ((3,), (0,), (), "two"),  # the first speaks for Russia only
        ((1,), (3,), ("RUS",), "two"),
        ((1, 3), (1,), ("RUS",), "one"),  # of several vintages one knows
        ((2,), (1,), (), "one"),  # a broader code is something known
    ],
)
def test_a_source_that_knows_nothing_of_the_question_is_passed_over(first, second, partners, taken):
    rows = [row(kinds=first), row("two", kinds=second)]
    asked = Reads("export", ("DEU",), partners, now=(SPAN,))
    assert look(rows, asked).source == {("DEU", "export"): taken}


def test_a_source_that_knows_other_months_only_is_passed_over():
    rows = [row(day=JAN), row(day=FEB, kinds=(1,)), row("two", day=MAR)]
    asked = Reads("export", ("DEU",), now=((SPAN[0], SPAN[0]), (SPAN[1], SPAN[1])))
    gap = look(rows, Reads("export", ("DEU",), now=((SPAN[0], SPAN[0]),)),
               Reads("export", ("TUR",), now=((SPAN[1], SPAN[1]),)))  # fmt: skip
    assert gap.source == {("DEU", "export"): "one"}
    with pytest.raises(CoverageError, match="2 sources"):
        look(rows, asked)


def test_a_month_between_those_asked_for_makes_no_second_source():
    rows = [row(day=JAN), row("two", day=FEB), row("two", day=MAR, kinds=(1,))]
    asked = Reads("export", ("DEU",), now=(("2022-01", "2022-01"), ("2022-03", "2022-03")))
    assert look(rows, asked).source == {("DEU", "export"): "one"}


def test_what_only_stands_beside_an_answer_decides_nothing_and_is_left_out_where_unclear():
    beside = Reads("import", now=(SPAN,), optional=True)
    rows = [row(), row(flow="import"), row("two", flow="import")]
    assert look(rows, EXPORTS, beside).source == {("DEU", "export"): "one"}
    assert set(look(rows[:2], EXPORTS, beside).source) == {("DEU", "export"), ("DEU", "import")}
    assert look(rows, EXPORTS, beside, preferred=("two", "one")).source == {
        ("DEU", "export"): "one",
        ("DEU", "import"): "two",
    }


def test_what_stands_beside_does_not_say_which_source_can_answer():
    rows = [row(day=JAN), row("two", day=FEB)]
    asked = Reads("export", ("DEU",), now=(("2022-01", "2022-01"),))
    beside = Reads("export", ("DEU",), now=(("2022-02", "2022-02"),), optional=True)
    assert look(rows, asked, beside).source == {("DEU", "export"): "one"}


def test_another_reporters_read_does_not_say_which_source_can_answer():
    rows = [row(day=JAN), row("two", day=FEB)]
    german = Reads("export", ("DEU",), now=(("2022-01", "2022-01"),))
    turkish = Reads("export", ("TUR",), now=(("2022-02", "2022-02"),))
    assert look(rows, german, turkish).source == {("DEU", "export"): "one"}


def test_signatures_are_those_found():
    rows = [row(), row(day=FEB, kinds=(0, 2)), row(who="TUR")]
    assert look(rows, EXPORTS).signatures == {(0,), (0, 2)}


@pytest.mark.parametrize("seed", range(30))
def test_random_books_are_those_of_a_plain_loop(seed):
    chance = random.Random(seed)
    who, flows, days = ("DEU", "FRA", "TUR"), ("export", "import"), (JAN, FEB, MAR)
    books = [(one, flow) for one in who for flow in flows if chance.random() < 0.8]
    rows = [
        row(source, *book, day, tuple(sorted(chance.sample(range(4), chance.randint(1, 3)))))
        for book in books
        for source in ("one", "two")[: chance.choice((1, 1, 2))]
        for day in days
        if chance.random() < 0.8
    ]
    reads = [
        Reads(
            chance.choice(flows),
            tuple(chance.sample(who, chance.randint(0, 2))),
            now=(chance.choice((SPAN, ("2022-02", "2022-03"))),),
        )
        for _ in range(2)
    ]
    first = min(day for one in reads for day in one.periods)
    expected = {}
    for source, reporter, _freq, flow, day, kinds in sorted(rows):
        is_read = any(
            one.flow == flow and (not one.reporters or reporter in one.reporters) for one in reads
        )
        if is_read and day >= first:
            book = expected.setdefault((reporter, flow), {})
            book.setdefault(source, {})[day] = tuple(kinds)
    for preferred in (("one",), ("two", "one")):
        found = look(rows, *reads, preferred=preferred)
        taken = {
            book: next((one for one in preferred if one in sources), None)
            for book, sources in expected.items()
        }
        assert found.source == {book: one for book, one in taken.items() if one}
        assert found.found == {book: expected[book][one] for book, one in taken.items() if one}
