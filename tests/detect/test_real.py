"""The EU's real exports to seven neighbours of Russia, 2020-01 to 2022-11: one-sided and short."""

import numpy as np
import pytest

from entrepot.detect._assemble import panel
from entrepot.detect._legs import ScanLegs
from entrepot.detect._panel import Scan
from entrepot.detect.break_date import break_date
from entrepot.detect.code_switch import code_switch
from entrepot.detect.new_corridor import new_corridor
from entrepot.detect.surge import surge
from entrepot.harmonise.products import links
from entrepot.reference import goods, groups
from entrepot.workspace import Workspace
from support.panels import run
from support.sampled import costly

PLACEBO, MONTHS = "2021-05", 9


pytestmark = costly


@pytest.fixture(scope="module")
def seen(full):
    """The panels of the bridged and of the as-listed basket."""
    workspace = Workspace(full)
    listed = goods.load("chpl-2024-02")

    def collect(table):
        return workspace.arrow(table)

    return {
        basket: panel(
            workspace.flows,
            Scan("RUS", "2022-03", groups.members("gecc-39"), tuple(links(listed, basket))),
            collect,
        )
        for basket in ("bridged", "as-listed")
    }


def test_the_panel_holds_what_the_table_holds(seen):
    bridged = seen["bridged"]
    assert bridged.thirds == ("ARM", "BLR", "GEO", "KAZ", "KGZ", "UZB")
    assert (bridged.months[0], bridged.months[-1], bridged.length) == ("2020-01", "2022-11", MONTHS)
    assert np.isnan(bridged["onward_exports"]).all(), "nobody but the EU reports"
    assert {"880730", "854151+854159"} <= {*bridged.products}
    assert "880330" not in bridged.products


def evidence_by_country(rows):
    """The mean score of a country's listed goods."""
    by_country = {}
    for row in rows:
        by_country.setdefault(row.intermediary, []).append(row.score)
    return {who: sum(scores) / len(scores) for who, scores in by_country.items()}


def test_kyrgyzstan_and_armenia_stand_out(seen):
    """Chance gives a mean score of 0.43, and one cell in twenty below 0.05."""
    rows = run("surge", seen["bridged"])
    found = evidence_by_country(rows)
    assert min(found["KGZ"], found["ARM"]) > 0.8
    assert min(found["KGZ"], found["ARM"]) > 1.5 * max(found["UZB"], found["BLR"])
    rare = {(row.intermediary, row.product) for row in rows if row.p_value < 0.05}
    assert {("KGZ", "847180"), ("KGZ", "901310"), ("ARM", "854239")} <= rare
    assert sum(who in ("KGZ", "ARM") for who, _product in rare) >= 8
    assert not any(who == "BLR" for who, _product in rare)


def test_kyrgyz_chips_are_a_new_corridor(seen):
    """Nothing of 854233 went to Kyrgyzstan in 2020 and 2021."""
    rows = run("new_corridor", seen["bridged"])
    assert ("KGZ", "854233") in {(r.intermediary, r.product) for r in rows if r.q_value < 0.1}


def test_aircraft_parts_changed_their_code_and_did_not_surge(seen):
    """88033000 ends in 2021-12, 88073000 begins in 2022-01."""
    listed = seen["as-listed"]
    assert "880730" not in {row.product for row in run("surge", listed)}
    switched = [row for row in run("code_switch", listed) if row.product == "880730"]
    told = {row.intermediary: row.explanation for row in switched}
    assert {"KAZ", "KGZ", "ARM"} <= {*told}
    for text in told.values():
        assert "for everybody 880330 ends in 2021-12 and 880730 begins in 2022-01" in text
    assert "100% of the rise of 880730" in told["KAZ"]
    corridors = {row.product for row in run("new_corridor", listed)}
    assert "880730" not in corridors


def test_bridged_codes_count_together_and_do_not_surge_where_nothing_did(seen):
    rows = [row for row in run("surge", seen["bridged"]) if row.product == "880730"]
    assert rows
    assert all(row.p_value > 0.1 for row in rows if row.intermediary in ("KAZ", "UZB", "BLR"))


@pytest.mark.parametrize("detector", [surge, new_corridor, code_switch, break_date])
def test_placebo_dates_in_2021_stay_quiet(seen, detector):
    bridged = seen["bridged"]
    at = bridged.months.index(PLACEBO)
    with np.errstate(all="ignore"):
        rows = detector(ScanLegs(bridged, at, MONTHS))
    assert [row for row in rows if row.q_value < 0.1] == []


def test_without_masses_and_own_records_there_is_no_price_and_no_ghost(seen):
    assert run("unit_value", seen["bridged"]) == []
    assert run("ghost_trade", seen["bridged"]) == []
