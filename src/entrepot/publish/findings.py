"""Findings: a scan as pages that need nothing else, and as files other programs read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from entrepot.money import NOT_AVAILABLE
from entrepot.publish import cells, words
from entrepot.publish.drawing import WIDTHS
from entrepot.publish.finding import BAR
from entrepot.publish.page import environment
from entrepot.publish.picture import svg
from entrepot.reference import countries
from entrepot.schema import FINDINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

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
    return page.render(draw=lambda picture, width: Markup(draw(picture, width)), **content)


def headline(report: ScanReport) -> str:
    """Return the scan in one sentence, with the countries that have most of the excess.

    Where no route could be tested on both legs, the sentence is about the way in alone.
    """
    found, tested = report.found, len(report.tested)
    of, lead = f"of {words.count(tested, 'route')} tested", ""
    if not tested:
        found, of = report.rising, f"of {words.count(len(report.entries), 'way')} in"
        lead = "No route could be tested on both legs. "
    if not found:
        return f"{lead}None {of} stands out from what chance would give"
    sizes: dict[str, float] = {}
    for entry in found:
        who = entry.row["intermediary"]
        sizes[who] = sizes.get(who, 0.0) + (entry.row["excess_usd"] or 0.0)
    first = sorted(sizes, key=lambda who: (-sizes[who], who))[:3]
    verb = "stands" if len(found) == 1 else "stand"
    most = "through" if len(sizes) <= len(first) else "most of it through"
    return (
        f"{lead}{words.number(len(found)).capitalize()} {of} {verb} out: "
        f"{words.usd(sum(sizes.values()))} beyond what was to be expected, {most} "
        f"{words.listed(countries.name(who) for who in first)}"
    )


def route(entry: Ranked) -> str:
    """Return a finding's name: "854231 through Kazakhstan"."""
    return f"{entry.row['product']} through {countries.name(entry.row['intermediary'])}"


def excess(row: Mapping[str, Any]) -> str:
    """Return the interval of a finding's excess in words."""
    return words.span(row["excess_low_usd"], row["excess_high_usd"], "USD")


def q_value(value: float | None) -> str:
    """Return a q-value with as many digits as matter: "0.04", "0.002", "under 0.001"."""
    if value is None:
        return NOT_AVAILABLE
    if value < 0.001:
        return "under 0.001"
    return f"{value:.3f}" if value < 0.01 else f"{value:.2f}"


def said(row: Mapping[str, Any]) -> str:
    """Return what another detector's finding is called, with the leg it looks at."""
    what = _called(row)
    if row["detector"] == "ghost_trade":
        return what
    if row["origin"] is None:
        return f"{what}, onward"
    return f"{what}, inward" if row["destination"] is None else what


def _called(row: Mapping[str, Any]) -> str:
    name = str(row["detector"])
    return _SIGNALS.get(name, name.replace("_", " "))


def kinds(entry: Ranked) -> list[str]:
    """Return the kinds of other findings that stand out in a cell, each once."""
    return list(dict.fromkeys(_called(row) for row in signals(entry)))


def signals(entry: Ranked) -> list[Mapping[str, Any]]:
    """Return the other detectors' findings that stand out themselves, the rarest first."""
    found = [row for row in entry.row["signals"] if _stands_out(row)]
    return sorted(found, key=lambda row: (row["q_value"], row["detector"], row["origin"] or ""))


def _stands_out(row: Mapping[str, Any]) -> bool:
    return row["q_value"] is not None and bool(row["q_value"] <= BAR)


def flat(entries: Iterable[Ranked]) -> list[dict[str, Any]]:
    """Return the ranking as plain rows for a table or CSV: one per third country and product.

    The columns of `schema.FINDINGS`, then `signals`, the other detectors that stand out, and
    `origins`, each coalition reporter with its share of the increase.
    """
    return [
        {name: entry.row[name] for name in FINDINGS.names}
        | {
            "signals": "; ".join(dict.fromkeys(said(row) for row in signals(entry))),
            "origins": "; ".join(
                f"{item['origin']} {words.share(item['share'])}"
                for item in entry.row["origins"]
                if item["share"]
            ),
        }
        for entry in entries
    ]


def nested(entries: Iterable[Ranked]) -> list[dict[str, Any]]:
    """Return the ranking as JSON takes it: `signals` and `origins` as lists of their own."""
    names = [*FINDINGS.names, "signals", "origins"]
    return [{name: entry.row[name] for name in names} for entry in entries]
