"""Watch: checked against a small world with one route and one ghost planted, and by hand."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow.compute as pc
import pytest

from entrepot.errors import EntrepotError, StoreError, StudyError
from entrepot.scan import untested
from entrepot.scan.answer import answer
from entrepot.scan.details import Details
from entrepot.scan.question import ScanQuestion, command
from entrepot.scan.rows import counted
from entrepot.watch import state
from entrepot.watch.changes import CellState, changes
from entrepot.watch.run import watch
from support import scan_world
from support.scan_world import ASKED, GHOST, ROUTE

EARLY, LATE = date(2022, 8, 1), date(2023, 3, 1)


def cell_of(entry):
    return entry.finding.cell


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    return scan_world.stored(tmp_path_factory)


@pytest.fixture(scope="module")
def made(stored):
    return answer(ASKED, stored, top=6)


@pytest.fixture
def store(stored, tmp_path):
    """A store of its own with the same vintages."""
    return shutil.copytree(stored, tmp_path / "store")


def test_the_planted_cells_stand_out_and_nothing_else(made):
    found = {cell_of(e) for e in made.report.found}
    assert found == {ROUTE}
    assert GHOST in {cell_of(e) for e in made.report.entries[:4]}
    assert [e.has_page for e in made.report.entries[4:7]] == [True, True, False]


def test_the_rows_behind_a_finding_add_up_to_the_panel(made):
    panel = made.scanned.panel
    for (third, product), table in made.rows().items():
        j, k = panel.thirds.index(third), panel.products.index(product)
        sums = {part.leg: part.value_usd for part in counted(table, date(2022, 3, 1))}
        for leg, series in (
            ("into", "coalition_exports"),
            ("arrived", "reported_imports"),
            ("onward", "onward_exports"),
        ):
            assert sums[leg] == pytest.approx(np.nansum(panel[series][j, k, panel.since :]))
        assert pc.sum(pc.cast(pc.equal(table["leg"], "onward"), "int64")).as_py() == 60


def test_the_drawn_counterfactual_is_value_less_excess(made):
    entry = next(e for e in made.report.shown if cell_of(e) == ROUTE)
    table = made.rows()[ROUTE]
    detail = Details(made.scanned, ASKED).detail(entry, table)
    into = [r for r in detail.picture.rows if " to Kyrgyzstan" in r["panel"]]
    window = [r for r in into if r["period"] >= "2022-03-01"]
    panel = made.scanned.panel
    j, k = panel.thirds.index("KGZ"), panel.products.index("854232")
    expected = sum(r["expected_usd"] for r in window)
    assert expected == pytest.approx(
        panel["coalition_exports"][j, k, panel.since :].sum() - entry.finding.excess_usd
    )
    assert all(r["low_usd"] <= r["expected_usd"] <= r["high_usd"] for r in window)
    assert all("expected_usd" not in r for r in into if r["period"] < "2022-03-01")
    assert len(into) == 46  # 36 months before the window, and its ten


def test_events_of_other_third_countries_stay_off_a_page(made):
    entry = next(e for e in made.report.entries if e.finding.intermediary == "KGZ")
    long = replace(made.scanned.panel, months=tuple(f"{2018 + m // 12}-{m % 12 + 1:02d}"
                                                    for m in range(72)))  # fmt: skip
    every = Details(replace(made.scanned, panel=long), ASKED)
    told = " ".join(what for _, _, what, _ in every._events(entry.finding.intermediary))
    assert "invasion" in told
    assert "Kazakhstan starts to track" not in told
    assert "Kazakhstan starts to track" in " ".join(w for _, _, w, _ in every._events("KAZ"))


def test_why_a_cell_is_not_tested_is_the_first_reason_that_holds(made):
    panel = made.scanned.panel
    j, k = panel.thirds.index("ARM"), panel.products.index("852691")
    bare = replace(made.scanned, ranking=[])
    assert untested.reasons(bare)["ARM", "852691"] == untested._RARE
    for series, value, what, why in (
        (("coalition_exports",), np.nan, (j, k), untested._HIDDEN),
        (("coalition_exports",), np.nan, (j, k, slice(0, panel.since)), untested._HIDDEN),
        (("coalition_exports",), np.nan, (j, k, slice(panel.since, None)), untested._HIDDEN),
        (("coalition_exports",), 0.0, (j, k), untested._IDLE),
        (("onward_exports", "reported_imports"), np.nan, (j, k), untested._SILENT),
        (("onward_exports",), np.nan, (j, k), untested._RARE),
        (("onward_exports",), 0.0, (j, k), untested._NONE),
        (("coalition_exports",), 0.0, (slice(None), k), untested.SWITCHED),
    ):
        data = {name: array.copy() for name, array in panel.data.items()}
        for name in series:
            data[name][what] = value
        changed = replace(bare, panel=replace(panel, data=data))
        assert untested.reasons(changed)["ARM", "852691"] == why
    assert ("TUR", "854231") in untested.reasons(made.scanned)
    assert ROUTE not in untested.reasons(made.scanned)


def test_every_cell_is_tested_or_has_a_reason(made):
    view = made.report
    told = sum(row["cells"] for row in view.untested.rows)
    assert len(view.tested) + told == view.cells == len(view.entries) + 8 + 41 * 17


def test_months_that_a_country_did_not_publish_are_told(made):
    assert made.report.silent.rows == (
        {"country": "Turkey", "exports": "0 of 10", "imports": "0 of 10"},
    )


STRONG = CellState(0.01, 5.0, 4.0, 6.0, "2022-03", "It rose.")


@pytest.mark.parametrize(
    ("was", "now", "kind"),
    [
        (None, {}, "new"),
        ({"q_value": 0.11}, {"q_value": 0.1}, "new"),
        ({"q_value": 0.1}, {"q_value": 0.11}, "gone"),
        ({}, None, "gone"),
        ({}, {"q_value": None, "untested": "No past"}, "gone"),
        ({}, {"q_value": 0.5, "switch": "Another code fell."}, "explained"),
        ({}, {"switch": "Another code fell."}, "explained"),
        ({"switch": "Known."}, {"switch": "Known."}, None),
        ({}, {"q_value": 0.001}, "stronger"),
        ({}, {"q_value": 0.0011}, None),
        ({}, {"q_value": 0.1}, "weaker"),
        ({}, {"q_value": 0.099}, None),
        ({}, {"excess_low_usd": 6.1, "excess_high_usd": 9.0}, "stronger"),
        ({}, {"excess_low_usd": 6.0, "excess_high_usd": 9.0}, None),
        ({}, {"excess_low_usd": 1.0, "excess_high_usd": 3.9}, "weaker"),
        ({}, {"q_value": 0.001, "excess_low_usd": 1.0, "excess_high_usd": 3.9}, None),
        ({"q_value": 0.5}, {"q_value": 0.4}, None),
        ({"q_value": 0.5}, {"q_value": 0.4, "switch": "Another code fell."}, None),
    ],
)
def test_a_change_is_named_by_the_stated_bars(was, now, kind):
    before, after = (
        {} if one is None else {("KAZ", "854231"): replace(STRONG, **one)} for one in (was, now)
    )
    found = changes(before, after)
    assert [change.kind for change in found] == ([kind] if kind else [])


def test_a_change_says_what_it_was_and_is():
    cell = ("KAZ", "854231")
    (gone,) = changes({cell: STRONG}, {cell: replace(STRONG, q_value=0.2)})
    assert gone.title == "Gone: 854231 through Kazakhstan"
    assert gone.text == "Its q-value is 0.20 now. Earlier it was 0.01."
    (new,) = changes({}, {cell: STRONG})
    assert new.text == "It rose. q-value 0.01, earlier none."


def test_a_watch_tells_news_once_and_the_same_way_each_time(store, tmp_path):
    first = watch("mine", ASKED, store, as_of=EARLY, out=tmp_path / "one")
    assert first.is_first
    assert first.changes == ()
    news = watch("mine", None, store, as_of=LATE, out=tmp_path / "two")
    assert [(c.kind, c.intermediary, c.product) for c in news.changes] == [
        ("new", *ROUTE),
    ]
    assert len(news.vintages) == 1
    quiet = watch("mine", ASKED, store, as_of=LATE, out=tmp_path / "three")
    assert quiet.is_quiet
    assert quiet.changes == ()
    for name in ("feed.json", "feed.xml"):
        two, three = ((tmp_path / run / name).read_bytes() for run in ("two", "three"))
        assert two == three
    feed = json.loads((tmp_path / "two/feed.json").read_text("utf-8"))
    assert [item["tags"] for item in feed["items"]] == [["new"]]
    assert {item["date_published"] for item in feed["items"]} == {"2023-02-01T00:00:00Z"}
    again = watch("other", ASKED, store, as_of=EARLY)
    assert again.is_first
    assert {i.id for i in watch("other", None, store).state.items}.isdisjoint(
        item["id"] for item in feed["items"]
    )


def test_a_watch_that_goes_back_in_time_loses_what_it_had(store):
    watch("mine", ASKED, store, as_of=LATE)
    back = watch("mine", None, store, as_of=EARLY)
    assert [change.kind for change in back.changes] == ["gone"]


def test_a_state_reads_back_as_it_was_written(store, tmp_path):
    ran = watch("mine", ASKED, store, as_of=LATE).state
    path = state.path_of(store, "mine")
    assert state.read(path) == ran
    assert [p.name for p in path.parent.iterdir()] == ["mine.json"]
    state.write(tmp_path / "x.json", replace(ran, items=ran.items * 200))
    assert len(state.read(tmp_path / "x.json").items) == state.MOST


def test_a_watch_refuses_what_it_does_not_understand(store):
    with pytest.raises(StudyError, match="no earlier run in the store; expected --destination"):
        watch("mine", None, store)
    with pytest.raises(StudyError, match="is no name for a watch"):
        watch("../mine", ASKED, store)
    watch("mine", ASKED, store, as_of=EARLY)
    with pytest.raises(StudyError, match="give a new question a new name"):
        watch("mine", replace(ASKED, since="2022-04"), store)
    path = state.path_of(store, "mine")
    for text in ("{", json.dumps({"layout": 2}), json.dumps({"layout": 1})):
        path.write_text(text, "utf-8")
        with pytest.raises(StoreError, match="remove it to begin anew"):
            watch("mine", None, store)


def test_a_question_is_checked_before_anything_runs(tmp_path):
    for wrong, words in (
        ({"destination": "XXX"}, "destination: nothing is called 'XXX'; did you mean"),
        ({"destination": "eu27"}, "--destination eu27 is 27 countries; expected one, such as RUS"),
        ({"since": "March"}, "'March' is no month"),
        ({"last": "2022-13"}, "has month 13, expected 1 to 12"),
        ({"goods": "nothing"}, "no list or code 'nothing'; write a list"),
        ({"coalition": "DEU,YYY"}, "coalition country: nothing is called 'YYY'"),
    ):
        with pytest.raises(EntrepotError, match=words):
            answer(replace(ASKED, **wrong), tmp_path / "none")
    with pytest.raises(
        StoreError, match="none: there is no such folder; taking files in makes one"
    ):
        answer(ASKED, tmp_path / "none")


def test_the_command_asks_the_same_again():
    assert (
        command("scan", ScanQuestion("RUS", "2022-03"))
        == "entrepot scan --destination RUS --since 2022-03"
    )
    asked = ScanQuestion("RUS", "2022-03", "a list.csv", "DEU,JPN", "2019-01", "2022-12")
    assert command("scan", asked, as_of=date(2023, 1, 2), demo=True) == (
        "entrepot scan --destination RUS --since 2022-03 --goods 'a list.csv' --coalition DEU,JPN "
        "--first 2019-01 --last 2022-12 --as-of 2023-01-02 --demo"
    )
