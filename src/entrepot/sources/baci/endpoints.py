"""BACI's endpoint: the page that names the newest files, and one zip per HS revision."""

from __future__ import annotations

import re
import zipfile
from calendar import monthrange
from datetime import date, datetime
from typing import TYPE_CHECKING

from entrepot.contracts import Endpoint, Query, Release, Request, Verdict
from entrepot.errors import DriftError
from entrepot.reference import countries
from entrepot.sources import _answers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from entrepot.contracts import Response

PAGE = "https://www.cepii.fr/CEPII/en/bdd_modele/bdd_modele_item.asp?id=37"
DATA = "https://www.cepii.fr/DATA_DOWNLOAD/baci/data"
DOCUMENTED = "https://www.cepii.fr/DATA_DOWNLOAD/baci/doc/baci_webpage.html"
INDEX = "baci-index.html"
REVISIONS = {
    "92": ("HS1992", 1995),
    "96": ("HS1996", 1996),
    "02": ("HS2002", 2002),
    "07": ("HS2007", 2007),
    "12": ("HS2012", 2012),
    "17": ("HS2017", 2017),
    "22": ("HS2022", 2022),
}
"""BACI's digits -> HS revision, and the first year that BACI gives in it."""
CORRECTIONS = {"202401b": date(2024, 4, 9)}
"""A letter marks a correction, which comes out after the month in its name: "Last update" on PAGE,
as archived in 2024."""
_VERSION = r"V(\d{4}(?:0[1-9]|1[0-2])[a-z]?)"
ARCHIVE = re.compile(rf"BACI_HS(\d{{2}})_{_VERSION}\.zip")
TABLE = re.compile(rf"BACI_HS(\d{{2}})_Y(\d{{4}})_{_VERSION}(?: ?\(\d+\))?\.csv")
"""Browsers number a second download: (1)."""
HEADER = 25
"""Bytes a file may have and still hold no row: the names of six columns, quoted or not."""


def released(version: str) -> date | None:
    """Return the last day on which a version can have come out: that of the month it names.

    The version says no more than the month, and a brief must not know a number before it was
    public. None for a correction whose day we do not know.
    """
    if version in CORRECTIONS or version[6:]:
        return CORRECTIONS.get(version)
    year, month = int(version[:4]), int(version[4:6])
    return date(year, month, monthrange(year, month)[1])


def index(_query: Query) -> Iterator[Request]:
    """Ask for the page that names the newest files; it needs no key."""
    address, _, number = PAGE.partition("?id=")
    yield Request(address, {"id": number}, name=INDEX)


def releases(paths: Sequence[Path]) -> tuple[Release, ...]:
    """Read the page: one release per exporter and year, in the newest HS revision of that year.

    Every country with a code counts as an exporter: the page names none, and a file holds all. The
    last year of a version is the second before its own: 2018 came with the version of January 2020
    (FAQ_BACI.html). The page keeps older versions below the newest.

    Raises:
        DriftError: The page names no file, or an HS revision that we do not know.
    """
    places = set(countries.lookup("comtrade").values())
    exporters = sorted(code for code in places if not countries.is_aggregate(code))
    return tuple(
        Release(exporter, "A", period, day, f"{DATA}/{name}")
        for path in paths
        for period, (name, day) in sorted(_page(path).items())
        for exporter in exporters
    )


def _page(path: Path) -> dict[str, tuple[str, date | None]]:
    """The file and the day of release, by year."""
    text = path.read_text("latin-1")
    newest: dict[str, str] = {}
    for revision, version in ARCHIVE.findall(text):
        newest[revision] = max(version, newest.get(revision, ""))
    if not newest or (unknown := sorted(newest.keys() - REVISIONS)):
        found = f"files in HS{unknown[0]}" if newest else "no file"
        raise DriftError(
            f"{path.name}: names {found}; expected BACI_HS17_V202601.zip and the like in HS "
            f"{', '.join(REVISIONS)}: update entrepot, or report the change"
        )
    stated = _stated(text)
    files: dict[str, tuple[str, date | None]] = {}
    for revision in REVISIONS:
        if version := newest.get(revision):
            file = (_file(revision, version), stated.get(version) or released(version))
            files |= dict.fromkeys(years(revision, version), file)
    return files


