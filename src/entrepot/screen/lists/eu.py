"""EU: the consolidated list of financial sanctions, as XML (1.1) and CSV (1.1, semicolons).

Page: https://data.europa.eu/data/datasets/consolidated-list-of-persons-groups-and-entities-subject-
to-eu-financial-sanctions. Reuse is free with the source named (Decision 2011/833/EU).
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

    from entrepot.screen.match._types import Entry

NAME, TITLE = "eu", "EU consolidated list of financial sanctions"
PUBLISHER = "European Commission (FISMA)"
LICENCE = "https://commission.europa.eu/legal-notice_en (reuse with the source named)"
LAW = "Entity_Regulation_PublicationDate"
ID, NAMES = "Entity_LogicalId", "NameAlias_WholeName"


def read(path: Path) -> Iterator[Entry]:
    """Give the entries of a file.

    Raises:
        SourceError: It is neither of the two formats.
    """
    with path.open("rb") as file:
        start = file.read(200).lstrip(b"\xef\xbb\xbf \r\n")
    yield from _xml(path) if start.startswith(b"<") else _csv(path)


def _xml(path: Path) -> Iterator[Entry]:
    for _root, one in elements(path, "sanctionEntity"):
        aliases = one.all("nameAlias")
        weak = [a.given.get("wholeName", "") for a in aliases if a.given.get("strong") == "false"]
        strong = [a.given.get("wholeName", "") for a in aliases if a.given.get("strong") != "false"]
        subject = next(iter(one.all("subjectType")), None)
        laws = one.all("regulation")
        days = [_rows.day(law.given.get("publicationDate", "")) for law in laws]
        first = one.given.get("designationDate", "") or min(filter(None, days), default="")
        made = _rows.entry(
            NAME,
            one.given.get("euReferenceNumber") or one.given.get("logicalId", ""),
            _rows.kind(subject.given.get("code", "") if subject else ""),
            strong or weak,
            weak=weak if strong else (),
            places=[
                each.given.get("countryIso2Code", "")
                for name in ("citizenship", "address", "identification")
                for each in one.all(name)
                if each.given.get("countryIso2Code") not in ("00", None)
            ],
            ids=[each.given.get("number", "") for each in one.all("identification")],
            since=_rows.day(first),
            programmes=[law.given.get("programme", "") for law in laws],
        )
        if made:
            yield made


def _csv(path: Path) -> Iterator[Entry]:
    """One entry has a row for each name, address, day of birth and number."""
    lines = _rows.rows(path, ";")
    header = next(lines, [])
    if ID not in header or NAMES not in header:
        raise SourceError(
            f"{path.name}: no columns {ID} and {NAMES}; expected the EU's CSV, version 1.1; "
            "download it again"
        )
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for cells in lines:
        row = dict(zip(header, cells, strict=False))
        if row.get(ID):
            found[row[ID]].append(row)
    for number, rows in found.items():
        days = [_rows.day(row.get("Entity_DesignationDate") or row.get(LAW, "")) for row in rows]
        made = _rows.entry(
            NAME,
            rows[0].get("Entity_EU_ReferenceNumber") or number,
            _rows.kind(rows[0].get("Entity_SubjectType", "")),
            [row[NAMES] for row in rows],
            places=[row.get(key, "") for row in rows
                    for key in ("Citizenship_CountryIso2Code", "Address_CountryIso2Code",
                                "Citizenship_CountryDescription", "Address_CountryDescription")],
            ids=[row.get("Identification_Number", "") for row in rows],
            since=min(filter(None, days), default=""),
            programmes=[row.get("Entity_Regulation_Programme", "") for row in rows],
        )  # fmt: skip
        if made:
            yield made
