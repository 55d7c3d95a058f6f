"""The stored rows that a question looks at: which, at which level, in which revision, by hand."""

from __future__ import annotations

from datetime import date

import ibis
import pytest

from entrepot import terms
from entrepot.engine import DuckEngine
from entrepot.errors import CoverageError
from entrepot.question.held import Held
from entrepot.question.present import Present
from entrepot.question.slices import Slices
from entrepot.question.tables import Tables
from entrepot.reads import Reads
from entrepot.store.snapshot import Snapshot
from support.kinds import kind

JAN, FEB, MAR = (date(2022, month, 1) for month in (1, 2, 3))
SPAN = ("2022-01", "2022-02")
EXPORTS = Reads("export", ("TUR",), now=(SPAN,))
PLAIN = {"source": "own", "reporter": "TUR", "partner": "RUS", "flow": "export", "period": JAN}
TWO_LEVELS, TWO_REVISIONS = kind(depths=(6, 8)), kind(classifications=("HS2017", "HS2022"))


@pytest.fixture
def make(flows):
    def build(rows, *reads, goods="854231", kinds=None, found=None, **others):
        con = ibis.duckdb.connect()
        con.con.register("flows", flows(*(PLAIN | row for row in rows)).to_pyarrow())
        con.con.execute("""create table flows_told (vintage varchar, rank bigint, source varchar,
            reporter varchar, freq varchar, flow varchar, period date, kind bigint)""")
        found = {("TUR", "export"): {JAN: (0,), FEB: (0,)}} if found is None else found
        source = others.get("source") or dict.fromkeys(found, "own")
        slices = Slices(found, source, others.get("unions", {}))
        listed = None if goods is None else terms.goods(goods)
        snapshot = Snapshot("flows", (), tuple(kinds or [kind()]))
        engine = DuckEngine(con)
        slots = Present(engine, slices, others.get("freq", "M"), Tables(engine))
        return Held(engine, snapshot, listed, reads or [EXPORTS], slices, slots)

    return build


def values(table, name="value_usd"):
    return sorted(row[name] for row in table.to_pyarrow().to_pylist())


EVERYONE = Reads("export", now=(SPAN,))
ODD = [
    {"value_usd": 2.0, "period": FEB},
    {"value_usd": 3.0, "period": MAR},
    {"value_usd": 4.0, "period": date(2021, 12, 1)},
    {"value_usd": 5.0, "freq": "A"},
    {"value_usd": 6.0, "flow": "import"},
    {"value_usd": 7.0, "reporter": "DEU"},
    {"value_usd": 8.0, "source": "two"},
    {"value_usd": 9.0, "status": "correction"},
]


@pytest.mark.parametrize(
    ("reads", "expected"),
    [
        ([EXPORTS], [1, 2, 9]),
        ([EVERYONE], [1, 2, 7, 9]),
        ([EXPORTS, EVERYONE], [1, 2, 7, 9]),
        ([EXPORTS, Reads("import", ("TUR",), now=(SPAN,))], [1, 2, 6, 9]),
        ([EXPORTS, Reads("export", ("DEU",), now=(("2022-03", "2022-03"),))], [1, 2, 3, 7, 9]),
        ([Reads("export", ("TUR",))], []),
        ([EXPORTS, Reads("import", ("DEU",), now=(SPAN,))], [1, 2, 9]),
        ([EXPORTS, Reads("import", now=(("2021-12", "2022-03"),), is_counted=False)], [1, 2, 9]),
        ([Reads("export", ("TUR",), now=(("2022-01",) * 2, ("2022-03",) * 2))], [1, 3, 9]),
    ],
)
def test_everything_is_the_rows_of_the_reporters_flows_and_months(make, reads, expected):
    held = make([{"value_usd": 1.0}, *ODD], *reads)
    assert values(held.everything) == expected
    assert values(held.kept) == [one for one in expected if one != 9]


def test_the_freq_is_that_of_the_question(make):
    held = make([{"value_usd": 1.0}, *ODD], freq="A")
    assert values(held.everything) == [5]


def test_each_book_is_of_the_source_chosen_for_it(make):
    rows = [
        {"value_usd": 1.0, "reporter": "TUR", "source": "own"},
        {"value_usd": 2.0, "reporter": "TUR", "source": "two"},
        {"value_usd": 3.0, "reporter": "DEU", "source": "own"},
        {"value_usd": 4.0, "reporter": "DEU", "source": "two"},
        {"value_usd": 5.0, "reporter": "DEU", "source": "own", "flow": "import"},
    ]
    reads = [EVERYONE, Reads("import", now=(SPAN,))]
    books = {("TUR", "export"): "own", ("DEU", "export"): "two", ("DEU", "import"): "own"}
    found = {book: {JAN: (0,)} for book in books}
    assert values(make(rows, *reads, found=found, source=books).everything) == [1, 4, 5]
    one = dict.fromkeys(found, "two")
    assert values(make(rows, *reads, found=found, source=one).everything) == [2, 4]
    assert values(make(rows, *reads, found={}, source={}).everything) == []


