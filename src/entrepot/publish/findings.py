"""Findings: a scan as pages that need nothing else, and as files other programs read."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from entrepot import phrases
from entrepot.findings import BAR
from entrepot.money import NOT_AVAILABLE
from entrepot.publish import cells, words
from entrepot.publish.drawing import WIDTHS
from entrepot.publish.page import environment
from entrepot.publish.picture import svg
from entrepot.reference import countries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from entrepot.findings import Finding
    from entrepot.publish.brief import Picture
    from entrepot.publish.finding import FindingDetail, Ranked, ScanReport

    Draw = Callable[[Picture, int], str]

Q_VALUE = (
    f"Of all findings with a q-value of {BAR:g} or less, about one in ten is expected to be chance."
)
EVIDENCE = {
    "into": "exports of the coalition to the third country",
    "arrived": "imports from the coalition, as the third country recorded them",
    "onward": "exports of the third country to the destination",
}
_SIGNALS = {
    "surge": "more than expected",
    "ghost_trade": "arrivals not recorded",
    "new_corridor": "a new corridor",
    "unit_value": "dearer than elsewhere",
    "code_switch": "a code may have switched",
    "break_date": "a break in the series",
}


def index(report: ScanReport, draw: Draw = svg) -> str:
    """Return the ranking as a page: corridors, findings, what was not tested, evidence.

    Self-contained; the same report gives the same bytes.
    """
    return _render("findings.html", draw, report=report)


def finding(report: ScanReport, detail: FindingDetail, draw: Draw = svg) -> str:
    """Return one finding as a page: series and counterfactual, signals, origins, events, rows."""
    return _render("finding.html", draw, report=report, detail=detail, entry=detail.entry)


def _render(template: str, draw: Draw, **content: Any) -> str:
    pages = environment()
    pages.globals |= {
        "name": countries.name,
        "q": q_value,
        "headline": headline,
        "route": route,
        "phrases": phrases,
        "said": said,
        "kinds": kinds,
        "legs": EVIDENCE,
        "bar": BAR,
        "q_says": Q_VALUE,
        "widths": WIDTHS,
        "guilt": cells.GUILT,
        "synthetic": cells.SYNTHETIC,
    }
    page = pages.get_template(template)
    return page.render(draw=lambda picture, width: Markup(draw(picture, width)), **content)


def headline(report: ScanReport) -> str:
    """Return the scan in one sentence: how many stand out, and what those with a page hold.

    The amount is the sum of the signed excesses of the findings that stand out and have a page, and
    the countries are theirs. Where no route could be tested on both legs, the sentence is about the
    way in alone, and ends by saying so.
    """
    found, tested = report.found, len(report.tested)
    of, lead, by, end = f"of {words.count(tested, 'route')} tested", "", "through", ""
    held = [entry.finding for entry in found if entry.has_page]
    if not tested:
        found, of = report.rising, f"of {words.count(len(report.came_in), 'way')} in"
        held = [entry.finding for entry in found]
        lead = f"No route to {countries.name(report.destination)} could be tested on both legs. "
        by, end = "into", "; what became of it is not known"
        if not report.came_in:
            return lead.rstrip(". ")
    if not found:
        return f"{lead}None {of} stands out from what chance would give"
    verb = "stands" if len(found) == 1 else "stand"
    count = f"{lead}{words.number(len(found)).capitalize()} {of} {verb} out"
    if not held:
        return f"{count}, none of them among the pages"
    if len(held) == len(found):
        return f"{count}: {_amount(held, by)}{end}"
    hold = "this holds" if len(held) == 1 else "these hold"
    return f"{count}, {words.number(len(held))} with a page: {hold} {_amount(held, by)}{end}"


def _amount(held: list[Finding], by: str) -> str:
    """Return the signed sum of excesses, and through or into which countries most of it goes."""
    sizes: dict[str, float] = {}
    for one in held:
        if one.excess_usd is not None:
            sizes[one.intermediary] = sizes.get(one.intermediary, 0.0) + one.excess_usd
    total = sum(sizes.values())
    if total <= 0:
        return f"{words.usd(-total)} less than was to be expected"
    first = sorted((who for who in sizes if sizes[who] > 0), key=lambda who: (-sizes[who], who))[:3]
    most = by if len(sizes) <= len(first) else f"most of it {by}"
    return (
        f"{words.usd(total)} beyond what was to be expected, {most} "
        f"{words.listed(countries.name(who) for who in first)}"
    )


def route(entry: Ranked) -> str:
    """Return a finding's name: "854231 through Kazakhstan"."""
    return f"{entry.finding.product} through {countries.name(entry.finding.intermediary)}"


def q_value(value: float | None) -> str:
    """Return a q-value with as many digits as matter: "0.04", "0.002", "under 0.001"."""
    if value is None:
        return NOT_AVAILABLE
    if value < 0.001:
        return "under 0.001"
    return f"{value:.3f}" if value < 0.01 else f"{value:.2f}"


def said(found: Finding) -> str:
    """Return what another detector's finding is called, with the leg it looks at."""
    what = _called(found)
    if found.detector == "ghost_trade":
        return what
    if found.origin is None:
        return f"{what}, onward"
    return f"{what}, inward" if found.destination is None else what


def _called(found: Finding) -> str:
    return _SIGNALS.get(found.detector, found.detector.replace("_", " "))


def kinds(entry: Ranked) -> list[str]:
    """Return the kinds of other findings that stand out in a cell, each once."""
    return list(dict.fromkeys(_called(signal) for signal in signals(entry)))


def signals(entry: Ranked) -> list[Finding]:
    """Return the other detectors' findings that stand out themselves, the rarest first."""
    found = [signal for signal in entry.signals if signal.stands_out]
    return sorted(found, key=lambda one: (one.q_value or 0.0, one.detector, one.origin or ""))


def flat(entries: Iterable[Ranked]) -> list[dict[str, Any]]:
    """Return the ranking as plain rows for a table or CSV: one per third country and product.

    The columns of `schema.FINDINGS`, then `signals`, the other detectors that stand out, and
    `origins`, each coalition reporter with its share of the increase.
    """
    return [
        asdict(entry.finding)
        | {
            "signals": "; ".join(dict.fromkeys(said(signal) for signal in signals(entry))),
            "origins": "; ".join(
                f"{item.origin} {words.share(item.share)}" for item in entry.origins if item.share
            ),
        }
        for entry in entries
    ]


def nested(entries: Iterable[Ranked]) -> list[dict[str, Any]]:
    """Return the ranking as JSON takes it: `signals` and `origins` as lists of their own."""
    return [
        asdict(entry.finding)
        | {
            "signals": [asdict(signal) for signal in entry.signals],
            "origins": [asdict(origin) for origin in entry.origins],
        }
        for entry in entries
    ]
