"""What the tests of the cases share: files in publishers' layouts, and a store to take them."""

from __future__ import annotations

import csv
import io
import json

import pytest

from entrepot.workspace import Workspace
from support.comtrade_record import RECORD
from support.shared import SHARED

CASES = SHARED / "cases"
EUROSTAT = (
    "DATAFLOW,LAST UPDATE,freq,reporter,partner,product,flow,indicators,TIME_PERIOD,OBS_VALUE"
)
START = "ESTAT:DS-045409(1.0),15/03/24 11:00:00,M,DE,RU,854231,2,VALUE_IN_EUROS"
BULK = (
    "REPORTER,PARTNER,TRADE_TYPE,PRODUCT_NC,PRODUCT_SITC,PRODUCT_CPA21,PRODUCT_CPA22,PRODUCT_BEC,"
    "PRODUCT_BEC5,PRODUCT_SECTION,FLOW,STAT_PROCEDURE,SUPPL_UNIT,PERIOD,VALUE_EUR,VALUE_NAC,"
    "QUANTITY_KG,QUANTITY_SUPPL_UNIT"
)
BULK_ROW = "DE,RU,E,85423190,77641,2611,2611,220,211210,16,2,1,PST,202301,{},1000,{},{}"
OTS = {
    "MonthId": 202301,
    "FlowTypeId": 4,
    "SuppressionIndex": 0,
    "CommodityId": 85423111,
    "CommoditySitcId": 77641,
    "CountryId": 79,
    "PortId": 131,
    "Value": 5000.0,
    "NetMass": 12.0,
    "SuppUnit": 30.0,
    "Country": {"CountryCodeAlpha": "KZ"},
}
HONGKONG = {
    "freq": "M",
    "period": "202301",
    "ttype": "4",
    "cc": "RU",
    "codeclass": "HKHS6",
    "code": "854231",
    "sv": "VCm",
    "figure": "7",
    "unitEN": "HK$'000",
}


def taken(folder, source, *paths, told=None, **options):
    """Take files into a store in a folder; return its flows as rows, sorted."""
    desk = Workspace(folder / "store")
    desk.ingest(source, paths, progress=(told.append if told is not None else str), **options)
    rows = desk.flows.to_pyarrow().to_pylist()
    return sorted(rows, key=lambda row: (row["partner"], str(row["period"]), row["product"]))


def values(rows):
    """Return the values of rows in the publisher's currency, with their status."""
    return [(row["value_local"], row["status"]) for row in rows]


def case(name):
    """Return the file of a collected case, or skip."""
    if not (CASES / name).is_dir():
        pytest.skip(f"the collected cases are not here: {CASES} is absent")
    return next((CASES / name).glob("in.*"))


def write(folder, name, text, encoding="utf-8"):
    """Write a file."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def api(folder, *changes, name="answer.json", **top):
    """Write an answer of UN Comtrade's API."""
    data = [RECORD | change for change in changes]
    answer = {"elapsedTime": "0.1 secs", "count": len(data), "data": data, "error": ""} | top
    return write(folder, name, json.dumps(answer))


def table(*changes, delimiter=",", header=None, **format_):
    """Return UN Comtrade's records as a table of text."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n", **format_)
    writer.writerow(header or RECORD)
    writer.writerows((RECORD | change).values() for change in changes)
    return out.getvalue()


def ots(folder, *changes, name="ots.json", **top):
    """Write an answer of HMRC."""
    records = [OTS | change for change in changes]
    return write(folder, name, json.dumps({"@odata.context": "x", "value": records} | top))


def idds(folder, *changes, name="idds.json"):
    """Write an answer of Hong Kong's service."""
    records = [HONGKONG | change for change in changes]
    header = {"status": {"name": "Success"}, "count": {"noOfRecords": len(records)}}
    return write(folder, name, json.dumps({"header": header, "dataSet": records}))


def sdmx(folder, *lines, header=EUROSTAT, name="ds.csv"):
    """Write SDMX-CSV of Eurostat."""
    return write(folder, name, "\n".join([header, *lines, ""]))


def bulk(folder, *rows, name="full_v2_202301.csv"):
    """Write a bulk file of Comext: (value, mass, quantity) per row."""
    return write(folder, name, "\n".join([BULK, *(BULK_ROW.format(*row) for row in rows), ""]))
