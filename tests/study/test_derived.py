"""Sums and quotients of figures, rows added up, and part lists, by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest
from ibis import _
from msgspec import structs

from entrepot.errors import StudyError
from entrepot.measures.mirror_gap import GAPS
from entrepot.measures.red_flag import FLAGS
from entrepot.parts import measures
from entrepot.publish.brief import Coverage, Figure, Variant
from entrepot.question.known import Known
from entrepot.question.slices import Slices
from entrepot.schema import Column
from entrepot.study.answer import run
from entrepot.study.behind import FigureReads
from entrepot.study.books import Books
from entrepot.study.coverage import cover
from entrepot.study.derived import derive
from entrepot.study.figures import Answered, add_up, answer, compute
from entrepot.study.listed import listed
from entrepot.study.question import DerivedBlock, FigureBlock, load
from entrepot.study.runs import run as run_of
from entrepot.workspace import Workspace
from support.plain import OWN

MONTHLY = {"first": "2023-01", "flow": "export", "partners": ("KAZ",)}
TURKEY = run_of(measures()["monthly_series"], MONTHLY | {"reporters": ("TUR",), "last": "2023-02"})
CHINA = run_of(measures()["monthly_series"], MONTHLY | {"reporters": ("CHN",), "last": "2023-01"})


class FakeBooks:
    """Books of TUR's January and February and CHN's nothing."""

    def __init__(self):
        self.goods = SimpleNamespace(codes=("854231",))
        self.present = frozenset(("export", "TUR", date(2023, n, 1)) for n in (1, 2))
        published = {("TUR", "export"): {date(2023, n, 1): (0,) for n in (1, 2)}}
        self.selection = SimpleNamespace(slices=Slices(published, {("TUR", "export"): "own"}))

    def reads(self, run):
        return tuple(run.measure.reads(**run.params))

    def known(self, run):
        slots = {
            (read.flow, who, day)
            for read in self.reads(run)
            for who in read.reporters or ("TUR",)
            for day in read.periods
        }
        return Known(self.present & slots, ("854231",), (), {}, frozenset(), ())

    def codes_in(self, reads, *, base):
        return {"854231"} if any(read.base if base else read.now for read in reads) else set()


def block(name, value, runs=(TURKEY,), **variants):
    coverage = Coverage("months", 2, 2)
    made = tuple(Variant("basket", option, given) for option, given in variants.items())
    figure = Figure(f"{name}.x", name, value, "USD", "stable", coverage, made,
                    because="" if value is not None else f"no {name}")  # fmt: skip
    owns = tuple(FigureReads(run) for run in runs)
    return Answered(name, {}, {}, (figure,), {f"{name}.x": owns})


def made(asked, *blocks):
    (figure,) = derive(asked, blocks, FakeBooks()).figures
    return figure


def test_a_sum_adds_value_and_choices_and_keeps_the_unit():
    figure = made(
        DerivedBlock("d", "both", add=("a.x", "b.x"), unit="ratio"),
        block("a", 2.0, stable=2.0, bridged=3.0),
        block("b", 5.0, stable=5.0),
    )
    assert (figure.name, figure.value, figure.unit) == ("d.value", 7.0, "USD")
    assert {v.option: v.value for v in figure.sensitivity} == {"stable": 7.0, "bridged": 8.0}
    assert (figure.low, figure.high) == (7.0, 8.0)


def test_a_quotient_divides_the_first_by_the_second_under_each_choice():
    figure = made(
        DerivedBlock("d", "part", divide=("a.x", "b.x"), unit="share", headline=True),
        block("a", 2.0, stable=2.0, bridged=3.0),
        block("b", 8.0, stable=8.0, bridged=4.0),
    )
    assert (figure.value, figure.unit, figure.headline) == (0.25, "share", True)
    assert (figure.low, figure.high) == (0.25, 0.75)


@pytest.mark.parametrize("below", [0.0, -4.0])
def test_nothing_is_a_part_of_nothing_or_less(below):
    figure = made(DerivedBlock("d", "l", divide=("a.x", "b.x")), block("a", 2.0), block("b", below))
    assert figure.value is None
    assert figure.because.startswith("b is not above zero")


def test_a_part_that_is_not_there_gives_its_own_reason():
    parts = block("a", 2.0), block("b", None)
    for asked in (
        DerivedBlock("d", "l", add=("a.x", "b.x")),
        DerivedBlock("d", "l", divide=("a.x", "b.x")),
    ):
        assert (made(asked, *parts).value, made(asked, *parts).because) == (None, "no b")


def test_an_earlier_day_counts_only_if_every_part_was_known_then():
    def known(name, *days):
        part = block(name, 1.0)
        variants = tuple(Variant("known on", day, 1.0) for day in days)
        figure = part.figures[0]
        return Answered(
            name,
            {},
            {},
            (Figure(figure.name, "l", 1.0, "USD", "stable", figure.coverage, variants),),
            part.runs,
        )

    figure = made(
        DerivedBlock("d", "l", add=("a.x", "b.x")),
        known("a", "2023-01-01", "2024-01-01"),
        known("b", "2024-01-01"),
    )
    assert [(v.option, v.value) for v in figure.sensitivity] == [("2024-01-01", 2.0)]


def test_what_two_parts_both_need_is_counted_once_and_named_once():
    same = made(DerivedBlock("d", "l", add=("a.x", "b.x")), block("a", 1.0), block("b", 1.0))
    assert (same.coverage.reporter_months_expected, same.coverage.missing) == (2, ())
    parts = block("a", 1.0, (CHINA,)), block("b", 1.0)
    both = made(DerivedBlock("d", "l", add=("a.x", "b.x")), *parts)
    assert (both.coverage.reporter_months_expected, both.coverage.reporter_months_present) == (3, 2)
    assert both.coverage.missing == ("China January 2023",)
    assert both.coverage.months == "January\N{EN DASH}February 2023"


def test_a_destination_is_not_expected_to_supply_itself():
    def expected(destination):
        window = {"first": "2023-01", "last": "2023-02", "reporters": ()}
        asked = run_of(measures()["supplier_share"], window | {"destination": destination})
        return cover(FakeBooks(), asked).reporter_months_expected

    assert (expected("RUS"), expected("TUR")) == (2, 0)


def bounded(name, *bounds):
    """A block of figures whose values stand so to the question."""
    part = block(name, 4.0)
    figures = tuple(
        replace(part.figures[0], name=f"{name}.{place}", bound=bound)
        for place, bound in enumerate(bounds)
    )
    return replace(
        part, figures=figures, runs={figure.name: (FigureReads(TURKEY),) for figure in figures}
    )


@pytest.mark.parametrize(
    ("bounds", "added", "divided"),
    [
        (("", ""), "", ""),
        (("at least", ""), "at least", "of the known part"),
        (("at least", "at least"), "at least", "of the known part"),
        (("", "of the known part"), "of the known part", "of the known part"),
        (("at least", "of the known part"), "of the known part", "of the known part"),
    ],
)
def test_a_sum_of_parts_is_at_least_and_a_quotient_is_of_the_part(bounds, added, divided):
    parts = bounded("a", *bounds)
    assert made(DerivedBlock("d", "l", add=("a.0", "a.1")), parts).bound == added
    block = derive(DerivedBlock("d", "l", divide=("a.0", "a.1")), (parts,), FakeBooks())
    assert (block.figures[0].bound, block.bounds) == (divided, {"value": divided})


def gap(exporter, product, **values):
    row = dict.fromkeys(GAPS.names) | {"freq": "A", "exporter": exporter, "importer": "KAZ"}
    return row | {"product": product} | values


GAP_ROWS = [
    gap("DEU", "854231", export_usd=10.0, import_usd=4.0, world_usd=50.0, cells=2),
    gap("DEU", "854232", export_usd=20.0, import_usd=None, world_usd=70.0, cells=1),
    gap("LTU", "854231", export_usd=5.0, import_usd=1.0, world_usd=50.0, cells=4),
]


def test_rows_add_up_to_one_and_what_one_leaves_open_is_null():
    (row,) = add_up(GAP_ROWS, GAPS, "")
    assert (row["export_usd"], row["import_usd"], row["cells"]) == (35.0, None, 7)
    assert (row["exporter"], row["origin_share"]) == (None, None)


def test_an_amount_that_stands_in_several_rows_is_not_added():
    (row,) = add_up(GAP_ROWS, GAPS, "")
    assert row["world_usd"] is None
    shared = (
        "total_usd world_usd world_change_usd left_out_usd compatible_total_usd ceiling_total_usd "
        "compared_usd history_top_usd excess_low_usd excess_high_usd"
    )
    dollars = {
        column.name: column.adds_up
        for measure in measures().values()
        for column in measure.returns.values
        if column.unit == "USD"
    }
    assert {name for name, adds_up in dollars.items() if not adds_up} == {*shared.split()}


def test_rows_add_up_per_value_of_a_column():
    rows = add_up(GAP_ROWS, GAPS, "exporter")
    assert {row["exporter"]: row["export_usd"] for row in rows} == {"DEU": 30.0, "LTU": 5.0}
    assert add_up([], GAPS, "exporter") == []


def test_verdicts_are_counted_where_true_and_an_open_one_leaves_the_count_open():
    def flag(value):
        return dict.fromkeys(FLAGS.names) | {"reporter": "ARM", "is_flagged": value, "cells": 1}

    (row,) = add_up([flag(True), flag(False), flag(True)], FLAGS, "reporter")
    assert row["is_flagged"] == 2
    (row,) = add_up([flag(True), flag(None)], FLAGS, "reporter")
    assert row["is_flagged"] is None


def test_rows_of_one_name_are_refused_until_they_are_added_up():
    asked = run_of(measures()["mirror_gap"], {"window": ("2022-01", "2022-12")})
    books = SimpleNamespace(
        run=lambda _run, _basket: GAP_ROWS,
        basket="stable",
        study=SimpleNamespace(name="own"),
    )
    with pytest.raises(StudyError, match=r"mirror_gap gives 3 rows under 1 name .*per = "):
        compute(books, asked)
    assert compute(books, asked, per="all")[""]["export_usd"] == 35.0
    assert list(compute(books, asked, per="exporter")) == ["DEU", "LTU"]


@pytest.mark.parametrize(
    ("kind", "unit", "expected"),
    [
        ("float64", "USD", "USD"),
        ("float64", "share", "share"),
        ("float64", "kg", "kg"),
        ("float64", "", ""),
        ("int64", "", "count"),
        ("boolean", "", "count"),
        ("string", "", ""),
    ],
)
def test_a_column_has_the_unit_a_reader_sees(kind, unit, expected):
    assert Column("any", kind, "", unit).reads_as == expected


def test_shares_and_ratios_say_that_they_are():
    columns = {
        column.name: column.unit
        for measure in measures().values()
        for column in measure.returns.values
        if column.type == "float64"
    }
    for name in columns:
        if "share" in name:
            assert columns[name] == "share", name
        if name.endswith("ratio") or "_to_" in name or name.startswith("multiple_of"):
            assert columns[name] == "ratio", name


PLAIN = """
title = "t"
question = "q"
goods = "chpl-2023-09"
headline = "h"
unanswered = "no"
[params]
reporters = ["DEU"]
partners = ["KAZ"]
first = "2022-01"
last = "2022-02"
base = [2021]
"""
GROWTH = """
[[figure]]
name = "a"
measure = "growth"
show = { value_usd = "v" }
"""


@pytest.fixture
def study(tmp_path):
    def read(text):
        path = tmp_path / "own.toml"
        path.write_text(text, "utf-8")
        return load(str(path))

    return read


def test_a_study_takes_a_part_of_a_list_and_says_so(study):
    part = listed(
        study(PLAIN.replace("headline", 'codes = ["848220", "848210"]\nheadline') + GROWTH)
    )
    assert part.codes == ("848210", "848220")
    assert part.title.endswith("(45 codes), of which 2 codes")
    with pytest.raises(StudyError, match="code 010121 is not on the list chpl-2023-09"):
        listed(study(PLAIN.replace("headline", 'codes = ["010121"]\nheadline') + GROWTH))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            'add = ["a.value_usd"]\ndivide = ["a.value_usd", "a.value_usd"]',
            "1 figures to add and 2",
        ),
        ('divide = ["a.value_usd"]', "0 figures to add and 1"),
        ("", "0 figures to add and 0"),
        ('add = ["a.ratio"]', "uses 'a.ratio', which no block before it shows"),
        ('add = ["d.value"]', "uses 'd.value'"),
    ],
)
def test_a_derived_figure_is_a_sum_or_a_quotient_of_figures_before_it(study, text, words):
    with pytest.raises(StudyError, match=words):
        study(PLAIN + GROWTH + f'[[derived]]\nname = "d"\nlabel = "l"\n{text}')


def answered(desk, study, **asked):
    found = answer(FigureBlock("a", **asked), Books(study, desk))
    return {figure.name: figure for figure in found.figures}


def test_a_store_without_any_of_the_goods_gives_no_zero(table, desk, study):
    months = [
        {"month": f"{year}-0{n}", "product": "010121"} for year in (2021, 2022) for n in (1, 2)
    ]
    desk.take(table("a.csv", *months))
    found = answered(desk, study(PLAIN + GROWTH), measure="growth", show={"value_usd": "v"})
    assert found["a.value_usd"].value is None
    because = found["a.value_usd"].because
    assert because.startswith("not known: ")
    assert "45 of 45 codes (847150, 847180, 848210 and others) were never asked for" in because


def test_a_table_of_everything_without_the_goods_is_a_zero(table, desk, study):
    """Somebody says that all that was published is in it: then nothing was traded."""
    months = [
        {"month": f"{year}-0{n}", "product": "010121"} for year in (2021, 2022) for n in (1, 2)
    ]
    desk.take(table("a.csv", *months), scope="whole")
    found = answered(desk, study(PLAIN + GROWTH), measure="growth", show={"value_usd": "v"})
    assert (found["a.value_usd"].value, found["a.value_usd"].bound) == (0.0, "")
    assert found["a.value_usd"].coverage.gaps == ()


def test_of_all_goods_a_month_of_some_goods_counts_only_with_its_total(table, desk, study):
    """January has a total; February has one of its goods, and no total."""
    total = {"product": "TOTAL", "value": "700"}
    desk.take(
        table("a.csv", {"month": "2022-01"} | total, {"month": "2022-01"}, {"month": "2022-02"},
              {"month": "2021-01", "value": "500"} | {"product": "TOTAL"}, {"month": "2021-02"})
    )  # fmt: skip
    whole = study(PLAIN.replace("chpl-2023-09", "all-goods") + GROWTH)
    found = answered(desk, whole, measure="growth", show={"value_usd": "v", "base_usd": "b"})
    figure = found["a.value_usd"]
    assert (figure.value, found["a.base_usd"].value) == (700.0, 500.0)
    assert (figure.coverage.reporter_months_present, figure.coverage.reporter_months_expected) == (
        2,
        4,
    )
    assert figure.coverage.missing == ("Germany February 2021 and February 2022 (in part)",)
    assert [v.value for v in figure.sensitivity] == [700.0] * 3
    again = Workspace(desk.store.path)
    behind = again.rows(Books(whole, again).rows())
    published = [row["value_usd"] for row in behind if row["status"] == "reported"]
    assert sorted(published) == [500.0, 700.0]
    assert {row["counted_as"] for row in behind} == {"TOTAL"}


def test_of_all_goods_a_month_of_every_good_is_added_up(table, desk, study):
    """January has a total beside its goods; February has a chapter beside a heading of another."""
    goods = {"010121": "30", "85": "40", "8542": "25", "8703": "5"}
    rows = [{"month": f"{year}-02", "product": product, "value": value}
            for year in (2021, 2022) for product, value in goods.items()]  # fmt: skip
    months = [{"month": f"{year}-01"} for year in (2021, 2022)]
    rows += [month | {"product": "TOTAL", "value": "700"} for month in months] + months
    desk.take(table("a.csv", *rows), scope="whole")
    whole = study(PLAIN.replace("chpl-2023-09", "all-goods") + GROWTH)
    figure = answered(desk, whole, measure="growth", show={"value_usd": "v"})["a.value_usd"]
    assert (figure.value, figure.bound) == (700.0 + 30 + 40 + 5, "")
    assert figure.coverage.is_complete


def test_a_row_of_one_reporter_lacks_only_what_that_one_lacks(table, desk, study):
    """Germany has all four months, France lacks the last."""
    rows = [
        {"reporter": who, "month": f"{year}-0{n}"}
        for who in ("DEU", "FRA")
        for year in (2021, 2022)
        for n in (1, 2)
    ]
    desk.take(table("a.csv", *rows[:-1]))
    both = study(PLAIN.replace('["DEU"]', '["DEU", "FRA"]') + GROWTH)
    show = {"DEU.late_to_early": "d", "FRA.late_to_early": "f"}
    params = {
        "late": ("2022-01", "2022-02"),
        "early": ("2021-01", "2021-02"),
        "before": ("2021-01", "2021-02"),
    }
    found = answered(desk, both, measure="monthly_pace", show=show, params=params)
    assert found["a.DEU.late_to_early"].coverage.is_complete
    assert found["a.FRA.late_to_early"].coverage.missing == ("France February 2022",)


def test_a_mirror_waits_for_the_importers_lag_and_for_both_sides(table, desk, study):
    desk.take(
        table("a.csv", {"month": "2022-01"}, {"month": "2022-02"},
              {"reporter": "KAZ", "partner": "DEU", "flow": "M", "month": "2022-01"},
              {"reporter": "FRA", "month": "2022-01"})
    )  # fmt: skip
    params = {"exporters": ("DEU",), "importers": ("KAZ",), "window": ("2022-01", "2022-01")}
    ghosts = FigureBlock("a", "ghost_trade", {"ghost_low_usd": "g"}, params | {"lag": 1})
    own = structs.replace(study(PLAIN + GROWTH), params={}, figure=(ghosts,))
    books = Books(own, desk)
    found = cover(books, run_of(measures()["ghost_trade"], ghosts.params))
    assert (found.reporter_months_expected, found.missing) == (3, ("Kazakhstan February 2022",))
    reporters = {row["reporter"] for row in desk.rows(books.own.select("reporter").distinct())}
    assert reporters == {"DEU", "KAZ", "FRA"}
    months = desk.rows(books.own.filter(_.value_usd > 0).select("period").distinct())
    assert {row["period"] for row in months} == {date(2022, 1, 1), date(2022, 2, 1)}


FLAGGED = {
    "measure": "red_flag",
    "per": "all",
    "params": {"destination": "KAZ", "year": 2022, "base": 2019},
    "show": {"is_flagged": "f", "value_usd": "v", "base_world_usd": "w"},
    "needs": "exports to the world",
}


def flagged(desk, study):
    own = structs.replace(study(PLAIN + GROWTH), figure=(FigureBlock("a", **FLAGGED),))
    return answered(desk, own, **FLAGGED)


def every_month(*years, **changes):
    return [{"month": f"{y}-{n:02}"} | changes for y in years for n in range(1, 13)]


def test_a_world_that_was_never_asked_for_is_the_reason_and_no_zero(table, desk, study):
    """Red flags without exports to the world: only Kazakhstan is in the file."""
    desk.take(table("a.csv", *every_month(2019, 2022)))
    found = flagged(desk, study)
    for figure in found.values():
        assert figure.value is None
        assert figure.because.startswith(
            "not known: Germany's exports to the world were never asked for"
        )
        assert "854231" not in figure.because


def test_the_world_is_added_up_where_every_partner_is_known(table, desk, study):
    france = every_month(2019, partner="FRA", value="10")
    desk.take(table("a.csv", *every_month(2022), *every_month(2019), *france), scope="whole")
    found = flagged(desk, study)
    assert found["a.value_usd"].value == 1200.0
    assert found["a.base_world_usd"].value == 12 * (100.0 + 10.0)
    assert found["a.is_flagged"].value == 0


def test_a_value_left_open_says_what_it_needs(table, desk, study):
    """A base year of eleven months gives no verdict where the rest is above the bar."""
    rows = [*every_month(2022), *every_month(2019, partner="FRA", value="0.1")[:-1]]
    desk.take(table("a.csv", *rows), scope="whole")
    found = flagged(desk, study)
    assert found["a.value_usd"].value == 1200.0
    assert found["a.is_flagged"].value is None
    assert found["a.is_flagged"].because == (
        "too little is published; missing: Germany December 2019"
    )


def test_a_value_that_a_withheld_cell_leaves_open_says_so(table, desk, study):
    """Nothing sold has no index, and of a cell that is withheld nobody knows that."""
    rows = [{"value": "0"}, {"month": "2022-02", "value": "0"}]
    head, *lines = table("a.csv", *rows).read_text("utf-8").splitlines()
    path = table("b.csv", *rows)
    told = zip(lines, ("confidential", "reported"), strict=True)
    marked = [f"{head},status", *(f"{line},{status}" for line, status in told), ""]
    path.write_text("\n".join(marked), "utf-8")
    mapping = OWN | {"columns": OWN["columns"] | {"status": "status"}}
    desk.take(path, scope="whole", mapping=mapping)
    asked = {
        "measure": "concentration", "per": "all", "show": {"hhi": "h"},
        "params": {"destination": "KAZ", "first": "2022-01", "last": "2022-02"},
    }  # fmt: skip
    own = structs.replace(study(PLAIN + GROWTH), params={}, figure=(FigureBlock("a", **asked),))
    figure = answered(desk, own, **asked)["a.hhi"]
    assert figure.value is None
    assert figure.because == "not known: 1 cell of Germany is confidential"


def test_a_year_that_nobody_published_is_a_missing_month_and_no_missing_good(table, desk, study):
    desk.take(table("a.csv", *every_month(2022)), scope="whole")
    for figure in flagged(desk, study).values():
        assert figure.value is None
        assert "Germany 2019" in figure.because
        assert "code" not in figure.because


def test_a_choice_of_yes_or_no_reads_so(table, desk, study):
    desk.take(table("a.csv", *({"month": f"{y}-0{n}"} for y in (2021, 2022) for n in (1, 2))))
    options = {"others": ["FRA"], "estimated": False}
    asked = {"params": options, "alternatives": {"estimated": [True]}, "show": {"ratio": "r"}}
    found = answered(desk, study(PLAIN + GROWTH), measure="unit_value", **asked)
    choices = [(v.choice, v.option) for v in found["a.ratio"].sensitivity]
    assert ("estimated", "yes") in choices


def test_a_breakdown_without_rows_is_left_out(table, desk, study):
    """January 2022 alone: a month to show, and none to compare it with."""
    desk.take(table("a.csv", {"month": "2022-01"}))
    months = GROWTH.replace("growth", "monthly_series").replace("value_usd", "series_usd")
    text = (
        months.replace('name = "a"', 'name = "a"\nparams = { last = "2022-01" }')
        + '[[breakdown]]\nname = "b"\ntitle = "b"\nby = "product"\n'
    )
    brief, _books = run(study(PLAIN + text), desk)
    assert [figure.value for figure in brief.figures] == [100.0]
    assert brief.breakdowns == ()


def test_the_base_years_of_another_choice_are_looked_up_too(table, desk, study):
    values = {2019: "50", 2021: "100", 2022: "100"}
    rows = [{"month": f"{y}-0{n}", "value": value} for y, value in values.items() for n in (1, 2)]
    desk.take(table("a.csv", *rows))
    asked = {"measure": "growth", "alternatives": {"base": [[2019]]}, "show": {"ratio": "r"}}
    own = structs.replace(study(PLAIN + GROWTH), figure=(FigureBlock("a", **asked),))
    figure = answered(desk, own, **asked)["a.ratio"]
    assert (figure.value, figure.low, figure.high) == (1.0, 1.0, 2.0)
