"""UN Comtrade's four file layouts, recognised by content and given one set of names."""

from __future__ import annotations

import gzip
import json
from itertools import count as counter
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from entrepot.errors import DriftError, SourceError, TruncatedError
from entrepot.sources import _read

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from entrepot.contracts import RawFile

_answers = counter()
LIMITS = (500, 100_000, 250_000)
"""Rows of one answer: without a key, with a free key, with a premium key. Cut without a word."""

READ = tuple(
    """typeCode freqCode period reporterCode flowCode partnerCode partner2Code classificationCode
    isOriginalClassification cmdCode customsCode mosCode motCode qtyUnitCode qty netWgt
    isNetWgtEstimated cifvalue primaryValue""".split()
)
LEFT_OUT = frozenset(
    """refPeriodId refYear refMonth reporterISO reporterDesc flowDesc partnerISO partnerDesc
    partner2ISO partner2Desc classificationSearchCode cmdDesc aggrLevel isLeaf customsDesc motDesc
    qtyUnitAbbr isQtyEstimated altQtyUnitCode altQtyUnitAbbr altQty isAltQtyEstimated grossWgt
    isGrossWgtEstimated fobvalue legacyEstimationFlag isReported isAggregate""".split()
)
# UNSD spells some fields in two ways ("cifValue", "isnetWgtEstimated").
NAMES = {field.lower(): field for field in (*READ, *LEFT_OUT)}

# The pages of comtrade.un.org before 2023. `Flag` 4 and 6 mark an estimated net weight.
LEGACY = {
    "Classification": "classificationCode",
    "Period": "period",
    "Trade Flow Code": "legacyFlow",
    "Reporter Code": "reporterCode",
    "Partner Code": "partnerCode",
    "2nd Partner Code": "partner2Code",
    "Customs Proc. Code": "customsCode",
    "Mode of Transport Code": "motCode",
    "Commodity Code": "cmdCode",
    "Qty Unit Code": "qtyUnitCode",
    "Qty": "qty",
    "Netweight (kg)": "netWgt",
    "Trade Value (US$)": "primaryValue",
    "Flag": "legacyFlag",
}
LEGACY_LEFT_OUT = frozenset(
    """Year|Period Desc.|Aggregate Level|Is Leaf Code|Trade Flow|Reporter|Reporter ISO|Partner
    |Partner ISO|2nd Partner|2nd Partner ISO|Customs|Mode of Transport|Commodity|Qty Unit
    |Alt Qty Unit Code|Alt Qty Unit|Alt Qty|Gross weight (kg)|CIF Trade Value (US$)
    |FOB Trade Value (US$)""".replace("\n    ", "").split("|")
)
# Its "Trade Value" of an import is CIF by the database's own rule; the CIF column stays empty.
# Italy was 381 then.
LEGACY_SQL = """(select * replace (
        case "reporterCode" when '381' then '380' else "reporterCode" end as "reporterCode",
        case "partnerCode" when '381' then '380' else "partnerCode" end as "partnerCode"),
    'C' as "typeCode", '0' as "mosCode", 'true' as "isOriginalClassification",
    case length(period) when 4 then 'A' else 'M' end as "freqCode",
    case "legacyFlow" when '1' then 'M' when '2' then 'X' when '3' then 'RX' when '4' then 'RM'
        else "legacyFlow" end as "flowCode",
    case when "legacyFlag" in ('4', '6') then 'true' else 'false' end as "isNetWgtEstimated",
    "primaryValue" as cifvalue from {rows})"""


def rows(raw: RawFile, connection: DuckDBPyConnection) -> _read.Rows:
    """Return SQL that reads the fields in `READ`, as text, from any of the four layouts.

    Raises:
        SourceError: The file is none of them, or it is the publisher's message about an error.
        DriftError: It has a field we have never seen.
        TruncatedError: It is as long as the publisher's limit.
    """
    start = _read.head(raw.path).lstrip(b"\xef\xbb\xbf \r\n\t")
    if start.startswith(b"{"):
        return _json(raw, connection)
    if start.startswith(b"<"):
        raise SourceError(
            f"{raw.path.name}: a web page; expected data; the publisher's service may be down or "
            "ask for a login: open the page to see why, then download again"
        )
    if b"\0" in start:
        raise SourceError(
            f"{raw.path.name}: not text; expected the JSON, CSV or TSV that UN Comtrade gives; "
            "save a workbook as CSV, or unpack the archive"
        )
    return _table(raw, connection)


