"""What each measure reads, by hand for each way to write windows, and the runs of a study."""

from datetime import date

import pytest

from entrepot.errors import CoverageError
from entrepot.months import day_of, ends, later, month, months_between, periods, same_months, slots
from entrepot.parts import measures
from entrepot.reads import Reads
from entrepot.study.question import load
from entrepot.study.runs import run, runs

ONE = {"reporters": ("TUR",), "partners": ("KAZ",)}
MIRROR = {"exporters": ("TUR",), "importers": ("KAZ",)}
THIRD = {"third": "TUR", "coalition": ("DEU",), "destination": "RUS"}


def reads(name, **params):
    """Return what a run of a measure rests on."""
    asked = run(measures()[name], params)
    return asked.measure.reads(**asked.params)


@pytest.mark.parametrize(
    ("name", "params", "now", "base"),
    [
        (
            "growth",
            ONE | {"first": "2023-01", "last": "2023-09", "base": (2021, 2022)},
            [("2023-01", "2023-09")],
            [("2021-01", "2021-09"), ("2022-01", "2022-09")],
        ),
        (
            "growth",
            ONE | {"first": "2022-03", "last": "2023-02", "base": [2019]},
            [("2022-03", "2023-02")],
            [("2019-03", "2020-02")],
        ),
        (
            "growth",  # the window's own year is no base
            ONE | {"first": "2023-01", "last": "2023-02", "base": (2020, 2023)},
            [("2023-01", "2023-02")],
            [("2020-01", "2020-02")],
        ),
        (
            "period_to_date",
            ONE | {"first": "2023-01", "last": "2023-02", "years": (2023, 2020)},
            [("2020-01", "2020-02"), ("2023-01", "2023-02")],
            [],
        ),
        (
            "mirror_gap",
            MIRROR | {"window": ("2022-01", "2023-12"), "base": ("2019-01", "2021-12")},
            [("2022-01", "2023-12")],
            [("2019-01", "2021-12")],
        ),
        (
            "mirror_gap",
            MIRROR | {"window": ["2022-01", "2022-12"], "base": None},
            [("2022-01", "2022-12")],
            [],
        ),
        (
            "red_flag",
            {"reporters": ("TUR",), "destination": "RUS", "year": 2022, "base": 2019},
            [("2022-01", "2022-12")],
            [("2019-01", "2019-12")],
        ),
        (
            "economically_critical",
            ONE | {"year": 2022, "base": (2020, 2019)},
            [("2022-01", "2022-12")],
            [("2019-01", "2019-12"), ("2020-01", "2020-12")],
        ),
        (
            "monthly_pace",
            ONE | {"late": ("2023-07", "2023-09"), "early": ("2023-01", "2023-06")}
            | {"before": ("2021-01", "2021-12")},
            [("2023-07", "2023-09"), ("2023-01", "2023-06"), ("2021-01", "2021-12")],
            [],
        ),
        (
            "coverage_weight",
            ONE | {"first": "2023-01", "last": "2023-02"},
            [("2023-01", "2023-02")],
            [("2022-01", "2022-02")],
        ),
    ],
)  # fmt: skip
def test_a_run_looks_at_its_window_and_its_base(name, params, now, base):
    first, *_others = reads(name, **params)
    assert ([*first.now], sorted(first.base)) == (now, base)
    assert sorted(first.spans) == sorted([*now, *base])
    assert {*first.periods} == {day for span in (*now, *base) for day in months_between(*span)}


@pytest.mark.parametrize(
    ("name", "params", "expected"),
    [
        (
            "mirror_pair",
            {"exporter": "TUR", "importer": "KAZ"},
            [(("TUR",), "export", ("KAZ",)), (("KAZ",), "import", ("TUR",))],
        ),
        (
            "attribution",
            THIRD | {"books": "importer", "base": (2021,)},
            [(("TUR",), "import", ("DEU",)), (("TUR",), "export", ("RUS",))],
        ),
        (
            "attribution",
            THIRD | {"books": "exporter", "base": (2021,)},
            [(("DEU",), "export", ("TUR",)), (("TUR",), "export", ("RUS",))],
        ),
        (
            "red_flag",
            {"reporters": ("KAZ",), "destination": "RUS", "world": "WLD", "year": 2022}
            | {"base": 2019},
            [(("KAZ",), "export", ("RUS",)), (("KAZ",), "export", ("WLD",))],
        ),
        (
            "unit_value",
            ONE | {"others": ("FRA",), "base": (2021,)},
            [(("TUR",), "export", ("KAZ", "FRA"))],
        ),
        (
            "excess_trade",
            ONE | {"control_partners": ("FRA",), "base": (2021,), "flow": "import"},
            [(("TUR",), "import", ("KAZ", "FRA"))],
        ),
        (
            "route_share",
            {"reporters": ("KAZ",), "together": ("DEU",), "destination": "RUS", "base": (2021,)},
            [(("KAZ", "DEU"), "export", ("RUS",))],
        ),
        (
            "re_export_ratio",
            {"reporters": ("KAZ",), "coalition": ("DEU",), "destination": "RUS"},
            [(("KAZ",), "import", ("DEU",)), (("KAZ",), "export", ("RUS",))],
        ),
        ("supplier_share", {"destination": "RUS"}, [((), "export", ("RUS",))]),
    ],
)
def test_each_measure_reads_the_records_its_parameters_name(name, params, expected):
    window = {"first": "2023-01", "last": "2023-02"}
    found = reads(name, **window | params)
    assert [(one.reporters, one.flow, one.partners) for one in found] == expected
    assert all(one.is_counted and not one.optional for one in found)


