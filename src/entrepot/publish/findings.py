"""Findings: a scan as pages that need nothing else, and as files other programs read."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from entrepot import phrases
from entrepot.findings import BAR
from entrepot.money import NOT_AVAILABLE
from entrepot.publish import cells, downloads, words
from entrepot.publish.drawing import WIDTHS
from entrepot.publish.lists import CAME_IN, LISTS, ROUTE, VIA, WENT_OUT, cell
from entrepot.publish.page import environment
from entrepot.publish.picture import svg
from entrepot.reference import countries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from jinja2 import Environment

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


@cache
def _pages() -> Environment:
    """Return what renders a scan's pages; its templates are compiled once for all of them."""
    pages = environment()
    pages.globals |= {
        "name": countries.name,
        "q": q_value,
        "headline": headline,
        "route": route,
        "unable": unable,
        "via": VIA,
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
    return pages


def _render(template: str, draw: Draw, **content: Any) -> str:
    page = _pages().get_template(template)
    report = content["report"]
    content["says"] = LISTS[report.list]
    content["to"] = countries.name(report.destination)
    return page.render(
        draw=lambda picture, width: Markup(draw(picture, width)),
        files_of=lambda picture: downloads.links(picture, draw),
        **content,
    )


def headline(report: ScanReport) -> str:
    """Return the scan in one sentence: how many stand out, and what those with a page hold.

    The amount is the sum of the signed excesses of the findings that stand out and have a page, and
    the countries are theirs. Where no route could be tested on both legs, the sentence is about the
    way in alone, and ends by saying so.
    """
    found, tested = report.found, len(report.tested)
    if report.list == WENT_OUT:
        return _went_out(report)
    of, lead, by, end = f"of {words.count(tested, 'route')} tested", "", VIA[ROUTE], ""
    held = [entry.finding for entry in found if entry.has_page]
    if not tested:
        found, of = report.rising, f"of {words.count(len(report.came_in), 'way')} in"
        held = [entry.finding for entry in found]
        lead = f"No route to {countries.name(report.destination)} could be tested on both legs. "
        by, end = VIA[CAME_IN], "; what became of it is not known"
        if not report.came_in:
            return lead.rstrip(". ")
    if not found:
        return f"{lead}None {of} stands out from what chance would give"
    return f"{lead}{_counted(found, of, held, f'{_amount(held, by)}{end}')}"


def _went_out(report: ScanReport) -> str:
    """Return a scan of what went out in one sentence: see `headline`; it names goods too."""
    found, of = report.found, words.count(len(report.tested), "way")
    of = f"of {of} out to {countries.name(report.destination)}"
    if not found:
        return f"None {of} stands out from what chance would give"
    held = [entry for entry in found if entry.has_page]
    total = sum(entry.finding.excess_usd or 0.0 for entry in held)
    first = sorted(held, key=lambda entry: -(entry.finding.excess_usd or 0.0))[:3]
    most = "most of it " if len(held) > len(first) else ""
    told = (
        f"{words.usd(total)} beyond what was to be expected, {most}"
        f"{words.listed(route(entry) for entry in first)}"
    )
    if total <= 0:
        told = f"{words.usd(-total)} less than was to be expected"
    return _counted(found, of, held, told)


def _counted(found: Sequence[Ranked], of: str, held: Sequence[Any], told: str) -> str:
    """Return how many stand out, how many of them have a page, and what is told of these."""
    verb = "stands" if len(found) == 1 else "stand"
    count = f"{words.number(len(found)).capitalize()} {of} {verb} out"
    if not held:
        return f"{count}, none of them among the pages"
    if len(held) == len(found):
        return f"{count}: {told}"
    hold = "this holds" if len(held) == 1 else "these hold"
    return f"{count}, {words.number(len(held))} with a page: {hold} {told}"


def _amount(held: Sequence[Finding], by: str) -> str:
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
    """Return entries as plain rows for a table or CSV: one per third country and product.

    The columns of `schema.FINDINGS`; then `signals`, the other detectors that stand out, `origins`,
    each coalition reporter with its share of the increase, and `list`, what the row is ranked
    among: see `lists`.
    """
    return [
        _plain(entry.finding)
        | {
            "signals": "; ".join(dict.fromkeys(said(signal) for signal in signals(entry))),
            "origins": "; ".join(
                f"{item.origin} {words.share(item.share)}" for item in entry.origins if item.share
            ),
            "list": entry.list,
        }
        for entry in entries
    ]


def nested(entries: Iterable[Ranked]) -> list[dict[str, Any]]:
    """Return entries as JSON takes them: `signals` and `origins` as lists of their own."""
    return [
        _plain(entry.finding)
        | {
            "signals": [_plain(signal) for signal in entry.signals],
            "origins": [_plain(origin) for origin in entry.origins],
            "list": entry.list,
        }
        for entry in entries
    ]


PANEL = ("thirds", "products", "months", "bytes")
"""What the size of a panel is told by."""


def panel(report: ScanReport) -> str:
    """Return in a line how large the arrays were that a scan looked at."""
    thirds, products, months, held = report.panel
    return (
        f"panel: {thirds:,} third countries, {products:,} products and {months:,} months, "
        f"{held / 1e6:,.1f} MB"
    )


def _plain(record: Any) -> dict[str, Any]:
    """Return a record's fields; they are plain values, so that nothing need be copied deep."""
    return {name: getattr(record, name) for name in record.__slots__}


def document(report: ScanReport) -> dict[str, Any]:
    """Return a scan as JSON takes it.

    Its mark, `said`, `elsewhere`, the size of its `panel`, `placebos`, and `findings`.
    """
    return {
        "mark": report.mark.to_dict(),
        "said": list(report.said),
        "elsewhere": report.elsewhere,
        "panel": dict(zip(PANEL, report.panel, strict=True)),
        "placebos": [_plain(one) for one in report.placebos],
        "findings": nested(report.rows),
    }
