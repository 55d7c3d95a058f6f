"""The lists of a scan, by hand."""

from dataclasses import replace

import pytest

from entrepot.findings import Placebo
from entrepot.publish import findings, lists
from entrepot.publish.brief import Breakdown
from support.pages import words_of
from support.scan_pages import detail, entry, no_drawing, report


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


def went(third, product, q=0.01, excess=2e6, *, has_page=True):
    made = entry(third=third, product=product, q=q, excess=excess, has_page=has_page, origin=None,
                 detector="went_out", explanation="It went out.")  # fmt: skip
    return replace(made, origins=(), list=lists.WENT_OUT)


def test_what_went_out_is_counted_and_its_goods_are_named():
    made = [went("IND", "847150", excess=5e6), went("KAZ", "854231"), went("IND", "854232", 0.5)]
    assert findings.headline(report(*made, list=lists.WENT_OUT)) == (
        "Two of 3 ways out to Russia stand out: $7.0 million beyond what was to be expected, "
        "847150 from India and 854231 from Kazakhstan"
    )
    made[1] = went("KAZ", "854231", has_page=False)
    assert findings.headline(report(*made, list=lists.WENT_OUT)) == (
        "Two of 3 ways out to Russia stand out, one with a page: this holds $5.0 million beyond "
        "what was to be expected, 847150 from India"
    )
    assert findings.headline(report(made[2], list=lists.WENT_OUT)) == (
        "None of 1 way out to Russia stands out from what chance would give"
    )


def test_pages_of_what_went_out_never_say_where_it_came_from():
    found = went("IND", "847150")
    made = report(found, list=lists.WENT_OUT, unable=("diversion", "surge"))
    pages = (findings.index(made, no_drawing), findings.finding(made, detail(found), no_drawing))
    text = " ".join(words_of(page) for page in pages)
    assert "847150 from India" in text
    assert "diversion and surge cannot judge one country's books alone" in text
    assert "The same series in its own months before, moved as the country's exports" in text
    for word in ("through India", "Who in the coalition", "ways in stand out", "route"):
        assert word not in text
    assert [row["list"] for row in findings.flat(made.rows)] == ["went-out"]