def test_a_measure_of_who_published_counts_no_row():
    (who,) = reads("coverage", reporters=("KAZ",), first="2023-01", last="2023-02")
    assert not who.is_counted
    assert who.partners == ()


def test_the_other_goods_are_read_unless_there_are_other_partners_to_compare_with():
    asked = ONE | {"first": "2023-01", "last": "2023-02", "base": (2021,)}
    own, anybody = reads("excess_trade", **asked)
    (others,) = reads("excess_trade", **asked, control_partners=("FRA",))
    assert (own.has_controls, others.has_controls) == (True, False)
    assert (anybody.partners, anybody.optional, anybody.has_controls) == ((), True, False)


def test_spans_stand_in_order_of_time_and_a_pace_as_written():
    annual = reads("economically_critical", **ONE, year=2022, base=(2020, 2019))
    assert annual[0].spans[0] == ("2019-01", "2019-12")
    late, early = ("2023-07", "2023-09"), ("2023-01", "2023-06")
    (pace,) = reads("monthly_pace", **ONE, late=late, early=early, before=("2021-01", "2021-12"))
    assert pace.spans == (("2023-07", "2023-09"), ("2023-01", "2023-06"), ("2021-01", "2021-12"))
    assert pace.periods[0] == date(2021, 1, 1)


def test_a_lag_adds_months_after_the_window_on_the_side_that_is_late():
    sent, came, *optional = reads("ghost_trade", **MIRROR, window=("2022-01", "2022-11"), lag=2)
    after = (date(2022, 12, 1), date(2023, 1, 1))
    assert (sent.later, came.later) == ((), after)
    assert came.periods[-2:] == after
    assert sent.periods[-1] == date(2022, 11, 1)
    assert [one.optional for one in optional] == [True, True]
    inflow, outflow = reads("attribution", **THIRD, first="2022-01", last="2022-11", base=(2021,),
                            lag=1)  # fmt: skip
    assert inflow.later == ()
    assert outflow.later == (date(2021, 12, 1), date(2022, 12, 1))
    (gap, back, *_everywhere) = reads("mirror_gap", **MIRROR, window=("2022-01", "2022-11"))
    assert (gap.later, back.later) == ((), ())


def test_a_window_of_one_month_name_is_refused():
    with pytest.raises(CoverageError, match="first and last month"):
        reads("mirror_gap", **MIRROR, window=("2022-01",))


def test_a_run_has_the_measures_defaults_without_goods_and_of_a_list_makes_a_tuple():
    flag = run(measures()["red_flag"], {"destination": "RUS", "base": 2018, "flow": "export"})
    asked = (flag.params["year"], flag.params["base"], flag.params["multiple"])
    assert (asked, flag.params["destination"]) == ((2022, 2018, 50.0), "RUS")
    assert "flow" not in flag.params
    gap = measures()["mirror_gap"]
    assert gap.goods == "products"
    assert gap.accepted({"products": ["854231"]})["products"] == ("854231",)
    assert "products" not in run(gap, {"products": ("854231",)}).params


def test_another_choice_changes_that_parameter_only():
    growth = run(
        measures()["growth"], ONE | {"first": "2023-01", "last": "2023-02", "base": [2021]}
    )
    other = growth.but(base=[2019, 2020])
    assert other.params == growth.params | {"base": (2019, 2020)}
    assert other.measure is growth.measure


def test_a_default_of_the_study_reaches_only_measures_that_take_it():
    asked = runs(load("ghost-trade-2022"))
    assert len(asked) == 4
    assert [one.params.get("exporter") for one in asked] == [None, "LTU", "LTU", None]


def test_the_runs_of_a_study_are_those_of_every_choice_breakdown_and_series():
    study = load("turkey-2023")
    choices = sum(len(options) for f in study.figure for options in f.alternatives.values())
    series = sum(len(picture.series) for picture in study.picture)
    found = runs(study)
    assert len(found) == len(study.figure) + choices + len(study.breakdown) + series
    assert choices > 0
    assert series > 0


def test_months_are_numbered_and_windows_shifted_over_the_new_year():
    assert slots("2022-12", "2023-02") == [2022 * 12 + 11, 2023 * 12, 2023 * 12 + 1]
    assert [day_of(number) for number in slots("2022-12", "2023-01")] == [
        date(2022, 12, 1),
        date(2023, 1, 1),
    ]
    assert (later("2022-12", 1), later("2023-01", -1)) == ("2023-01", "2022-12")
    assert same_months(("2022-11", "2023-02"), [2019]) == [("2019-11", "2020-02")]


def test_years_are_read_of_whole_years_only():
    assert periods("2021-01", "2022-12", "A") == [date(2021, 1, 1), date(2022, 1, 1)]
    assert Reads("export", now=(("2021-01", "2021-12"),), freq="A").periods == (date(2021, 1, 1),)
    with pytest.raises(CoverageError, match=r"not made of whole years.*2021-01 to 2022-12"):
        periods("2021-01", "2022-06", "A")


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: month("2023-13"), "'2023-13' is not a month"),
        (lambda: months_between("2023-02", "2023-01"), "swap its ends"),
        (lambda: ends(("2023-01",), "base"), r"the base \['2023-01'\] needs its first and last"),
    ],
)
def test_a_month_or_window_that_is_none_is_one_line(ask, words):
    with pytest.raises(CoverageError, match=words):
        ask()