def test_counts_added_up_are_whole_numbers(make):
    held = make([{"value_usd": 1.0}, {"value_usd": 2.0, "partner": "KAZ"}])
    each = held.everything.group_by("partner").agg(n=ibis._.count())
    (row,) = held.evaluate(each.agg(n=ibis._.n.sum(), usd=ibis.literal(1.5)))
    assert row == {"n": 2, "usd": 1.5}
    assert type(row["n"]) is int


TOTALS = [
    {"product": "TOTAL", "value_usd": 50.0},
    {"product": "854231", "value_usd": 30.0},
    {"product": "854231", "value_usd": 3.0, "partner": "KAZ"},
    {"product": "847130", "value_usd": 4.0, "partner": "KAZ"},
]


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ([kind(has_total=True)], [50]),
        ([kind(has_total=False)], [7, 50]),
        ([kind(has_total=True), kind()], [7, 50]),
    ],
)
def test_all_goods_are_the_total_and_added_up_where_it_is_left_to_the_reader(make, kinds, expected):
    found = {("TUR", "export"): {JAN: tuple(range(len(kinds)))}}
    held = make(TOTALS, goods="all", kinds=kinds, found=found)
    assert held.codes == {"TOTAL"}
    assert held.adds_total == (len(expected) == 2)
    assert values(held.listed) == expected
    assert {*values(held.listed, "code")} == {"TOTAL"}
    assert values(held.engine.table(held.counted("bridged"))) == expected


def test_goods_that_are_named_never_add_a_total(make):
    held = make(TOTALS, kinds=[kind(has_total=False)])
    assert not held.adds_total
    assert values(held.listed) == [3, 30]


WORLD = Reads("export", ("TUR",), ("WLD",), (SPAN,))


@pytest.mark.parametrize(
    ("reads", "kinds", "asks"),
    [
        ([WORLD], [kind()], True),
        ([EXPORTS, WORLD], [kind()], True),
        ([EXPORTS], [kind()], False),
        ([WORLD], [kind(has_world=True)], False),
    ],
)
def test_the_world_is_added_up_where_it_is_asked_for_and_not_given(make, reads, kinds, asks):
    rows = [{"value_usd": 30.0}, {"value_usd": 3.0, "partner": "KAZ"}]
    held = make(rows, *reads, kinds=kinds)
    assert held.asks_world == asks
    told = {"RUS": 30, "KAZ": 3} | ({"WLD": 33} if asks else {})
    found = held.engine.table(held.counted("bridged")).to_pyarrow().to_pylist()
    assert {row["partner"]: row["value_usd"] for row in found} == told


def test_only_slices_that_speak_for_every_partner_add_up_to_the_world(make):
    kinds = [kind(), kind(partners=frozenset({"RUS"})), kind(has_world=True)]
    rows = [
        {"value_usd": 1.0},
        {"value_usd": 2.0, "period": FEB},
        {"value_usd": 4.0, "period": MAR},
    ]
    found = {("TUR", "export"): {JAN: (0, 1), FEB: (1,), MAR: (2,)}}
    year = Reads("export", ("TUR",), ("WLD",), (("2022-01", "2022-03"),))
    held = make(rows, year, kinds=kinds, found=found)
    assert values(held.engine.table(held.counted("bridged"))) == [1, 1, 2, 4, 4]
    assert values(held.adding(), "period") == [JAN, FEB]


def test_rows_count_under_their_revision_or_their_classification(make):
    rows = [{"classification": "CN2021", "product": "85423110"},
            {"classification": "GTIP2023", "product": "0101"}]  # fmt: skip
    held = make(rows, goods="8542, 0101")
    assert values(held.engine.table(held.counted("bridged")), "classification") == [
        "GTIP2023", "HS2017",
    ]  # fmt: skip
    assert held.counted("bridged").endswith("_basket_bridged")
    assert held.counted("as-listed").endswith("_basket_as_listed")


def test_a_basket_is_made_once(make):
    held = make([{}])
    name = held.counted("bridged")
    held.engine.own.con.execute(f"insert into {name} from {name}")
    assert values(held.engine.table(held.counted("bridged"))) == [1e6, 1e6]


def test_a_revision_without_codes_is_refused_for_subheadings_only(make):
    rows = [{"classification": "GTIP2023", "product": "85423110"}]
    with pytest.raises(CoverageError, match="no codes for GTIP2023"):
        make(rows).counted("bridged")
    assert values(make(rows, goods="8542").listed) == [1e6]
    assert make(rows, goods="8542").counted("bridged")


LEVELS = [{"product": "854231", "value_usd": 100.0}, {"product": "85423110", "value_usd": 90.0}]
REVISIONS = [
    {"classification": "HS2017", "value_usd": 100.0},
    {"classification": "HS2022", "value_usd": 100.0},
]


def odd(rows):
    """The rows with the second one far above the first."""
    return [rows[0], rows[1] | {"value_usd": 300.0}]


