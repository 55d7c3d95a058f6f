"""Lists: what a row of a scan is listed among, and the words that pages and lines say of each list.

A route came in and went on. Of what came in alone nobody can say what became of it. Where nobody of
the coalition reports, what went out is all there is to rank, and no word says where it came from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot.findings import BAR
from entrepot.publish import words
from entrepot.reference import countries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.findings import Placebo
    from entrepot.publish.finding import ScanReport

ROUTE, CAME_IN, WENT_OUT = "route", "came-in", "went-out"
"""What the column `list` says of a row."""
VIA = {ROUTE: "through", CAME_IN: "into", WENT_OUT: "from"}
"""The word between a product and its third country."""


@dataclass(frozen=True, slots=True)
class ListWords:
    """The words of one list; {to} is the destination, {since} the first month of the window."""

    title: str
    question: str
    stand_out: str
    tested: str
    order: str
    recorded: str
    expected: str
    range: str
    drawn: str
    untested: str
    shows_not: tuple[str, ...]
    caveats: tuple[str, ...]


LISTS = {
    ROUTE: ListWords(
        title="Listed goods towards {to} since {since}",
        question="Through which third countries may goods of {coalition} on the list {goods} reach "
        "{to}?",
        stand_out="routes stand out: a product through a third country",
        tested="routes could be tested, of {cells} through {thirds} third countries",
        order="Places to look first, by the evidence of all legs together.",
        recorded="What the coalition published as exports to the third country since the window "
        "began; where goods came over a second country, what everybody else did.",
        expected="The same series in its own months before, moved as exports of the same product "
        "to the other third countries and of unlisted goods to this one moved, in the same months. "
        "Where these controls carry diverted goods themselves, expected is too high and the excess "
        "too low; a finding's page gives the plain rise against the same months of the year before "
        "beside it.",
        range="Nine of ten placebos lie in the range, which also holds what unpublished months may "
        "add.",
        drawn="The dashed line spreads the counterfactual of the window over its months by the "
        "season of the product; its band holds nine of ten placebos.",
        untested="A route is a listed product through a third country. One without a finding is "
        "not cleared: it could not be judged.",
        shows_not=(
            "Two unrelated rises in one place, such as demand at home and goods of the country's "
            "own, look the same as goods that were sent on.",
            "Excess is counted leg by leg. Goods that pass through two third countries are in two "
            "findings, and a sum counts them twice.",
            "A third country whose trade did not change, or that publishes nothing, shows nothing "
            "here.",
        ),
        caveats=(
            "A rise on both sides of a country is compatible with goods that were sent on. Demand "
            "at home and goods of its own can rise in the same months, and look the same here.",
        ),
    ),
    WENT_OUT: ListWords(
        title="Listed goods that went out to {to} since {since}",
        question="Of which goods on the list {goods} did third countries' own books show more "
        "exports to {to} than their past suggests?",
        stand_out="ways out stand out: a third country's exports of a product to {to}",
        tested="ways out could be tested, of {cells} from third countries that keep books here "
        "({thirds})",
        order="Places to look first, by what went out alone: the store holds no exports of the "
        "coalition, so nothing is known of what came in.",
        recorded="What the third country published as its exports to {to} since the window began.",
        expected="The same series in its own months before, moved as the country's exports of the "
        "same product to everybody else and of unlisted goods to {to} moved, and as unlisted goods "
        "of its size did. Where these controls carry such goods themselves, expected is too high "
        "and the excess too low; a finding's page gives the plain rise against the same months of "
        "the year before beside it.",
        range="Nine of ten unlisted goods lie in the range, which also holds what unpublished "
        "months may add.",
        drawn="The dashed line spreads the counterfactual of the window evenly over its months; "
        "its band holds nine of ten unlisted goods.",
        untested="A way out is a listed product from a third country to {to}. One without a "
        "finding is not cleared: it could not be judged.",
        shows_not=(
            "Where the goods were made or came from. The country may have made them itself.",
            "What other countries recorded. Nobody else's books confirm or deny these.",
            "A third country whose exports did not change, or that publishes nothing, shows "
            "nothing here.",
        ),
        caveats=(
            "One country's books say what went out, as that country recorded it. They do not say "
            "where the goods were made, nor who else recorded them.",
        ),
    ),
}
"""What the pages of a ranking say, by what it is a list of."""


def cell(product: str, third: str, kind: str = ROUTE) -> str:
    """Return the name of a product and third country in a list: "854231 through Kazakhstan"."""
    return f"{product} {VIA[kind]} {countries.name(third)}"


def came_in(report: ScanReport) -> str:
    """Return in one line how much came in whose way on is not known, and where; empty where none.

    Those that stand out alone are named, by country.
    """
    if not report.came_in:
        return ""
    counts: dict[str, int] = {}
    for entry in report.rising:
        who = countries.name(entry.finding.intermediary)
        counts[who] = counts.get(who, 0) + 1
    first = sorted(counts, key=lambda who: (-counts[who], who))
    named = words.listed(f"{who} ({counts[who]})" for who in first)
    where = f": {named}" if counts else ""
    return (
        f"came in, what became of it is not known: {words.count(len(report.rising))} of "
        f"{words.count(len(report.came_in), 'cell')} stand out{where}"
    )


def elsewhere(placebos: Sequence[Placebo], destination: str, routes: int, cells: int) -> str:
    """Return in one sentence what the same look at other destinations found.

    Args:
        placebos: The other destinations; none where none is like the scan's own.
        destination: The scan's own.
        routes: How many routes stand out there.
        cells: How many could be judged there.
    """
    to = countries.name(destination)
    if not placebos:
        return (
            "No other destination could be looked at in the same way: none that no controls bind "
            f"is like {to} in what third countries recorded as exports of listed goods to it."
        )
    found, judged = (sum(getattr(one, name) for one in placebos) for name in ("routes", "cells"))
    names = words.listed(countries.name(one.destination) for one in placebos)
    what = words.count(len(placebos), "destination")
    return (
        f"The same look at {what} that no controls bind ({names}) found "
        f"{words.count(found, 'route')} among {words.count(judged, 'cell')} that could be judged; "
        f"at {to} it found {words.count(routes)} among {words.count(cells)}. Routes have a q-value "
        f"of at most {BAR:g}."
    )
