"""The lists of a scan, by hand."""

from dataclasses import replace

import pytest

from entrepot.findings import Placebo
from entrepot.publish import findings, lists
from entrepot.publish.brief import Breakdown
from publish.test_findings import entry, no_drawing, report
from support.pages import words_of


def came(third, q):
    made = entry(third=third, q=q, detector="surge", destination=None)
    return replace(made, list=lists.CAME_IN)


CAME = (came("KAZ", 0.01), came("GEO", 0.02), came("KAZ", 0.1), came("ARM", 0.2))
PLACEBOS = (Placebo("TUR", 40, 1), Placebo("EGY", 30, 0))


def test_each_row_says_which_list_it_is_of():
    made = report(entry(third="BLR"), came_in=CAME, placebos=PLACEBOS, said=("a",), elsewhere="b")
    assert [(row["list"], row["intermediary"]) for row in findings.flat(made.rows)] == [
        ("route", "BLR"), ("came-in", "KAZ"), ("came-in", "GEO"), ("came-in", "KAZ"),
        ("came-in", "ARM"),
    ]  # fmt: skip
    nested = findings.document(made)
    assert [row["list"] for row in nested["findings"]] == ["route", *["came-in"] * 4]
    assert (nested["said"], nested["elsewhere"]) == (["a"], "b")
    assert nested["placebos"][0] == {"destination": "TUR", "cells": 40, "routes": 1}


def test_what_came_in_is_counted_by_country():
    assert lists.came_in(report(came_in=CAME)) == (
        "came in, what became of it is not known: 3 of 4 cells stand out: Kazakhstan (2) and "
        "Georgia (1)"
    )
    assert lists.came_in(report(came_in=CAME[3:])).endswith("0 of 1 cell stand out")
    assert lists.came_in(report()) == ""


def test_other_destinations_in_one_sentence():
    assert lists.elsewhere(PLACEBOS, "RUS", 12, 200) == (
        "The same look at 2 destinations that no controls bind (Turkey and Egypt) found 1 route "
        "among 70 cells that could be judged; at Russia it found 12 among 200. Routes have a "
        "q-value of at most 0.1."
    )
    assert lists.elsewhere((), "FJI", 0, 0).startswith("No other destination could be looked at")


@pytest.mark.parametrize("shown", [True, False])
def test_the_page_has_what_there_is(shown):
    table = Breakdown("came-in", "Came in; the way on is not known", (("cell", "Cell", ""),),
                      ({"cell": "854231 into Kazakhstan"},), "Not known.")  # fmt: skip
    more = {"came_in": CAME, "arrivals": table, "placebos": PLACEBOS, "elsewhere": "The same look.",
            "said": ("Nothing ties it.",)}  # fmt: skip
    text = words_of(findings.index(report(entry(), **(more if shown else {})), no_drawing))
    for part in ("Came in; the way on is not known", "854231 into Kazakhstan", "The same look.",
                 "Turkey 40 1", "Nothing ties it."):  # fmt: skip
        assert (part in text) == shown
