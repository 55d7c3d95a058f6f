"""Starts: a small well-formed file of every source, as text and the way it is packed."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zipfile
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from unittest import mock

from support.comtrade_record import RECORD
from support.publisher_files import BULK, BULK_ROW, EUROSTAT, HONGKONG, OTS, START, table

if TYPE_CHECKING:
    from collections.abc import Callable

MAPPING = """
name = "an-office"
publisher = "A statistical office"
published = 2024-02-01
[columns]
period = "month"
reporter = "reporter"
partner = "partner"
flow = "flow"
product = "product"
value = "value"
net_mass_kg = "mass"
ignore = ["remark"]
[constants]
freq = "M"
currency = "USD"
[codes]
reporter = "iso3"
partner = "iso3"
flow = { X = "export", M = "import" }
[classification]
6 = "HS2022"
[valuation]
import = "CIF"
export = "FOB"
"""
WIDE = """
name = "a-wide-table"
classification = "HS2022"
[columns]
reporter = "reporter"
product = "product"
[constants]
freq = "M"
flow = "export"
currency = "EUR"
partner = "KAZ"
[valuation]
export = "FOB"
[wide]
months = { "Jan" = "2023-01", "Feb" = "2023-02" }
[format]
decimal = ","
thousands = "."
delimiter = ";"
missing = [":", "-"]
scale = 1000
header_row = 1
[filter]
kind = { not = ["total"] }
[expect]
unit = ["t"]
"""
OWN = """month,reporter,partner,flow,product,value,mass,remark
2022-01,DEU,KAZ,X,854231,100.5,3,a
2022-02,DEU,KAZ,X,854231,90,,b
2022-01,TUR,RUS,M,010121,7,1.5,c
"""


@dataclass(frozen=True)
class Start:
    """A well-formed file: its text, how text becomes its bytes, and the column of its values."""

    name: str
    source: str
    file: str
    text: str
    value: str
    pack: Callable[[bytes], bytes] = bytes
    delimiter: str = ","
    scale: float = 1.0
    mapping: str | None = None
    is_mapping: bool = False
    """Whether the mapping is what is changed, and the file stays."""
    is_proposal: bool = False
    """Whether a mapping is proposed for the file, and nothing taken in."""


def _gz(raw: bytes) -> bytes:
    return gzip.compress(raw, mtime=0)


def _zip(raw: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("BACI_HS17_Y2021_V202301.csv"), raw)
        archive.writestr(zipfile.ZipInfo("country_codes_V202301.csv"), b"code,name\n4,A\n")
    return out.getvalue()


def _seven(raw: bytes) -> bytes:
    import py7zr

    out = io.BytesIO()
    then = py7zr.helpers.ArchiveTimestamp(0)
    with (
        mock.patch.object(py7zr.helpers.ArchiveTimestamp, "from_now", return_value=then),
        py7zr.SevenZipFile(out, "w") as archive,
    ):
        archive.writestr(raw, "full_v2_202301.dat")
    return out.getvalue()


def _cells(raw: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(raw.decode("utf-8"), newline="")))


def _typed(cell: str) -> object:
    try:
        return float(cell) if "." in cell or not cell.startswith("0") else cell
    except ValueError:
        return cell or None


def _book(raw: bytes, *, before: tuple[tuple[str, list[list[str]]], ...] = ()) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in (*before, ("Sheet 1", _cells(raw))):
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append([_typed(cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return _undated(out)


def _undated(book: io.BytesIO) -> bytes:
    """A workbook without the moment it was written, so that a seed gives the same bytes again."""
    out = io.BytesIO()
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            raw = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", b"2024-01-01T00:00:00Z", old.read(name))
            new.writestr(zipfile.ZipInfo(name), raw, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _browser(raw: bytes) -> bytes:
    """A workbook as Eurostat's Data Browser writes it, around the cells of its one sheet."""
    summary = [[]] * 5 + [["EU trade since 1988 by HS2-4-6 and CN8 [DS-045409__custom_1]"]]
    structure = [["Structure"], ["", "Dimension", "", "Position"]]
    structure += [["", "", "PARTNER", "", name] for name in ("Kyrgyzstan", "Kazakhstan")]
    structure += [["", "product", "PRODUCT", "01012990", "Invented goods"]]
    return _book(raw, before=(("Summary", summary), ("Structure", structure)))


def _parquet(raw: bytes) -> bytes:
    import pyarrow as pa
    from pyarrow import parquet

    header, *rows = _cells(raw)
    columns = []
    for place, name in enumerate(header):
        cells = [row[place] if place < len(row) else "" for row in rows]
        try:
            columns.append(pa.array([float(c) if c else None for c in cells]))
            if name in ("product", "month"):
                columns[-1] = pa.array(cells)
        except ValueError:
            columns.append(pa.array(cells))
    sink = io.BytesIO()
    parquet.write_table(pa.Table.from_arrays(columns, names=header), sink)
    return sink.getvalue()


