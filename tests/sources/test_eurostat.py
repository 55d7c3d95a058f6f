"""Truth: workbooks and SDMX-CSV written here in Eurostat's layouts, with invented numbers."""

from __future__ import annotations

import gzip
import tomllib
from datetime import date
from importlib.resources import files

import duckdb
import openpyxl
import pytest

from entrepot.contracts import RawFile
from entrepot.errors import DriftError, DuplicateError, SourceError, UnknownCodeError
from entrepot.sources.eurostat import eurostat
from entrepot.sources.generic import generic
from support.sampled import costly

GERMANY = "Germany (incl. German Democratic Republic 'DD' from 1991)"
RUSSIA = "Russian Federation (Russia)"
ROW = {
    "freq": "M",
    "period": date(2022, 2, 1),
    "reporter": "DEU",
    "partner": "KGZ",
    "flow": "export",
    "classification": "CN2022",
    "product": "01012990",
    "valuation": "FOB",
    "value_local": 1500.0,
    "currency": "EUR",
    "net_mass_kg": None,
    "quantity": None,
    "quantity_unit": None,
    "status": "reported",
    "mass_status": None,
}


@pytest.fixture
def workbook(tmp_path):
    """Write a Data Browser workbook: one sheet per entry, (product, flow, indicator, rows)."""

    def write(*sheets, times=("2022-01", "2022-02"), partners=("Kyrgyzstan", RUSSIA), legend=()):
        book = openpyxl.Workbook()
        summary = book.active
        summary.title = "Summary"
        summary["A6"] = "EU trade since 1988 by HS2-4-6 and CN8 [DS-045409__custom_1]"
        structure = book.create_sheet("Structure")
        for row in (["Structure"], [None, "Dimension", None, "Position"]):
            structure.append(row)
        for partner in partners:
            structure.append([None, None, "PARTNER", None, partner])
        for product in sorted({sheet[0] for sheet in sheets}):
            structure.append([None, "product", "PRODUCT", product, "Invented goods"])
        for number, (product, flow, indicator, rows) in enumerate(sheets, 1):
            sheet = book.create_sheet(f"Sheet {number}")
            for row in (
                ["Data extracted on 21/01/2023 20:19:52 from [ESTAT]"],
                ["Dataset: ", "EU trade since 1988 by HS2-4-6 and CN8 [DS-045409__custom_1]"],
                ["Last updated: ", "13/01/2023 11:00"],
                [],
                ["PRODUCT [PRODUCT]", None, f"Goods, n.e.s. (excl. [others]) [{product}]"],
                ["FLOW", None, flow],
                ["INDICATORS", None, indicator],
                [],
                ["TIME", "TIME", *times],
                ["FREQ (Labels)", "FREQ (Labels)", *("Monthly" for _ in times)],
                ["REPORTER (Labels)", "PARTNER (Labels)", *(None for _ in times)],
                *rows,
                [],
                ["Special value"],
                [":", "not available"],
                *legend,
            ):
                sheet.append(row)
        path = tmp_path / "workbook.xlsx"
        book.save(path)
        return path

    return write


def goods(*rows, product="01012990", flow="EXPORT", indicator="VALUE_IN_EUROS"):
    return (product, flow, indicator, rows)


def test_workbook_gives_exactly_its_numbers(read, workbook):
    path = workbook(goods([GERMANY, "Kyrgyzstan", ":", 1500], [GERMANY, RUSSIA, ":", ":"]))
    assert read(eurostat, path) == [ROW]
    assert read.reading.published == date(2023, 1, 13)
    assert read.reading.products == ("01012990",)
    assert read.reading.partners == ("KGZ", "RUS")


def test_long_labels_of_countries_are_understood(read, workbook):
    path = workbook(goods([GERMANY, RUSSIA, 1, ":"], [GERMANY, "Belarus (Belorussia)", 2, ":"]))
    assert {row["partner"]: row["value_local"] for row in read(eurostat, path)} == {
        "RUS": 1.0,
        "BLR": 2.0,
    }


def test_indicators_of_a_cell_become_one_row(read, workbook):
    path = workbook(
        goods(["Austria", "Kyrgyzstan", ":", 1500]),
        goods(["Austria", "Kyrgyzstan", 9, 2.5], indicator="QUANTITY_IN_100KG"),
    )
    assert read(eurostat, path) == [
        ROW | {"reporter": "AUT", "net_mass_kg": 250.0, "mass_status": "reported"}
    ]


