"""Truth: bulk files written here in Comext's two layouts, with invented numbers added by hand."""

from __future__ import annotations

import random
from datetime import date

import duckdb
import py7zr
import pytest

from entrepot.contracts import RawFile
from entrepot.errors import DriftError, DuplicateError, SourceError, UnknownCodeError
from entrepot.reference import countries
from entrepot.sources import _saved
from entrepot.sources.eurostat import eurostat
from entrepot.sources.eurostat.comext_codes import OWN_UNITS, UNITS

HEADER = (
    "REPORTER,PARTNER,TRADE_TYPE,PRODUCT_NC,PRODUCT_SITC,PRODUCT_CPA21,PRODUCT_CPA22,PRODUCT_BEC,"
    "PRODUCT_BEC5,PRODUCT_SECTION,FLOW,STAT_PROCEDURE,SUPPL_UNIT,PERIOD,VALUE_EUR,VALUE_NAC,"
    "QUANTITY_KG,QUANTITY_SUPPL_UNIT"
)
OLD_HEADER = (
    "DECLARANT,DECLARANT_ISO,PARTNER,PARTNER_ISO,TRADE_TYPE,PRODUCT_NC,PRODUCT_SITC,"
    "PRODUCT_cpa2002,PRODUCT_cpa2008,PRODUCT_CPA2_1,PRODUCT_BEC,PRODUCT_SECTION,FLOW,STAT_REGIME,"
    "SUPP_UNIT,PERIOD,VALUE_IN_EUROS,QUANTITY_IN_KG,SUP_QUANTITY"
)
LINE = {
    "REPORTER": "DE",
    "PARTNER": "KG",
    "TRADE_TYPE": "E",
    "PRODUCT_NC": "85423111",
    "PRODUCT_SITC": "77641",
    "PRODUCT_CPA21": "2611",
    "PRODUCT_CPA22": "2611",
    "PRODUCT_BEC": "420",
    "PRODUCT_BEC5": "621110",
    "PRODUCT_SECTION": "16",
    "FLOW": "2",
    "STAT_PROCEDURE": "1",
    "SUPPL_UNIT": "PST",
    "PERIOD": "202402",
    "VALUE_EUR": "1500",
    "VALUE_NAC": "1500",
    "QUANTITY_KG": "250",
    "QUANTITY_SUPPL_UNIT": "7",
}
ROW = {
    "freq": "M",
    "period": date(2024, 2, 1),
    "reporter": "DEU",
    "partner": "KGZ",
    "flow": "export",
    "classification": "CN2024",
    "product": "85423111",
    "valuation": "FOB",
    "value_local": 1500.0,
    "currency": "EUR",
    "net_mass_kg": 250.0,
    "quantity": 7.0,
    "quantity_unit": "u",
    "status": "reported",
    "mass_status": "reported",
}


def text(*changes, header=HEADER):
    lines = [",".join((LINE | change).values()) for change in changes]
    return "\n".join([header, *lines, ""])


@pytest.fixture
def bulk(tmp_path):
    """Write a bulk file of the plain line with the given fields changed, packed or not."""

    def write(*changes, header=HEADER, name="full_202402.dat", inside="full_202402.dat"):
        path = tmp_path / name
        content = text(*changes, header=header)
        if name.endswith(".7z"):
            with py7zr.SevenZipFile(path, "w") as archive:
                archive.writestr(content, inside)
        else:
            path.write_text(content)
        return path

    return write


@pytest.mark.parametrize("name", ["full_202402.dat", "full_v2_202402.7z"])
def test_a_line_gives_exactly_its_numbers(read, bulk, name):
    assert read(eurostat, bulk({}, name=name)) == [ROW]
    assert (read.reading.published, read.reading.products, read.reading.partners) == (
        None,
        None,
        None,
    )


def test_the_release_day_in_the_name_is_the_publication(read, bulk):
    read(eurostat, bulk({}, name="full_v2_202402[2024-04-17].7z"))
    assert read.reading.published == date(2024, 4, 17)


