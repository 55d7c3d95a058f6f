"""What must and can be from each member, beside a balance, against books worked by hand."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("scipy", reason="bounds need the extra: pip install .[estimate]")

from entrepot.parts import measures
from entrepot.question.answer import answer
from entrepot.question.words import read
from entrepot.study.answer import run as answer_study
from entrepot.study.question import load
from entrepot.workspace import Workspace
from support.commandline import run

ASKED = {
    "third": "KAZ",
    "coalition": "DEU, FRA",
    "destination": "RUS",
    "goods": "854231",
    "months": "2022-01..2022-02",
    "base": "2021",
    "lag": "0",
}
WORDS = [word for key, value in ASKED.items() for word in (f"--{key}", value)]


def came(month, partner, usd, **changes):
    plain = {"reporter": "KAZ", "flow": "M", "month": month, "partner": partner}
    return plain | {"value": str(usd)} | changes


def went(month, partner, usd, **changes):
    return came(month, partner, usd, flow="X") | changes


BOOKS = (
    *(made(f"2021-0{n}", who, 1) for n in (1, 2)
      for made, who in ((came, "DEU"), (came, "FRA"), (went, "RUS"))),
    came("2022-01", "DEU", 40), came("2022-01", "FRA", 10), came("2022-01", "CHN", 20),
    went("2022-01", "RUS", 5), went("2022-02", "RUS", 50), went("2022-02", "KGZ", 8),
    came("2022-02", "CHN", 7, product="010121"), came("2022-02", "DEU", 0),
)  # fmt: skip
"""Of 70 that came 63 left, 55 of it to Russia and 8 to Kyrgyzstan."""

BOUNDS = [
    # From France and China came 30: of 55 sent 25 at least must be German, and 40 can be.
    {"product": "854231", "origin": "together", "low_usd": 35, "high_usd": 50},
    {"product": "854231", "origin": "DEU", "low_usd": 25, "high_usd": 40},
    {"product": "854231", "origin": "FRA", "low_usd": 0, "high_usd": 10},
]


def near(rows):
    return [{k: pytest.approx(v, abs=1e-4) if k.endswith("usd") else v for k, v in row.items()}
            for row in rows]  # fmt: skip


@pytest.fixture
def shop(desk, table):
    def make(*rows, scope="whole"):
        desk.take(table("books.csv", *rows), scope=scope)
        return desk

    return make


def test_bounds_stand_beside_a_balance_and_leave_its_numbers_as_they_were(shop, monkeypatch):
    desk = shop(*BOOKS)
    found = desk.measure("mass_balance", **ASKED)
    assert list(found.origins.rows) == near(BOUNDS)
    assert found.origins.months == ("2022-01", "2022-02")
    assert (found.origins.note, found.origins.is_known) == ("", True)
    (row,) = found.records()
    assert row["compatible_high_usd"] == 46  # 50 less 4 came, 55 less 2 left
    assert row["origins"] == "together 35 to 50; DEU 25 to 40; FRA 0 to 10"
    assert row["origins_note"] is None
    monkeypatch.setattr("entrepot.question.answer.has_origins", lambda _params: False)
    alone = Workspace(desk.store.path)
    asked = read("mass_balance", measures()["mass_balance"], ASKED)
    bare = answer(alone.engine, alone.snapshot, "mass_balance", measures()["mass_balance"], asked)
    assert bare.origins is None
    assert bare.rows == found.rows


def test_a_member_has_its_own_bounds_beside_its_share(shop):
    """Pro rata Germany's 38 and France's 8: both inside what can and must be."""
    found = shop(*BOOKS).measure("attribution", **ASKED)
    rows = {row["origin"]: row for row in found.records()}
    for origin, low, high in (("DEU", 25, 40), ("FRA", 0, 10)):
        row = rows[origin]
        assert row["origin_low_usd"] == pytest.approx(low, abs=1e-4)
        assert row["origin_high_usd"] == pytest.approx(high, abs=1e-4)
        assert low <= row["attributed_usd"] <= high


def test_the_lag_is_part_of_the_months(shop):
    tail = [made("2022-03", who, 0) for made, who in ((came, "DEU"), (went, "KGZ"))]
    base = [made("2021-03", who, 0) for made, who in ((came, "DEU"), (went, "KGZ"))]
    desk = shop(*BOOKS, *tail, *base, went("2022-03", "RUS", 7))
    found = desk.measure("mass_balance", **ASKED | {"lag": "1"})
    assert found.origins.months == ("2022-01", "2022-03")
    assert found.origins.rows[0]["low_usd"] == pytest.approx(42, abs=1e-4)


def test_exports_that_nothing_covers_are_said(shop):
    desk = shop(*BOOKS, went("2022-02", "UZB", 100))
    found = desk.measure("mass_balance", **ASKED).origins
    assert found.note.startswith("exports exceed what came in by 93 (products: 1)")
    assert found.rows[0]["low_usd"] == 0


def test_a_product_nobody_traded_has_bounds_of_zero(shop):
    """The store speaks for all goods, and holds no row of 854232: nothing is from anyone."""
    found = shop(*BOOKS).measure("mass_balance", **ASKED | {"goods": "854231, 854232"}).origins
    assert [row for row in found.rows if row["product"] == "854232"] == [
        {"product": "854232", "origin": "together", "low_usd": 0, "high_usd": 0}
    ]


def test_what_is_not_known_has_no_bounds_and_says_why(shop):
    """A part of the books: whether others sold to Kazakhstan was never asked."""
    found = shop(*BOOKS, scope="part").measure("mass_balance", **ASKED)
    assert (found.origins.rows, found.origins.is_known) == ((), False)
    assert found.origins.note.startswith("not known: ")
    (row,) = found.records()
    assert row["compatible_high_usd"] == 46
    assert row["origins"] is None
    assert row["origins_note"] == found.origins.note


def test_a_month_without_books_leaves_no_bounds(shop):
    rows = [row for row in BOOKS if (row["month"], row["flow"]) != ("2022-02", "M")]
    found = shop(*rows).measure("mass_balance", **ASKED | {"least": "0.4"}).origins
    assert "KAZ published no imports for 2022-02" in found.note


def test_without_scipy_the_note_says_so(shop, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "entrepot.estimate.attribution_bounds", None)
    found = shop(*BOOKS).measure("mass_balance", **ASKED)
    assert found.rows[0]["compatible_high_usd"] == 46
    assert "install entrepot[estimate]" in found.origins.note


def test_other_measures_have_no_origins(shop):
    desk = shop(*BOOKS)
    asked = {"reporters": "KAZ", "partners": "RUS", "goods": "854231", "months": "2022-01"}
    assert desk.measure("growth", **asked, base="2021").origins is None


def test_the_command_prints_them_below_the_table_and_in_every_row_of_a_file(shop):
    store = shop(*BOOKS).store.path
    words = ("measure", "run", "mass_balance", *WORDS, "--store", store)
    done = run(*words, "--format", "table")
    above, below = done.stdout.split("of what went on in 2022-01 to 2022-02, at least and at most")
    assert "compatible_high_usd" in above
    assert [line.split() for line in below.splitlines()[2:]] == [
        ["854231", "together", "35", "50"],
        ["854231", "DEU", "25", "40"],
        ["854231", "FRA", "0", "10"],
    ]
    (row,) = json.loads(run(*words, "--format", "json").stdout)
    assert row["origins"] == "together 35 to 50; DEU 25 to 40; FRA 0 to 10"


STUDY = """
title = "What went on"
question = "How much?"
goods = "{goods}"
caveats = ["An upper bound."]
headline = "Up to {{went.compatible_high_usd}}"
unanswered = "Nothing."

