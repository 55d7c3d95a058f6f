"""Truth: records written here by hand in the publisher's real layouts, with invented numbers."""

from __future__ import annotations

import csv
import gzip
from datetime import date

import pytest

from entrepot.errors import (
    DriftError,
    DuplicateError,
    SourceError,
    TruncatedError,
    UnknownCodeError,
)
from entrepot.sources.comtrade import comtrade

ROW = {
    "freq": "M",
    "period": date(2023, 1, 1),
    "reporter": "TUR",
    "partner": "KAZ",
    "flow": "export",
    "classification": "HS2022",
    "product": "854231",
    "valuation": "FOB",
    "value_local": 4200.0,
    "currency": "USD",
    "net_mass_kg": 12.5,
    "quantity": 70.0,
    "quantity_unit": "u",
    "status": "reported",
    "mass_status": "estimated",
}


def test_api_answer_gives_exactly_its_records(read, json_answer):
    assert read(comtrade, json_answer({})) == [ROW]


def test_download_with_trailing_comma_and_latin_1_does_not_shift_columns(read, comtradeplus):
    assert read(comtrade, comtradeplus({})) == [ROW]


def test_value_after_the_trailing_comma_is_refused(read, comtradeplus):
    path = comtradeplus({}, {})
    path.write_bytes(path.read_bytes()[:-1] + b"7\n")
    with pytest.raises(
        SourceError, match=r"download.csv: a value after the last column: 7.*line 3"
    ):
        read(comtrade, path)


def test_bulk_file_with_brackets_in_its_name_is_not_a_pattern(read, bulk):
    decoy = bulk({"primaryValue": 1.0}, name="COMTRADE-FINALCLASSIC-CM7922023012.gz")
    path = bulk({})
    assert read(comtrade, path) == [ROW]
    assert decoy.exists()


def test_bulk_file_name_gives_the_release_date(read, bulk):
    read(comtrade, bulk({}))
    assert read.reading.published == date(2023, 11, 1)


def test_bulk_file_without_descriptions_is_read(read, tmp_path, bulk):
    full = gzip.decompress(bulk({}).read_bytes()).decode().splitlines()
    rows = list(csv.reader(full, delimiter="\t", quoting=csv.QUOTE_NONE))
    keep = [i for i, name in enumerate(rows[0]) if not name.endswith(("Desc", "ISO"))]
    text = "\n".join("\t".join(row[i] for i in keep) for row in rows) + "\n"
    path = tmp_path / "short.gz"
    path.write_bytes(gzip.compress(text.encode()))
    assert read(comtrade, path) == [ROW]


def test_old_download_is_read(read, tmp_path):
    header = (
        "Classification,Year,Period,Period Desc.,Aggregate Level,Is Leaf Code,Trade Flow Code,"
        "Trade Flow,Reporter Code,Reporter,Reporter ISO,Partner Code,Partner,Partner ISO,"
        "2nd Partner Code,2nd Partner,2nd Partner ISO,Customs Proc. Code,Customs,"
        "Mode of Transport Code,Mode of Transport,Commodity Code,Commodity,Qty Unit Code,Qty Unit,"
        "Qty,Alt Qty Unit Code,Alt Qty Unit,Alt Qty,Netweight (kg),Gross weight (kg),"
        "Trade Value (US$),CIF Trade Value (US$),FOB Trade Value (US$),Flag"
    )
    row = (
        'H5,2019,2019,2019,6,1,1,Import,381,Italy,ITA,0,World,WLD,,,,,,,,010121,"Horses, live",'
        "1,No Quantity,0,,,,310,,900,,,4"
    )
    path = tmp_path / "old.csv"
    path.write_text(f"{header}\n{row}\n")
    assert read(comtrade, path) == [
        ROW
        | {
            "freq": "A",
            "period": date(2019, 1, 1),
            "reporter": "ITA",
            "partner": "WLD",
            "flow": "import",
            "classification": "HS2017",
            "product": "010121",
            "valuation": "CIF",
            "value_local": 900.0,
            "net_mass_kg": 310.0,
            "quantity": None,
            "quantity_unit": None,
        }
    ]


