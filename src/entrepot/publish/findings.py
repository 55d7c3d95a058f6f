"""Findings: a scan as pages that need nothing else, and as files other programs read."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from entrepot.findings import BAR
from entrepot.money import NOT_AVAILABLE
from entrepot.publish import cells, words
from entrepot.publish.drawing import WIDTHS
from entrepot.publish.list_words import LISTS, ROUTE, WENT_OUT
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
    "went_out": "more went out than before",
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
        "unable": unable,
        "excess": excess,
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
    report = content["report"]
    content["says"] = LISTS[report.list]
    content["to"] = countries.name(report.destination)
    return page.render(draw=lambda picture, width: Markup(draw(picture, width)), **content)


def headline(report: ScanReport) -> str:
    """Return the scan in one sentence, with the countries that have most of the excess.

    Where no route could be tested on both legs, the sentence is about the way in alone.
    """
    found, tested = report.found, len(report.tested)
    if report.list == WENT_OUT:
        return _went_out(report)
    of, lead = f"of {words.count(tested, 'route')} tested", ""
    if not tested:
        found, of = report.rising, f"of {words.count(len(report.entries), 'way')} in"
        lead = "No route could be tested on both legs. "
    if not found:
        return f"{lead}None {of} stands out from what chance would give"
    sizes: dict[str, float] = {}
    for entry in found:
        who = entry.finding.intermediary
        sizes[who] = sizes.get(who, 0.0) + (entry.finding.excess_usd or 0.0)
    first = sorted(sizes, key=lambda who: (-sizes[who], who))[:3]
    verb = "stands" if len(found) == 1 else "stand"
    most = "through" if len(sizes) <= len(first) else "most of it through"
    return (
        f"{lead}{words.number(len(found)).capitalize()} {of} {verb} out: "
        f"{words.usd(sum(sizes.values()))} beyond what was to be expected, {most} "
        f"{words.listed(countries.name(who) for who in first)}"
    )


def _went_out(report: ScanReport) -> str:
    """Return a scan of what went out in one sentence, with the largest of what stands out."""
    tested, to = words.count(len(report.tested), "way"), countries.name(report.destination)
    if not report.found:
        return f"None of {tested} out to {to} stands out from what chance would give"
    first = sorted(report.found, key=lambda one: -(one.finding.excess_usd or 0.0))[:3]
    whole = sum(one.finding.excess_usd or 0.0 for one in report.found)
    return (
        f"{words.number(len(report.found)).capitalize()} of {tested} out to {to} "
        f"{'stands' if len(report.found) == 1 else 'stand'} out: {words.usd(whole)} beyond what "
        f"was to be expected went out, {'most of it ' if len(report.found) > 3 else ''}"
        f"{words.listed(route(one) for one in first)}"
    )


def unable(report: ScanReport) -> str:
    """Return which detectors cannot judge, and why, in one sentence; "" where all can."""
    if not report.unable:
        return ""
    return (
        f"Not looked at, for want of the coalition's exports: {words.listed(report.unable)} "
        "cannot judge one country's books alone"
    )


def route(entry: Ranked) -> str:
    """Return a finding's name: "854231 through Kazakhstan", or "from" it where that went out."""
    return cell(entry.finding.product, entry.finding.intermediary, entry.list)


def cell(product: str, third: str, kind: str = ROUTE) -> str:
    """Return the name of a product and third country in a list: see `route`."""
    return LISTS[kind].cell.format(product=product, third=countries.name(third))


def excess(found: Finding) -> str:
    """Return the interval of a finding's excess in words."""
    return words.span(found.excess_low_usd, found.excess_high_usd, "USD")


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

    `list` is what the row is ranked among; then the columns of `schema.FINDINGS`, `signals`, the
    other detectors that stand out, and `origins`, each coalition reporter with its share of the
    increase.
    """
    return [
        {"list": entry.list}
        | asdict(entry.finding)
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
        {"list": entry.list}
        | asdict(entry.finding)
        | {
            "signals": [asdict(signal) for signal in entry.signals],
            "origins": [asdict(origin) for origin in entry.origins],
        }
        for entry in entries
    ]
