"""Pictures: the charts of a whole scan: its corridors, their map, and countries by products."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.findings import BAR
from entrepot.publish import words
from entrepot.publish.brief import Picture
from entrepot.publish.lists import ROUTE
from entrepot.reference import countries

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.findings import Finding
    from entrepot.publish.finding import Ranked
    from entrepot.scan.question import ScanQuestion


def pictures(entries: Sequence[Ranked], asked: ScanQuestion, kind: str) -> tuple[Picture, ...]:
    """Return the charts of a scan of some kind, without their marks; none where nothing is."""
    heat = _heat(entries)
    if kind != ROUTE:
        return heat
    return (*_corridors(entries, countries.name(asked.to)), *_map(entries, asked.to), *heat)


def _map(entries: Sequence[Ranked], to: str) -> tuple[Picture, ...]:
    """Return what stands out on a map; none where nothing does."""
    flows: dict[tuple[str, str, str], float] = {}
    for entry in entries:
        excess = entry.finding.excess_usd or 0.0
        if not entry.stands_out or excess <= 0:
            continue
        third = entry.finding.intermediary
        for one in entry.origins if entry.finding.origin is not None else ():
            key = (one.origin, third, "in")
            flows[key] = flows.get(key, 0.0) + excess * (one.share or 0.0)
        if sign(entry) == "onward":
            key = (third, to, "out")
            flows[key] = flows.get(key, 0.0) + excess
    rows = tuple(
        {"start": start, "finish": finish, "leg": leg, "value_usd": value}
        for (start, finish, leg), value in sorted(flows.items())
    )
    if not rows:
        return ()
    name = countries.name(to)
    return (
        Picture(
            kind="corridor_map",
            title="The corridors on a map",
            reading="The same excess: width is value. Blue arcs come from whose exports grew, in "
            f"proportion to their growth; red ones go to {name} where the third country's own "
            "exports there rose.",
            alt=f"Map of the excess that stands out, towards {name} by third country.",
            rows=rows,
            options={"heads": ["The coalition's exports beyond what was expected",
                               f"of which: exports to {name} rose"]},
        ),
    )  # fmt: skip


def _heat(entries: Sequence[Ranked]) -> tuple[Picture, ...]:
    """Return what was found of every country and product that could be tested."""
    rows = tuple(
        {
            "row": countries.name(entry.finding.intermediary),
            "column": entry.finding.product,
            "value_usd": entry.finding.excess_usd,
        }
        for entry in entries
    )
    if not any(row["value_usd"] for row in rows):
        return ()
    return (
        Picture(
            kind="heat",
            title="Country by product",
            reading="More than was to be expected in blue, less in red, of everything tested; a "
            "question mark is what could not be. A large cell need not stand out: see the "
            "q-values below.",
            alt="Heat map of the excess by third country and product, the largest first.",
            rows=rows,
        ),
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