def _table(raw: RawFile, connection: DuckDBPyConnection) -> _read.Rows:
    lines = _read.text(raw.path, "latin-1").removeprefix("\xef\xbb\xbf").splitlines()
    delimiter = "\t" if "\t" in lines[0] else ","
    if not raw.locate:
        _read.verify(raw.path, utf8=delimiter == "\t")
    header = _read.fields(lines[0], delimiter)
    if "Classification" in header:
        columns = _known(raw.path, header, LEGACY, LEGACY_LEFT_OUT, LEGACY)
    else:
        found = [NAMES.get(field.lower(), field) for field in header]
        columns = _known(raw.path, found, dict.fromkeys(READ), LEFT_OUT, {})
    first = lines[1] if len(lines) > 1 else ""
    if not first:
        raise SourceError(_nothing(raw.path))
    # comtradeplus ends every row with a comma, so rows have one field more than the header.
    spare = _read.fields(first, delimiter)[len(columns) :]
    if spare == [""]:
        columns = [*columns, "_spare"]
    reading = _read.csv_rows(
        raw.path,
        columns,
        delimiter=delimiter,
        skip=1,
        quoted='"' if delimiter == "," or first.startswith('"') else "",
        encoding="latin-1" if delimiter == "," else "utf-8",
        locate=raw.locate,
    )
    if delimiter == "," and not raw.locate:
        [(count,)] = connection.sql(f"select count(*) from {reading.sql}").fetchall()
        _whole(raw.path, count)
    if "_spare" in columns:
        shifted = reading.problem(
            "Source",
            "'a value after the last column: ' || _spare || "
            "'; expected rows as long as the header; download the file again'",
        )
        whole = f"case when coalesce(_spare, '') = '' then true else {shifted} end"
        reading = _read.Rows(f"(from {reading.sql} where {whole})", reading.at)
    if "legacyFlow" in columns:
        return _read.Rows(LEGACY_SQL.format(rows=reading.sql), reading.at)
    return reading


def _json(raw: RawFile, connection: DuckDBPyConnection) -> _read.Rows:
    _read.verify(raw.path)
    answer = _answer(raw.path)
    if error := answer.get("error") or answer.get("message"):
        raise SourceError(
            f"{raw.path.name}: the publisher answered with an error ({error}); expected data; "
            "correct the request or the key and ask again"
        )
    if new := sorted(answer.keys() - {"elapsedTime", "count", "data", "error"}):
        raise DriftError(_new_fields(raw.path, new))
    records: list[dict[str, Any]] = answer.get("data") or []
    if not records:
        raise SourceError(_nothing(raw.path))
    _whole(raw.path, len(records))
    found = {NAMES.get(field.lower(), field): field for field in set().union(*records)}
    _known(raw.path, list(found), dict.fromkeys(READ), LEFT_OUT, {})
    # An answer has 250,000 records at most, so its columns fit in memory.
    columns = {field: [record.get(found[field]) for record in records] for field in READ}
    texts = {
        field: pa.array((None if v is None else str(v) for v in column), pa.string())
        for field, column in columns.items()
    }
    table = f"_entrepot_answer_{next(_answers)}"
    connection.register(table, pa.table(texts))
    return _read.numbered(table, 0, raw.locate, "record")


def _answer(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        packed = _read.is_gzip(file.read(2))
    data = gzip.decompress(path.read_bytes()) if packed else path.read_bytes()
    try:
        answer: dict[str, Any] = json.loads(data)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise SourceError(
            f"{path.name}: cannot be read as JSON ({error}); expected a whole answer of the API; "
            "ask for it again"
        ) from error
    return answer


def _known(
    path: Path,
    found: list[str],
    wanted: dict[str, str | None] | dict[str, str],
    left_out: frozenset[str],
    names: dict[str, str],
) -> list[str]:
    if new := sorted(set(found) - set(wanted) - left_out):
        raise DriftError(_new_fields(path, new))
    if missing := sorted(set(wanted) - set(found)):
        raise SourceError(
            f"{path.name}: no field {', '.join(missing)}; expected all fields of a Comtrade "
            "record; download the file again with all of them"
        )
    if twice := sorted({field for field in found if found.count(field) > 1}):
        raise DriftError(
            f"{path.name}: field {', '.join(twice)} appears twice; expected once; "
            "download the file again"
        )
    return [names.get(field, field) for field in found]


def _new_fields(path: Path, new: list[str]) -> str:
    return (
        f"{path.name}: unknown field {', '.join(new)}; expected the 47 fields of a Comtrade "
        "record; update entrepot, or report the new field"
    )


def _nothing(path: Path) -> str:
    return (
        f"{path.name}: no records: not published yet or nothing to report; expected data; "
        "ask the publisher's list of available periods"
    )


def _whole(path: Path, count: int) -> None:
    if count in LIMITS:
        raise TruncatedError(
            f"{path.name}: exactly {count:,} records, the publisher's limit, so rows are missing; "
            "expected fewer; ask again for one reporter, one period or fewer products at a time"
        )
