"""OFAC: SDN and consolidated lists of the US Treasury, as sdn.csv, cons_prim.csv, sdn.xml.

* CSV has no header, "-0-" for nothing, and aliases, numbers and nationalities in its last column;
  alt.csv and add.csv hold more aliases and addresses, which only the XML has in one file.
* The advanced XML (sdn_advanced.xml) is another format: take sdn.xml.

Pages: https://sanctionslist.ofac.treas.gov. The lists are in the public domain.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from entrepot.errors import SourceError
from entrepot.screen.lists import _rows
from entrepot.screen.lists._xml import elements

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from entrepot.screen.match._types import Entry

NAME, TITLE = "ofac", "OFAC lists (SDN, consolidated)"
PUBLISHER = "US Department of the Treasury, Office of Foreign Assets Control"
LICENCE = "public domain (US government)"
COLUMNS = 12
_ALIAS = re.compile(r"\b([afn])\.k\.a\.,? ['\"\u2018]([^'\"\u2019]+)['\"\u2019]")
_NUMBER = re.compile(
    r"(?:Tax ID No\.|Registration (?:ID|Number)|Identification Number|IMO|Passport|"
    r"Government Gazette Number|Business Number|SWIFT/BIC|UAE Identification|D-U-N-S Number|"
    r"National ID No\.|Legal Entity Number|Company Number|License)\s+(?:IMO )?([0-9A-Z./-]{5,30})"
)
_PLACE = re.compile(
    r"(?:nationality|citizen|Flag|Nationality of Registration|Organization Established in|"
    r"Place of Registration) ([A-Z][A-Za-z'(), ]+?)(?=[;.]|$)"
)


def read(path: Path) -> Iterator[Entry]:
    """Give the entries of a file; vessels and aircraft too.

    Raises:
        SourceError: It is neither of the two formats.
    """
    with path.open("rb") as file:
        start = file.read(200).lstrip(b"\xef\xbb\xbf \r\n")
    yield from _xml(path) if start.startswith(b"<") else _csv(path)


def _csv(path: Path) -> Iterator[Entry]:
    for line, row in enumerate(_rows.rows(path), start=1):
        if not "".join(row).strip("\x1a "):  # a sign of the end, from the days of DOS
            continue
        cells = ["" if cell.strip() == "-0-" else cell.strip() for cell in row]
        if line == 1 and not cells[0].isdigit():
            continue
        if len(cells) != COLUMNS or not cells[0].isdigit():
            raise SourceError(
                f"{path.name}: line {line} has {len(cells)} columns; expected {COLUMNS} as in "
                "sdn.csv, a number first; download it again"
            )
        number, name, kind, programme, remarks = cells[0], cells[1], cells[2], cells[3], cells[11]
        aliases = _ALIAS.findall(remarks)
        made = _rows.entry(
            NAME,
            number,
            _rows.kind(kind) or "organisation",
            [name],
            weak=[alias for _sort, alias in aliases],
            places=_PLACE.findall(remarks),
            ids=_NUMBER.findall(remarks),
            programmes=re.split(r"\]\s*\[|;", programme.strip("[]")),
        )
        if made:
            yield made


def _xml(path: Path) -> Iterator[Entry]:
    for root, one in elements(path, "sdnEntry"):
        if root.name != "sdnList":
            raise SourceError(
                f"{path.name}: XML of {root.name!r}; expected sdnList, as in sdn.xml and "
                "consolidated.xml (the advanced XML is another format)"
            )
        strong: list[str] = []
        weak: list[str] = []
        for alias in one.all("aka"):
            kept = weak if alias.said("category").casefold() == "weak" else strong
            kept.append(f"{alias.said('firstName')} {alias.said('lastName')}")
        places = [*one.all("address"), *one.all("nationality"), *one.all("citizenship"),
                  *one.all("vesselInfo")]  # fmt: skip
        made = _rows.entry(
            NAME,
            one.said("uid"),
            _rows.kind(one.said("sdnType")),
            [f"{one.said('firstName')} {one.said('lastName')}", *strong],
            weak=weak,
            places=[place.said("country", "vesselFlag") for place in places],
            ids=[each.said("idNumber") for each in one.all("id")],
            programmes=[each.text for each in one.all("program")],
        )
        if made:
            yield made
