"""FtM: entities of FollowTheMoney as JSON lines, and OpenSanctions' targets.simple.csv.

`entities.ftm.json` and `targets.nested.json` have one JSON object a line. Ties between entities are
not read; an entity without the topic "sanction" is taken too, for whoever made the file chose it.

Pages: https://followthemoney.tech and https://www.opensanctions.org/docs/bulk. OpenSanctions' data
is CC BY-NC 4.0: business needs a licence of theirs.
"""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

from entrepot.errors import SourceError
from entrepot.screen.lists import _rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from entrepot.screen.match._types import Entry

NAME, TITLE = "ftm", "FollowTheMoney entities, OpenSanctions"
PUBLISHER = "stated by the file"
LICENCE = "stated by the publisher; OpenSanctions: CC BY-NC 4.0"
LONGEST = 1 << 24
SCHEMAS = frozenset(
    "person company organization legalentity publicbody vessel airplane asset thing "
    "cryptowallet security".split()
)
_NAMES = ("name", "alias", "previousName", "abbreviation")
_PLACES = ("country", "jurisdiction", "nationality", "citizenship", "mainCountry", "flag")
_IDS = (
    *("registrationNumber", "taxNumber", "innCode", "ogrnCode", "leiCode", "idNumber", "imoNumber"),
    *("vatCode", "swiftBic", "dunsCode", "uniqueEntityId", "passportNumber", "mmsi", "okpoCode"),
    *("voenCode", "npiCode", "kppCode", "cikCode", "bikCode"),
)


def read(path: Path) -> Iterator[Entry]:
    """Give the entries of a file.

    Raises:
        SourceError: A line is no entity, or the CSV lacks a column.
    """
    with path.open("rb") as file:
        start = file.read(200).lstrip(b"\xef\xbb\xbf \r\n")
    yield from _json(path) if start.startswith(b"{") else _csv(path)


def _json(path: Path) -> Iterator[Entry]:
    with path.open("rb") as file:
        line = 0
        while text := file.readline(LONGEST):
            line += 1
            if not text.strip():
                continue
            try:
                found = _entity(json.loads(text))
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
                raise SourceError(
                    f"{path.name}: line {line} is no entity of FollowTheMoney ({error}); expected "
                    '{"id": ..., "schema": ..., "properties": {...}}; download it again'
                ) from None
            if found:
                yield found


def _entity(data: dict[str, Any]) -> Entry | None:
    schema = str(data["schema"])
    if schema.casefold() not in SCHEMAS:
        return None
    given: dict[str, list[Any]] = data["properties"]

    def said(*keys: str) -> list[str]:
        return [one for key in keys for one in given.get(key, ()) if isinstance(one, str)]

    sanctions = [one for one in given.get("sanctions", ()) if isinstance(one, dict)]
    days = [day for one in sanctions
            for day in one.get("properties", {}).get("startDate", ())]  # fmt: skip
    return _rows.entry(
        NAME,
        str(data["id"]),
        _rows.kind(schema),
        [str(data.get("caption") or ""), *said(*_NAMES)],
        weak=said("weakAlias"),
        places=said(*_PLACES),
        ids=said(*_IDS),
        since=min(filter(None, map(_rows.day, days)), default=""),
        programmes=said("programId", "program"),
    )


def _csv(path: Path) -> Iterator[Entry]:
    lines = _rows.rows(path)
    header = next(lines, [])
    if not {"id", "schema", "name", "aliases", "countries", "identifiers"} <= {*header}:
        raise SourceError(
            f"{path.name}: not OpenSanctions' targets.simple.csv; expected the columns id, schema, "
            "name, aliases, countries and identifiers; download it again"
        )
    for cells in lines:
        row = dict(zip(header, cells, strict=False))
        made = _rows.entry(
            NAME,
            row["id"],
            _rows.kind(row.get("schema", "")),
            [row.get("name", ""), *_split(row.get("aliases", ""))],
            places=_split(row.get("countries", "")),
            ids=_split(row.get("identifiers", "")),
            programmes=_split(row.get("program_ids", "")),
        )
        if made:
            yield made


def _split(cell: str) -> list[str]:
    """Return the values of a cell: semicolons part them, and stand inside quotes too."""
    return next(csv.reader([cell.replace("\n", " ")], delimiter=";"), []) if cell else []
