"""A proposal for people: as TOML, and as the rows it would read."""

from __future__ import annotations

import json
import shlex
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb

from entrepot.contracts import RawFile
from entrepot.errors import EntrepotError
from entrepot.sources import _raised
from entrepot.sources._guard import guard
from entrepot.sources.generic import parse

if TYPE_CHECKING:
    from entrepot.sources.generic.proposing.draft import Proposal

SHOWN = ("period", "reporter", "partner", "flow", "classification", "product", "value", "currency")
STAND_INS = {
    "reporter": "WLD",
    "partner": "WLD",
    "flow": "export",
    "currency": "XXX",
    "period": "2000-01",
    "product": "TOTAL",
}
"""What is unknown is read as these, to show the rest; it is shown as a question mark."""
NOBODY = "_X"
"""Who stands in for a country whose name nobody knows."""
ORDER = ("columns", "constants", "codes", "classification", "valuation", "flows", "wide", "format")


def toml(made: Proposal) -> str:
    """Return the mapping as TOML, with what is to be confirmed and asked as comments."""
    mapping = made.mapping
    lines = [f"# Proposed for {made.path.name}; confirm what is marked, add what is missing."]
    lines += [f"# confirm: {guess}" for guess in made.guesses]
    lines += [f"# missing: {question}" for question in made.asked.values()]
    plain = {key: value for key, value in mapping.items() if not isinstance(value, dict)}
    lines += [f"{key} = {value(given, key)}" for key, given in plain.items()]
    for name in dict.fromkeys((*ORDER, *mapping)):
        table = mapping.get(name)
        if isinstance(table, dict) and table:
            apart = made.unknown if name == "codes" else {}
            plain = {key: given for key, given in table.items() if key not in apart}
            lines += ["", f"[{name}]"] if plain else []
            lines += [f"{_key(key)} = {value(given)}" for key, given in plain.items()]
            for side, words in apart.items():
                lines += ["", f"[codes.{side}]", f"scheme = {value(table[side]['scheme'])}"]
                lines += [f'# {_text(word)} = "ISO3"' for word in words]
    return "\n".join([*lines, ""])


def sample(made: Proposal, count: int = 3) -> tuple[list[dict[str, Any]], str]:
    """Return the first rows that the mapping would give, and what stops it, "" if nothing does.

    All rows are read, so that what stops the ingest later is told now.
    """
    mapping = _completed(made)
    rows: list[dict[str, Any]] = []
    for locate in (False, True):
        with duckdb.connect() as connection:
            raw = RawFile(made.path, mapping, locate)
            try:
                with guard(made.path):
                    relation = parse(raw, connection).rows
                if not rows:
                    found = relation.limit(count)
                    rows = [_shown(made, dict(zip(found.columns, row, strict=True)))
                            for row in found.fetchall()]  # fmt: skip
                relation.aggregate("count(columns(*))").fetchall()
            except EntrepotError as error:
                return rows, str(error)
            except duckdb.Error as error:
                if locate:
                    return rows, str(_raised.translate(error, made.path))
                continue
            return rows, ""
    return rows, ""


def command(made: Proposal, file: str | None) -> str:
    """Return the next command: to take the file in, or to say what is missing."""
    path = shlex.quote(str(made.path))
    if not made.asked or file:
        return f"entrepot source ingest generic {path} --mapping {file or 'MAPPING.toml'}"
    told = [f"--set {shlex.quote(f'{key}={value}')}" for key, value in made.told.items()]
    sets = [q.partition("--set ")[2] for q in made.asked.values()]
    plain = [f"--set {part.split(',')[0].split(' ')[0]}" for part in sets if part[:1].isalpha()]
    words = [f"entrepot source ingest generic {path}", f"--propose {file or 'MAPPING.toml'}"]
    return " ".join([*words, *told, *dict.fromkeys(plain)])


def _completed(made: Proposal) -> dict[str, Any]:
    """The mapping with stand-ins for what is asked."""
    mapping = {
        key: dict(value) if isinstance(value, dict) else value
        for key, value in made.mapping.items()
    }
    constants = mapping.setdefault("constants", {})
    for key, value in STAND_INS.items():
        if key in made.asked:
            constants[key] = value
    codes = mapping.setdefault("codes", {})
    for side, words in made.unknown.items():
        codes[side] = codes[side] | dict.fromkeys(words, NOBODY)
    flows = ("import", "export", "re-import", "re-export")
    mapping["valuation"] = dict.fromkeys(flows, "FOB") | mapping.get("valuation", {})
    if "year" in made.asked and "wide" in mapping:
        mapping["wide"]["year"] = 2000
    if not mapping.get("classification"):
        mapping["classification"] = "HS"
    return mapping


def _shown(made: Proposal, row: dict[str, Any]) -> dict[str, Any]:
    day = row["period"]
    if isinstance(day, date):
        row["period"] = f"{day:%Y}" if row["freq"] == "A" else f"{day:%Y-%m}"
    row["value"] = row["value_local"]
    for side in made.unknown:
        row[side] = "?" if row[side] == NOBODY else row[side]
    return {name: "?" if name in made.asked and name in STAND_INS else row[name] for name in SHOWN}


def _key(key: str) -> str:
    return key if key.isascii() and key.replace("_", "").replace("-", "").isalnum() else _text(key)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def value(given: Any, key: str = "") -> str:
    """Return a value as TOML writes it."""
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, dict):
        return "{ " + ", ".join(f"{_key(k)} = {value(v)}" for k, v in given.items()) + " }"
    if isinstance(given, list):
        return "[" + ", ".join(map(value, given)) + "]"
    return _text(given) if isinstance(given, str) and key != "published" else str(given)
