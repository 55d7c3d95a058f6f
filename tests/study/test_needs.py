"""What a study rests on: the queries worked out by hand from small studies and the real ones."""

from __future__ import annotations

import pytest

from entrepot.study.needs import needs, records
from entrepot.study.question import FigureAsked, Study, load
from entrepot.study.shopping import plans
from entrepot.workspace import Workspace


def study(measure, **params):
    return Study(
        *("name", "title", "question", "bis-fincen-9", "headline", "unanswered"),
        figure=(FigureAsked("one", measure, {}, params),),
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


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        (
            {"exporters": ("TUR",), "importers": ("KAZ",)},
            [(("TUR",), "export", ("KAZ",)), (("KAZ",), "import", ("TUR",))],
        ),
        (
            {"third": "TUR", "coalition": ("DEU",), "destination": "RUS", "books": "importer"},
            [(("TUR",), "import", ("DEU",)), (("TUR",), "export", ("RUS",))],
        ),
        (
            {"third": "TUR", "coalition": ("DEU",), "destination": "RUS", "books": "exporter"},
            [(("DEU",), "export", ("TUR",)), (("TUR",), "export", ("RUS",))],
        ),
        (
            {"reporters": ("KAZ",), "destination": "RUS", "world": "WLD"},
            [(("KAZ",), "export", ("RUS", "WLD"))],
        ),
        ({"reporters": ("KAZ",), "first": "2023-01"}, []),
    ],
)
def test_each_measure_reads_the_records_its_parameters_name(params, expected):
    assert records(params) == expected


def test_the_turkey_study_takes_about_a_call_a_month_and_three_minutes_without_a_key(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("ENTREPOT_COMTRADE_KEY", raising=False)
    (plan,) = plans(load("turkey-2023"), Workspace(tmp_path / "store"))
    assert (plan.source, plan.access.name) == ("comtrade", "preview")
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
