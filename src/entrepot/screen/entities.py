"""Entities: verdicts as FollowTheMoney, for Aleph, yente and whatever else speaks it.

One EconomicActivity a row, a LegalEntity for each name of a party in a case, and for each match of
a name or number an UnknownLink, with the entry's id and the reason, for matches are questions and
no facts. No topic and no sanction is asserted of anybody.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from entrepot.errors import visible
from entrepot.reference import countries
from entrepot.screen.records import NOTICE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from entrepot.screen.output import Verdicts

FILE = "entities.ftm.json"
_ENDS = {"exporter": "sender", "importer": "receiver", "consignee": "receiver", "bank": ""}


def write(found: Verdicts, folder: Path, about: dict[str, Any]) -> None:
    """Write entities.ftm.json, one JSON object a line, rows that pass left out."""
    seen: set[str] = set()
    fresh = folder / f".{FILE}"
    with fresh.open("w", encoding="utf-8", errors="replace") as file:
        for data in found.ranked():
            if data["verdict"] == "pass":
                break
            for one in entities(data, about):
                if one["id"] not in seen:
                    seen.add(one["id"])
                    file.write(json.dumps(one, ensure_ascii=False) + "\n")
    fresh.replace(folder / FILE)


def entities(data: dict[str, Any], about: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the entities of one verdict."""
    told = data["shipment"]
    ends: dict[str, list[str]] = {}
    for party in told["parties"]:
        who = _id("party", party["name"], party["country"], *party["identifiers"])
        yield _entity(who, "LegalEntity", name=[party["name"]], country=_places(party["country"]),
                      registrationNumber=party["identifiers"])  # fmt: skip
        if end := _ENDS[party["role"]]:
            ends.setdefault(end, []).append(who)
        yield from _links(data, party, who)
    said = [r["says"] for r in data["reasons"] if r["verdict"] == data["verdict"]]
    yield _entity(
        _id("row", about["sha256"], data["row"]),
        "EconomicActivity",
        recordId=[data["ref"] or str(data["row"])],
        date=[told["date"]],
        goodsDescription=[told["description"]],
        vedCode=[told["code"]],
        invoiceAmount=[str(told["value"])] if told["value"] is not None else [],
        originCountry=_places(told["origin"]),
        departureCountry=_places(told["departure"]),
        destinationCountry=_places(told["destination"]),
        summary=[f"{data['verdict']}, rank {data['rank']}. {' '.join(said)}"],
        description=[NOTICE],
        **ends,
    )


def _links(data: dict[str, Any], party: dict[str, Any], who: str) -> Iterator[dict[str, Any]]:
    for reason in data["reasons"]:
        behind = reason["behind"]
        if reason["kind"] != "party" or "entry" not in behind:
            continue
        if not reason["says"].startswith(f"The {party['role']} "):
            continue
        other = _id("entry", behind["list"], behind["entry"])
        yield _entity(other, "LegalEntity", name=[behind["name"]], idNumber=[behind["entry"]])
        yield _entity(
            _id("link", who, other), "UnknownLink", subject=[who], object=[other],
            role=["may be the same"], summary=[reason["says"]], recordId=[behind["vintage"]],
        )  # fmt: skip


def _entity(id_: str, schema: str, **given: list[str]) -> dict[str, Any]:
    kept = {key: [visible(one) for one in values if one] for key, values in sorted(given.items())}
    return {"id": id_, "schema": schema, "properties": {k: v for k, v in kept.items() if v}}


def _id(*parts: object) -> str:
    return (
        "entrepot-"
        + hashlib.sha256("\n".join(map(str, parts)).encode("utf-8", "replace")).hexdigest()[:24]
    )


def _places(code: str) -> list[str]:
    return [countries.table()[code]["iso2"].lower()] if code in countries.table() else []