def years(revision: str, version: str) -> tuple[str, ...]:
    """Return the years that a version has in a revision."""
    return tuple(str(year) for year in range(REVISIONS[revision][1], int(version[:4]) - 1))


def _file(revision: str, version: str) -> str:
    return f"BACI_HS{revision}_V{version}.zip"


def _stated(text: str) -> dict[str, date]:
    """The version and the day that the page says it is of, as `Last update: April 9, 2024`."""
    words = " ".join(re.sub(r"<[^>]*>", " ", text).replace("&nbsp;", " ").split())
    day = re.search(r"Last update ?: ?([A-Z][a-z]+ \d{1,2}, \d{4})", words)
    version = re.search(r"This is the (\d{6}[a-z]?) version", words)
    if not (day and version):
        return {}
    try:
        return {version[1]: datetime.strptime(day[1], "%B %d, %Y").date()}
    except ValueError:
        return {}


def requests(query: Query, found: tuple[Release, ...]) -> Iterator[Request]:
    """Ask for one zip: all years, exporters and products of one HS revision, up to 2.4 GB.

    BACI gives the same trade in each revision, so one is enough: the one that the query names,
    else the newest that reaches back to the first year asked for. It has exports only, and years
    only. Before the page was read, the name of the file lacks its version.
    """
    named = {name: digits for digits, (name, _first) in REVISIONS.items()}
    if query.freq != "A" or "export" not in query.flows:
        return
    if query.classification not in ("HS", *named):
        return
    wanted = [
        release
        for release in found
        if (not query.periods or release.period in query.periods)
        and (not query.reporters or release.reporter in query.reporters)
    ]
    for release in sorted(wanted, key=lambda release: release.period):
        known = [r for r, (_name, first) in REVISIONS.items() if str(first) <= release.period]
        revision = named.get(query.classification) or "".join(known[-1:])
        if revision in known:
            yield _request(revision, release)
            return


def _request(revision: str, release: Release) -> Request:
    """The answer speaks for everything in its years, so a newer version replaces all of it."""
    match = ARCHIVE.search(release.address)
    if match is None:
        return Request(f"{DATA}/BACI_HS{revision}.zip", name=f"BACI_HS{revision}.zip")
    name = _file(revision, match[2])
    whole = Query(
        freq="A",
        periods=years(revision, match[2]),
        flows=("export",),
        classification=REVISIONS[revision][0],
    )
    return Request(f"{DATA}/{name}", name=name, asked=whole, published=release.day)


def judge(request: Request, response: Response) -> tuple[Verdict, str]:
    """Tell a page with links and a whole zip with tables from everything else."""
    if refused := _answers.refusal(response):
        return refused
    if request.name == INDEX:
        return _judge_page(response.path.read_text("latin-1"))
    start = _answers.start(response.path)
    if not start.startswith(b"PK"):
        is_page = _answers.is_html(start.decode("latin-1"))
        return Verdict.BUSY, "a web page instead of a zip file" if is_page else "not a zip file"
    try:
        with zipfile.ZipFile(response.path) as archive:
            sizes = [i.file_size for i in archive.infolist() if TABLE.search(i.filename)]
    except zipfile.BadZipFile:
        return Verdict.BUSY, "a zip file that ends before its end"
    if not sizes:
        return Verdict.WRONG, "a zip file without a table like BACI_HS17_Y2021_V202301.csv"
    return (Verdict.GOOD if max(sizes) > HEADER else Verdict.EMPTY), ""


def _judge_page(text: str) -> tuple[Verdict, str]:
    if ARCHIVE.search(text):
        return Verdict.GOOD, ""
    if "BACI" in text:
        return Verdict.WRONG, "a page that names no file like BACI_HS17_V202601.zip"
    return Verdict.BUSY, "another page than BACI's"


ZIP = Endpoint(
    name="zip",
    requests=requests,
    judge=judge,
    hosts=("www.cepii.fr", "cepii.fr"),
    pause=5.0,  # no limit is documented; two calls are all that a query needs
    largest=4_000_000_000,  # HS92 of V202601 has 2.42 GB
    index=index,
    releases=releases,
    reference=DOCUMENTED,
)
