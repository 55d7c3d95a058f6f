"""ECB reference rates: dollars and other currencies per euro, each day since 4 January 1999.

* Delay: about 16:00 CET on each day that TARGET is open; a file is of the last day it quotes.
* Coverage: some 30 currencies today; the rouble ends on 1 March 2022.
* Licence: free use with the source named; the ECB gives them for information only.

Pages: https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates and
https://www.ecb.europa.eu/home/disclaimer. No limit on calls is documented.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from entrepot.contracts import Endpoint, Query, Release, Request
from entrepot.errors import RateError, SourceError
from entrepot.materials._material import Material, judge
from entrepot.reference import rates

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILE = "eurofxref-hist.zip"
FIRST = date(1999, 1, 4)
"""The first day the ECB quoted; the file of the last 90 days has the same layout."""


def requests(_query: Query, _found: tuple[Release, ...] = ()) -> Iterator[Request]:
    """Ask for the one file with all days, 0.6 MB."""
    yield Request(f"https://www.ecb.europa.eu/stats/eurofxref/{FILE}", name=FILE)


def check(path: Path) -> date:
    """Return the last day the file quotes.

    Raises:
        SourceError: It is not the ECB's file of all days.
    """
    try:
        first, last = rates.days(path)
    except RateError as error:
        raise SourceError(str(error)) from None
    if first != FIRST:
        raise SourceError(
            f"rates: {path.name} begins on {first}; expected {FIRST}: take the file of all days"
        )
    return last


HISTORY = Endpoint(
    name="history",
    requests=requests,
    judge=judge(check),
    hosts=("www.ecb.europa.eu",),
    pause=1.0,
    largest=5_000_000,
    reference="https://www.ecb.europa.eu/stats/policy_and_exchange_rates/"
    "euro_reference_exchange_rates/html/index.en.html",
)
ecb = Material(
    title="Euro foreign exchange reference rates",
    publisher="European Central Bank",
    url="https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates",
    licence="https://www.ecb.europa.eu/home/disclaimer/html/index.en.html",
    endpoints=(HISTORY,),
    check=check,
)
