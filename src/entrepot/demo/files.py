"""Files: reported cells written as the publishers write them."""

from __future__ import annotations

import gzip
import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from entrepot.demo.places import FIRST_YEAR, ISO3, SHOWN, Floats, Ints, day
from entrepot.demo.products import REPORTED_CODES
from entrepot.demo.reports import EXPORT, IMPORT, DemoCells
from entrepot.reference import countries, rates

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

_LABEL = "SYNTHETIC"
_COMTRADE_ISO = {"TWN": "S19"}
"""Comtrade's own letters where they are not ISO's."""
WORLD = len(ISO3)
"""Partner number of rows that sum all partners."""
_FLOWS = (("X", "Export"), ("M", "Import"), ("RX", "Re-export"))
_GZIP_LEVEL = 3


def _labels(scheme: str) -> list[str]:
    return [countries.code(str(iso3), scheme) for iso3 in ISO3]


def _lookup(values: Any, index: Ints) -> pa.Array:
    """Return values[index] as text, or whatever type the values have."""
    return pa.array(values).take(pa.array(index))


def comtrade_table(cells: DemoCells) -> pa.Table:
    """Return the 47 columns of a Comtrade record, in its order, with SYNTHETIC as labels."""
    rows = len(cells)
    year, month = FIRST_YEAR + cells.month // 12, cells.month % 12 + 1
    period = year * 100 + month
    codes = _labels("comtrade")
    names = [_COMTRADE_ISO.get(iso3, iso3) for iso3 in ISO3.tolist()]
    is_import = cells.flow == IMPORT
    is_known = ~np.isnan(cells.mass)
    unit = np.where(~is_known, 0, np.where(np.isnan(cells.units), 1, 2))
    quantity = np.where(unit == 1, cells.mass, cells.units)
    value = pa.array(cells.usd.astype(np.int64))
    nothing = pa.nulls(rows, pa.float64())

    def same(constant: Any) -> pa.Array:
        return pa.repeat(pa.scalar(constant), rows)

    columns = {
        "typeCode": same("C"),
        "freqCode": same("M"),
        "refPeriodId": pa.array(period * 100 + 1),
        "refYear": pa.array(year),
        "refMonth": pa.array(month),
        "period": _text(period),
        "reporterCode": _lookup([int(code) for code in codes], cells.reporter),
        "reporterISO": _lookup(names, cells.reporter),
        "reporterDesc": same(_LABEL),
        "flowCode": _lookup([code for code, _ in _FLOWS], cells.flow),
        "flowDesc": _lookup([text for _, text in _FLOWS], cells.flow),
        "partnerCode": _lookup([*map(int, codes), 0], cells.partner),
        "partnerISO": _lookup([*names, "W00"], cells.partner),
        "partnerDesc": same(_LABEL),
        "partner2Code": same(0),
        "partner2ISO": same("W00"),
        "partner2Desc": same("World"),
        "classificationCode": _lookup(["H4", "H5", "H6"], cells.revision),
        "classificationSearchCode": same("HS"),
        "isOriginalClassification": same(True),
        "cmdCode": _lookup(REPORTED_CODES, cells.code),
        "cmdDesc": same(_LABEL),
        "aggrLevel": same(6),
        "isLeaf": same(True),
        "customsCode": same("C00"),
        "customsDesc": same("TOTAL CPC"),
        "mosCode": same("0"),
        "motCode": same(0),
        "motDesc": same("TOTAL MOT"),
        "qtyUnitCode": _lookup([-1, 8, 5], unit),
        "qtyUnitAbbr": _lookup(["N/A", "kg", "u"], unit),
        "qty": _numbers(quantity),
        "isQtyEstimated": same(False),
        "altQtyUnitCode": same(-1),
        "altQtyUnitAbbr": same("N/A"),
        "altQty": nothing,
        "isAltQtyEstimated": same(False),
        "netWgt": _numbers(cells.mass),
        "isNetWgtEstimated": pa.array(is_known & (cells.code % 11 == 0)),
        "grossWgt": nothing,
        "isGrossWgtEstimated": same(False),
        "cifvalue": pc.if_else(pa.array(is_import), value, None),
        "fobvalue": pc.if_else(pa.array(is_import), None, value),
        "primaryValue": value,
        "legacyEstimationFlag": same(0),
        # Monthly totals are sums of transport modes and procedures, and say so.
        "isReported": same(False),
        "isAggregate": same(True),
    }
    return pa.table(columns)


def _text(numbers: Ints) -> pa.Array:
    return pc.cast(pa.array(numbers), pa.string())


