"""Truth: by hand; what tools make of a publisher's table is read, or refused with the remedy."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from entrepot.errors import EntrepotError
from support.comtrade_record import RECORD
from support.publisher_files import START, case, sdmx, table, taken, values, write

REPORTED = [(4200.0, "reported")]


def snake(name):
    return re.sub("(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def framed(*changes, tool):
    """The table as a tool writes it."""
    records = [RECORD | change for change in changes]
    header, missing, yes = list(RECORD), "", ("True", "False")
    if tool == "R":
        missing, yes = "NA", ("TRUE", "FALSE")
    out = io.StringIO()
    quoting = csv.QUOTE_NONNUMERIC if tool == "R" else csv.QUOTE_MINIMAL
    writer = csv.writer(out, lineterminator="\n", quoting=quoting)
    has_index = tool in ("client", "R")
    writer.writerow(
        ([""] if has_index else []) + [snake(h) if tool == "comtradr" else h for h in header]
    )
    for number, record in enumerate(records):
        cells = [
            missing if value is None else yes[not value] if isinstance(value, bool) else value
            for value in record.values()
        ]
        if tool == "pandas":
            cells = [float(c) if type(c) is int or str(c).isdigit() else c for c in cells]
        writer.writerow(([number] if has_index else []) + cells)
    return out.getvalue()


@pytest.mark.parametrize("tool", ["client", "R", "comtradr", "pandas"])
def test_comtrade_as_a_data_frame(tmp_path, tool):
    path = write(tmp_path, "in.csv", framed({}, {"partnerCode": 417, "netWgt": None}, tool=tool))
    first, second = taken(tmp_path, "comtrade", path)
    assert values([first, second]) == REPORTED * 2
    assert (first["partner"], first["product"], first["net_mass_kg"]) == ("KAZ", "854231", 12.5)
    assert (first["quantity"], first["quantity_unit"], first["mass_status"]) == (
        70,
        "u",
        "estimated",
    )
    assert (second["partner"], second["net_mass_kg"]) == ("KGZ", None)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-8", "latin-1"])
@pytest.mark.parametrize("delimiter", [";", "\t", ","])
def test_comtrade_as_excel_saves_it(tmp_path, encoding, delimiter):
    if encoding == "latin-1" and delimiter == "\t":
        pytest.skip("tables of tabs are UTF-8")
    text = table({"cmdCode": '="010121"', "cmdDesc": "Horses"}, delimiter=delimiter)
    path = write(tmp_path, "in.csv", text, encoding)
    [row] = taken(tmp_path, "comtrade", path)
    assert (row["product"], row["value_local"]) == ("010121", 4200.0)


def test_a_line_that_names_the_delimiter(tmp_path):
    path = write(tmp_path, "in.csv", "sep=;\n" + table({}, delimiter=";"))
    assert values(taken(tmp_path, "comtrade", path)) == REPORTED


def test_a_list_as_text(tmp_path):
    change = {"cmdCode": "['854231']", "partnerCode": "[398]"}
    [row] = taken(tmp_path, "comtrade", write(tmp_path, "in.csv", table(change)))
    assert (row["product"], row["partner"]) == ("854231", "KAZ")
    two = write(tmp_path, "two.csv", table({"cmdCode": "['854231', '854232']"}))
    with pytest.raises(EntrepotError, match=r"^two.csv: unknown cmdCode \['854231', '854232'\]"):
        taken(tmp_path, "comtrade", two)


def test_zeros_that_a_tool_took_off_are_refused(tmp_path):
    path = write(tmp_path, "in.csv", framed({"cmdCode": "010121"}, tool="pandas"))
    with pytest.raises(EntrepotError, match=r"^in.csv: unknown cmdCode 10121;.*leading zeros"):
        taken(tmp_path, "comtrade", path)


def test_an_index_that_is_none_is_refused(tmp_path):
    text = framed({}, {}, tool="client").replace("\n1,", "\n7 Mar,")
    with pytest.raises(EntrepotError, match=r"^in.csv: index 7 Mar in the first column.*line 3"):
        taken(tmp_path, "comtrade", write(tmp_path, "in.csv", text))


@pytest.mark.parametrize("name", ["Åland Islands", "Curaçao", "Côte d'Ivoire", "\x85", "\x1c\x0c"])
def test_any_letter_in_the_first_row(tmp_path, name):
    text = table({"partnerDesc": name, "partnerCode": 398}, quoting=csv.QUOTE_ALL)
    assert values(taken(tmp_path, "comtrade", write(tmp_path, "in.csv", text))) == REPORTED


def dumped(*records, form):
    if form == "lines":
        return "".join(json.dumps(record) + "\n" for record in records)
    if form == "text":
        return json.dumps({"count": len(records), "data": json.dumps(records)})
    columns = {name: [record[name] for record in records] for name in RECORD}
    if form == "columns":
        return json.dumps({name: dict(enumerate(column)) for name, column in columns.items()})
    return json.dumps(list(records))


@pytest.mark.parametrize("form", ["records", "lines", "text"])
def test_records_as_json(tmp_path, form):
    floats = {"reporterCode": 792.0, "cmdCode": ["854231"], "motCode": 0.0, "partnerCode": 398.0}
    text = dumped(RECORD | floats, RECORD | {"cmdCode": "8542", "netWgt": float("nan")}, form=form)
    rows = taken(tmp_path, "comtrade", write(tmp_path, "in.json", text))
    assert [(row["product"], row["net_mass_kg"]) for row in rows] == [
        ("8542", None),
        ("854231", 12.5),
    ]


def test_one_record_a_line(tmp_path):
    path = write(tmp_path, "in.jsonl", dumped(RECORD, form="lines"))
    assert values(taken(tmp_path, "comtrade", path)) == REPORTED
    path = write(tmp_path, "b.jsonl", dumped(RECORD, RECORD, form="lines")[:-20])
    with pytest.raises(EntrepotError, match=r"^b.jsonl: cannot be read as JSON"):
        taken(tmp_path, "comtrade", path)


def test_columns_as_json_name_the_tool_and_the_remedy(tmp_path):
    path = write(tmp_path, "in.json", dumped(RECORD, form="columns"))
    with pytest.raises(EntrepotError, match=r"as pandas saves one.*to_json\(orient='records'\)"):
        taken(tmp_path, "comtrade", path)


@pytest.mark.parametrize("header", ["Trade.Value..US..", "Trade Value (US$)"])
def test_the_old_site_s_table_through_r(tmp_path, header):
    names = (
        "Classification,Year,Period,Period Desc.,Aggregate Level,Is Leaf Code,Trade Flow Code,"
        "Trade Flow,Reporter Code,Reporter,Reporter ISO,Partner Code,Partner,Partner ISO,"
        "2nd Partner Code,2nd Partner,2nd Partner ISO,Customs Proc. Code,Customs,"
        "Mode of Transport Code,Mode of Transport,Commodity Code,Commodity,Qty Unit Code,Qty Unit,"
        "Qty,Alt Qty Unit Code,Alt Qty Unit,Alt Qty,Netweight (kg),Gross weight (kg),"
        "Trade Value (US$),CIF Trade Value (US$),FOB Trade Value (US$),Flag"
    )
    row = (
        "H5,2019,2019,2019,6,1,1,Import,381,Italy,ITA,0,World,WLD,NA,NA,NA,NA,NA,NA,NA,010121,"
        "Horses,1,No Quantity,0,NA,NA,NA,310,NA,900,NA,NA,4"
    )
    if header.startswith("Trade.V"):
        names = ",".join(re.sub("[^A-Za-z0-9]", ".", n) for n in names.split(","))
        names = names.replace("2nd", "X2nd")
    [found] = taken(tmp_path, "comtrade", write(tmp_path, "in.csv", f"{names}\n{row}\n"))
    assert (found["value_local"], found["net_mass_kg"]) == (900.0, 310.0)


# Eurostat's SDMX-CSV

DIMENSIONS = "freq,reporter,partner,product,flow,indicators,TIME_PERIOD,OBS_VALUE"
NEW = "dataflow,ESTAT:DS-059341(1.0)"
LAYOUTS = {
    "2.0": (
        f"STRUCTURE,STRUCTURE_ID,ACTION,{DIMENSIONS},OBS_FLAG,CONF_STATUS",
        f"{NEW},I,M,DE,RU,854231,2,VALUE_EUR,2023-01,500,,",
    ),
    "labels behind": (
        "STRUCTURE,STRUCTURE_ID,freq:Time frequency,reporter:Reporter,partner:Partner,"
        "product:Product,flow:Flow,indicators:Indicators,TIME_PERIOD:Time,OBS_VALUE:Value,"
        "OBS_FLAG:Flag",
        f"{NEW},M:Monthly,DE:Germany,RU:Russia,854231:Processors: all,2:EXPORT,"
        "VALUE_EUR:Value in euros,2023-01,500,e:estimated",
    ),
    "labels beside": (
        "STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,freq,Time frequency,reporter,Reporter,partner,"
        "Partner,product,Product,flow,Flow,indicators,Indicators,TIME_PERIOD,Time,OBS_VALUE,"
        "Observation value,OBS_FLAG,Observation status (Flag),CONF_STATUS,Confidentiality",
        f'{NEW},"EU trade, all",M,Monthly,DE,Germany,RU,Russia,854231,x,2,EXPORT,VALUE_EUR,x,'
        "2023-01,,500,,e,estimated,,",
    ),
}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts_of_sdmx_csv(tmp_path, layout, delimiter):
    rows = list(csv.reader(LAYOUTS[layout]))
    text = "\n".join(delimiter.join(cell.replace(", ", " ") for cell in row) for row in rows) + "\n"
    [row] = taken(tmp_path, "eurostat", write(tmp_path, "in.csv", text))
    assert (row["reporter"], row["partner"], row["product"]) == ("DEU", "RUS", "854231")
    assert values([row]) == [(500.0, "reported" if layout == "2.0" else "estimated")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_sdmx_csv_through_excel_and_pandas(tmp_path, encoding):
    path = sdmx(tmp_path, f"{START},2023-01,500", f"{START},2023-02,600")
    lines = path.read_text().splitlines()
    text = "\n".join([f",{lines[0]}", *(f"{n},{line}" for n, line in enumerate(lines[1:])), ""])
    rows = taken(tmp_path, "eurostat", write(tmp_path, "in.csv", text, encoding))
    assert [row["value_local"] for row in rows] == [500.0, 600.0]


# US Census

ANSWER = [
    ["CTY_CODE", "CTY_NAME", "E_COMMODITY", "ALL_VAL_MO", "QTY_1_MO", "UNIT_QY1", "time"],
    ["-", "TOTAL FOR ALL COUNTRIES", "854231", "20000", "12", "NO", "2023-01"],
    ["0003", "EUROPEAN UNION", "854231", "12000", "12", "NO", "2023-01"],
    ["0014", "PACIFIC RIM COUNTRIES", "854231", "100", "12", "NO", "2023-01"],
    ["1XXX", "NORTH AMERICA", "854231", "5000", "12", "NO", "2023-01"],
    ["4634", "KAZAKHSTAN", "854231", "9000", "7", "NO", "2023-01"],
]


@pytest.mark.parametrize("form", ["answer", "flat", "pandas", "R", "excel"])
def test_census_without_the_level_of_summary(tmp_path, form):
    lines = [",".join(row) for row in ANSWER]
    text = json.dumps(ANSWER) if form == "answer" else "\n".join([*lines, ""])
    if form == "pandas":
        text = "\n".join([f",{lines[0]}", *(f"{n},{line}" for n, line in enumerate(lines[1:])), ""])
        text = text.replace("854231,", "854231.0,").replace(",12,NO", ",,NO")
    if form == "R":
        text = text.replace(",12,NO", ",NA,NO")
    if form == "excel":
        text = text.replace("854231", '"=""854231"""').replace(",", ";")
    path = write(tmp_path, f"in.{form}", text, "utf-16" if form == "excel" else "utf-8")
    first, second = taken(tmp_path, "census", path)
    assert [(row["partner"], row["value_local"]) for row in (first, second)] == [
        ("KAZ", 9000.0),
        ("WLD", 20_000.0),
    ]
    assert (first["product"], first["quantity"]) == ("854231", 7.0)


