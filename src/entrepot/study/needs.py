"""Needs: which records a study rests on, and which of them a store lacks."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from entrepot.contracts import COUNTRIES, Query, Release
from entrepot.harmonise.products import BASKETS, links
from entrepot.measures._same_months import months_between
from entrepot.reference import countries, groups
from entrepot.study.listed import listed
from entrepot.study.runs import accepted, spans, tail
from entrepot.workspace import measures, part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from entrepot.store.holdings import Holdings
    from entrepot.study.question import Study

Records = tuple[tuple[str, ...], str, tuple[str, ...]]
"""Reporters, flow and partners."""
ONE = ("exporter", "importer", "third", "destination", "world")
"""Parameters of measures that hold one country, or the name of a group."""


def needs(study: Study) -> list[Query]:
    """Return what a study rests on: one query per set of reporters with the same needs.

    Every figure, breakdown and picture is looked at, with its comparison months. Products are
    those of every basket, since a brief shows how far the choice of basket moves a figure. Where
    a measure asks for whoever reports, that is every country UN Comtrade has a code for.
    """
    wanted: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for params in _runs(study):
        days = {f"{day:%Y-%m}" for span in spans(params) for day in months_between(*span)}
        days |= {f"{day:%Y-%m}" for day in tail(params)}
        for reporters, flow, partners in records(params):
            for reporter in reporters:
                for period in days:
                    wanted[reporter, flow, period] |= set(partners) - {reporter}
    return _grouped(wanted, products(study))


def products(study: Study) -> tuple[str, ...]:
    """Return the codes that any basket of the study's goods rests on."""
    goods = listed(study)
    return tuple(sorted({code for basket in BASKETS for _hs, code, _name in links(goods, basket)}))


def _runs(study: Study) -> Iterator[dict[str, Any]]:
    """Give the parameters of every run, one per series of a picture."""
    found = measures()
    runs = [(figure.measure, figure.params) for figure in study.figure]
    runs += [(breakdown.measure, breakdown.params) for breakdown in study.breakdown]
    for name, own in runs:
        yield accepted(part(found, "measure", name), study.params | own)
    series = part(found, "measure", "monthly_series")
    for picture in study.picture:
        params = study.params | picture.params
        for names in picture.series.values():
            yield accepted(series, params | {params.get("series_of", "partners"): names})


def records(params: dict[str, Any]) -> list[Records]:
    """Return whose records of which flow with which partners a run of a measure reads.

    A run without any country but its reporters reads no record: it asks who published.
    """
    who = {key: _members(params.get(key) or ()) for key in (*COUNTRIES, *ONE)}
    sellers = who["exporters"] or who["exporter"]
    buyers = who["importers"] or who["importer"]
    if sellers or buyers:
        return [
            (sellers or everyone(), "export", buyers),
            (buyers or everyone(), "import", sellers),
        ]
    if who["coalition"]:
        third = who["third"] or who["reporters"]
        inflow: Records = (third, "import", who["coalition"])
        if params.get("books") == "exporter":
            inflow = (who["coalition"], "export", third)
        return [inflow, (third, "export", who["destination"])]
    partners = who["partners"] or who["destination"]
    partners += who["others"] + who["control_partners"] + who["world"]
    if not partners:
        return []
    return [(who["reporters"] or everyone(), params.get("flow", "export"), partners)]


def _members(names: Any) -> tuple[str, ...]:
    listed = (names,) if isinstance(names, str) else tuple(names)
    return tuple(dict.fromkeys(code for name in listed for code in groups.members(name)))


def everyone() -> tuple[str, ...]:
    """Return every country that UN Comtrade has a code for."""
    return tuple(code for code, row in countries.table().items() if row["comtrade"])


def _grouped(
    wanted: dict[tuple[str, str, str], set[str]], products: tuple[str, ...]
) -> list[Query]:
    """Join reporters that need the same periods, flow and partners into one query."""
    periods: dict[tuple[str, str, tuple[str, ...]], list[str]] = defaultdict(list)
    for (reporter, flow, period), names in sorted(wanted.items()):
        if not names:  # a country with itself
            continue
        periods[reporter, flow, tuple(sorted(names))].append(period)
    reporters: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[str]] = defaultdict(list)
    for (reporter, flow, partners), months in periods.items():
        reporters[flow, partners, tuple(months)].append(reporter)
    return [
        Query("M", months, tuple(who), partners, (flow,), products)
        for (flow, partners, months), who in reporters.items()
    ]


def lacking(query: Query, held: Holdings) -> Query | None:
    """Return the part of a query that the store does not hold, or None where it holds all.

    Without an index nobody knows what was revised, so any vintage counts.
    """
    months = [
        period
        for period in query.periods
        if not all(held.has(Release(who, query.freq, period), query) for who in query.reporters)
    ]
    if not months:
        return None
    return Query(
        query.freq, tuple(months), query.reporters, query.partners, query.flows, query.products
    )