def test_the_old_layout_is_read(read, tmp_path):
    path = tmp_path / "full200101.dat"
    line = "004,DE,0083,KG,E,85423111,77641,3210,2611,2611,420,16,2,1,B,200101,1500,250,7"
    path.write_text(f"{OLD_HEADER}\n{line}\n{line.replace(',B,', ',,').replace('111,', '112,')}\n")
    first, second = sorted(read(eurostat, path), key=lambda row: row["product"])
    assert first == ROW | {
        "period": date(2001, 1, 1),
        "classification": "CN2001",
        "quantity_unit": "supplementary",
    }
    assert (second["quantity"], second["quantity_unit"]) == (None, None)


def test_procedures_of_a_cell_are_added_once(read, bulk):
    parts = (
        {},
        {"STAT_PROCEDURE": "3", "VALUE_EUR": "40", "QUANTITY_KG": "5", "QUANTITY_SUPPL_UNIT": "2"},
        {"STAT_PROCEDURE": "9", "VALUE_EUR": "0", "QUANTITY_KG": "0", "QUANTITY_SUPPL_UNIT": "0"},
    )
    added = {"value_local": 1540.0, "net_mass_kg": 255.0, "quantity": 9.0, "status": "derived"}
    assert read(eurostat, bulk(*parts)) == [ROW | added]


def test_an_amount_that_one_part_lacks_is_unknown_for_the_sum(read, bulk):
    path = bulk({}, {"STAT_PROCEDURE": "3", "QUANTITY_KG": "0", "QUANTITY_SUPPL_UNIT": ""})
    [row] = read(eurostat, path)
    assert (row["value_local"], row["net_mass_kg"], row["mass_status"]) == (3000.0, None, None)
    assert (row["quantity"], row["quantity_unit"]) == (None, None)


def test_silence_and_zero_give_null(read, bulk):
    path = bulk(
        {"QUANTITY_KG": "0", "QUANTITY_SUPPL_UNIT": "0"},
        {"PARTNER": "RU", "QUANTITY_KG": "", "SUPPL_UNIT": "NO_SU", "QUANTITY_SUPPL_UNIT": "9"},
        {"PARTNER": "US", "VALUE_EUR": "0", "QUANTITY_KG": "0", "QUANTITY_SUPPL_UNIT": ""},
    )
    for row in read(eurostat, path):
        assert (row["net_mass_kg"], row["mass_status"]) == (None, None)
        assert (row["quantity"], row["quantity_unit"]) == (None, None)
    assert {row["partner"]: row["value_local"] for row in read(eurostat, path)} == {
        "KGZ": 1500.0,
        "RUS": 1500.0,
        "USA": 0.0,
    }


def test_imports_are_cif(read, bulk):
    [row] = read(eurostat, bulk({"FLOW": "1"}))
    assert (row["flow"], row["valuation"]) == ("import", "CIF")


@pytest.mark.parametrize("product", ["39XXXXXX", "850XXXXX", "8500SS00", "XXXXXXXX", "09SSS123"])
def test_a_masked_product_is_kept_under_its_code(read, bulk, product):
    assert read(eurostat, bulk({"PRODUCT_NC": product})) == [
        ROW | {"product": product, "status": "confidential"}
    ]


def test_letters_that_hide_nothing_by_name_are_reported(read, bulk):
    [row] = read(eurostat, bulk({"PRODUCT_NC": "99RRR100"}))
    assert (row["product"], row["status"]) == ("99RRR100", "reported")


def test_a_masked_product_with_several_sitc_codes_is_one_cell(read, bulk):
    masked = {"PRODUCT_NC": "39XXXXXX"}
    path = bulk(masked, masked | {"PRODUCT_SITC": "582XX"})
    [row] = read(eurostat, path)
    assert (row["value_local"], row["status"]) == (3000.0, "confidential")


def test_a_masked_product_of_two_units_has_no_quantity(read, bulk):
    masked = {"PRODUCT_NC": "39XXXXXX"}
    [row] = read(eurostat, bulk(masked, masked | {"SUPPL_UNIT": "M2"}))
    assert (row["value_local"], row["quantity"]) == (3000.0, None)


