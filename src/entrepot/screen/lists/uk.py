"""UK: the UK Sanctions List (CSV, XML) and OFSI's former consolidated list (ConList.csv).

The CSVs begin with a line of the day, and have one row per name, address and number of an entry.

Page: https://www.gov.uk/government/publications/the-uk-sanctions-list. Open Government Licence 3.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from entrepot.errors import SourceError
from entrepot.screen.lists import _rows
from entrepot.screen.lists._xml import elements

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from entrepot.screen.lists._xml import Element
    from entrepot.screen.match._types import Entry

NAME, TITLE = "uk", "UK Sanctions List"
PUBLISHER = "UK Foreign, Commonwealth and Development Office"
LICENCE = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
PARTS = ("Name 1", "Name 2", "Name 3", "Name 4", "Name 5", "Name 6")
_IDS = (
    *("National Identifier number", "National Identification Number", "IMO number"),
    *("Passport number", "Passport Number"),
    *("Business registration number (s)", "Business registration number(s)"),
)
_PLACES = (
    "Address Country",
    "Country",
    "Nationality(/ies)",
    "Nationality",
    "Current believed flag of ship",
)
_SINCE = ("Date Designated", "UK Sanctions List Date Designated", "Listed On")


def read(path: Path) -> Iterator[Entry]:
    """Give the entries of a file.

    Raises:
        SourceError: It is neither of the formats.
    """
    with path.open("rb") as file:
        start = file.read(200).lstrip(b"\xef\xbb\xbf \r\n")
    yield from _xml(path) if start.startswith(b"<") else _csv(path)


def _csv(path: Path) -> Iterator[Entry]:
    lines, header = _rows.rows(path), []
    for _line in range(3):
        header = next(lines, [])
        if "Name 6" in header:
            break
    else:
        raise SourceError(
            f"{path.name}: no column 'Name 6' in its first lines; expected the UK Sanctions List "
            "or ConList.csv; download it again"
        )
    key = "Unique ID" if "Unique ID" in header else "Group ID"
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for cells in lines:
        row = dict(zip(header, cells, strict=False))
        if row.get(key):
            found[row[key]].append(row)
    for number, rows in found.items():
        made = _entry(number, rows)
        if made:
            yield made


def _entry(number: str, rows: list[dict[str, str]]) -> Entry | None:
    first = sorted(rows, key=lambda row: "primary" not in _sort(row))
    strong = [_whole(row) for row in first if not _is_weak(row)]
    weak = [_whole(row) for row in first if _is_weak(row)]
    other = [
        row.get("Name non-latin script") or row.get("Name Non-Latin Script", "") for row in rows
    ]
    return _rows.entry(
        NAME,
        number,
        _rows.kind(rows[0].get("Designation Type") or rows[0].get("Group Type", "")),
        [*(strong or weak), *filter(None, other)],
        weak=weak if strong else (),
        places=[row.get(key, "") for row in rows for key in _PLACES],
        ids=[row.get(key, "") for row in rows for key in _IDS],
        since=min(
            filter(None, (_rows.day(row.get(k, "")) for row in rows for k in _SINCE)), default=""
        ),
        programmes=[row.get("Regime Name") or row.get("Regime", "") for row in rows],
    )


def _sort(row: dict[str, str]) -> str:
    return (row.get("Name type") or row.get("Alias Type") or "").casefold()


def _is_weak(row: dict[str, str]) -> bool:
    told = row.get("Alias strength") or row.get("Alias Quality") or ""
    return "low" in told.casefold() or "weak" in told.casefold()


def _whole(row: dict[str, str]) -> str:
    return " ".join(row.get(part, "") for part in PARTS)


def _xml(path: Path) -> Iterator[Entry]:
    for root, one in elements(path, "Designation"):
        if root.name != "Designations":
            raise SourceError(
                f"{path.name}: XML of {root.name!r}; expected Designations, as in the UK Sanctions "
                "List; download it again"
            )
        written = [name for names in one.all("Names") for name in names.inside]
        first = sorted(written, key=lambda name: "primary" not in name.said("NameType").casefold())
        other = [name.said("NameNonLatinScript") for name in one.all("NonLatinName")]
        nations = ("AddressCountry", "Nationality", "CurrentBelievedFlagOfShip")
        ids = (
            "NationalIdentifierNumber",
            "PassportNumber",
            "IMONumber",
            "BusinessRegistrationNumber",
        )
        made = _rows.entry(
            NAME,
            one.said("UniqueID"),
            _rows.kind(one.said("IndividualEntityShip")),
            [*map(_joined, first), *other],
            places=[each.text for name in nations for each in one.all(name)],
            ids=[each.text for name in ids for each in one.all(name)],
            since=_rows.day(one.said("DateDesignated")),
            programmes=[one.said("RegimeName")],
        )
        if made:
            yield made


def _joined(name: Element) -> str:
    return " ".join(name.said(part.replace(" ", "")) for part in PARTS)