def test_import_is_cif(read, workbook):
    [row] = read(eurostat, workbook(goods(["Austria", RUSSIA, 5, ":"], flow="IMPORT")))
    assert (row["flow"], row["valuation"]) == ("import", "CIF")


@pytest.mark.parametrize(
    ("product", "month", "classification"),
    [
        ("8542", "2011-12", "HS2007"),
        ("854231", "2016-12", "HS2012"),
        ("85", "2021-12", "HS2017"),
        ("854231", "2022-01", "HS2022"),
        ("TOTAL", "2022-01", "HS2022"),
        ("85423111", "2021-12", "CN2021"),
    ],
)
def test_code_length_and_year_give_the_nomenclature(read, workbook, product, month, classification):
    path = workbook(goods(["Austria", RUSSIA, 5], product=product), times=(month,))
    [row] = read(eurostat, path)
    assert (row["product"], row["classification"]) == (product, classification)


HIDDEN = ROW | {"value_local": None, "status": "confidential"}


def test_confidential_cell_has_no_value_and_says_so(read, workbook):
    legend = [["Observation flags:"], ["c", "confidential"]]
    path = workbook(goods([GERMANY, "Kyrgyzstan", "c", 1500]), legend=legend)
    first, second = sorted(read(eurostat, path), key=lambda row: row["period"])
    assert (first, second) == (HIDDEN | {"period": date(2022, 1, 1)}, ROW)


def test_flag_beside_an_empty_cell_says_that_it_is_confidential(read, workbook):
    path = workbook(
        goods([GERMANY, "Kyrgyzstan", ":", "", ":", "c"]), times=("2022-01", None, "2022-02", None)
    )
    assert read(eurostat, path) == [HIDDEN]


def test_flag_beside_a_number_marks_an_estimate(read, workbook):
    path = workbook(
        goods([GERMANY, "Kyrgyzstan", ":", "b", 1500, "e"]),
        times=("2022-01", None, "2022-02", None),
    )
    assert read(eurostat, path) == [ROW | {"status": "estimated"}]


def test_text_in_a_value_names_sheet_row_and_column(read, workbook):
    path = workbook(goods([GERMANY, "Kyrgyzstan", ":", "1.500"]))
    message = r"workbook.xlsx: text '1.500' in a value.*sheet Sheet 1, row 12, column D \(2022-02\)"
    with pytest.raises(SourceError, match=message):
        read(eurostat, path)


def test_unknown_flag_is_named(read, workbook):
    path = workbook(goods([GERMANY, RUSSIA, 4, "w"]), times=("2022-01", None))
    with pytest.raises(DriftError, match=r"workbook.xlsx: unknown flag 'w'.*row 12, column D"):
        read(eurostat, path)


def test_unknown_country_names_sheet_and_row(read, workbook):
    path = workbook(goods([GERMANY, "Kyrgyzstan", 1, 2], [GERMANY, "Atlantis", 3, 4]))
    with pytest.raises(UnknownCodeError, match=r"workbook.xlsx: unknown country Atlantis.*row 13"):
        read(eurostat, path)


def test_unknown_indicator_is_named(read, workbook):
    path = workbook(goods([GERMANY, RUSSIA, 1, 2], indicator="PRICE_INDEX"))
    with pytest.raises(DriftError, match=r"workbook.xlsx: unknown indicator PRICE_INDEX"):
        read(eurostat, path)


def test_one_cell_on_two_sheets_is_refused(read, workbook):
    sheet = goods([GERMANY, RUSSIA, 1, 2])
    with pytest.raises(DuplicateError, match=r"workbook.xlsx: two values for one cell.*Sheet 1"):
        read(eurostat, workbook(sheet, sheet))


@pytest.mark.parametrize(
    ("cell", "value", "words"),
    [
        ("B3", "13/02/2023 11:00", "Last updated '13/02/2023 11:00'; expected '13/01/2023 11:00'"),
        ("B2", "Fisheries [FISH_1]", r"Dataset 'Fisheries \[FISH_1\]'; expected 'EU trade since"),
    ],
)
def test_a_sheet_of_another_dataset_or_day_is_refused(read, workbook, cell, value, words):
    path = workbook(*(goods([GERMANY, RUSSIA, 1, 2], product=code) for code in ("0101", "0102")))
    book = openpyxl.load_workbook(path)
    book["Sheet 2"][cell] = value
    book.save(path)
    with pytest.raises(SourceError, match=f"workbook.xlsx: sheet 'Sheet 2' has {words}"):
        read(eurostat, path)


