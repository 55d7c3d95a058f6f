"""Coverage against months told by hand and brute force on random worlds."""

from datetime import date

import pytest

from entrepot.errors import CoverageError
from entrepot.measures.coverage import coverage
from support.random_world import WHO, WHOM, random_world


def test_each_expected_month_is_present_or_not(flows):
    table = flows(
        {"reporter": "TUR", "flow": "export", "period": date(2022, 12, 1)},
        {"reporter": "TUR", "flow": "export", "period": date(2022, 12, 1), "product": "010121"},
        {"reporter": "TUR", "flow": "import", "period": date(2023, 1, 1)},
        {"reporter": "KAZ", "flow": "export", "period": date(2023, 1, 1)},
        {"reporter": "KAZ", "flow": "export", "period": date(2023, 1, 1), "freq": "A"},
        {"reporter": "DEU", "flow": "export", "period": date(2023, 1, 1)},
    )
    found = coverage(table, reporters=("TUR", "KAZ", "UZB"), first="2022-12", last="2023-01")
    rows = found.to_pyarrow().to_pylist()
    assert len(rows) == 6
    assert {(row["reporter"], row["period"].year) for row in rows if row["is_present"]} == {
        ("TUR", 2022),
        ("KAZ", 2023),
    }
    assert not any(row["is_present"] is None for row in rows)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("flow", ["export", "import"])
def test_random_worlds_agree_with_brute_force(flows, seed, flow):
    world = random_world(seed)
    found = coverage(flows(*world), reporters=(*WHO, *WHOM, "UZB"), first="2020-11", last="2022-02",
                     flow=flow).to_pyarrow().to_pylist()  # fmt: skip
    published = {(r["reporter"], r["period"]) for r in world if r["flow"] == flow}
    assert len(found) == 5 * 16
    assert len({(row["reporter"], row["period"]) for row in found}) == len(found)
    for row in found:
        assert row["is_present"] == ((row["reporter"], row["period"]) in published)
    assert sum(not row["is_present"] for row in found) > 16


def test_annual_rows_and_the_months_between_the_ends_are_told_apart(flows):
    table = flows(
        {"reporter": "TUR", "flow": "export", "period": date(2023, 1, 1), "freq": "A"},
        {"reporter": "TUR", "flow": "export", "period": date(2023, 3, 1)},
    )
    found = coverage(table, reporters=("TUR",), first="2023-01", last="2023-03")
    rows = {row["period"].month: row["is_present"] for row in found.to_pyarrow().to_pylist()}
    assert rows == {1: False, 2: False, 3: True}


def test_a_window_that_ends_before_it_begins_is_refused(flows):
    with pytest.raises(CoverageError, match="swap its ends"):
        coverage(flows({}), reporters=("TUR",), first="2023-02", last="2023-01")