@pytest.mark.parametrize("reported", [True, False])
def test_aggregated_rows_are_kept_as_well_as_reported_ones(read, json_answer, reported):
    path = json_answer({"isReported": reported, "isAggregate": not reported})
    assert read(comtrade, path) == [ROW]


@pytest.mark.parametrize(
    ("flow", "cif", "expected"),
    [
        ("M", 4200.0, ("import", "CIF")),
        ("M", None, ("import", "FOB")),
        ("X", None, ("export", "FOB")),
        ("RM", 4200.0, ("re-import", "CIF")),
        ("RX", None, ("re-export", "FOB")),
    ],
)
def test_imports_are_cif_where_the_cif_value_is_given(read, json_answer, flow, cif, expected):
    [row] = read(comtrade, json_answer({"flowCode": flow, "cifvalue": cif}))
    assert (row["flow"], row["valuation"]) == expected


def test_parts_of_exports_are_not_added_to_exports(read, json_answer):
    path = json_answer({}, {"flowCode": "DX"}, {"flowCode": "XIP"}, {"flowCode": "MOP"})
    assert read(comtrade, path) == [ROW]


def test_hs_levels_and_the_world_stay_rows_of_their_own(read, json_answer):
    codes = ("TOTAL", "85", "8542", "854231")
    path = json_answer(*[{"cmdCode": code, "partnerCode": 0} for code in codes])
    rows = read(comtrade, path)
    assert sorted((row["partner"], row["product"]) for row in rows) == sorted(
        ("WLD", code) for code in codes
    )


@pytest.mark.parametrize(
    ("letter", "revision"),
    [("H0", "HS1992"), ("H3", "HS2007"), ("H4", "HS2012"), ("H5", "HS2017"), ("H6", "HS2022")],
)
def test_revision_is_read_from_each_record(read, json_answer, letter, revision):
    rows = read(comtrade, json_answer({"classificationCode": letter}, {"cmdCode": "854232"}))
    assert sorted(row["classification"] for row in rows) == sorted([revision, "HS2022"])


@pytest.mark.parametrize(
    ("code", "country"),
    [(842, "USA"), (251, "FRA"), (579, "NOR"), (699, "IND"), (757, "CHE"), (490, "TWN")],
)
def test_unsd_codes_that_are_not_iso_numbers(read, json_answer, code, country):
    [row] = read(comtrade, json_answer({"partnerCode": code}))
    assert row["partner"] == country


def test_zero_mass_and_no_unit_are_not_reported(read, json_answer):
    [row] = read(comtrade, json_answer({"netWgt": 0, "qty": 0, "qtyUnitCode": -1}))
    assert row == ROW | {
        "net_mass_kg": None,
        "mass_status": None,
        "quantity": None,
        "quantity_unit": None,
    }


# Totals and their parts


def test_a_total_is_used_alone_beside_its_parts(read, json_answer):
    path = json_answer(
        {},
        {"motCode": 1000, "primaryValue": 9000.0},
        {"partner2Code": 276, "primaryValue": 4200.0},
        {"customsCode": "C01", "primaryValue": 4200.0},
    )
    assert read(comtrade, path) == [ROW]


def test_parts_are_added_once_where_the_total_is_absent(read, json_answer):
    path = json_answer(
        {"motCode": 1000, "primaryValue": 100.0, "netWgt": 1.0, "qty": 1},
        {"motCode": 2000, "primaryValue": 20.0, "netWgt": 2.0, "qty": 2},
        {"motCode": 2100, "primaryValue": 15.0},
        {"motCode": 2200, "primaryValue": 5.0},
        {"motCode": 9110, "primaryValue": 3.0, "netWgt": 4.0, "qty": 4},
        {"motCode": 9120, "primaryValue": 0.5, "netWgt": 8.0, "qty": 8},
    )
    assert read(comtrade, path) == [
        ROW | {"value_local": 123.5, "net_mass_kg": 15.0, "quantity": 15.0, "status": "derived"}
    ]


def test_three_levels_of_transport_are_counted_once(read, json_answer):
    path = json_answer(
        *[{"motCode": code, "primaryValue": 8.0} for code in (9000, 9100, 9110, 9190, 9300)]
    )
    [row] = read(comtrade, path)
    assert row["value_local"] == 8.0