SHEET = """Data extracted on 21/01/2023 20:19:52 from [ESTAT]
Dataset: ,EU trade since 1988 by HS2-4-6 and CN8 [DS-045409__custom_1]
Last updated: ,13/01/2023 11:00

PRODUCT [PRODUCT],,"Goods, n.e.s. (excl. [others]) [01012990]"
FLOW,,EXPORT
INDICATORS,,VALUE_IN_EUROS

TIME,TIME,2022-01,2022-02
FREQ (Labels),FREQ (Labels),Monthly,Monthly
REPORTER (Labels),PARTNER (Labels),,
France,Kyrgyzstan,:,1500
France,Kazakhstan,12,7

Special value
:,not available
"""


def _comtrade() -> list[Start]:
    two = ({}, {"partnerCode": 643, "partnerISO": "RUS", "primaryValue": 17.25})
    named = "COMTRADE-FINALCLASSIC-CM792202301[2023-11-01].gz"
    tsv = table(*two, delimiter="\t", quoting=3, escapechar="\\")
    answer = {"elapsedTime": "0.1 secs", "count": 2, "data": [RECORD | c for c in two], "error": ""}
    return [
        Start("comtrade csv", "comtrade", "a.csv", table(*two), "primaryValue"),
        Start("comtrade tsv.gz", "comtrade", named, tsv, "primaryValue", _gz, "\t"),
        Start("comtrade json", "comtrade", "a.json", json.dumps(answer), "primaryValue"),
    ]


def _eurostat() -> list[Start]:
    sdmx = f"{EUROSTAT}\n{START},2023-01,500\n{START},2023-02,7.5\n"
    rows = [BULK_ROW.format(*row) for row in ((100, 3, 5), (40, 2, 1))]
    comext = "\n".join([BULK, rows[0], rows[1].replace("DE,RU", "FR,KG"), ""])
    return [
        Start("eurostat sdmx", "eurostat", "ds.csv", sdmx, "OBS_VALUE"),
        Start("eurostat workbook", "eurostat", "w.xlsx", SHEET, "", _browser),
        Start("eurostat bulk", "eurostat", "full_v2_202301.csv", comext, "VALUE_EUR"),
        Start("eurostat bulk 7z", "eurostat", "full_v2_202301.7z", comext, "VALUE_EUR", _seven),
    ]


def _offices() -> list[Start]:
    two = ({}, {"CountryId": 75, "Country": {"CountryCodeAlpha": "RU"}, "Value": 31.0})
    ots = json.dumps({"@odata.context": "x", "value": [OTS | c for c in two]})
    records = [HONGKONG, HONGKONG | {"cc": "KZ", "figure": "12"}]
    head = {"status": {"name": "Success"}, "count": {"noOfRecords": 2}}
    census = [
        ["CTY_CODE", "E_COMMODITY", "ALL_VAL_MO", "QTY_1_MO", "UNIT_QY1", "time"],
        ["4634", "854231", "9000", "12", "NO", "2023-01"],
        ["4621", "854231", "41", "3", "NO", "2023-01"],
    ]
    lines = "\n".join(",".join(row) for row in [*census, ()])
    return [
        Start("hmrc", "hmrc", "ots.json", ots, "Value"),
        Start("census", "census", "census.json", json.dumps(census), "ALL_VAL_MO"),
        Start("census csv", "census", "census.csv", lines, "ALL_VAL_MO"),
        Start(
            "hongkong",
            "hongkong",
            "idds.json",
            json.dumps({"header": head, "dataSet": records}),
            "figure",
            scale=1000.0,
        ),
    ]


def _rest() -> list[Start]:
    baci = 't,i,j,k,v,q\n2021,36,4,10121,12.5,"  3.2"\n2021,36,842,854231,7,NA\n'
    wide = "reporter;product;kind;unit;Jan;Feb\nDEU;854231;a;t;1.000,5;7\nFRA;854231;a;t;:;3\n"
    name = "BACI_HS17_Y2021_V202301.csv"
    return [
        Start("baci", "baci", name, baci, "v", scale=1000.0),
        Start("baci zip", "baci", "BACI_HS17_V202301.zip", baci, "v", _zip, scale=1000.0),
        Start("own csv", "generic", "own.csv", OWN, "value", mapping=MAPPING),
        Start("own csv.gz", "generic", "own.csv.gz", OWN, "value", _gz, mapping=MAPPING),
        Start("own xlsx", "generic", "own.xlsx", OWN, "value", _book, mapping=MAPPING),
        Start("own parquet", "generic", "own.parquet", OWN, "value", _parquet, mapping=MAPPING),
        Start("own wide", "generic", "wide.csv", wide, "", bytes, ";", 1000.0, WIDE),
        Start("propose csv", "generic", "own.csv", OWN, "", is_proposal=True),
        Start("propose xlsx", "generic", "own.xlsx", OWN, "", _book, is_proposal=True),
        Start("propose wide", "generic", "w.csv", wide, "", bytes, ";", is_proposal=True),
        Start("mapping", "generic", "own.csv", OWN, "value", mapping=MAPPING, is_mapping=True),
        Start("mapping wide", "generic", "w.csv", wide, "", bytes, ";", 1.0, WIDE, is_mapping=True),
    ]


@cache
def starts() -> tuple[Start, ...]:
    """Return every start; a new source belongs here."""
    return (*_comtrade(), *_eurostat(), *_offices(), *_rest())