@pytest.mark.parametrize(
    ("partner", "area", "status"),
    [
        ("QX", "_C", "confidential"),
        ("QY", "_C_EU_INTRA", "confidential"),
        ("QZ", "_C_EU_EXTRA", "confidential"),
        ("QU", "_X", "reported"),
        ("QV", "_X_EU_INTRA", "reported"),
        ("QW", "_X_EU_EXTRA", "reported"),
        ("QR", "_BUNKERS_EU_INTRA", "reported"),
        ("XI", "_NORTHERN_IRELAND", "reported"),
        ("XU", "_GREAT_BRITAIN", "reported"),
        ("XS", "SRB", "reported"),
        ("XK", "XKX", "reported"),
        ("NA", "NAM", "reported"),
        ("GR", "GRC", "reported"),
    ],
)
def test_a_special_partner_has_its_own_area(read, bulk, partner, area, status):
    [row] = read(eurostat, bulk({"PARTNER": partner}))
    assert (row["partner"], row["value_local"], row["status"]) == (area, 1500.0, status)


def test_every_partner_of_the_dictionary_is_known(shared_data):
    words = (shared_data / "comext" / "FULL.txt").read_text()
    block = words.split("Values (code, valid_from, valid_to, name):")[1].split("TRADE_TYPE\n")[0]
    codes = {line.split("\t")[0].strip() for line in block.splitlines() if "\t" in line}
    assert len(codes) > 250
    assert codes <= set(countries.lookup("comext"))


def test_every_unit_of_the_dictionary_is_known(shared_data):
    words = (shared_data / "comext" / "FULL.txt").read_text()
    block = words.split("Values (unit_code, label):")[1].split("PERIOD\n")[0]
    codes = {line.split("\t")[0].strip() for line in block.splitlines() if "\t" in line}
    assert codes == {*UNITS, *OWN_UNITS, "NO_SU"}


@pytest.mark.parametrize(
    ("unit", "ours"), [("PST", "u"), ("M2", "m²"), ("PA", "2u"), ("KW", "KW"), ("T_CO2", "T_CO2")]
)
def test_a_unit_is_written_as_the_united_nations_do(read, bulk, unit, ours):
    [row] = read(eurostat, bulk({"SUPPL_UNIT": unit}))
    assert (row["quantity"], row["quantity_unit"]) == (7.0, ours)


@pytest.mark.parametrize(
    ("period", "freq", "day"),
    [
        ("202412", "M", date(2024, 12, 1)),
        ("202452", "A", date(2024, 1, 1)),
        ("2024", "A", date(2024, 1, 1)),
    ],
)
def test_month_52_and_a_bare_year_are_annual(read, bulk, period, freq, day):
    [row] = read(eurostat, bulk({"PERIOD": period}))
    assert (row["freq"], row["period"], row["classification"]) == (freq, day, "CN2024")


def test_the_total_of_all_goods_is_of_the_hs(read, bulk):
    [row] = read(eurostat, bulk({"PRODUCT_NC": "TOTAL", "SUPPL_UNIT": "NO_SU"}))
    assert (row["product"], row["classification"]) == ("TOTAL", "HS2022")


def test_trade_inside_and_outside_the_union_is_read_and_no_partner_is_in_both(read, bulk):
    path = bulk({}, {"PARTNER": "FR", "TRADE_TYPE": "I"}, {"PARTNER": "XI", "TRADE_TYPE": "L"})
    rows = read(eurostat, path)
    assert sorted(row["partner"] for row in rows) == ["FRA", "KGZ", "_NORTHERN_IRELAND"]


