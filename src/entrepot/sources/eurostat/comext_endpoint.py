"""Eurostat's endpoint to the bulk files of Comext: one file per month or year, of all reporters."""

from __future__ import annotations

import csv
import re
from datetime import date
from typing import TYPE_CHECKING

from entrepot.contracts import Endpoint, Query, Release, Request, Verdict
from entrepot.errors import DriftError, SourceError
from entrepot.sources import _answers
from entrepot.sources._unpack import SEVEN_ZIP
from entrepot.sources.eurostat.sdmx_endpoint import HOSTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from entrepot.contracts import Response

FILES = "https://ec.europa.eu/eurostat/api/dissemination/files"
FOLDER = "comext/COMEXT_DATA/PRODUCTS"
NAME = re.compile(r"full(_v2)?_?(\d{4})(0[1-9]|1[0-2]|52)\.7z")
"""Month 52 is the year. `full_partxixu_` files repeat the trade with the United Kingdom in its two
parts; `full_v2_` and the older `full` hold the same trade in two layouts."""


def index(_query: Query) -> Iterator[Request]:
    """Ask for the list of files, the same one for every query."""
    yield Request(
        FILES,
        {
            "format": "csv",
            "dir": FOLDER,
            "hierarchy": "false",
            "sizeFormat": "NONE",
            "dateFormat": "ISO",
        },
        name="eurostat-bulk-index.csv",
    )


def releases(paths: Sequence[Path]) -> tuple[Release, ...]:
    """Read the list: one release per month or year with the address of its newest layout.

    A file holds every reporter, so `reporter` is empty. The day is the file's last change.

    Raises:
        SourceError: It is not the list.
        DriftError: It has no dates.
    """
    found: dict[tuple[str, str], tuple[bool, Release]] = {}
    for path in paths:
        for name, day in _whole(path):
            if not (matched := NAME.fullmatch(name)):
                continue
            new, year, month = matched.groups()
            key = ("A", year) if month == "52" else ("M", f"{year}-{month}")
            release = Release("", *key, day=day, address=f"{FILES}?file={FOLDER}/{name}")
            if new or key not in found:
                found[key] = (bool(new), release)
    return tuple(release for _, release in found.values())


def _whole(path: Path) -> list[tuple[str, date]]:
    try:
        return list(_lines(path))
    except (csv.Error, UnicodeDecodeError, IndexError) as error:
        raise SourceError(
            f"{path.name}: cannot be read ({error}); expected the list of files; fetch it again"
        ) from error


def _lines(path: Path) -> Iterator[tuple[str, date]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        header = [name.strip().upper() for name in next(reader, [])]
        if "NAME" not in header:
            raise SourceError(
                f"{path.name}: no column NAME; expected the list of files; fetch it again"
            )
        dated = [at for at, name in enumerate(header) if "DATE" in name or "MODIF" in name]
        if len(dated) != 1:
            raise DriftError(
                f"{path.name}: columns {', '.join(header)}; expected NAME and one date of the "
                "last change; update entrepot, or report the change"
            )
        for line in reader:
            if line:
                yield line[header.index("NAME")].rpartition("/")[2], _day(path, line[dated[0]])


def _day(path: Path, text: str) -> date:
    """The day in "2026-11-18T11:00:00" or "18/11/2026 11:00"."""
    try:
        if found := re.match(r"(\d\d)/(\d\d)/(\d{4})\b", text):
            return date(int(found[3]), int(found[2]), int(found[1]))
        return date.fromisoformat(text[:10])
    except ValueError:
        raise DriftError(
            f"{path.name}: date {text!r}; expected a day such as 2026-11-18; update entrepot, or "
            "report the change"
        ) from None


def requests(query: Query, found: tuple[Release, ...]) -> Iterator[Request]:
    """Ask for one file per period, in the order of the query; what is not listed is left out.

    A file holds all reporters, partners, products and both flows, whatever the query names.
    """
    by_period = {release.period: release for release in found}
    for period in dict.fromkeys(query.periods):
        if release := by_period.get(period):
            name = release.address.rpartition("/")[2]
            stamp = f"[{release.day}]" if release.day else ""
            yield Request(
                FILES,
                {"file": f"{FOLDER}/{name}"},
                name=name.replace(".7z", f"{stamp}.7z"),
                asked=Query(query.freq, (period,)),
                published=release.day,
            )


def judge(request: Request, response: Response) -> tuple[Verdict, str]:
    """Judge the list by its first column, and a file by 7z's own account of its length."""
    if refused := _answers.refusal(response):
        return refused
    start = _answers.start(response.path)
    text = start.decode("latin-1")
    if _answers.is_html(text):
        gone = request.asked is not None and "does not exist" in text
        return (Verdict.UNPUBLISHED if gone else Verdict.BUSY), "a web page instead of a file"
    if request.asked is None:
        is_list = "NAME" in text.partition("\n")[0].upper()
        return (Verdict.GOOD, "") if is_list else (Verdict.BUSY, "not the list of files")
    if not start.startswith(SEVEN_ZIP) or len(start) < 32:
        return Verdict.BUSY, "not a 7z file"
    # The 32 bytes of 7z's first header give the place and length of its last one.
    announced = 32 + sum(int.from_bytes(start[at : at + 8], "little") for at in (12, 20))
    if response.path.stat().st_size != announced:
        return Verdict.BUSY, f"{response.path.stat().st_size:,} of {announced:,} bytes"
    return Verdict.GOOD, ""


BULK = Endpoint(
    name="bulk",
    requests=requests,
    judge=judge,
    hosts=HOSTS,
    pause=1.0,
    largest=1_000_000_000,
    index=index,
    releases=releases,
    reference=(
        "https://ec.europa.eu/eurostat/web/user-guides/data-browser/api-data-access/"
        "api-migrating/bulkdownload"
    ),
)