[params]
third = "KAZ"
coalition = ["DEU", "FRA"]
destination = "RUS"
first = "2022-01"
last = "2022-02"
base = [2021]
lag = 0

[[figure]]
name = "went"
measure = "mass_balance"
per = "all"
show = {{ compatible_high_usd = "Most that can have gone on" }}
headline = ["compatible_high_usd"]

[[figure]]
name = "lower"
measure = "mass_balance"
per = "all"
params = {{ least = 0.5 }}
show = {{ ceiling_usd = "Ceiling" }}

[[figure]]
name = "again"
measure = "mass_balance"
per = "all"
params = {{ books = "exporter" }}
show = {{ ceiling_usd = "The same in the exporters' books" }}
"""


def test_a_brief_has_one_table_of_origins_per_balance(shop, tmp_path):
    desk = shop(*BOOKS)
    path = tmp_path / "mine.toml"
    path.write_text(STUDY.format(goods="854231"), "utf-8")
    brief, _books = answer_study(load(str(path)), desk)
    assert brief.figures[0].value == 46
    tables = [table for table in brief.breakdowns if table.name.endswith("-origins")]
    assert [table.name for table in tables][:1] == ["went-origins"]
    assert tables[0].title == (
        "Where what Kazakhstan sent to Russia in January\N{EN DASH}February 2022 came from"
    )
    shown = [(row["label"], row["low_usd"], row["high_usd"]) for row in tables[0].rows]
    assert shown == [
        ("All members together", pytest.approx(35, abs=1e-4), pytest.approx(50, abs=1e-4)),
        ("Germany", pytest.approx(25, abs=1e-4), pytest.approx(40, abs=1e-4)),
        ("France", 0, pytest.approx(10, abs=1e-4)),
    ]
    assert len(tables) == 1


def test_a_brief_says_why_there_are_no_bounds(shop, tmp_path):
    desk = shop(*BOOKS, scope="part")
    path = tmp_path / "mine.toml"
    path.write_text(STUDY.format(goods="854231"), "utf-8")
    brief, _books = answer_study(load(str(path)), desk)
    (table,) = [table for table in brief.breakdowns if table.name == "went-origins"]
    assert [(row["low_usd"], row["high_usd"]) for row in table.rows] == [(None, None)]
    assert "Not known: " in table.note
