"""Verdicts: each reason by hand; no row's verdict depends on the others' order."""

from __future__ import annotations

import numpy as np
import pytest

from entrepot.screen.match._types import Entry
from entrepot.screen.prices import Prices
from entrepot.screen.records import Reason, Shipment, judged
from support.screened import line, table, verdicts

ENTRIES = [
    Entry("ofac-sdn", "1", "organisation", ("OOO Vostok Signal",), countries=("RUS",),
          since="2022-04-01", vintage="ofac-sdn-2024-01-05-00000000"),
    Entry("ofac-sdn", "2", "person", ("Ivanov Petr Sergeevich",), countries=("RUS",)),
]  # fmt: skip


def says(verdict, kind):
    return [(r.word, r.says) for r in verdict.reasons if r.kind == kind]


def test_the_first_word_wins_and_points_add():
    made = judged(Shipment(1, "x"), [Reason("a", "ask", 60, "A"), Reason("b", "pass", 50, "B")])
    assert (made.word, made.rank) == ("ask", 80)
    assert judged(Shipment(1, "x"), []).word == "cannot say"


def test_goods_by_their_day_depth_and_destination(tmp_path):
    found = verdicts(
        table(
            tmp_path / "a.csv",
            line("to Russia", to="RUS", code="8542.31.90", sender="TUR"),
            line("too early", to="RUS", code="854231", day="2021-05-05", sender="TUR"),
            line("heading", to="KAZ", code="8542"),
            line("old number", to="KAZ", code="880330"),
            line("cars", "Somebody Else", code="870323"),
            line("no code", code="", goods=""),
        ),
        ENTRIES,
    )
    assert found["to Russia"].word == "stop"
    assert "goes to Russia" in says(found["to Russia"], "goods")[0][1]
    assert found["too early"].word != "stop"
    assert "not yet on the day" in says(found["too early"], "goods")[0][1]
    assert "codes under it" in says(found["heading"], "goods")[0][1]
    assert "earlier revision" in says(found["old number"], "goods")[0][1]
    assert found["cars"].word == "pass"
    assert found["no code"].word == "cannot say"


def test_routes_that_stand_out_ask_and_unknown_ones_are_not_clean(tmp_path):
    found = verdicts(
        table(
            tmp_path / "a.csv",
            *(line(to, to=to, code="854231") for to in ("KAZ", "KGZ", "TUR", "ARM", "FRA")),
        ),
        ENTRIES,
    )  # fmt: skip
    told = {ref: dict(says(one, "route")) for ref, one in found.items()}
    assert "q = 0.001" in " ".join(text for _word, text in says(found["KAZ"], "route"))
    assert "not known: the store holds no row" in told["KGZ"]["cannot say"]
    assert "not known: the store holds no trade" in told["ARM"]["cannot say"]
    assert "does not stand out (q = 0.600)" in told["TUR"]["pass"]
    assert "transshipment" in told["ARM"]["ask"]
    assert told["FRA"] == {}


def test_parties_stop_on_what_is_theirs_alone_and_ask_otherwise(tmp_path):
    found = verdicts(
        table(
            tmp_path / "a.csv",
            line("same", "Vostok-Signal LLC", "Russia"),
            line("other country", "Vostok Signal", "Turkey"),
            line("two words", "Petr Ivanov"),
            line("nobody", "Siemens Energy"),
            line("before", "Vostok Signal", "Russia", day="2022-01-10"),
        ),
        ENTRIES,
    )
    words = {ref: one.word for ref, one in found.items()}
    assert words == {"same": "stop", "other country": "ask", "two words": "ask", "nobody": "pass",
                     "before": "stop"}  # fmt: skip
    behind = dict(found["same"].reasons[0].behind)
    assert (behind["entry"], behind["vintage"]) == ("1", "ofac-sdn-2024-01-05-00000000")
    assert "after the day of shipment" in found["before"].reasons[0].says


def test_without_lists_or_names_nothing_passes(tmp_path):
    found = verdicts(table(tmp_path / "a.csv", line("a")))
    assert found["a"].word == "cannot say"


def test_a_price_is_judged_among_other_routes(tmp_path):
    values = np.linspace(90, 110, 40)
    routes = np.array([f"R{n}>P{n}" for n in range(40)])
    prices = Prices({("870323", 2023): (routes, values)})
    found = verdicts(
        table(tmp_path / "a.csv", line("fair", value="1000"), line("dear", value="9000")),
        ENTRIES, prices=prices,
    )  # fmt: skip
    assert found["fair"].word == "pass"
    assert found["dear"].word == "ask"
    assert (
        "on 40 other routes of 870323 in 2023 the middle is $100"
        in says(found["dear"], "price")[0][1]
    )


def test_an_importer_without_a_past_and_one_that_leaps(tmp_path):
    months = [f"2021-{n:02d}-10" for n in range(1, 13)]
    found = verdicts(
        table(
            tmp_path / "a.csv",
            *(line(f"old {n}", "Steady", day=day) for n, day in enumerate(months)),
            line("new", "Fresh", code="854231", day="2023-05-10"),
            line("leap", "Steady", value="90000", day="2022-06-10"),
        ),
        ENTRIES,
    )
    assert "no shipment before 24 February 2022" in says(found["new"], "pattern")[0][1]
    assert "times its pace before" in says(found["leap"], "pattern")[0][1]
    assert not says(found["old 5"], "pattern")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_verdicts_do_not_depend_on_the_order_of_rows(tmp_path, seed):
    lines = [
        line(f"r{n}", ["Vostok Signal", "Fresh", "Steady"][n % 3], to=["KAZ", "RUS", "FRA"][n % 3],
             code=["854231", "8542", "870323"][n % 3], day=f"202{n % 4 + 1}-0{n % 9 + 1}-10",
             value=str(1000 * (n + 1)))
        for n in range(30)
    ]  # fmt: skip
    one = verdicts(table(tmp_path / "a.csv", *lines), ENTRIES)
    mixed = np.random.default_rng(seed).permutation(lines)
    other = verdicts(table(tmp_path / "b.csv", *mixed), ENTRIES)
    assert {ref: (v.word, v.rank, v.reasons) for ref, v in one.items()} == {
        ref: (v.word, v.rank, v.reasons) for ref, v in other.items()
    }


def test_a_description_that_names_other_goods_is_a_hint(tmp_path):
    found = verdicts(
        table(tmp_path / "a.csv", line("hint", goods="FPGA microchips", code="610910")), ENTRIES
    )
    assert found["hint"].word == "ask"
    assert "A hint only" in says(found["hint"], "goods")[0][1]
