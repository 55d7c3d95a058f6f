"""Records: what a scan found as the records of its pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot import __version__, terms
from entrepot.findings import BAR
from entrepot.publish import words
from entrepot.publish.brief import ListUsed, Picture, VintageUsed
from entrepot.publish.finding import Ranked, ScanReport
from entrepot.publish.list_words import LISTS, ROUTE, WENT_OUT
from entrepot.reference import countries, groups
from entrepot.scan.untested import silent, untested

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.contracts import Detector
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
    """
    panel = scanned.panel
    entries = _entries(scanned, asked, top)
    to = countries.name(asked.to)
    goods = asked.listed
    kind = ROUTE if panel.coalition else WENT_OUT
    said = LISTS[kind]
    title = f"\N{LEFT DOUBLE QUOTATION MARK}{goods.title}\N{RIGHT DOUBLE QUOTATION MARK}"
    return ScanReport(
        title=said.title.format(to=to, since=words.months(panel.scan.since, panel.scan.since)),
        question=said.question.format(to=to, goods=title, coalition=_coalition(asked)),
        destination=asked.to,
        months=(panel.months[0], panel.months[-1]),
        since=panel.scan.since,
        entries=entries,
        cells=len(panel.thirds) * len(asked.families),
        thirds=len(panel.thirds),
        pictures=_corridors(entries, to),
        untested=untested(scanned, asked),
        silent=silent(panel),
        goods=ListUsed(goods.name, goods.title, goods.source, goods.codes),
        coalition=(_coalition(asked), asked.members),
        detectors=tuple(
            (name, finds(part)) for name, part in detectors.items() if name in scanned.findings
        ),
        vintages=tuple(_used(vintage) for vintage in vintages),
        synthetic=any(vintage.synthetic for vintage in vintages),
        command=command,
        as_of=as_of,
        version=__version__,
        list=kind,
        unable=scanned.unable,
    )


def finds(detector: Detector) -> str:
    """Return what a detector finds, in one sentence."""
    return (detector.run.__doc__ or "").splitlines()[0]


def _coalition(asked: ScanQuestion) -> str:
    return words.listed(groups.title(name) for name in terms.places(asked.coalition))


def _entries(scanned: Scanned, asked: ScanQuestion, top: int) -> tuple[Ranked, ...]:
    known = {good.code: good.description for good in asked.listed.goods}
    families = asked.families
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
        for place, row in enumerate(_through(scanned, asked), start=1)
    )


def _through(scanned: Scanned, asked: ScanQuestion) -> list[RankedFinding]:
    """Return the ranking, of the third countries that were asked for."""
    thirds = {*asked.thirds}
    return [row for row in scanned.ranking if not thirds or row.finding.intermediary in thirds]


def _corridors(entries: Sequence[Ranked], to: str) -> tuple[Picture, ...]:
    """Return the picture of what stands out; none where nothing does."""
    rows = [flow for entry in entries if entry.stands_out for flow in _flows(entry, to)]
    if not rows:
        return ()
    return (
        Picture(
            kind="corridors",
            title="The corridors that stand out",
            reading=f"Excess of the findings with a q-value of at most {BAR:g}: height is value. "
            f"Left, whose exports grew, in proportion to their growth; right, what suggests that "
            f"the goods went on: the third country's own exports to {to}, or imports that it did "
            "not record.",
            alt=_told(rows),
            rows=tuple(rows),
            options={"heads": ["Exports of", "Through", "Onward"]},
        ),
    )


def _flows(entry: Ranked, to: str) -> list[dict[str, Any]]:
    end = f"exports to {to} rose" if sign(entry) == "onward" else "imports not recorded"
    through = countries.name(entry.finding.intermediary)
    shares = {item.origin: item.share for item in entry.origins if item.share}
    return [
        {
            "origin": countries.name(origin),
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
    )
