"""Eurostat's doors: the SDMX service for small questions, monthly files for large ones."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from entrepot.contracts import Access, Request, Verdict
from entrepot.reference import countries
from entrepot.sources import _answers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from entrepot.contracts import Answer, Query, Release

API = "https://ec.europa.eu/eurostat/api/comext/dissemination/sdmx/2.1/data/DS-045409"
FLOW_CODES = {"import": "1", "export": "2"}
INDICATORS = ("VALUE_IN_EUROS", "QUANTITY_IN_100KG", "SUPPLEMENTARY_QUANTITY")


def requests(query: Query, _found: tuple[Release, ...] = ()) -> Iterator[Request]:
    """Ask for one reporter and one period at a time: a larger extraction is refused (HTTP 413).

    The key names freq, reporter, partner, product, flow and indicators in that order; an empty
    place means all. Eurostat publishes imports and exports only; other flows are not asked for.
    """
    flows = "+".join(FLOW_CODES[flow] for flow in query.flows if flow in FLOW_CODES)
    partners = "+".join(countries.code(partner, "comext") for partner in query.partners)
    for reporter, period in product(query.reporters or ("",), query.periods):
        key = ".".join(
            (
                query.freq,
                reporter and countries.code(reporter, "comext"),
                partners,
                "+".join(query.products),
                flows,
                "+".join(INDICATORS),
            )
        )
        yield Request(
            f"{API}/{key}",
            {"format": "SDMX-CSV", "startPeriod": period, "endPeriod": period},
            name=f"eurostat-{query.freq}-{reporter or 'all'}-{period}.csv",
        )


def judge(_request: Request, answer: Answer) -> tuple[Verdict, str]:
    """Tell a table from a refusal."""
    return _answers.refusal(answer) or (Verdict.GOOD, "")


SDMX = Access(
    name="sdmx",
    requests=requests,
    judge=judge,
    hosts=("ec.europa.eu",),
    pause=1.0,
    largest=200_000_000,
    reference="https://ec.europa.eu/eurostat/web/user-guides/data-browser/api-data-access",
)
