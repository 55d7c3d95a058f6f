"""UN Comtrade's four file layouts, recognised by content and given one set of names."""

from __future__ import annotations

import re
from dataclasses import replace
from math import isnan
from typing import TYPE_CHECKING, Any

from entrepot.errors import DriftError, SourceError, TruncatedError
from entrepot.sources import _json_records, _raised, _read, _saved
from entrepot.sources._bytes import is_utf8

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from entrepot.contracts import RawFile

LIMITS = (500, 100_000, 250_000, 1_048_575)
"""Rows of one answer: without a key, with a free key, with a premium key. Cut without a word, as
Excel cuts a table at its last line."""

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
CODES = (
    *("typeCode", "freqCode", "period", "reporterCode", "flowCode", "partnerCode", "partner2Code"),
    *("classificationCode", "isOriginalClassification", "cmdCode", "customsCode", "mosCode"),
    *("motCode", "qtyUnitCode", "isNetWgtEstimated"),
)


def key(name: str) -> str:
    """Return a field's name as its letters and digits.

    UNSD spells some fields in two ways ("cifValue", "isnetWgtEstimated"); comtradr writes
    cmd_code, R writes Trade.Value..US.. and X2nd.Partner.Code.
    """
    return re.sub("^x(?=2nd)", "", re.sub("[^a-z0-9]", "", name.lower()))


NAMES = {key(field): field for field in (*READ, *LEFT_OUT)}

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
LEGACY_NAMES = {key(name): ours for name, ours in LEGACY.items()} | {
    key(name): name for name in LEGACY_LEFT_OUT
}
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


def rows(raw: RawFile, connection: DuckDBPyConnection) -> tuple[_read.Rows, tuple[str, ...]]:
    """Return SQL that reads the fields in `READ`, as text, from any of the four layouts.

    With it come notes for people. Tables and records that the official Python client, comtradr, R,
    pandas or Excel wrote again are read like the publisher's.

    Raises:
        SourceError: The file is none of them, or it is the publisher's message about an error.
        DriftError: It has a field we have never seen.
        TruncatedError: It is as long as the publisher's limit, or ends before its end.
    """
    start = _read.head(raw.path).lstrip(b"\xef\xbb\xbf \r\n\t")
    if start.startswith((b"{", b"[")):
        return _json(raw, connection)
    if start.startswith(b"<"):
        raise SourceError(
            f"{raw.path.name}: a web page; expected data; the publisher's service may be down or "
            "ask for a login: open the page to see why, then download again"
        )
    if b"\0" in start.rstrip(b"\0") and not start.startswith(_saved.WIDE):
        raise SourceError(
            f"{raw.path.name}: not text; expected the JSON, CSV or TSV that UN Comtrade gives; "
            "save a workbook as CSV, or unpack the archive"
        )
    return _table(raw, connection)


def _table(raw: RawFile, connection: DuckDBPyConnection) -> tuple[_read.Rows, tuple[str, ...]]:
    table = _saved.look(raw, connection, "latin-1")
    is_bulk = table.delimiter == "\t"
    if not raw.locate:
        width = len(table.header)
        _read.verify(table.path, utf8=is_bulk, columns=width, delimiter=table.delimiter)
    columns = _columns(raw.path, table.header)
    if table.first is None or table.first == [""]:
        raise SourceError(_nothing(raw.path))
    # comtradeplus ends every row with a comma, so rows have one field more than the header.
    spare = table.first[len(columns) :]
    if spare == [""]:
        columns = [*columns, "_spare"]
    first = dict(zip(columns, table.first, strict=False))
    is_plain = _saved.is_plain([first.get(name, "") for name in CODES])
    has_quotes = _read.text(table.path, "latin-1").split("\n", table.skip)[-1].startswith('"')
    is_official = is_bulk and is_plain and not has_quotes
    reading = _saved.rows(
        raw,
        table,
        columns,
        quoted="" if is_official else '"',
        missing=() if is_official else _saved.MISSING,
        encoding="utf-8" if is_bulk or is_utf8(table.path) else "latin-1",
    )
    notes: tuple[str, ...] = ()
    if not is_bulk and not raw.locate:
        [(count,)] = connection.sql(f"select count(*) from {reading.sql}").fetchall()
        _whole(raw.path, count)
        notes = _json_records.notes(raw.path, count)
    reading = _saved.indexed(_narrow(reading, columns), columns)
    reading = _plain(reading, columns, is_plain)
    if "legacyFlow" in columns:
        reading = _read.Rows(LEGACY_SQL.format(rows=reading.sql), reading.at)
    return replace(reading, bulk=is_official), notes


