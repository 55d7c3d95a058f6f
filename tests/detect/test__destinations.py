"""Other destinations: by hand, against panels made for them alone, and against fresh legs."""

from dataclasses import replace
from datetime import date
from functools import cache

import ibis
import numpy as np
import pyarrow as pa
import pytest

from entrepot.detect._assemble import panel
from entrepot.detect._destinations import panel_and_others
from entrepot.detect._legs import ONWARD, ScanLegs
from entrepot.detect._panel import SERIES, Scan
from entrepot.detect._routes import routes
from entrepot.schema import FLOWS
from support.plain import PLAIN

THIRDS = tuple("ARE ARM AZE BLR CHN GEO HKG IND ISR KAZ KGZ MAR MDA MNG SRB TJK UZB VNM".split())
LISTED = tuple(f"85{heading}10" for heading in range(20, 30))
FREE = ("392690", "732690", "840734", "841391", "848180", "850131", "853710", "870899")
MONTHS = [date(year, month, 1) for year in range(2018, 2023) for month in range(1, 13)]
TO = {"RUS": 0.5, "TUR": 0.4, "EGY": 0.2, "PER": 0.05}
COALITION = ("DEU", "JPN", "USA")
CODES = tuple(("HS2022", code, code) for code in LISTED)
ASKED = Scan("RUS", "2022-03", COALITION, CODES, THIRDS)
ROUTES = {("KGZ", LISTED[1]), ("KGZ", LISTED[4]), ("KGZ", LISTED[8])}


@cache
def world():
    """Even trade in whole dollars, exports to four destinations, and three routes to Russia.

    What the coalition itself sends Russia falls to a tenth, and to Peru as well.
    """
    rng = np.random.default_rng(11)
    made = []

    def row(who, to, code, month, usd, flow="export"):
        usd = float(round(usd))
        made.append({"reporter": who, "partner": to, "product": code, "period": month,
                     "flow": flow, "value_usd": usd, "net_mass_kg": usd // 10 + 1})  # fmt: skip

    def around(level):
        return level * np.exp(rng.normal(0, 0.15))

    for month in MONTHS:
        late = month >= date(2022, 3, 1)
        for code in (*LISTED, *FREE):
            for third in THIRDS:
                grown = 8 if late and (third, code) in ROUTES else 1
                for who in COALITION:
                    sent = around(1e5 * grown)
                    row(who, third, code, month, sent)
                    row(third, who, code, month, sent * 1.06, "import")
                for to, level in TO.items():
                    rises = 12 if grown > 1 and to == "RUS" else 1
                    row(third, to, code, month, around(1e5 * level * rises))
            for to in TO:
                kept = 0.1 if late and to in ("RUS", "PER") else 1
                row("DEU", to, code, month, around(2e5 * kept))
    return ibis.memtable(pa.Table.from_pylist([PLAIN | one for one in made], FLOWS.arrow))


def collect(expression):
    return expression.to_pyarrow()


@pytest.fixture(scope="module")
def made():
    return panel_and_others(world(), ASKED, collect)


def test_sizes_are_what_others_than_the_coalition_recorded(made):
    seen, others = made
    assert {*others.sizes} == {*THIRDS, *TO}
    assert others.sizes["RUS"] > others.sizes["TUR"] > others.sizes["EGY"] > others.sizes["PER"] > 0
    assert others.sizes["KGZ"] == 0, "only the coalition sends anything there"
    assert seen.thirds == THIRDS


def test_destinations_alike_are_unbound_and_the_closest_first(made):
    """Egypt is further from Russia than Turkey; Peru, closest to Egypt, gets a tenth itself."""
    seen, others = made
    assert others.like(seen, 5) == ("TUR", "EGY")
    assert others.like(seen, 1) == ("TUR",)
    assert others.like(seen, 0) == ()
    assert others.like(replace(seen, scan=replace(ASKED, destination="FJI")), 5) == ()


def test_a_panel_of_another_destination_is_the_one_made_for_it(made):
    seen, others = made
    for found in others.panels(seen, ("EGY", "TUR")):
        alone = panel(world(), found.scan, collect)
        assert alone.thirds == found.thirds
        for name in SERIES:
            np.testing.assert_array_equal(found[name], alone[name], err_msg=name)
        listed = found.is_listed
        np.testing.assert_array_equal(found.direct[listed], alone.direct[listed])
        assert np.isnan(found.direct[~listed]).all()


def test_what_is_shared_is_what_fresh_legs_give(made):
    seen, others = made
    legs = ScanLegs(seen, seen.since, seen.length)
    with np.errstate(all="ignore"):
        routes(legs)
        for found in others.panels(seen, ("EGY", "TUR")):
            shared = routes(legs.toward(found))
            alone = routes(ScanLegs(found, found.since, found.length))
            for name in ("score", "p", "q", "pair"):
                np.testing.assert_array_equal(getattr(shared, name), getattr(alone, name))
            for name, usd in alone.usd.items():
                np.testing.assert_array_equal(shared.usd[name], usd)


def test_the_planted_routes_are_found_and_no_other_destination_has_any(made):
    seen, others = made
    legs = ScanLegs(seen, seen.since, seen.length)
    with np.errstate(all="ignore"):
        own = routes(legs)
        rest = {one.scan.destination: routes(legs.toward(one))
                for one in others.panels(seen, others.like(seen, 5))}  # fmt: skip
    found = {(seen.thirds[j], seen.products[k]) for j, k in np.argwhere(own.q <= 0.1)}
    assert found == ROUTES
    for one in rest.values():
        assert np.isfinite(one.q).sum() == len(THIRDS) * len(LISTED)
        assert not (one.q <= 0.1).any()


def test_no_destination_exports_to_itself_and_silence_stays_silence():
    """Turkey is a third country too; Georgia published no exports in March 2022."""
    rows = world().filter(lambda t: ~((t.reporter == "GEO") & (t.flow == "export")
                                      & (t.period == date(2022, 3, 1))))  # fmt: skip
    seen, others = panel_and_others(rows, replace(ASKED, thirds=(*THIRDS, "TUR")), collect)
    (found,) = others.panels(seen, ("TUR",))
    at, gap = seen.months.index("2022-03"), seen.thirds.index("GEO")
    for name in ONWARD:
        assert np.isnan(found[name][seen.thirds.index("TUR")]).all()
        assert np.isnan(found[name][gap, :, at]).all()
        assert np.isfinite(found[name][gap, :, at + 1]).all()


def test_what_rounding_leaves_is_no_trade(made):
    """A ten-thousandth of a cent would count as a month with a shipment."""
    seen, others = made
    (there,) = others.panels(seen, ("TUR",))
    all_of_it = {
        "onward_exports": there["onward_exports"] + 1e-6,
        "other_exports": np.zeros_like(there["onward_exports"]),
    }
    (found,) = others.panels(replace(seen, data=seen.data | all_of_it), ("TUR",))
    assert (found["other_exports"] == 0).all()