def test_workbook_without_data_sheet_is_refused(read, workbook):
    with pytest.raises(SourceError, match=r"workbook.xlsx: no data sheet among Summary, Structure"):
        read(eurostat, workbook())


def test_broken_workbook_is_refused(read, workbook):
    path = workbook(goods([GERMANY, RUSSIA, 1, 2]))
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(SourceError, match=r"workbook.xlsx: not a workbook that can be read"):
        read(eurostat, path)


# SDMX-CSV

HEADER = (
    "DATAFLOW,LAST UPDATE,freq,reporter,partner,product,flow,indicators,TIME_PERIOD,OBS_VALUE,"
    "OBS_FLAG"
)
START = "ESTAT:DS-045409(1.0),13/01/23 11:00:00,M"


@pytest.fixture
def sdmx(tmp_path):
    def write(*lines, header=HEADER, name="ds.csv"):
        path = tmp_path / name
        text = "\n".join([header, *lines, ""]).encode()
        path.write_bytes(gzip.compress(text) if name.endswith("gz") else text)
        return path

    return write


@pytest.mark.parametrize("name", ["ds.csv", "ds.csv.gz"])
def test_sdmx_indicators_become_one_row(read, sdmx, name):
    path = sdmx(
        f"{START},DE,KG,01012990,2,VALUE_IN_EUROS,2022-02,1500,",
        f"{START},DE,KG,01012990,2,QUANTITY_IN_100KG,2022-02,2.5,e",
        f"{START},DE,KG,01012990,2,SUPPLEMENTARY_QUANTITY,2022-02,7,",
        name=name,
    )
    assert read(eurostat, path) == [
        ROW
        | {
            "net_mass_kg": 250.0,
            "mass_status": "estimated",
            "quantity": 7.0,
            "quantity_unit": "supplementary",
        }
    ]
    assert read.reading.published == date(2023, 1, 13)


def test_newer_dataset_with_kilograms_is_read(read, sdmx):
    start = "dataflow,ESTAT:DS-059341(1.0),A"
    path = sdmx(
        f"{start},GR,WORLD,TOTAL,1,VALUE_EUR,2022,1500",
        f"{start},GR,WORLD,TOTAL,1,QUANTITY_KG,2022,0",
        header=HEADER.replace("DATAFLOW,LAST UPDATE", "STRUCTURE,STRUCTURE_ID").removesuffix(
            ",OBS_FLAG"
        ),
    )
    assert read(eurostat, path) == [
        ROW
        | {
            "freq": "A",
            "period": date(2022, 1, 1),
            "reporter": "GRC",
            "partner": "WLD",
            "flow": "import",
            "valuation": "CIF",
            "classification": "HS2022",
            "product": "TOTAL",
        }
    ]
    assert read.reading.published is None


def test_namibia_is_a_country_and_not_a_missing_value(read, sdmx):
    [row] = read(eurostat, sdmx(f"{START},DE,NA,01012990,2,VALUE_IN_EUROS,2022-02,1500,"))
    assert row["partner"] == "NAM"


def test_confidential_value_has_no_value_and_says_so(read, sdmx):
    path = sdmx(
        f"{START},DE,KG,01012990,2,VALUE_IN_EUROS,2022-02,1500,",
        f"{START},DE,RU,01012990,2,VALUE_IN_EUROS,2022-02,,c",
        f"{START},DE,RU,01012990,2,QUANTITY_IN_100KG,2022-02,3,",
        f"{START},DE,AM,01012990,2,QUANTITY_IN_100KG,2022-02,,c",
    )
    first, second = sorted(read(eurostat, path), key=lambda row: row["partner"])
    hidden = {"partner": "RUS", "net_mass_kg": 300.0, "mass_status": "reported"}
    assert (first, second) == (ROW, HIDDEN | hidden)


def test_a_value_that_is_absent_and_not_confidential_gives_no_row(read, sdmx):
    path = sdmx(
        f"{START},DE,KG,01012990,2,VALUE_IN_EUROS,2022-02,1500,",
        *(
            f"{START},DE,RU,01012990,2,VALUE_IN_EUROS,2022-0{n},{v},"
            for n, v in enumerate(": nan NaN".split(), 1)
        ),
    )
    assert read(eurostat, path) == [ROW]


