"""Eurostat's forms: one extraction as SDMX-CSV, TSV or SDMX-ML, and the structure of DS-045409.

What is imitated, and where it is written down:

* SDMX-ML 2.1 Generic is the form where none is asked for, `compressed=true` packs any as gzip:
  https://ec.europa.eu/eurostat/web/user-guides/data-browser/api-data-access/api-detailed-guidelines/sdmx2-1/data-query
* TSV has a row per series and a column per period, each followed by a blank; ":" is no figure
* `dataflow` and `datastructure` as the clients eurostat and sdmx1 read them: the order of the
  dimensions and no list of their codes
"""

from __future__ import annotations

import csv
import gzip
import io
from itertools import groupby
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from publisher.reply import Ask, Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NAME, STRUCTURE = "DS-045409", "DSD_DS-045409"
DRIFT = "sanctions_flag"
DIMENSIONS = "freq reporter partner product flow indicators".split()
SPACES = " ".join(
    f'xmlns:{short}="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/{path}"'
    for short, path in {
        "m": "message",
        "s": "structure",
        "c": "common",
        "g": "data/generic",
    }.items()
)
HEADER = (
    "<m:Header><m:ID>{0}</m:ID><m:Test>false</m:Test><m:Prepared>2026-01-01T00:00:00</m:Prepared>"
    '<m:Sender id="ESTAT"/>{1}</m:Header>'
)
Line = list[str]
"""Reporter, partner, product, flow, indicator, period and value."""


def answer(ask: Ask, form: str, lines: list[Line], stamp: str) -> Reply:
    """Return an extraction in the form that is asked for."""
    write, kind = FORMS[form]
    body = write(lines, stamp, ask.drift).encode()
    if ask.params.get("compressed") == "true":
        return Reply(gzip.compress(body, mtime=0), headers={"Content-Type": "application/x-gzip"})
    return Reply(body, headers={"Content-Type": kind})


def structure(path: str) -> Reply | None:
    """Answer what the dataset's dimensions are, or None where something else is asked."""
    kind, _, rest = path.partition("/")
    named = {"dataflow": NAME, "datastructure": STRUCTURE}.get(kind)
    if rest.removesuffix("/latest") != f"ESTAT/{named}":
        return None
    inner = _dataflow() if kind == "dataflow" else _dimensions()
    body = _message("Structure", HEADER.format(kind, ""), f"<m:Structures>{inner}</m:Structures>")
    headers = {"Content-Type": "application/vnd.sdmx.structure+xml;version=2.1"}
    return Reply(body.encode(), headers=headers)


def _csv(lines: list[Line], stamp: str, drift: bool) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    extra = [DRIFT] if drift else []
    columns = [*DIMENSIONS, "TIME_PERIOD", "OBS_VALUE"]
    writer.writerow(["DATAFLOW", "LAST UPDATE", *columns, *extra])
    for line in lines:
        writer.writerow([f"ESTAT:{NAME}(1.0)", stamp, "M", *line, *(["0"] if drift else [])])
    return buffer.getvalue()


def _tsv(lines: list[Line], _stamp: str, _drift: bool) -> str:
    periods = sorted({line[5] for line in lines})
    rows = [f"{','.join(DIMENSIONS)}\\TIME_PERIOD\t" + "\t".join(f"{p} " for p in periods)]
    for key, values in _series(lines):
        rows.append(f"{','.join(key)}\t" + "\t".join(f"{values.get(p, ':')} " for p in periods))
    return "".join(f"{row}\r\n" for row in rows)


def _generic(lines: list[Line], _stamp: str, _drift: bool) -> str:
    series = []
    for key, values in _series(lines):
        ids = "".join(
            f'<g:Value id="{name}" value={quoteattr(code)}/>'
            for name, code in zip(DIMENSIONS, key, strict=True)
        )
        cells = "".join(
            f'<g:Obs><g:ObsDimension value="{period}"/><g:ObsValue value="{value}"/></g:Obs>'
            for period, value in values.items()
        )
        series.append(f"<g:Series><g:SeriesKey>{ids}</g:SeriesKey>{cells}</g:Series>")
    about = (
        f'<m:Structure structureID="{STRUCTURE}" dimensionAtObservation="TIME_PERIOD">'
        f'<c:Structure><Ref agencyID="ESTAT" id="{STRUCTURE}" version="1.0"/></c:Structure>'
        "</m:Structure>"
    )
    data = f'<m:DataSet structureRef="{STRUCTURE}" action="Replace">{"".join(series)}</m:DataSet>'
    return _message("GenericData", HEADER.format("data", about), data)


def _series(lines: list[Line]) -> list[tuple[tuple[str, ...], dict[str, str]]]:
    def key(line: Sequence[str]) -> tuple[str, ...]:
        return ("M", *line[:5])

    found = groupby(sorted(lines, key=key), key)
    return [(name, {line[5]: line[6] for line in group}) for name, group in found]


def _dataflow() -> str:
    return (
        f'<s:Dataflows><s:Dataflow id="{NAME}" agencyID="ESTAT" version="1.0" isFinal="true">'
        f'<c:Name xml:lang="en">Synthetic</c:Name><s:Structure><Ref id="{STRUCTURE}" version="1.0" '
        'agencyID="ESTAT" package="datastructure" class="DataStructure"/></s:Structure>'
        "</s:Dataflow></s:Dataflows>"
    )


def _dimensions() -> str:
    dimensions = "".join(
        f'<s:Dimension id="{name}" position="{place}"/>' for place, name in enumerate(DIMENSIONS, 1)
    )
    last = f'<s:TimeDimension id="TIME_PERIOD" position="{len(DIMENSIONS) + 1}"/>'
    return (
        f'<s:DataStructures><s:DataStructure id="{STRUCTURE}" agencyID="ESTAT" version="1.0">'
        '<c:Name xml:lang="en">Synthetic</c:Name><s:DataStructureComponents><s:DimensionList '
        f'id="DimensionDescriptor">{dimensions}{last}</s:DimensionList>'
        "</s:DataStructureComponents></s:DataStructure></s:DataStructures>"
    )


def _message(root: str, header: str, inner: str) -> str:
    start = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f"{start}<m:{root} {SPACES}>{header}{inner}</m:{root}>\n"


FORMS: dict[str, tuple[Callable[[list[Line], str, bool], str], str]] = {
    "": (_generic, "application/vnd.sdmx.genericdata+xml;version=2.1"),
    "SDMX-CSV": (_csv, "application/vnd.sdmx.data+csv;version=1.0.0"),
    "TSV": (_tsv, "text/tab-separated-values"),
}
"""How each form is written, and its type."""
