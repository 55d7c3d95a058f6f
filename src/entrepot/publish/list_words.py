"""List words: what a ranking is a list of, and the words that its pages and lines say of it.

A route came in and went on. Where nobody of the coalition reports, what went out is all there is to
rank, and no word of its pages says where the goods came from.
"""

from __future__ import annotations

from dataclasses import dataclass

ROUTE, WENT_OUT = "route", "went-out"


@dataclass(frozen=True, slots=True)
class ListWords:
    """The words of one list; {to} is the destination, {since} the first month of the window."""

    title: str
    question: str
    cell: str
    noun: str
    stand_out: str
    tested: str
    order: str
    excess: str
    untested: str
    shows_not: tuple[str, ...]
    caveats: tuple[str, ...]


LISTS = {
    ROUTE: ListWords(
        title="Listed goods towards {to} since {since}",
        question="Through which third countries may goods of {coalition} on the list {goods} reach "
        "{to}?",
        cell="{product} through {third}",
        noun="route",
        stand_out="routes stand out: a product through a third country",
        tested="routes could be tested, of {cells} through {thirds} third countries",
        order="Places to look first, by the evidence of all legs together.",
        excess="What the coalition recorded as exports to the third country, less what its own "
        "past, the same product elsewhere and the same country's other goods suggest. Nine of ten "
        "placebos lie in the range.",
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
        cell="{product} from {third}",
        noun="way out",
        stand_out="ways out stand out: a third country's exports of a product to {to}",
        tested="ways out could be tested, of {cells} from third countries that keep books here "
        "({thirds})",
        order="Places to look first, by what went out alone: the store holds no exports of the "
        "coalition, so nothing is known of what came in.",
        excess="What the third country recorded as exports to {to}, less what its own past and its "
        "unlisted goods there suggest. Nine of ten unlisted goods lie in the range.",
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
"""The words by list: see `findings.RankedFinding`."""