@pytest.mark.parametrize(
    ("line", "error", "message"),
    [
        ("DE,Y7,0101,2,VALUE_IN_EUROS,2022-02,1,", UnknownCodeError, r"unknown country Y7"),
        ("DE,KG,0101,9,VALUE_IN_EUROS,2022-02,1,", DriftError, r"unknown flow 9"),
        ("DE,KG,101,2,VALUE_IN_EUROS,2022-02,1,", DriftError, r"unknown product 101"),
        ("DE,KG,0101,2,PRICE,2022-02,1,", DriftError, r"unknown indicator PRICE"),
        ("DE,KG,0101,2,VALUE_IN_EUROS,2022,1,", DriftError, r"freq M with period 2022"),
        ("DE,KG,0101,2,VALUE_IN_EUROS,2022-13,1,", SourceError, r"unknown period 2022-13"),
        ("DE,KG,0101,2,VALUE_IN_EUROS,2022-02,many,", SourceError, r"OBS_VALUE is 'many'"),
        ("DE,KG,0101,2,VALUE_IN_EUROS,2022-02,1,w", DriftError, r"unknown flag w"),
    ],
)
def test_what_is_not_understood_names_its_line(read, sdmx, line, error, message):
    path = sdmx(f"{START},DE,KG,01012990,2,VALUE_IN_EUROS,2022-02,1500,", f"{START},{line}")
    with pytest.raises(error, match=f"ds.csv: {message}.*; line 3$") as caught:
        read(eurostat, path)
    assert "\n" not in str(caught.value)


def test_a_value_given_twice_is_refused(read, sdmx):
    line = f"{START},DE,KG,01012990,2,VALUE_IN_EUROS,2022-02,1500,"
    with pytest.raises(DuplicateError, match=r"ds.csv: two values for one cell: DE, KG.*line 2"):
        read(eurostat, sdmx(line, line))


def test_columns_are_checked(read, sdmx):
    line = f"{START},DE,KG,01012990,2,VALUE_IN_EUROS,2022-02,1500,"
    with pytest.raises(DriftError, match=r"ds.csv: unknown column WEATHER"):
        read(eurostat, sdmx(line, header=HEADER.replace("OBS_FLAG", "WEATHER")))
    with pytest.raises(SourceError, match=r"ds.csv: no column OBS_VALUE"):
        read(eurostat, sdmx(line, header=HEADER.replace("OBS_VALUE", "VALUE")))
    with pytest.raises(SourceError, match=r"dataset 'ESTAT:DS-018995\(1.0\)'; expected DS-045409"):
        read(eurostat, sdmx(line.replace("045409", "018995")))
    with pytest.raises(SourceError, match=r"ds.csv: no rows: not published yet"):
        read(eurostat, sdmx())


def test_latin_1_bytes_are_refused(read, sdmx):
    line = f"{START},DE,KG,01012990,2,VALUE_IN_EUROS,2022-02,1500,"
    path = sdmx(*[line.replace("01012990", f"{n:08}") for n in range(3)])
    path.write_bytes(path.read_bytes().replace(b"00000002,2", b"00000002,\xfc"))
    with pytest.raises(SourceError, match=r"ds.csv: bytes that are not UTF-8.*line 4"):
        read(eurostat, path)


def test_truncated_gzip_is_refused(read, sdmx):
    path = sdmx(f"{START},DE,KG,01012990,2,VALUE_IN_EUROS,2022-02,1500,", name="ds.csv.gz")
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(SourceError, match=r"ds.csv.gz: broken gzip file"):
        read(eurostat, path)


@costly
def test_real_workbooks_give_the_same_cells_as_the_tidy_table(shared_data):
    folder = shared_data / "eurostat-ds045409"
    mapping = tomllib.loads(
        files("entrepot.sources.generic").joinpath("mappings/eurostat-tidy.toml").read_text()
    )
    connection = duckdb.connect()
    tidy = generic.parse(RawFile(next(folder.glob("*.parquet")), mapping), connection)
    tidy.rows.create("tidy")
    for number, path in enumerate(sorted(folder.glob("*.xlsx"))):
        reading = eurostat.parse(RawFile(path), connection)
        reading.rows.create("books") if number == 0 else reading.rows.insert_into("books")
        assert reading.published == tidy.published == date(2023, 1, 13)
    connection.sql("create table same as from tidy where product in (select product from books)")
    assert connection.sql("select count(*) from same").fetchall() == [(425_584,)]
    for one, other in (("books", "same"), ("same", "books")):
        assert not connection.sql(f"from {one} except all from {other}").fetchall()