def test_second_partners_inside_a_published_part_are_not_added(read, json_answer):
    path = json_answer(
        {"motCode": 1000, "primaryValue": 30.0},
        {"motCode": 1000, "partner2Code": 276, "primaryValue": 10.0},
        {"motCode": 1000, "partner2Code": 156, "primaryValue": 20.0},
        {"motCode": 3200, "partner2Code": 276, "primaryValue": 7.0},
    )
    [row] = read(comtrade, path)
    assert (row["value_local"], row["status"]) == (37.0, "derived")


def test_quantity_of_parts_in_two_units_is_unknown(read, json_answer):
    path = json_answer({"motCode": 1000}, {"motCode": 3100, "qtyUnitCode": 8, "netWgt": None})
    [row] = read(comtrade, path)
    assert row == ROW | {
        "value_local": 8400.0,
        "net_mass_kg": None,
        "mass_status": None,
        "quantity": None,
        "quantity_unit": None,
        "status": "derived",
    }


def test_two_breakdowns_of_an_absent_total_are_refused(read, json_answer):
    path = json_answer({"motCode": 1000}, {"customsCode": "C01"})
    with pytest.raises(SourceError, match=r"parts that overlap and no total.*motCode=0"):
        read(comtrade, path)


@pytest.mark.parametrize("change", [{}, {"motCode": 1000}])
def test_one_record_twice_is_refused(read, json_answer, change):
    with pytest.raises(DuplicateError, match=r"answer.json: two .* record 1"):
        read(comtrade, json_answer(change, change))


# What is refused


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"sanctionsFlag": 1}, DriftError, "unknown field sanctionsFlag"),
        ({"flowCode": "QX"}, DriftError, "unknown flowCode QX; expected one of M, X, RM, RX"),
        ({"classificationCode": "H7"}, DriftError, "unknown HS revision H7; expected one of H0"),
        ({"classificationCode": "S4"}, DriftError, "unknown HS revision S4"),
        ({"freqCode": "Q"}, DriftError, "unknown freqCode Q"),
        ({"period": "2023"}, DriftError, "unknown period 2023"),
        ({"motCode": 4000}, DriftError, "unknown motCode 4000"),
        ({"customsCode": "ZZ"}, DriftError, "unknown customsCode ZZ"),
        ({"mosCode": "3"}, DriftError, "mode of supply 3"),
        ({"qtyUnitCode": 99}, DriftError, "unknown qtyUnitCode 99"),
        ({"cmdCode": "10121"}, DriftError, "unknown cmdCode 10121.*leading zeros"),
        ({"partnerCode": 10101}, UnknownCodeError, "unknown country partnerCode 10101"),
        ({"reporterCode": 10101}, UnknownCodeError, "unknown country reporterCode 10101"),
        ({"primaryValue": "n/a"}, SourceError, "primaryValue is 'n/a'; expected a number"),
        ({"primaryValue": None}, SourceError, "no primaryValue"),
        ({"netWgt": "heavy"}, SourceError, "netWgt is 'heavy'"),
        ({"typeCode": "S"}, SourceError, "typeCode S; expected C"),
    ],
)
def test_what_is_not_understood_stops_the_file_and_is_named(
    read, json_answer, change, error, message
):
    with pytest.raises(error, match=f"answer.json: {message}") as caught:
        read(comtrade, json_answer({}, {"cmdCode": "8542"} | change))
    assert "\n" not in str(caught.value)
    assert "unknown field" in str(caught.value) or str(caught.value).endswith("; record 2")


def test_rows_converted_by_the_publisher_are_refused(read, json_answer):
    path = json_answer({"isOriginalClassification": False})
    with pytest.raises(
        SourceError, match=r"converted by the publisher.*classification as reported"
    ):
        read(comtrade, path)


def test_missing_field_is_named(read, record, comtradeplus):
    columns = [name for name in record if name != "motCode"]
    with pytest.raises(SourceError, match=r"download.csv: no field motCode"):
        read(comtrade, comtradeplus({}, columns=columns))


