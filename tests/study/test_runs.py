"""Windows of each way to write them, by hand."""

from datetime import date

import pytest

from entrepot.errors import StudyError
from entrepot.study.question import load
from entrepot.study.runs import accepted, params_of, spans, tail, windows
from entrepot.workspace import measures


@pytest.mark.parametrize(
    ("params", "now", "base"),
    [
        (
            {"first": "2023-01", "last": "2023-09", "base": (2021, 2022)},
            [("2023-01", "2023-09")],
            [("2021-01", "2021-09"), ("2022-01", "2022-09")],
        ),
        (
            {"first": "2022-03", "last": "2023-02", "base": [2019]},
            [("2022-03", "2023-02")],
            [("2019-03", "2020-02")],
        ),
        (
            {"first": "2023-01", "last": "2023-02", "years": (2020, 2023)},
            [("2023-01", "2023-02")],
            [("2020-01", "2020-02")],
        ),
        (
            {"window": ("2022-01", "2023-12"), "base": ("2019-01", "2021-12")},
            [("2022-01", "2023-12")],
            [("2019-01", "2021-12")],
        ),
        ({"window": ["2022-01", "2022-12"], "base": None}, [("2022-01", "2022-12")], []),
        ({"year": 2022, "base": 2019}, [("2022-01", "2022-12")], [("2019-01", "2019-12")]),
        (
            {"year": 2022, "base": (2019, 2020)},
            [("2022-01", "2022-12")],
            [("2019-01", "2019-12"), ("2020-01", "2020-12")],
        ),
        (
            {"late": ("2023-07", "2023-09"), "early": ("2023-01", "2023-06")},
            [("2023-07", "2023-09")],
            [("2023-01", "2023-06")],
        ),
        ({"reporters": ("TUR",)}, [], []),
    ],
)
def test_a_run_looks_at_its_window_and_its_base(params, now, base):
    found = windows(params)
    assert (found[0], sorted(found[1])) == (now, base)
    assert sorted(spans(params)) == sorted([*now, *base])


def test_spans_stand_in_order_of_time_and_a_pace_as_written():
    assert spans({"year": 2022, "base": (2020, 2019)})[0] == ("2019-01", "2019-12")
    pace = {"before": ("2021-01", "2021-12"), "late": ("2023-07", "2023-09")}
    assert spans(pace) == [("2023-07", "2023-09"), ("2021-01", "2021-12")]


def test_a_lag_adds_months_after_the_window_of_a_mirror_only():
    assert tail({"window": ("2022-01", "2022-11"), "lag": 2}) == [
        date(2022, 12, 1),
        date(2023, 1, 1),
    ]
    assert tail({"window": ("2022-01", "2022-11")}) == []
    assert tail({"first": "2022-01", "last": "2022-11", "lag": 2}) == []


def test_a_window_of_one_month_name_is_refused():
    with pytest.raises(StudyError, match="first and last month"):
        windows({"window": ("2022-01",)})


def test_a_run_has_the_measures_defaults_without_products():
    run = accepted(measures()["red_flag"], {"destination": "RUS", "base": 2018, "flow": "export"})
    assert (run["year"], run["base"], run["multiple"], run["destination"]) == (
        2022,
        2018,
        50.0,
        "RUS",
    )
    assert "flow" not in run
    assert "products" in measures()["mirror_gap"].params
    assert "products" not in accepted(measures()["mirror_gap"], {"products": ("854231",)})


def test_a_default_of_the_study_reaches_only_measures_that_take_it():
    study = load("ghost-trade-2022")
    runs = params_of(study)
    assert len(runs) == 4
    assert [run.get("exporter") for run in runs] == [None, "LTU", "LTU", None]
