"""What came in, by hand: one country for each thing that can be known of its way on."""

from dataclasses import replace

import numpy as np
import pytest

from entrepot.detect._legs import ScanLegs
from entrepot.findings import Finding
from entrepot.publish.finding import Ranked
from entrepot.publish.lists import CAME_IN
from entrepot.scan.came_in import came_in, in_only, table, unpublished
from support.panels import changed, noise, panel_of

SINCE, LENGTH = 24, 36
P = {"ARE": 0.001, "ARM": 0.001, "AZE": 0.02, "BLR": 0.03, "CHN": 0.0001, "EGY": 0.5}
"""ARE publishes nothing; ARM's goods arrived and none went on; AZE's did not all arrive; BLR
publishes no imports; CHN is a possible route; EGY publishes no exports."""
CODE = "850110"


def seen():
    sent = np.full((6, 1, LENGTH), 10.0)
    onward, arrived = np.zeros_like(sent), np.full_like(sent, 10.6)
    onward[[0, 5]] = np.nan
    onward[1, :, :SINCE] = 3  # before the scan, and no more since
    onward[4] = 5
    arrived[[0, 3]] = np.nan
    return panel_of(sent, since=SINCE, listed=[0], onward_exports=onward, reported_imports=arrived)


def row(detector, third, p, **changes):
    plain = {
        "detector": detector, "origin": "coalition", "intermediary": third, "destination": None,
        "product": CODE, "score": -np.log10(p), "p_value": p, "q_value": p, "recorded_usd": 3e6,
        "expected_usd": 1e6, "excess_usd": 2e6, "excess_low_usd": 1e6, "excess_high_usd": 3e6,
        "before_usd": 1e6, "months_above": 9, "months_published": 10, "months_window": 10,
        "first_month": "2020-02", "explanation": "More came in.",
    }  # fmt: skip
    return Finding(**(plain | changes))


def legs(*, free=False):
    """The legs toward Russia, which controls bind, or where nothing shows that they do."""
    panel = seen()
    if free:
        panel = replace(panel, direct=np.full_like(panel.direct, 1e6))
    return ScanLegs(panel, SINCE, LENGTH - SINCE)


def found(*, free=False, **more):
    findings = {
        "surge": [row("surge", third, p) for third, p in P.items()]
        + [row("surge", "AZE", 1e-9, origin=None, destination="RUS")],
        "ghost_trade": [row("ghost_trade", "AZE", 0.01), row("ghost_trade", "ARM", 0.4)],
    }
    return came_in(legs(free=free), findings | more, {("CHN", CODE)})


def test_only_what_nobody_knows_the_way_on_of_came_in():
    assert [one.intermediary for one in found()] == ["ARE", "AZE", "BLR", "EGY"]
    assert {(one.detector, one.destination) for one in found()} == {("surge", None)}


def test_what_did_not_arrive_is_tied_to_no_destination_that_is_free():
    """Azerbaijan and Belarus published no exports there, whatever else became of the goods."""
    assert [one.intermediary for one in found(free=True)] == ["ARE", "EGY"]


def test_the_error_rate_is_over_these_cells_alone():
    """Benjamini and Hochberg over .001, .02, .03 and .5; China's .0001 is a route's."""
    assert [one.q_value for one in found()] == pytest.approx([0.004, 0.04, 0.04, 0.5])


def test_it_says_who_publishes_nothing():
    told = {one.intermediary: one.explanation for one in found()}
    start = "More came in. It came in; what became of it is not known: "
    assert told == {
        "ARE": f"{start}too few months of the exports and imports of United Arab Emirates "
        "are held.",
        "AZE": f"{start}Azerbaijan recorded no such exports to Russia, and fewer imports than "
        "were sent.",
        "BLR": f"{start}too few months of the imports of Belarus are held.",
        "EGY": f"{start}too few months of the exports of Egypt are held.",
    }
    assert unpublished(seen(), ("CHN", CODE)) == []


def test_no_word_of_it_says_that_goods_were_sent_on():
    rows = [Ranked(at, one, (), (), "Motors", "x", has_page=False, list=CAME_IN)
            for at, one in enumerate(found(), start=1)]  # fmt: skip
    made = table(seen(), rows)
    text = str(made) + " ".join(one.explanation for one in found())
    assert "sent on" not in text
    assert "route" not in text.replace("no routes", "")
    assert [one["cell"] for one in made.rows] == [
        f"{CODE} into {who}" for who in ("United Arab Emirates", "Azerbaijan", "Belarus")
    ]
    assert made.note.startswith("Of 4 cells whose way on nobody's books tell, 3 have a q-value")


def test_without_rows_there_is_no_list():
    assert found(surge=[]) == []


def test_of_a_bound_destination_the_cells_of_silent_countries_are_apart():
    """In noise one country publishes nothing; elsewhere only a cell without any way on is apart."""
    panel = noise(3)
    silent = {}
    for name in ("onward_exports", "onward_exports_kg", "reported_imports", "third_exports"):
        silent[name] = panel[name].copy()
        silent[name][4] = np.nan
    quiet = changed(panel, **silent)
    with np.errstate(all="ignore"):
        found = in_only(ScanLegs(quiet, quiet.since, quiet.length))
    silent_cells = {what for who, what in found if who == quiet.thirds[4]}
    assert len(silent_cells) > 0.8 * quiet.is_listed.sum()
    for who, what in found:
        j, k = quiet.thirds.index(who), quiet.products.index(what)
        assert quiet.is_listed[k]
        assert not np.nansum(quiet["onward_exports"][j, k, quiet.since :])
