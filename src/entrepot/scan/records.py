"""Records: what a scan found as the records of its pages."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from entrepot import __version__, terms
from entrepot.detect._alone import like_listed
from entrepot.detect._placebo import ENOUGH, SHORTEST
from entrepot.findings import BAR
from entrepot.publish import words
from entrepot.publish.brief import ListUsed, Picture, VintageUsed
from entrepot.publish.finding import Ranked, ScanReport
from entrepot.publish.lists import LISTS, ROUTE, WENT_OUT
from entrepot.publish.mark import mark_of
from entrepot.reference import countries, groups
from entrepot.scan.came_in import table
from entrepot.scan.ties import compared, said
from entrepot.scan.untested import silent, through, untested

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.contracts import Detector
    from entrepot.detect._panel import ScanPanel
    from entrepot.findings import Finding, RankedFinding
    from entrepot.scan.question import ScanQuestion
    from entrepot.scan.run import Scanned
    from entrepot.store.vintages import Vintage


def report(
    scanned: Scanned,
    asked: ScanQuestion,
    *,
    vintages: Sequence[Vintage],
    detectors: Mapping[str, Detector],
    top: int,
    command: str,
    as_of: str,
    placebos: int = 0,
) -> ScanReport:
    """Return the records of a scan's pages.

    Args:
        scanned: What was found.
        asked: What was asked.
        vintages: Those behind the flows.
        detectors: By name; those that ran are described.
        top: How many findings have a page.
        command: What gives the same answer again.
        as_of: The day of what was known, in words.
        placebos: How many other destinations were asked for.
    """
    panel, thirds = scanned.panel, through(scanned.panel, asked)
    entries = _entries(scanned.ranking, thirds, asked, top)
    came_in = _entries(scanned.came_in, thirds, asked, 0)
    to = countries.name(asked.to)
    goods = asked.listed
    used = tuple(_used(vintage) for vintage in vintages)
    synthetic = any(vintage.synthetic for vintage in vintages)
    kind = ROUTE if panel.coalition else WENT_OUT
    says = LISTS[kind]
    title = f"\N{LEFT DOUBLE QUOTATION MARK}{goods.title}\N{RIGHT DOUBLE QUOTATION MARK}"
    return ScanReport(
        title=says.title.format(to=to, since=words.months(panel.scan.since, panel.scan.since)),
        question=says.question.format(to=to, goods=title, coalition=_coalition(asked)),
        destination=asked.to,
        months=(panel.months[0], panel.months[-1]),
        since=panel.scan.since,
        entries=entries,
        cells=len(thirds) * len(asked.families),
        thirds=len(thirds),
        pictures=tuple(
            replace(one, mark=mark_of(used, synthetic=synthetic, as_of=as_of).line)
            for one in (_corridors(entries, to) if kind == ROUTE else ())
        ),
        untested=untested(scanned, asked),
        silent=silent(panel, thirds),
        goods=ListUsed(goods.name, goods.title, goods.source, goods.codes),
        coalition=(_coalition(asked), asked.members),
        detectors=tuple(
            (name, finds(part)) for name, part in detectors.items() if name in scanned.findings
        ),
        vintages=used,
        synthetic=synthetic,
        command=command,
        as_of=as_of,
        version=__version__,
        list=kind,
        unable=scanned.unable,
        null=_null(scanned),
        narrowed=_narrowed(panel, thirds),
        came_in=came_in,
        arrivals=table(panel, came_in) if came_in else None,
        said=said(scanned),
        elsewhere=compared(scanned, entries) if placebos and panel.coalition else "",
        placebos=scanned.placebos,
        panel=panel.size,
    )


def finds(detector: Detector) -> str:
    """Return what a detector finds, in one sentence."""
    return (detector.run.__doc__ or "").splitlines()[0]


def _coalition(asked: ScanQuestion) -> str:
    return words.listed(groups.title(name) for name in terms.places(asked.coalition))


def _entries(
    rows: Sequence[RankedFinding], thirds: Sequence[str], asked: ScanQuestion, top: int
) -> tuple[Ranked, ...]:
    known = {good.code: good.description for good in asked.listed.goods}
    families = asked.families
    ranking = [row for row in rows if row.finding.intermediary in thirds]
    return tuple(
        Ranked(
            place=place,
            finding=row.finding,
            signals=row.signals,
            origins=row.origins,
            goods="; ".join(known[code] for code in families[row.finding.product]),
            slug="-".join(row.finding.cell).replace("+", "-"),
            has_page=place <= top,
            list=row.list,
        )
        for place, row in enumerate(ranking, start=1)
    )


def _narrowed(panel: ScanPanel, thirds: Sequence[str]) -> str:
    """Return to which third countries a scan's answer is narrowed; nothing where it is not."""
    if len(thirds) == len(panel.thirds):
        return ""
    return (
        f"Narrowed to {words.listed(countries.name(one) for one in thirds)}: p- and q-values are "
        f"those of the whole scan, of {words.count(len(panel.thirds))} third countries"
    )


