"""What a study rests on: the queries worked out by hand from small studies and the real ones."""

from __future__ import annotations

from entrepot.study.fetch_plans import plans
from entrepot.study.needs import everyone, needs
from entrepot.study.question import FigureBlock, Study, load
from entrepot.workspace import Workspace


def study(measure, **params):
    return Study(
        name="name",
        title="title",
        question="question",
        goods="bis-fincen-9",
        headline="headline",
        unanswered="unanswered",
        figure=(FigureBlock("one", measure, {}, params),),
    )


def test_growth_needs_its_months_in_every_year():
    found = needs(
        study(
            "growth",
            reporters=["TUR"],
            partners=["RUS", "KAZ"],
            first="2023-01",
            last="2023-02",
            base=[2021],
        )
    )
    (query,) = found
    assert query.periods == ("2021-01", "2021-02", "2023-01", "2023-02")
    assert (query.reporters, query.partners, query.flows) == (
        ("TUR",),
        ("KAZ", "RUS"),
        ("export",),
    )
    assert {"854231", "851762"} <= set(query.products)


def test_a_country_is_not_asked_about_itself():
    found = needs(
        study(
            "supplier_share",
            destination="RUS",
            reporters=["CHN", "RUS"],
            first="2023-01",
            last="2023-01",
        )
    )
    assert [query.reporters for query in found] == [("CHN",)]


def test_who_published_and_what_only_sharpens_is_not_fetched():
    asked = {"reporters": ["KAZ"], "first": "2023-01", "last": "2023-02"}
    assert needs(study("coverage", **asked)) == []
    mirror = {"exporters": ["TUR"], "importers": ["KAZ"], "window": ["2023-01", "2023-01"]}
    found = needs(study("ghost_trade", **mirror, lag=1))
    sides = [(query.reporters, query.flows, query.partners, query.periods) for query in found]
    assert sorted(sides, reverse=True) == [
        (("TUR",), ("export",), ("KAZ",), ("2023-01",)),
        (("KAZ",), ("import",), ("TUR",), ("2023-01", "2023-02")),
    ]


def test_groups_are_their_members_and_whoever_reports_is_everyone():
    asked = {"destination": "RUS", "first": "2023-01", "last": "2023-01"}
    (named,) = needs(study("supplier_share", **asked, reporters=["eu27", "TUR"]))
    assert len(named.reporters) == 28
    (anybody,) = needs(study("supplier_share", **asked))
    assert {*anybody.reporters} == {*everyone()} - {"RUS"}


def test_annual_figures_are_asked_by_year():
    asked = {"reporters": ["TUR"], "partners": ["KAZ"], "first": "2021-01", "last": "2022-12"}
    (query,) = needs(study("monthly_series", **asked, freq="A"))
    assert (query.freq, query.periods) == ("A", ("2021", "2022"))


def test_the_turkey_study_takes_about_a_call_a_month_and_three_minutes_without_a_key(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("ENTREPOT_COMTRADE_KEY", raising=False)
    (plan,) = plans(load("turkey-2023"), Workspace(tmp_path / "store"))
    assert (plan.source, plan.endpoint.name) == ("comtrade", "preview")
    exports = [r for r in plan.requests if r.asked.flows == ("export",)]
    assert len(exports) == 105  # January-September 2015-2020 and every month from 2021
    assert plan.calls < 200
    assert plan.seconds < 240
    for request in plan.requests:
        asked = request.asked
        assert len(asked.products) * len(asked.partners) * len(asked.periods) < 500
    assert len({request.name for request in plan.requests}) == len(plan.requests)


def test_one_source_per_reporter_and_the_best_one(tmp_path):
    found = plans(load("russia-suppliers-2023"), Workspace(tmp_path / "store"))
    asked = [(p.source, who) for p in found for q in p.queries for who in q.reporters]
    sources = {}
    for source, reporter in asked:
        sources.setdefault(reporter, set()).add(source)
    assert all(len(names) == 1 for names in sources.values())
    assert sources["DEU"] == {"eurostat"}
    assert sources["CHN"] == {"comtrade"}