@pytest.mark.parametrize("count", [500, 100_000])
def test_answer_as_long_as_the_limit_is_truncated(read, comtradeplus, count):
    path = comtradeplus({})
    header, row, _ = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join([header, *[row] * count, b""]))
    with pytest.raises(TruncatedError, match=f"exactly {count:,} records.*fewer products"):
        read(comtrade, path)


def test_json_answer_as_long_as_the_limit_is_truncated(read, json_answer):
    with pytest.raises(TruncatedError, match="exactly 500 records"):
        read(comtrade, json_answer(*[{}] * 500))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"elapsedTime":"0","count":0,"data":[],"error":""}', "no records: not published yet"),
        (
            '{"count":0,"data":[],"error":"bad period"}',
            r"the publisher answered with an error \(bad period\)",
        ),
        (
            '{"statusCode":401,"message":"Access denied"}',
            r"the publisher answered with an error \(Access denied\)",
        ),
        ("<html><body>Service unavailable</body></html>", "a web page"),
        ("", "the file is empty"),
        ("day,price\n2023-01-01,4\n", "unknown field day, price"),
        ('{"count":1,"data":[{"freqCode"', "cannot be read"),
    ],
)
def test_answers_without_data_say_why(read, tmp_path, text, message):
    path = tmp_path / "answer.json"
    path.write_text(text)
    with pytest.raises(SourceError, match=f"answer.json: {message}") as caught:
        read(comtrade, path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("cut", [4, 40])
def test_truncated_gzip_is_refused(read, bulk, cut):
    path = bulk(*[{"partnerCode": code} for code in (398, 417, 268)])
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(
        SourceError, match=r"\[2023-11-01\].gz: broken gzip file.*download it again"
    ):
        read(comtrade, path)


def test_corrupt_gzip_is_refused(read, bulk):
    path = bulk({})
    damaged = bytearray(path.read_bytes())
    damaged[-6] ^= 255
    path.write_bytes(damaged)
    with pytest.raises(SourceError, match="broken gzip file"):
        read(comtrade, path)


def test_bulk_file_in_latin_1_is_refused(read, bulk):
    path = bulk({"reporterDesc": "Turkey"}, {"partnerCode": 417}, encoding="latin-1")
    with pytest.raises(SourceError, match=r"bytes that are not UTF-8.*line 3"):
        read(comtrade, path)


def test_gzip_in_several_members_is_read_whole(read, bulk):
    path = bulk({})
    more = gzip.compress(
        gzip.decompress(bulk({"partnerCode": 417}, name="b.gz").read_bytes()).split(b"\n", 1)[1]
    )
    path.write_bytes(path.read_bytes() + more)
    assert [row["partner"] for row in read(comtrade, path)] == ["KAZ", "KGZ"]


def test_one_answer_in_gzip(read, json_answer):
    path = json_answer({})
    path.write_bytes(gzip.compress(path.read_bytes()))
    assert read(comtrade, path) == [ROW]


def test_row_that_is_too_short_is_named(read, bulk):
    path = bulk({}, {"partnerCode": 417})
    text = gzip.decompress(path.read_bytes()).decode().rsplit("\t", 3)[0] + "\n"
    path.write_bytes(gzip.compress(text.encode()))
    with pytest.raises(SourceError, match=r"a row has 44 columns; expected 47.*line 3"):
        read(comtrade, path)


def test_real_files_of_the_publisher_are_read(read, shared_data):
    folder = shared_data / "comtrade"
    assert len(read(comtrade, folder / "api_get_C_A_HS.json")) == 4
    download = read(comtrade, folder / "comtradeplus_download_THA_8542_annual.csv")
    assert len(download) == 1178
    assert {row["classification"] for row in download} == {"HS2012", "HS2017", "HS2022"}
    assert len(read(comtrade, folder / "legacy_download_2016-2020.csv")) == 2863
    with pytest.raises(SourceError, match="not published yet or nothing to report"):
        read(comtrade, folder / "api_get_empty.json")
    with pytest.raises(DriftError, match="unknown field eTag, fileSize"):
        read(comtrade, folder / "api_bulk_list_C_A.json")
