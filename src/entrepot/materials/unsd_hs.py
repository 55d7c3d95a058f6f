"""UNSD's HS workbooks: which codes of one HS revision became which of the next.

* Delay: one workbook per pair of revisions, out once with the later one; its address never changes
  and it bears no day.
* Coverage: HS2022 to HS2017 and HS2017 to HS2012. UNSD has older and longer steps under names of
  another form, some as XLS; they are not asked for, because nobody has read them here yet.
* Licence: the United Nations allow personal, non-commercial use and no redistribution.

Page: https://unstats.un.org/unsd/classifications/Econ. No limit on calls is documented.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from entrepot.contracts import Endpoint, Query, Release, Request
from entrepot.errors import DriftError
from entrepot.harmonise import concordance
from entrepot.materials._material import Material, judge
from entrepot.sources import _workbook_bounds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGE = "https://unstats.un.org/unsd/classifications/Econ"
PAIRS = (("HS2022", "HS2017"), ("HS2017", "HS2012"))
NAME = re.compile(r"(HS\d{4})to(HS\d{4})")


def workbook(later: str, earlier: str) -> str:
    """Return UNSD's name for the workbook of two revisions."""
    return f"{later}to{earlier}ConversionAndCorrelationTables.xlsx"


def requests(_query: Query, _found: tuple[Release, ...] = ()) -> Iterator[Request]:
    """Ask for each workbook, 0.4 MB at most."""
    for pair in PAIRS:
        name = workbook(*pair)
        yield Request(f"{PAGE}/tables/{name}", name=name)


def check(path: Path) -> None:
    """Read a workbook in full; it bears no day.

    Raises:
        SourceError: It is no workbook, would fill the memory, or its sheets are not as UNSD has
            published them so far.
        DriftError: It holds other revisions than its name says.
    """
    _workbook_bounds.check(path)
    held = concordance.read(path).name
    if (named := NAME.search(path.name)) and "-".join(named.groups()) != held:
        raise DriftError(
            f"concordance: {path.name} holds {held}; expected {'-'.join(named.groups())}, as its "
            "name says: fetch it again"
        )


TABLES = Endpoint(
    name="tables",
    requests=requests,
    judge=judge(check),
    hosts=("unstats.un.org",),
    pause=1.0,
    largest=5_000_000,
    reference=PAGE,
)
unsd_hs = Material(
    title="HS conversion and correlation tables",
    publisher="United Nations Statistics Division",
    url=PAGE,
    licence="https://www.un.org/en/sections/about-website/terms-use/index.html",
    endpoints=(TABLES,),
    check=check,
)