def _numbers(values: Floats) -> pa.Array:
    return pa.array(values, mask=np.isnan(values))


def write_bulk(cells: DemoCells, path: Path) -> None:
    """Write Comtrade's bulk layout: tab-separated, gzip, the same bytes on every run."""
    text = _csv(comtrade_table(cells), delimiter="\t")
    path.write_bytes(gzip.compress(text, compresslevel=_GZIP_LEVEL, mtime=0))


def write_comtradeplus(cells: DemoCells, path: Path) -> None:
    """Write a download of the Comtrade web page: latin-1, a comma too many on every row."""
    table = comtrade_table(cells)
    text = pa.table({name: pc.cast(table[name], pa.string()) for name in table.column_names})
    header, body = _csv(text, quoting="all_valid").decode().split("\n", 1)
    # Sic: the publisher's rows end with a comma, its header does not.
    path.write_bytes(f"{header}\n{body.replace(chr(10), f',{chr(10)}')}".encode("latin-1"))


def write_api(cells: DemoCells, path: Path) -> None:
    """Write an answer of the Comtrade API v1."""
    records = comtrade_table(cells).to_pylist()
    answer = {"elapsedTime": "0.1 secs", "count": len(records), "data": records, "error": ""}
    path.write_text(json.dumps(answer, separators=(",", ":")), encoding="utf-8")


def write_sdmx(cells: DemoCells, path: Path, published: date) -> None:
    """Write an extraction of Eurostat's DS-045409 as SDMX-CSV: EUR and 100 kg, CN8 products."""
    shares, suffix, row = _cn8(cells)
    cells = cells.take(row)
    value = np.round(cells.usd * shares / _usd_per_eur()[cells.month])
    mass = np.round(cells.mass * shares / 100, 2)
    has_mass = ~np.isnan(mass)
    indicator = np.concatenate([np.zeros(len(cells), int), np.ones(int(has_mass.sum()), int)])
    number = np.concatenate([np.arange(len(cells)), np.flatnonzero(has_mass)])
    observed = np.concatenate([value, mass[has_mass]])
    order = np.lexsort((indicator, number))
    number, indicator, observed = number[order], indicator[order], observed[order]
    codes = _labels("comext")
    months = [f"{day(at):%Y-%m}" for at in range(SHOWN)]

    def same(constant: str) -> pa.Array:
        return pa.repeat(pa.scalar(constant), len(number))

    products = pc.binary_join_element_wise(
        _lookup(REPORTED_CODES, cells.code), _lookup(["00", "10", "90"], suffix), ""
    )
    columns = {
        "DATAFLOW": same("ESTAT:DS-045409(1.0)"),
        "LAST UPDATE": same(f"{published:%d/%m/%y} 23:00:00"),
        "freq": same("M"),
        "reporter": _lookup(codes, cells.reporter[number]),
        "partner": _lookup(codes, cells.partner[number]),
        "product": products.take(pa.array(number)),
        "flow": _lookup(["1", "2"], (cells.flow[number] == EXPORT).astype(np.int64)),
        "indicators": _lookup(["VALUE_IN_EUROS", "QUANTITY_IN_100KG"], indicator),
        "TIME_PERIOD": _lookup(months, cells.month[number]),
        "OBS_VALUE": pa.array(observed),
    }
    path.write_bytes(_csv(pa.table(columns)))


def _cn8(cells: DemoCells) -> tuple[Floats, Ints, Ints]:
    """Return share, suffix and row: one subheading in six has two CN8 codes."""
    divided = cells.code % 6 == 0
    row = np.repeat(np.arange(len(cells)), np.where(divided, 2, 1))
    second = np.concatenate([[False], row[1:] == row[:-1]])
    suffix = np.where(divided[row], np.where(second, 2, 1), 0)
    return np.array([1.0, 0.3, 0.7])[suffix], suffix, row


def _usd_per_eur() -> Floats:
    """Return the ECB's mean rate of each month shown."""
    means = rates.monthly_means("EUR").to_pydict()
    known = dict(zip(means["period"], means["usd_per_unit"], strict=True))
    return np.array([known[day(at)] for at in range(SHOWN)])


def _csv(table: pa.Table, delimiter: str = ",", quoting: str = "none") -> bytes:
    buffer = io.BytesIO(f"{delimiter.join(table.column_names)}\n".encode())
    buffer.seek(0, io.SEEK_END)
    options = csv.WriteOptions(include_header=False, delimiter=delimiter, quoting_style=quoting)
    csv.write_csv(table, buffer, options)
    return buffer.getvalue()