def _columns(path: Path, header: list[str]) -> list[str]:
    """Our names of the columns, in the file's order."""
    extra = frozenset({_saved.INDEX_NAME})
    if "legacyFlow" in (old := [LEGACY_NAMES.get(key(name), name) for name in header]):
        _known(path, old, set(LEGACY.values()), LEGACY_LEFT_OUT | extra)
        return old
    found = [NAMES.get(key(name), name) for name in header]
    _known(path, found, set(READ), LEFT_OUT | extra)
    return found


def _narrow(reading: _read.Rows, columns: list[str]) -> _read.Rows:
    """The rows, once nothing stands after their last column."""
    if "_spare" not in columns:
        return reading
    shifted = reading.problem(
        "Source",
        "a value after the last column: {_spare}; expected rows as long as the header; "
        "download the file again",
    )
    whole = f"case when coalesce(_spare, '') = '' then true else {shifted} end"
    return _read.Rows(f"(from {reading.sql} where {whole})", reading.at)


def _plain(reading: _read.Rows, columns: list[str], is_plain: bool) -> _read.Rows:
    """The rows with codes as the publisher writes them."""
    if is_plain:
        return reading
    codes = ", ".join(
        f"{_saved.code(_read.name(name))} as {_read.name(name)}"
        for name in dict.fromkeys((*CODES, *LEGACY.values()))
        if name in columns
    )
    return _read.Rows(f"(select * replace ({codes}) from {reading.sql})", reading.at)


def _json(raw: RawFile, connection: DuckDBPyConnection) -> tuple[_read.Rows, tuple[str, ...]]:
    records = _records(raw.path)
    if not records:
        raise SourceError(_nothing(raw.path))
    _whole(raw.path, len(records))
    spellings = sorted(set().union(*records))
    found = {NAMES.get(key(field), field): field for field in spellings}
    _known(raw.path, [NAMES.get(key(field), field) for field in spellings], set(READ), LEFT_OUT)
    # An answer has 250,000 records at most, so its columns fit in memory.
    columns = {
        field: [_saved.plain_code(record.get(found[field])) for record in records]
        if field in CODES
        else [_text(record.get(found[field])) for record in records]
        for field in READ
    }
    return (
        _json_records.rows(connection, columns, raw.locate),
        _json_records.notes(raw.path, len(records)),
    )


def _text(value: object) -> str | None:
    """A value as text; NaN is what pandas writes where nothing stands."""
    return None if value is None or (type(value) is float and isnan(value)) else str(value)


def _records(path: Path) -> list[dict[str, Any]]:
    """The records of an answer, or of a data frame saved as JSON."""
    expected = "a whole answer of the API"
    answer = _json_records.load(path, expected, lines=True, inside="data")
    if isinstance(answer, dict) and "cmdcode" in map(key, answer):
        if any(isinstance(value, dict | list) for value in answer.values()):
            raise SourceError(
                f"{path.name}: a table column by column, as pandas saves one; expected a list of "
                "records; save it with to_json(orient='records')"
            )
        answer = [answer]
    if isinstance(answer, list):
        return _json_records.records_of(path, answer, expected)
    if not isinstance(answer, dict):
        raise SourceError(f"{path.name}: no object; expected {expected}; ask for it again")
    if error := answer.get("error") or answer.get("message"):
        raise SourceError(
            f"{path.name}: the publisher answered with an error "
            f"({_raised.one_line(str(error))}); expected data; correct the request or the key and "
            "ask again"
        )
    if new := sorted(answer.keys() - {"elapsedTime", "count", "data", "error"}):
        raise DriftError(_new_fields(path, new))
    found = answer.get("data") or []
    if not isinstance(found, list):
        raise SourceError(
            f"{path.name}: data is no list; expected a list of records; ask for it again"
        )
    announced = answer.get("count")
    if announced not in (None, len(found)):
        raise TruncatedError(
            f"{path.name}: {len(found):,} of the {announced} records it announces; expected all; "
            "ask for it again"
        )
    return _json_records.records_of(path, found, expected)


def _known(path: Path, found: list[str], wanted: set[str], left_out: frozenset[str]) -> None:
    if new := sorted(set(found) - wanted - left_out):
        raise DriftError(_new_fields(path, new))
    if missing := sorted(wanted - set(found)):
        raise SourceError(
            f"{path.name}: no field {_read.some(missing, 50)}; expected all fields of a Comtrade "
            "record; download the file again with all of them"
        )
    _saved.refuse_twice(path, found, "field")


def _new_fields(path: Path, new: list[str]) -> str:
    return (
        f"{path.name}: unknown field {_read.some(new)}; expected the 47 fields of a Comtrade "
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