@pytest.mark.parametrize(
    ("name", "source", "expected"),
    [
        ("44-ct-index-column", "comtrade", [1000.0, 1000.0]),
        ("45-ct-r-na", "comtrade", [1000.0, 1000.0]),
        ("46-ct-comtradr-snake", "comtrade", [1000.0]),
        ("47-ct-first-row-c3-85", "comtrade", [1000.0, 1000.0]),
        ("82-es-sdmx2-header", "eurostat", [500.0]),
        ("83-es-sdmx-labels", "eurostat", [500.0]),
        ("91-es-last-update-us", "eurostat", [500.0]),
        ("93-es-semicolon", "eurostat", [500.0]),
        ("B0-ce-groups-without-summary-lvl", "census", [9000.0, 20_000.0]),
        ("B3-ce-flat-csv", "census", [9000.0]),
    ],
)
def test_the_collected_cases(tmp_path, name, source, expected):
    assert [row["value_local"] for row in taken(tmp_path, source, case(name))] == expected


def test_real_rows_of_the_census_as_a_table(tmp_path, shared_data):
    path = shared_data / "census" / "hs6_imports_2019_head.csv"
    rows = taken(tmp_path, "census", path)
    fish = {
        row["period"].month: row["value_local"]
        for row in rows
        if (row["partner"], row["product"]) == ("WLD", "030111")
    }
    assert (fish[1], fish[2]) == (3_632_112.0, 2_915_767.0)
