"""Countries: checked against ISO by hand and against the publishers' own lists of codes."""

from __future__ import annotations

import csv
import re
import subprocess
import sys

import pytest

from entrepot.errors import RegistryError, UnknownCodeError
from entrepot.reference import countries


def rows(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def geonom(path):
    """One (code, valid to, name) per line of the Comext dictionary's list of partners."""
    lines = path.read_text(encoding="utf-8").splitlines()
    cells = [line.strip().split("\t") for line in lines]
    return [(c[0], c[2], c[3]) for c in cells if len(c) == 4 and re.fullmatch("[A-Z]{2}", c[0])]


INDIA = """ARE U ARAB EMTS,AUS AUSTRALIA,BGD BANGLADESH PR,BHR BAHARAIN IS,BIH BOSNIA-HRZGOVIN
CHN CHINA P RP,CHN P R CHINA,CIV COTE D' IVOIRE,COD CONGO D. REP.,COG CONGO P REP,DOM DOMINIC REP
EGY EGYPT A RP,GBR U K,GBR UK,GNB GUINEA BISSAU,HKG HONG KONG,KAZ KAZAKHSTAN,KGZ KYRGHYZSTAN
KOR KOREA REP,KOR KOREA RP,LAO LAO PD RP,LKA SRI LANKA DSR,NLD NETHERLAND,PAK PAKISTAN IR
PRK KOREA DP RP,RUS RUSSIAN FEDERATION,SAU SAUDI ARAB,SVK SLOVAK REP,TLS TIMOR LESTE
TUR TURKEY,TWN TAIWAN,TZA TANZANIA REP,USA U S A,USA USA,VNM VIETNAM SOC REP,YEM YEMEN REPUBLC"""
"""What India's Department of Commerce prints, with our code before it."""


def test_codes_that_lose_their_meaning_as_numbers_or_booleans_stay_text():
    table = countries.table()
    assert table["ARM"]["m49"] == "051"
    assert table["NAM"]["iso2"] == table["NAM"]["comext"] == "NA"
    assert table["NOR"]["iso2"] == "NO"


def test_all_of_iso_3166_and_kosovo_are_there_once():
    table = countries.table()
    assert len(table) == 250
    assert len({row["iso2"] for row in table.values()}) == 250
    assert all(re.fullmatch("[A-Z]{3}", code) for code in table)
    assert table["XKX"]["m49"] == ""


@pytest.mark.parametrize(
    ("iso3", "comtrade"),
    [
        ("USA", "842"),
        ("FRA", "251"),
        ("NOR", "579"),
        ("IND", "699"),
        ("CHE", "757"),
        ("TWN", "490"),
        ("ARM", "51"),
    ],
)
def test_comtrade_numbers_that_are_not_the_iso_ones(iso3, comtrade):
    assert countries.code(iso3, "comtrade") == comtrade
    assert countries.lookup("comtrade")[comtrade] == iso3


@pytest.mark.parametrize(
    ("label", "iso3"),
    [
        ("Germany (incl. German Democratic Republic 'DD' from 1991)", "DEU"),
        ("Russian Federation (Russia)", "RUS"),
        ("Belarus (Belorussia)", "BLR"),
        ("Belgium (incl. Luxembourg 'LU' -> 1998)", "BEL"),
        ("Spain (incl. Canary Islands 'XB' from 1997)", "ESP"),
        ("Italy (incl. San Marino 'SM' -> 1993)", "ITA"),
        ("Ireland (Eire)", "IRL"),
        ("Kyrgyzstan", "KGZ"),
        ("Kyrgyz, Republic", "KGZ"),
        ("Türkiye", "TUR"),
        ("Turkey", "TUR"),
        ("Côte d’Ivoire (Ivory Coast)", "CIV"),
        ("Côte d'Ivoire (Ivory Coast)", "CIV"),
    ],
)
def test_eurostat_labels_resolve_with_their_remarks(label, iso3):
    assert countries.lookup("eurostat_label")[label] == iso3


@pytest.mark.parametrize(
    ("label", "iso3"),
    [
        ("Turkey", "TUR"),
        ("Türkiye", "TUR"),
        ("Turkiye", "TUR"),
        ("Russian Federation", "RUS"),
        ("Korea, Republic of", "KOR"),
        ("Kyrgyz Republic", "KGZ"),
        ("Moldova, Republic of", "MDA"),
        ("Czech Republic", "CZE"),
        ("Other Asia, nes", "TWN"),
    ],
)
def test_names_accept_common_spellings(label, iso3):
    assert countries.lookup("name")[label] == iso3


def test_readers_see_the_short_names_they_know():
    seen = [countries.name(code) for code in "TUR RUS KGZ CZE KOR USA TWN HKG EU27 WLD".split()]
    assert seen == [
        "Turkey",
        "Russia",
        "Kyrgyzstan",
        "Czechia",
        "South Korea",
        "United States",
        "Taiwan",
        "Hong Kong",
        "European Union",
        "World",
    ]


def test_m49_is_read_with_and_without_its_zeros():
    m49 = countries.lookup("m49")
    assert m49["051"] == m49["51"] == "ARM"
    assert m49["840"] == "USA"


def test_comext_writes_greece_serbia_and_kosovo_in_its_own_way():
    comext = countries.lookup("comext")
    assert (comext["GR"], comext["XS"], comext["XK"]) == ("GRC", "SRB", "XKX")
    assert countries.code("SRB", "comext") == "XS"


def test_comtrade_492_is_not_monaco():
    assert countries.lookup("comtrade")["492"] == "_X_EU"
    with pytest.raises(UnknownCodeError, match="Comtrade counts Monaco in France"):
        countries.code("MCO", "comtrade")


def test_states_of_the_past_never_stand_for_a_successor():
    comtrade = countries.lookup("comtrade")
    for number in ("280", "58", "810", "736", "230", "588", "890", "891"):
        assert comtrade[number] not in countries.table()
        assert countries.areas()[comtrade[number]]["kind"] == "historic"


def test_sums_of_countries_are_known_as_such():
    for code in ("WLD", "EU27", "_EU_EXTRA", "_EU_INTRA", "_EU_DAY", "_ASEAN"):
        assert countries.is_aggregate(code)
    for code in ("DEU", "TWN", "_X", "_BUNKERS", "_USSR", "_NORTHERN_IRELAND"):
        assert not countries.is_aggregate(code)
    with pytest.raises(UnknownCodeError):
        countries.is_aggregate("EU28")


def test_areas_have_a_known_kind_and_never_the_code_of_a_country():
    kinds = {"world", "aggregate", "unspecified", "special", "historic"}
    for code, row in countries.areas().items():
        assert code not in countries.table()
        assert row["kind"] in kinds
        whole = row["part_of"]
        assert not whole or whole in countries.table() or whole in countries.areas()


def test_every_alias_leads_to_a_country_or_area():
    for scheme in countries.SCHEMES:
        for code in countries.lookup(scheme).values():
            assert countries.name(code)


def test_every_code_of_a_scheme_leads_back_to_its_country():
    for scheme in countries.SCHEMES:
        found = countries.lookup(scheme)
        for code in [*countries.table(), *countries.areas()]:
            try:
                theirs = countries.code(code, scheme)
            except UnknownCodeError:
                continue
            assert found[theirs] == code


def test_a_caller_cannot_change_the_lists():
    countries.lookup("iso2")["AM"] = "XXX"
    assert countries.lookup("iso2")["AM"] == "ARM"
    with pytest.raises(TypeError):
        countries.table()["ARM"]["name"] = "x"


def test_an_unknown_country_is_named_with_near_ones():
    with pytest.raises(UnknownCodeError, match=r"'KAZZ'.*did you mean.*KAZ"):
        countries.name("KAZZ")
    with pytest.raises(UnknownCodeError, match="no country or area 'kaz'"):
        countries.code("kaz", "comtrade")


@pytest.mark.parametrize("row", INDIA.replace("\n", ",").split(","))
def test_labels_of_other_offices_are_found_whatever_their_letters(row):
    code, label = row.split(" ", 1)
    assert countries.find(label) == countries.find(label.title()) == code


def test_every_name_that_lookup_knows_is_found_unless_it_is_unclear():
    for label, code in countries.lookup("name").items():
        if label not in ("Congo", "EU", "European Union"):
            assert countries.find(label) == countries.find(label.upper()) == code, label


@pytest.mark.parametrize("label", ["Congo", "KOREA", "St. Martin", "Virgin Is", "european union"])
def test_an_unclear_label_is_found_as_nothing_and_all_its_meanings_are_told(label):
    assert countries.find(label) is None
    assert len(countries.meanings(label)) == 2


@pytest.mark.parametrize("label", ["", "...", "TUR", "051", "Atlantis", "of the"])
def test_codes_and_strangers_are_found_as_nothing(label):
    assert countries.find(label) is None
    assert countries.meanings(label) == ()


def test_the_order_of_words_counts_only_for_those_who_ask():
    assert countries.meanings("China, Hong Kong") == ("HKG",)
    assert countries.meanings("China, Hong Kong", any_order=False) == ()


def test_east_timor_is_the_old_code_for_eurostat_and_the_country_for_everyone_else():
    assert countries.lookup("eurostat_label")["East Timor"] == "_EAST_TIMOR_2002"
    assert countries.lookup("name")["East Timor"] == countries.find("EAST TIMOR") == "TLS"


def test_names_of_the_united_nations_are_found(shared_data):
    columns = ("UNTERM English Short", "UNTERM English Formal", "official_name_en")
    for row in rows(shared_data / "country" / "country-codes.csv"):
        for name in {row[column] for column in columns} - {"", "Congo", "Congo (the)"}:
            assert countries.find(name) == row["ISO3166-1-Alpha-3"], name


def test_an_unknown_scheme_is_named_with_near_ones():
    with pytest.raises(RegistryError, match=r"no scheme 'comtrad'; did you mean comtrade"):
        countries.lookup("comtrad")


def test_reading_countries_loads_no_table_library():
    heavy = "{'pyarrow', 'duckdb', 'pandas', 'ibis'} & set(sys.modules)"
    script = f"import sys, entrepot.reference.countries; sys.exit(bool({heavy}))"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_every_comtrade_reporter_and_partner_resolves(shared_data):
    comtrade = countries.lookup("comtrade")
    for kind in ("partners", "reporters"):
        for row in rows(shared_data / "comtrade" / "reference" / f"comtrade_{kind}.csv"):
            ours = comtrade[row["id"]]
            if row["group"] == "True" and ours != "TWN":  # 490 is a group of one in practice
                assert countries.is_aggregate(ours)
            elif ours in countries.table() and ours not in ("TWN", "XKX"):
                assert row["iso_3"] == ours
            if row["exit_year"] and ours in countries.table():
                # Overseas territories that Comtrade closed but ISO still lists.
                assert ours in ("GUF", "GLP", "MTQ", "REU", "MYT", "VIR")


def test_every_comtrade_name_resolves_to_its_number(shared_data):
    names, comtrade = countries.lookup("name"), countries.lookup("comtrade")
    for row in rows(shared_data / "comtrade" / "reference" / "comtrade_partners.csv"):
        if row["id"] not in ("840", "756"):  # the plain names mean 842 and 757
            assert names[row["country"].strip()] == comtrade[row["id"]]


def test_every_code_of_the_comext_dictionary_resolves(shared_data):
    comext, labels = countries.lookup("comext"), countries.lookup("eurostat_label")
    for code, until, label in geonom(shared_data / "comext" / "FULL.txt"):
        assert code in comext
        if until.endswith("2500"):
            assert labels[label] == comext[code]


def test_every_label_of_a_data_browser_download_resolves(shared_data):
    labels = countries.lookup("eurostat_label")
    for row in rows(shared_data / "comext" / "sdmx_csv_databrowser_download.csv"):
        assert labels[row["REPORTER"]] == "EU27"
        assert row["PARTNER"] in labels
    for row in rows(shared_data / "eurostat-ds045409" / "eu_countries.csv"):
        assert countries.name(labels[row["reporter"]]) == row["eu_country"]


def test_iso_codes_agree_with_an_open_list(shared_data):
    listed = rows(shared_data / "country" / "country-codes.csv")
    theirs = {
        row["ISO3166-1-Alpha-3"]: (row["ISO3166-1-Alpha-2"], row["ISO3166-1-numeric"].zfill(3))
        for row in listed
    }
    ours = {code: (row["iso2"], row["m49"]) for code, row in countries.table().items()}
    del ours["XKX"]
    assert ours == theirs
