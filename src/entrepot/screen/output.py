"""Output: verdicts as lines for a pipeline, a workbook for the desk, a table for a terminal."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from entrepot.errors import visible
from entrepot.publish.cells import SYNTHETIC
from entrepot.publish.workbook import workbook
from entrepot.screen.records import NOTICE, ROLES, VERDICTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from entrepot.screen.records import RowVerdict

LINES, BOOK, ABOUT = "verdicts.jsonl", "verdicts.xlsx", "about.json"
HEADS = (
    *("rank", "verdict", "row", "ref", "case", *ROLES, "departure", "destination", "code"),
    *("description", "value", "currency", "mass_kg", "date", "reasons", "not so"),
)


def record(verdict: RowVerdict, as_of: str) -> dict[str, Any]:
    """Return a verdict as plain data: a line of verdicts.jsonl, an answer of the interface."""
    one = verdict.shipment
    told = {
        "parties": [{"role": role, **asdict(party)} for role, party in one.parties],
        **{key: getattr(one, key) for key in ("origin", "departure", "destination", "code",
                                              "revision", "description", "value", "currency",
                                              "mass_kg")},
        "date": str(one.day or ""),
    }  # fmt: skip
    return {
        "row": one.row,
        "ref": one.ref,
        "case": one.case,
        "verdict": verdict.word,
        "rank": verdict.rank,
        "reasons": [
            {"kind": r.kind, "verdict": r.word, "points": r.points, "says": r.says,
             "behind": dict(r.behind)} for r in verdict.reasons
        ],
        "shipment": told,
        "as_of": as_of,
        "notice": NOTICE,
    }  # fmt: skip


class Verdicts:
    """The verdicts in a file of lines, in their order and in that of their rank.

    Only their places are held in memory, some fifty bytes a row.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.counts: Counter[str] = Counter()
        order: list[tuple[int, int, int, int]] = []
        with path.open("rb") as file:
            place = 0
            for line in file:
                data = json.loads(line)
                self.counts[data["verdict"]] += 1
                order.append((VERDICTS.index(data["verdict"]), -data["rank"], data["row"], place))
                place += len(line)
        self._ranked = sorted(order)

    def ranked(self, most: int | None = None) -> Iterator[dict[str, Any]]:
        """Give the verdicts, stop before ask before cannot say before pass, each by its rank."""
        with self.path.open("rb") as file:
            for _word, _rank, _row, place in self._ranked[:most]:
                file.seek(place)
                yield json.loads(file.readline())


def headline(counts: Counter[str]) -> str:
    """Return the verdicts counted, in one line."""
    return ", ".join(f"{counts[word]:,} {word}" for word in VERDICTS)


def notices(about: dict[str, Any]) -> list[str]:
    """Return what every output says first."""
    return [*([SYNTHETIC] if about["synthetic"] else []), NOTICE]


def finish(folder: Path, part: Path, about: dict[str, Any]) -> Verdicts:
    """Write verdicts.jsonl, verdicts.xlsx and about.json of a run that is through."""
    found = Verdicts(part)
    book = folder / f".{BOOK}"
    heads = list(HEADS)
    rows = (_cells(one) for one in found.ranked())
    told = [(key, _plain(value)) for key, value in about.items()]
    notice = [("notice", line) for line in notices(about)]
    workbook(
        book, {"verdicts": (heads, rows), "about": (["what", "is"], [*notice, *told])}, is_long=True
    )
    (folder / f".{ABOUT}").write_text(
        json.dumps({"notice": notices(about), **about, "verdicts": dict(found.counts)}, indent=1,
                   ensure_ascii=False) + "\n", "utf-8",
    )  # fmt: skip
    for name in (BOOK, ABOUT):
        (folder / f".{name}").replace(folder / name)
    part.replace(folder / LINES)
    found.path = folder / LINES
    return found


def _cells(data: dict[str, Any]) -> list[Any]:
    told = data["shipment"]
    names = {one["role"]: visible(one["name"]) for one in told["parties"]}
    said = [visible(r["says"]) for r in data["reasons"] if r["verdict"] == data["verdict"]]
    rest = [visible(r["says"]) for r in data["reasons"] if r["verdict"] != data["verdict"]]
    return [
        data["rank"], data["verdict"], data["row"], visible(data["ref"]), data["case"],
        *(names.get(role, "") for role in ROLES), told["departure"], told["destination"],
        told["code"], visible(told["description"])[:500], told["value"], told["currency"],
        told["mass_kg"], told["date"], " ".join(said)[:30_000], " ".join(rest)[:30_000],
    ]  # fmt: skip


def _plain(value: Any) -> Any:
    return (
        value
        if isinstance(value, str | int | float)
        else json.dumps(value, ensure_ascii=False)[:30_000]
    )


def line(data: dict[str, Any]) -> dict[str, Any]:
    """Return a verdict as a line of a terminal's table."""
    told = data["shipment"]
    names = {one["role"]: visible(one["name"]) for one in told["parties"]}
    first = next((r["says"] for r in data["reasons"] if r["verdict"] == data["verdict"]), "")
    return {
        "rank": data["rank"],
        "verdict": data["verdict"],
        "row": data["row"],
        "importer": names.get("importer", names.get("consignee", ""))[:40],
        "to": told["destination"],
        "code": told["code"],
        "first reason": visible(first)[:200],
    }