@pytest.mark.parametrize("product", ["85423111", "39XXXXXX"])
@pytest.mark.parametrize("procedure", ["1", "9"])
def test_a_cell_of_both_types_of_trade_is_refused(read, bulk, product, procedure):
    part = {"PRODUCT_NC": product, "STAT_PROCEDURE": procedure}
    path = bulk(part, part | {"TRADE_TYPE": "I"})
    message = r"extra-EU and intra-EU trade in one cell: DE, KG, .*, export, 202402.*; line 2$"
    with pytest.raises(DriftError, match=message):
        read(eurostat, path)


@pytest.mark.parametrize("period", ["202052", "2020"])
def test_a_year_in_which_the_partner_left_the_union_is_added(read, bulk, period):
    gone = {"PARTNER": "GB", "PERIOD": period}
    [row] = read(eurostat, bulk(gone, gone | {"TRADE_TYPE": "I"}))
    assert (row["partner"], row["value_local"], row["status"]) == ("GBR", 3000.0, "derived")


def test_the_file_of_the_united_kingdom_speaks_for_it_alone(read, bulk):
    read(eurostat, bulk({"PARTNER": "XI", "TRADE_TYPE": "L"}, name="full_partxixu_v2_202402.7z"))
    assert read.reading.partners == ("GBR", "_GREAT_BRITAIN", "_NORTHERN_IRELAND")


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"REPORTER": "Y7"}, UnknownCodeError, r"unknown country Y7 \(reporter\)"),
        ({"PARTNER": ""}, UnknownCodeError, r"unknown country empty \(partner\)"),
        ({"TRADE_TYPE": "K"}, DriftError, "unknown trade_type K; expected one of E, I, L, M"),
        ({"PRODUCT_NC": "8542311"}, DriftError, "unknown product 8542311"),
        ({"PRODUCT_NC": " 8542311"}, DriftError, "unknown product"),
        ({"PRODUCT_NC": "854231"}, DriftError, "unknown product 854231"),
        ({"FLOW": "3"}, DriftError, "unknown flow 3"),
        ({"STAT_PROCEDURE": "4"}, DriftError, "unknown stat_procedure 4"),
        ({"SUPPL_UNIT": "BOX"}, DriftError, "unknown unit BOX"),
        ({"PERIOD": "202413"}, SourceError, "unknown period 202413"),
        ({"PERIOD": "202400"}, SourceError, "unknown period 202400"),
        ({"PERIOD": "24"}, SourceError, "unknown period 24"),
        ({"PERIOD": "20240"}, SourceError, "unknown period 20240"),
        ({"PERIOD": ""}, SourceError, "unknown period empty"),
        ({"VALUE_EUR": ""}, SourceError, "no value for product 85423111"),
        ({"VALUE_EUR": ":"}, SourceError, "VALUE_EUR is ':'"),
        ({"QUANTITY_KG": "many"}, SourceError, "QUANTITY_KG is 'many'"),
        ({"QUANTITY_SUPPL_UNIT": "many"}, SourceError, "QUANTITY_SUPPL_UNIT is 'many'"),
    ],
)
def test_what_is_not_understood_names_its_line(read, bulk, change, error, message):
    path = bulk({}, {"PARTNER": "RU"} | change)
    with pytest.raises(error, match=f"full_202402.dat: {message}.*; line 3$") as caught:
        read(eurostat, path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("change", [{}, {"VALUE_EUR": "3"}])
def test_two_rows_for_one_cell_and_procedure_are_refused(read, bulk, change):
    path = bulk({"PARTNER": "RU"}, {}, change)
    message = "two rows for one cell and procedure: DE, KG, 85423111, export, 202402.*; line 3$"
    with pytest.raises(DuplicateError, match=message):
        read(eurostat, path)


def test_an_unknown_unit_of_an_old_file_is_named(read, tmp_path):
    path = tmp_path / "full200101.dat"
    line = "004,DE,0083,KG,E,85423111,77641,3210,2611,2611,420,16,2,1,BOX,200101,1500,250,7"
    path.write_text(f"{OLD_HEADER}\n{line}\n")
    with pytest.raises(DriftError, match=r"full200101.dat: unknown unit BOX.*; line 2$"):
        read(eurostat, path)


def test_columns_are_checked(read, bulk):
    with pytest.raises(DriftError, match=r"unknown column WEATHER; expected REPORTER, PARTNER"):
        read(eurostat, bulk({}, header=HEADER.replace("VALUE_NAC", "WEATHER")))
    with pytest.raises(SourceError, match=r"no column STAT_PROCEDURE; expected those of a Comext"):
        read(eurostat, bulk({}, header=HEADER.replace("STAT_PROCEDURE", "PRODUCT_CPA22")))
    with pytest.raises(SourceError, match=r"full_202402.dat: no rows; expected a month"):
        read(eurostat, bulk())


def test_a_file_cut_inside_a_row_is_refused(read, bulk):
    path = bulk({}, {"PARTNER": "RU"})
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(SourceError, match=r"full_202402.dat: a row has \d+ columns"):
        read(eurostat, path)


def test_a_cut_archive_is_refused(read, bulk):
    path = bulk({}, name="full_v2_202402.7z")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(SourceError, match=r"full_v2_202402.7z: broken archive"):
        read(eurostat, path)


def test_an_archive_of_two_tables_is_refused(read, tmp_path):
    path = tmp_path / "two.7z"
    with py7zr.SevenZipFile(path, "w") as archive:
        archive.writestr(text({}), "a.dat")
        archive.writestr(text({}), "b.dat")
    with pytest.raises(SourceError, match=r"two.7z: 2 tables \(a.dat, b.dat\); expected one"):
        read(eurostat, path)


def test_an_archive_is_unpacked_into_the_scratch_it_is_given(bulk, tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    path = bulk({}, name="full_v2_202402.7z")
    with duckdb.connect() as connection:
        reading = eurostat.parse(RawFile(path, scratch=scratch), connection)
        assert len(reading.rows.fetchall()) == 1
        assert [p.name for p in scratch.rglob("*.dat")] == ["full_202402.dat"]


def test_without_a_scratch_nothing_stays_when_the_connection_is_gone(bulk, tmp_path, monkeypatch):
    monkeypatch.setattr(_saved.tempfile, "tempdir", str(tmp_path))
    connection = duckdb.connect()
    reading = eurostat.parse(RawFile(bulk({}, name="full_v2_202402.7z")), connection)
    assert len(reading.rows.fetchall()) == 1
    assert list(tmp_path.glob("entrepot-*"))
    del reading, connection
    assert not list(tmp_path.glob("entrepot-*"))


def test_the_sums_agree_with_adding_by_hand(read, bulk):
    """Brute force in a loop over 3,000 invented rows in random order."""
    rng = random.Random(20240417)
    lines, expected = {}, {}
    for _ in range(3000):
        change = {
            "REPORTER": rng.choice(["DE", "FR"]),
            "PARTNER": rng.choice(["KG", "KZ", "QZ"]),
            "PRODUCT_NC": rng.choice(["01012990", "85423111", "85XXXXXX"]),
            "FLOW": rng.choice("12"),
            "STAT_PROCEDURE": rng.choice("1239"),
            "VALUE_EUR": str(rng.randrange(1000)),
            "QUANTITY_KG": str(rng.randrange(1, 50)),
        }
        lines[tuple(change.values())[:5]] = change
    changes = list(lines.values())
    rng.shuffle(changes)
    for change in changes:
        cell = tuple(change[c] for c in ("REPORTER", "PARTNER", "PRODUCT_NC", "FLOW"))
        value, mass = expected.get(cell, (0, 0))
        expected[cell] = (value + int(change["VALUE_EUR"]), mass + int(change["QUANTITY_KG"]))
    ours = {"DEU": "DE", "FRA": "FR", "KGZ": "KG", "KAZ": "KZ", "_C_EU_EXTRA": "QZ"}
    found = {
        (
            ours[row["reporter"]],
            ours[row["partner"]],
            row["product"],
            "1" if row["flow"] == "import" else "2",
        ): (row["value_local"], row["net_mass_kg"])
        for row in read(eurostat, bulk(*changes))
    }
    assert found == expected
