"""Coverage: what is expected, what is there, and nothing in between."""

from datetime import date

from entrepot.measures.coverage import coverage


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
