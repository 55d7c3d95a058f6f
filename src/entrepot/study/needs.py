"""Needs: which records a study rests on, and which of them a store lacks."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from entrepot.contracts import Query, Release
from entrepot.harmonise.products import BASKETS, links
from entrepot.parts import estimators, part
from entrepot.question import words
from entrepot.reads import PLACES
from entrepot.reference import countries, groups
from entrepot.study.estimates import given
from entrepot.study.listed import listed
from entrepot.study.runs import Run, runs
from entrepot.terms import ALL

if TYPE_CHECKING:
    from entrepot.reads import Reads
    from entrepot.store.holdings import Holdings
    from entrepot.study.question import Study


def needs(study: Study) -> list[Query]:
    """Return what a study rests on: one query per set of reporters with the same needs.

    Every figure, breakdown and picture is looked at, with its comparison months. Products are
    those of every basket, since a brief shows how far the choice of basket moves a figure. Where
    a measure asks for whoever reports, that is every country UN Comtrade has a code for.
    """
    wanted: dict[tuple[str, str, str, str], set[str]] = defaultdict(set)
    for run in runs(study):
        for read in reads(run):
            if read.optional or not read.is_counted:
                continue
            for reporter in read.reporters or everyone():
                for day in read.periods:
                    period = f"{day:%Y}" if read.freq == "A" else f"{day:%Y-%m}"
                    partners = {*(read.partners or everyone())} - {reporter}
                    wanted[reporter, read.flow, read.freq, period] |= partners
    return [*_grouped(wanted, products(study)), *_of_estimates(study)]


def _of_estimates(study: Study) -> list[Query]:
    """Return what the estimates rest on: every good where the listed are compared with others."""
    found = []
    for asked in study.estimate:
        estimator = part(estimators(), "estimator", asked.estimator)
        params = words.read(asked.estimator, estimator, given(study, asked, estimator)).params
        goods = () if "controls" in estimator.params else products(study)
        wanted: dict[tuple[str, str, str, str], set[str]] = defaultdict(set)
        for one in reads(Run(estimator, params)):
            for reporter in one.reporters:
                for day in one.periods:
                    partners = {*one.partners} - {reporter}
                    wanted[reporter, one.flow, one.freq, f"{day:%Y-%m}"] |= partners
        found += _grouped(wanted, goods)
    return found


def reads(run: Run) -> list[Reads]:
    """Return the records a run rests on, groups written out as their members."""
    resolved = dict(run.params)
    for key in run.measure.of_kind("Reporters", *PLACES):
        value = run.params[key]
        names = (value,) if isinstance(value, str) else value
        codes = (code for name in names for code in _members(name))
        resolved[key] = tuple(dict.fromkeys(codes))
    return run.measure.reads(**resolved)


def _members(name: str) -> tuple[str, ...]:
    return everyone() if name == ALL else groups.members(name)


def products(study: Study) -> tuple[str, ...]:
    """Return the codes that any basket of the study's goods rests on."""
    goods = listed(study)
    return tuple(sorted({code for basket in BASKETS for _hs, code, _name in links(goods, basket)}))


def everyone() -> tuple[str, ...]:
    """Return every country that UN Comtrade has a code for."""
    return tuple(code for code, row in countries.table().items() if row["comtrade"])


def _grouped(
    wanted: dict[tuple[str, str, str, str], set[str]], products: tuple[str, ...]
) -> list[Query]:
    """Join reporters that need the same periods, flow and partners into one query."""
    periods: dict[tuple[str, str, str, tuple[str, ...]], list[str]] = defaultdict(list)
    for (reporter, flow, freq, period), names in sorted(wanted.items()):
        if not names:  # a country with itself
            continue
        periods[reporter, flow, freq, tuple(sorted(names))].append(period)
    reporters: dict[tuple[str, str, tuple[str, ...], tuple[str, ...]], list[str]]
    reporters = defaultdict(list)
    for (reporter, flow, freq, partners), months in periods.items():
        reporters[flow, freq, partners, tuple(months)].append(reporter)
    return [
        Query(freq, months, tuple(who), partners, (flow,), products)
        for (flow, freq, partners, months), who in reporters.items()
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