@pytest.mark.parametrize(("rows", "kinds"), [(LEVELS, [TWO_LEVELS]), (REVISIONS, [TWO_REVISIONS])])
def test_what_stands_twice_counts_once_or_is_refused(make, rows, kinds):
    held = make(rows, kinds=kinds)
    assert values(held.engine.table(held.counted("bridged"))) == [100]
    assert values(held.matched("stable")) == [100]
    assert values(make(rows, kinds=kinds).subheadings) == [100]
    for name in ("counted", "subheadings"):
        again = make(odd(rows), kinds=kinds)
        with pytest.raises(CoverageError, match="stands twice"):
            again.counted("bridged") if name == "counted" else again.subheadings


def test_without_two_levels_or_revisions_nothing_is_compared(make):
    assert values(make(odd(LEVELS)).subheadings) == [100, 300]
    assert values(make(odd(REVISIONS)).subheadings) == [100, 300]


def test_two_revisions_that_each_stand_in_two_levels(make):
    both = kind(depths=(6, 8), classifications=("HS2017", "HS2022"))
    rows = [*REVISIONS, LEVELS[1] | {"classification": "CN2021"}, LEVELS[1]]
    assert values(make(rows, kinds=[both]).subheadings) == [100]
    held = make(rows, kinds=[both])
    assert values(held.engine.table(held.counted("bridged"))) == [100]
    with pytest.raises(CoverageError, match="in HS2017 and as"):
        make([*odd(REVISIONS), *rows[2:]], kinds=[both]).subheadings  # noqa: B018


def test_levels_above_the_code_asked_for_are_not_looked_at(make):
    """A heading is no second level of its subheading, and is one of itself."""
    rows = [{"product": "8542", "value_usd": 100.0}, {"product": "854231", "value_usd": 90.0}]
    wide = [kind(depths=(4, 6))]
    assert values(make(rows, kinds=wide).matched("bridged")) == [90]
    assert values(make(rows, kinds=wide, goods="8542").matched("bridged")) == [100]


def test_totals_are_never_a_second_level(make):
    rows = [*TOTALS[:1], *LEVELS]
    held = make(rows, goods="all", kinds=[kind(depths=(0, 6, 8), has_total=True)])
    assert values(held.matched("bridged")) == [50]


def test_subheadings_are_all_codes_of_six_digits_and_finer_ones_under_them(make):
    rows = [
        {"product": "TOTAL", "value_usd": 1.0},
        {"product": "85", "value_usd": 2.0},
        {"product": "8542", "value_usd": 4.0},
        {"product": "854231", "value_usd": 8.0},
        {"product": "84713000", "value_usd": 16.0},
        {"product": "854231", "value_usd": -32.0, "status": "correction"},
    ]
    held = make(rows, goods=None, kinds=[kind(depths=(0, 2, 4, 6, 8))])
    found = held.subheadings.to_pyarrow().to_pylist()
    assert {row["product"]: row["value_usd"] for row in found} == {"854231": 8, "847130": 16}


@pytest.mark.parametrize(
    ("reads", "expected"),
    [
        ([EVERYONE], [1]),
        ([EVERYONE, EXPORTS], [1]),
        ([Reads("export", ("TUR", "EU27"), now=(SPAN,))], [1, 2]),
    ],
)
def test_a_union_is_left_out_of_every_subheading_where_whoever_reports_is_asked(
    make, reads, expected
):
    rows = [{"value_usd": 1.0}, {"value_usd": 2.0, "reporter": "EU27"}]
    found = {(who, "export"): {JAN: (0,)} for who in ("TUR", "EU27")}
    held = make(rows, *reads, found=found, unions={"EU27": ("DEU",)})
    assert values(held.subheadings) == expected
    assert values(make(rows, *reads, found=found).subheadings) == [1, 2]


def test_controls_are_the_other_goods_of_the_same_chapters(make):
    rows = [
        {"product": code, "value_usd": float(at)}
        for at, code in enumerate(("854231", "85423290", "850110", "847130", "840110", "010121"))
    ]
    held = make(rows, goods="854231, 84713010", kinds=[kind(depths=(6, 8))])
    assert values(held.controls, "product") == ["840110", "850110", "854232"]


def test_finer_rows_of_an_older_vintage_count_neither_listed_nor_as_subheadings(make):
    kinds = [kind(depths=(8,)), kind(products=frozenset({"854231"}))]
    rows = [
        {"product": "85423110", "vintage": "old", "value_usd": 300.0},
        {"product": "854231", "vintage": "new", "value_usd": 100.0},
    ]
    found = {("TUR", "export"): {JAN: (0, 1)}}
    for goods in ("854231", None):
        held = make(rows, goods=goods, kinds=kinds, found=found)
        held.engine.own.con.execute("""insert into flows_told values
            ('old', 0, 'own', 'TUR', 'M', 'export', date '2022-01-01', 0),
            ('new', 1, 'own', 'TUR', 'M', 'export', date '2022-01-01', 1)""")
        assert values(held.subheadings if goods is None else held.listed) == [100]