def _null(scanned: Scanned) -> str:
    """Return in a sentence or two what says how rare a finding is."""
    panel = scanned.panel
    taken, there = int((~panel.is_listed).sum()), panel.unlisted
    if taken == there:
        return _rare(scanned)
    return (
        f"{_rare(scanned)}. Of {there:,} goods that are not listed {taken:,} are looked at, those "
        "of the same headings first: more do not fit into memory"
    )


def _rare(scanned: Scanned) -> str:
    panel, legs = scanned.panel, scanned.evidence
    if not panel.coalition:
        return _null_alone(scanned)
    if dates := legs.places:
        latest = panel.months[dates[0]]
        return (
            f"How rare a finding is comes from {words.count(len(dates), 'placebo date')}, the "
            f"latest {words.months(latest, latest)}"
        )
    free = np.isfinite(legs.inflow.shift.score[:, ~panel.is_listed]).sum()
    short = (
        f"No placebo date is left: a window of {words.count(legs.length, 'month')} needs "
        f"{legs.length + SHORTEST} before it, and there are {panel.since}"
    )
    cells = words.count(int(free), "cell")
    if free >= ENOUGH:
        return f"{short}; {cells} of unlisted goods in the same months say how rare a finding is"
    return (
        f"{short}; with {cells} of unlisted goods in the same months, too few to say how rare a "
        "finding is, the ranking is without an error rate and none can stand out"
    )


def _null_alone(scanned: Scanned) -> str:
    """Return the same where third countries' own books are all there is."""
    panel, legs = scanned.panel, scanned.evidence
    goods = like_listed(panel) & ~panel.is_listed
    free = int(np.isfinite(legs.alone.shift.score[:, goods]).sum())
    cells = f"{words.count(free, 'cell')} of unlisted goods in the same months"
    null = [cells] if free >= ENOUGH else []
    if legs.places:
        latest = panel.months[legs.places[0]]
        dates = words.count(len(legs.places), "placebo date")
        null.append(f"{dates}, the latest {words.months(latest, latest)}")
    if null:
        both = ", whichever show as much more often" if len(null) > 1 else ""
        return f"How rare a finding is comes from {' or from '.join(null)}{both}"
    return (
        f"With {cells}, too few to say how rare a finding is, and no placebo date, the ranking is "
        "without an error rate and none can stand out"
    )


def _corridors(entries: Sequence[Ranked], to: str) -> tuple[Picture, ...]:
    """Return the picture of what stands out; none where nothing does."""
    drawn = [e for e in entries if e.stands_out and (e.finding.excess_usd or 0) > 0]
    rows = [flow for entry in drawn for flow in _flows(entry, to)]
    if not rows:
        return ()
    return (
        Picture(
            kind="corridors",
            title="The corridors that stand out",
            reading=f"Excess of the {words.count(len(drawn), 'finding')} with a q-value of at most "
            f"{BAR:g} and more than expected: height is value. Left, whose exports grew, in "
            "proportion to their growth; right, what suggests that the goods went on: the third "
            f"country's own exports to {to}, or imports that it did "
            "not record.",
            alt=_told(rows),
            rows=tuple(rows),
            options={"heads": ["Exports of", "Through", "Onward"]},
        ),
    )


def _flows(entry: Ranked, to: str) -> list[dict[str, Any]]:
    end = f"exports to {to} rose" if sign(entry) == "onward" else "imports not recorded"
    through = countries.name(entry.finding.intermediary)
    shares = {countries.name(one.origin): one.share for one in entry.origins if one.share}
    if entry.finding.origin is None:
        shares = {"Other third countries": 1.0}
    return [
        {
            "origin": origin,
            "intermediary": through,
            "end": end,
            "value_usd": (entry.finding.excess_usd or 0.0) * share,
        }
        for origin, share in sorted(shares.items())
    ]


def sign(entry: Ranked) -> str:
    """Return which sign of onward trade is the rarer: "onward" exports or "missing" arrivals."""
    p: dict[str, float] = {"onward": 1.0, "missing": 1.0}
    for signal in entry.signals:
        if signal.detector == "surge" and signal.origin is None:
            p["onward"] = _rarity(signal)
        if signal.detector == "ghost_trade":
            p["missing"] = _rarity(signal)
    return "onward" if p["onward"] <= p["missing"] else "missing"


def _rarity(signal: Finding) -> float:
    return 1.0 if signal.p_value is None else signal.p_value


def _told(rows: Sequence[Mapping[str, Any]]) -> str:
    sizes: dict[str, float] = {}
    for row in rows:
        sizes[row["intermediary"]] = sizes.get(row["intermediary"], 0.0) + row["value_usd"]
    largest = sorted(sizes, key=lambda name: (-sizes[name], name))[:3]
    parts = words.listed(f"{name} {words.usd(sizes[name])}" for name in largest)
    return f"Flow diagram of the excess that stands out, by third country: first {parts}."


def _used(vintage: Vintage) -> VintageUsed:
    return VintageUsed(
        vintage=vintage.id,
        source=vintage.source,
        publisher=vintage.publisher,
        published=vintage.published.isoformat(),
        rows=vintage.rows,
        files=tuple(
            {"name": raw.name, "sha256": raw.sha256, "bytes": raw.bytes} for raw in vintage.raw
        ),
        licence=vintage.licence,
    )
