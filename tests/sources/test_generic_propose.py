"""Truth: tables in the layouts that offices publish, with invented numbers and their known rows.

Each is proposed a mapping, gets the answers that only a person has, and is read with it.
"""
# ruff: noqa: RUF001 - offices write in their own letters

from __future__ import annotations

import tomllib

import openpyxl
import pytest

from entrepot.errors import SourceError
from entrepot.sources.generic import generic, mapping, proposing
from entrepot.sources.generic.proposing import columns, opening, show
from entrepot.sources.generic.proposing.words import currency, field, flow_in, scale
from support import commandline

TURKSTAT = """Yıl;Ay;Ülke adı;GTİP;GTİP adı;İhracat Dolar;İhracat Kilo;İthalat Dolar
2023;1;Rusya Federasyonu;854231100000;İşlemciler;4.200,50;12,5;1.000
2023;1;Kazakistan;854231100000;İşlemciler;810;2;0
2023;2;Gürcistan;851762000011;Cihazlar;3.900;11;12.345.678
""".encode("cp1254")
INDIA = b""""Table 4: Export of principal commodities, values in US $ million"

S.No.,HSCode,Commodity,Country,Apr-2023,May-2023,Total
1,84715000,PROCESSING UNITS,RUSSIA,12.50,3.25,15.75
2,85423100,PROCESSORS,U ARAB EMTS,1.10,,1.10
3,85423100,PROCESSORS,KAZAKHSTAN,,0.40,0.40
"""
LAKH = b"""HSCode,Commodity,Country,Year,Month,Value (Rs. Lakh)
85423100,PROCESSORS,KOREA REP,2023,April,"1,23,456.50"
85423100,PROCESSORS,RUSSIA,2023,May,"2,000.00"
"""
ARMENIA = [
    ["External trade of Armenia by countries and commodities"],
    ["January-March 2023"],
    [],
    [
        *("Period", "Country", "HS code (8 digit)", "Commodity", "Export, thousand USD"),
        *("Export, tonnes", "Import, thousand USD", "Import, tonnes"),
    ],
    ["January 2023", "RUSSIA", 85423110, "Processors", 12.5, 0.25, 3.5, 0.125],
    ["January-February 2023", "RUSSIA", 85423110, "Processors", 20.5, 0.75, 3.5, 0.125],
]
KAZAKHSTAN = [
    ["Внешняя торговля Республики Казахстан"],
    [None],
    [
        *("Период", "Направление", "Страна", "Код ТН ВЭД", "Наименование товара"),
        *("Вес нетто, тонн", "Стоимость, тыс. долл. США"),
    ],
    [1, 2, 3, 4, 5, 6, 7],
    ["январь 2023", "Экспорт", "РОССИЯ", 8542311000, "Процессоры", 1.5, 120.5],
    ["январь 2023", "Импорт", "КИТАЙ", 8542311000, "Процессоры", 2.5, 320.5],
    ["февраль 2023", "Экспорт", "Всего", 8542311000, "Процессоры", 2.5, 320.5],
]
GACC = """Date of data,Commodity code,Commodity,\
Trading partner code,Trading partner,Unit,Quantity,US dollar
202301,85423111,Processors,344,Russian Federation,Piece,"1,200","12,345,678"
202301,85423111,Processors,145,Kyrgyzstan,Piece,20,"5,678"
202302,85176299,Routers,141,Kazakhstan,-,-,"1,000"
""".encode("utf-8-sig")
GACC_CHINESE = """数据年月,商品编码,商品名称,贸易伙伴编码,贸易伙伴名称,第一数量,第一计量单位,美元
202301,85423111,处理器,344,俄罗斯,1200,个,"12,345,678"
202301,85423111,处理器,145,吉尔吉斯斯坦,20,个,"5,678"
""".encode("gb18030")
GEORGIA = [
    ["Exports by country and commodity, 2023 (thousand US dollars)"],
    ["Country", "HS6 code", "January", "February", "March", "Total"],
    ["Russia", 854231, 1.5, 2.5, None, 4],
    ["Armenia", 870323, 10, 20, 30.5, 60.5],
]
KYRGYZSTAN = """Период;Страна;ТН ВЭД;Наименование;Ед. изм.;\
Количество;Вес нетто (кг);Стоимость, долл. США
01.2023;Россия;8542311000;Процессоры;шт;1 200;12,5;4 200,50
01.2023;Казахстан;8542311000;Процессоры;шт;10;0,5;810,00
""".encode("cp1251")
PAGE = """<html><head><meta http-equiv="Content-Type" content="text/html; charset=windows-1251">
</head><body><table><tr><td colspan=5>Внешняя торговля, 2023</td></tr>
<tr><th rowspan=2>Месяц</th><th rowspan=2>Страна</th><th rowspan=2>Код ТН ВЭД</th>
<th colspan=2>Экспорт</th></tr><tr><th>тонн</th><th>тыс. долл. США</th></tr>
<tr><td>2023-01</td><td>Россия</td><td>8542311000</td><td>1,5</td><td>120,55</td></tr>
<tr><td>2023-02</td><td>Россия</td><td>8542311000</td><td>2,5</td><td>99,10</td></tr>
</table></body></html>""".encode("cp1251")
UZBEK = b"""Davr;Mamlakat;TIF TN kodi;Eksport, ming AQSH dollari
2023 yil yanvar;Rossiya;8542311000;12,5
2023 yil fevral;Qozogiston;8542311000;7,25
"""
GERMAN = """Monat;Land;Warennummer;Ausfuhr Wert (Tsd. EUR);Eigenmasse kg
Jan. 2023;Kasachstan;85423110;1.234,5;10
Feb. 2023;Georgien;85423110;2,5;1
""".encode("latin-1")

FOB = {"export": "FOB", "import": "CIF", "published": "2024-02-15"}
LAYOUTS = {
    "Turkey": (
        *("turkstat.csv", TURKSTAT, {"reporter": "TUR"}),
        {"Rusya Federasyonu": "RUS", "Kazakistan": "KAZ", "Gürcistan": "GEO"},
        [
            ("2023-01", "KAZ", "export", "GTIP2023-HS2022", "854231100000", 810.0, 2.0),
            ("2023-01", "KAZ", "import", "GTIP2023-HS2022", "854231100000", 0.0, None),
            ("2023-01", "RUS", "export", "GTIP2023-HS2022", "854231100000", 4200.5, 12.5),
            ("2023-01", "RUS", "import", "GTIP2023-HS2022", "854231100000", 1000.0, None),
            ("2023-02", "GEO", "export", "GTIP2023-HS2022", "851762000011", 3900.0, 11.0),
            ("2023-02", "GEO", "import", "GTIP2023-HS2022", "851762000011", 12345678.0, None),
        ],
    ),
    "India": (
        *("india.csv", INDIA, {"reporter": "IND"}),
        {},
        [
            ("2023-04", "ARE", "export", "ITCHS2023-HS2022", "85423100", 1.1e6, None),
            ("2023-04", "RUS", "export", "ITCHS2023-HS2022", "84715000", 12.5e6, None),
            ("2023-05", "KAZ", "export", "ITCHS2023-HS2022", "85423100", 0.4e6, None),
            ("2023-05", "RUS", "export", "ITCHS2023-HS2022", "84715000", 3.25e6, None),
        ],
    ),
    "India in lakh": (
        *("lakh.csv", LAKH, {"reporter": "IND", "flow": "import"}),
        {},
        [
            ("2023-04", "KOR", "import", "ITCHS2023-HS2022", "85423100", 12345650000.0, None),
            ("2023-05", "RUS", "import", "ITCHS2023-HS2022", "85423100", 2e8, None),
        ],
    ),
    "Armenia": (
        *("armenia.xlsx", ARMENIA, {"reporter": "ARM"}),
        {},
        [
            ("2023-01", "RUS", "export", "TNVED2023-HS2022", "85423110", 12500.0, 250.0),
            ("2023-01", "RUS", "import", "TNVED2023-HS2022", "85423110", 3500.0, 125.0),
            ("2023-02", "RUS", "export", "TNVED2023-HS2022", "85423110", 8000.0, 500.0),
            ("2023-02", "RUS", "import", "TNVED2023-HS2022", "85423110", 0.0, 0.0),
        ],
    ),
    "Kazakhstan": (
        *("kazakhstan.xlsx", KAZAKHSTAN, {"reporter": "KAZ"}),
        {"РОССИЯ": "RUS", "КИТАЙ": "CHN"},
        [
            ("2023-01", "CHN", "import", "TNVED2023-HS2022", "8542311000", 320500.0, 2500.0),
            ("2023-01", "RUS", "export", "TNVED2023-HS2022", "8542311000", 120500.0, 1500.0),
        ],
    ),
    "China": (
        *("china.csv", GACC, {"reporter": "CHN", "flow": "export"}),
        {},
        [
            ("2023-01", "KGZ", "export", "CNHS2023-HS2022", "85423111", 5678.0, None),
            ("2023-01", "RUS", "export", "CNHS2023-HS2022", "85423111", 12345678.0, None),
            ("2023-02", "KAZ", "export", "CNHS2023-HS2022", "85176299", 1000.0, None),
        ],
    ),
    "China in Chinese": (
        *("zhongguo.csv", GACC_CHINESE, {"reporter": "CHN", "flow": "export"}),
        {"俄罗斯": "RUS", "吉尔吉斯斯坦": "KGZ"},
        [
            ("2023-01", "KGZ", "export", "CNHS2023-HS2022", "85423111", 5678.0, None),
            ("2023-01", "RUS", "export", "CNHS2023-HS2022", "85423111", 12345678.0, None),
        ],
    ),
    "Georgia": (
        *("georgia.xlsx", GEORGIA, {"reporter": "GEO"}),
        {},
        [
            ("2023-01", "ARM", "export", "HS2022", "870323", 10000.0, None),
            ("2023-01", "RUS", "export", "HS2022", "854231", 1500.0, None),
            ("2023-02", "ARM", "export", "HS2022", "870323", 20000.0, None),
            ("2023-02", "RUS", "export", "HS2022", "854231", 2500.0, None),
            ("2023-03", "ARM", "export", "HS2022", "870323", 30500.0, None),
        ],
    ),
    "Kyrgyzstan": (
        *("kyrgyzstan.csv", KYRGYZSTAN, {"reporter": "KGZ", "flow": "export"}),
        {"Россия": "RUS", "Казахстан": "KAZ"},
        [
            ("2023-01", "KAZ", "export", "TNVED2023-HS2022", "8542311000", 810.0, 0.5),
            ("2023-01", "RUS", "export", "TNVED2023-HS2022", "8542311000", 4200.5, 12.5),
        ],
    ),
    "a page with two lines of names": (
        *("trade.xls", PAGE, {"reporter": "KAZ"}),
        {"Россия": "RUS"},
        [
            ("2023-01", "RUS", "export", "TNVED2023-HS2022", "8542311000", 120550.0, 1500.0),
            ("2023-02", "RUS", "export", "TNVED2023-HS2022", "8542311000", 99100.0, 2500.0),
        ],
    ),
    "Uzbekistan": (
        *("uzbekistan.csv", UZBEK, {"reporter": "UZB"}),
        {"Rossiya": "RUS", "Qozogiston": "KAZ"},
        [
            ("2023-01", "RUS", "export", "TNVED2023-HS2022", "8542311000", 12500.0, None),
            ("2023-02", "KAZ", "export", "TNVED2023-HS2022", "8542311000", 7250.0, None),
        ],
    ),
    "Germany": (
        *("deutschland.csv", GERMAN, {"reporter": "DEU"}),
        {"Kasachstan": "KAZ", "Georgien": "GEO"},
        [
            ("2023-01", "KAZ", "export", "CN2023", "85423110", 1234500.0, 10.0),
            ("2023-02", "GEO", "export", "CN2023", "85423110", 2500.0, 1.0),
        ],
    ),
}


@pytest.fixture
def file(tmp_path):
    def write(name, content):
        path = tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            book = openpyxl.Workbook()
            for row in content:
                book.active.append(row)
            book.create_sheet("Notes").append(["Source: the office"])
            book.save(path)
        return path

    return write


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_national_layout_is_proposed_and_read(read, file, layout):
    name, content, told, countries, right = LAYOUTS[layout]
    path = file(name, content)
    made = proposing.propose(path, told | FOB)
    assert sorted(word for words in made.unknown.values() for word in words) == sorted(countries)
    assert set(made.asked) == ({"codes.partner"} if countries else set())
    _sample, trouble = show.sample(made)
    assert trouble == ""
    mapping = tomllib.loads(show.toml(made))
    if countries:
        mapping["codes"]["partner"] |= countries
    found = read(generic, path, mapping)
    names = ("partner", "flow", "classification", "product", "value_local", "net_mass_kg")
    rows = [(f"{row['period']:%Y-%m}", *(row[name] for name in names)) for row in found]
    assert sorted(rows, key=str) == sorted([(*row[:6], row[6] or None) for row in right], key=str)


def test_what_only_a_person_knows_is_asked(file):
    made = proposing.propose(file("turkstat.csv", TURKSTAT), {})
    assert set(made.asked) == {
        *("published", "codes.partner", "valuation.export", "valuation.import", "reporter"),
    }
    rows, trouble = show.sample(made)
    assert trouble == ""
    assert {(row["reporter"], row["partner"]) for row in rows} == {("?", "?")}
    text = show.toml(made)
    assert '# "Kazakistan" = "ISO3"' in text
    assert "# missing: whose records these are: --set reporter=ISO3" in text
    unfinished = tomllib.loads(text)
    with pytest.raises(SourceError, match=r"says nothing of 'reporter'"):
        mapping.check(unfinished, "turkstat.csv")


def test_an_unknown_currency_flow_and_year_are_asked(file):
    content = b"Country,HS,January,February\nRUS,854231,1,2\nKAZ,854231,3,4\n"
    made = proposing.propose(file("a.csv", content), {})
    assert {"currency", "flow", "year", "reporter", "published"} <= set(made.asked)
    made = proposing.propose(file("a.csv", content), {"year": "2023", "flow": "export"})
    assert not {"flow", "year"} & set(made.asked)


def test_figures_that_commas_leave_open_are_asked(file):
    content = b"Month;Country;HS;Value USD\n2023-01;RUS;854231;1,234\n2023-01;KAZ;854231;5\n"
    made = proposing.propose(file("a.csv", content), {})
    assert "--set decimal=, or --set thousands=," in made.asked["decimal"]
    made = proposing.propose(file("a.csv", content), {"thousands": ","})
    assert "decimal" not in made.asked
    assert made.mapping["format"]["thousands"] == ","


SPLIT = """NAPR,PERIOD,STRANA,TNVED,EDIZM,STOIM,NETTO,KOL,Source
ИМ,2023-01-01,IN,8542310000,796,100.5,1,5,FTS
ЭК,2023-01-01,IN,8542310000,796,10,1,5,FTS
ИМ,2023-01-01,IN,XXXXXXXXXX,,7,1,0,FTS
ИМ,2023-01-01,IN,854231,KGS,90,1,,MIRROR
ИМ,2023-01-01,IN,30389,KGS,20,1,,MIRROR
ИМ,2023-01-01,IN,30389,NOS,5,1,,MIRROR
""".encode()


def test_a_column_that_tells_whose_records_these_are_is_asked_never_ignored(file):
    path = file("napr.csv", SPLIT)
    made = proposing.propose(path, {})
    assert "'FTS', 'MIRROR'" in made.asked["columns.Source"]
    assert "XXXXXXXXXX" in made.asked["codes.product"]
    columns = made.mapping["columns"]
    assert (columns["period"], columns["partner"], columns["product"]) == (
        *("PERIOD", "STRANA", "TNVED"),
    )
    assert (columns["value"], columns["net_mass_kg"], columns["quantity"]) == (
        *("STOIM", "NETTO", "KOL"),
    )
    assert made.mapping["codes"] == {
        "partner": "iso2",
        "flow": {"ИМ": "import", "ЭК": "export"},
    }


def test_answers_complete_a_proposal(read, file):
    path = file("napr.csv", SPLIT)
    told = {"filter.Source": "MIRROR", "reporter": "RUS", "currency": "USD"} | FOB
    made = proposing.propose(path, told)
    assert made.asked == {}
    assert made.mapping["format"]["pad_products"] == 6
    found = read(generic, path, tomllib.loads(show.toml(made)))
    assert sorted((row["product"], row["value_local"], row["status"]) for row in found) == [
        ("030389", 25.0, "derived"),
        ("854231", 90.0, "reported"),
    ]
    told = {"filter.Source": "FTS", "leave_out.TNVED": "XXXXXXXXXX", "reporter": "RUS"}
    made = proposing.propose(path, told | {"currency": "USD"} | FOB)
    assert made.asked == {}
    assert len(read(generic, path, tomllib.loads(show.toml(made)))) == 2


def test_rows_that_nothing_tells_apart_are_asked(file):
    content = b"Month,Country,HS,USD\n2023-01,RUS,854231,1\n2023-01,RUS,854231,2\n"
    assert "--set sum=true" in proposing.propose(file("a.csv", content), {}).asked["sum"]
    assert "sum" not in proposing.propose(file("a.csv", content), {"sum": "true"}).asked


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a,b\nfoo,bar\nbaz,qux\n", r"no column looks like products, values or periods"),
        (b"just a letter\nwith lines\n", r"no table can be seen in its first 60 rows"),
        (b"", r"the file is empty"),
        (b"<html><body><p>Not found</p></body></html>", r"a page without a table"),
    ],
)
def test_where_nothing_can_be_proposed_it_says_so(file, content, message):
    with pytest.raises(SourceError, match=message) as caught:
        proposing.propose(file("a.csv", content), {})
    assert "\n" not in str(caught.value)


def test_an_answer_that_means_nothing_is_refused(file):
    with pytest.raises(SourceError, match=r"--set country is unknown; known: "):
        proposing.propose(file("a.csv", GACC), {"country": "TUR"})


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Период;Страна;Стоимость\nянварь;Россия;5\n", "cp1251"),
        ("Yıl;Ülke;Değer\n2023;Gürcistan;5\n", "cp1254"),
        ("时间,国家,金额\n202301,俄罗斯,5\n", "gb18030"),
        ("Année;Pays;Valeur\n2023;Russie;5\nété;à;1\n", "latin-1"),
        ("Период;Страна;Стоимость\nянварь;Россия;5\n", "utf-8"),
    ],
)
def test_encodings_are_told_apart_by_their_words(file, text, encoding):
    how, _titles = opening.look(file("a.csv", text.encode(encoding)), {})
    assert how.get("encoding", "utf-8") == encoding


@pytest.mark.parametrize(
    ("texts", "how"),
    [
        (["1.234,5", "2"], {"decimal": ",", "thousands": "."}),
        (["1,234.5", "2"], {"thousands": ",", "decimal": "."}),
        (["1,234,567"], {"thousands": ",", "decimal": "."}),
        (["1,23,456"], {"thousands": "indian", "decimal": "."}),
        (["1 234,5"], {"thousands": " ", "decimal": ","}),
        (["0,125", "12,5"], {"decimal": ","}),
        (["12.5", "7"], {"decimal": "."}),
        (["12", "7"], {}),
    ],
)
def test_signs_of_numbers_are_told_from_the_cells(texts, how):
    assert columns.numbers(texts) == (how, "")


def test_words_of_columns_and_units():
    assert field("Стоимость, тыс. долл. США")[0] == "value"
    assert field("Trading partner code") == ("partner", 3)
    assert field("Birim")[0] == "quantity_unit"
    assert field("Remarks") == ("", 0)
    assert currency("bin ABD doları") == "USD"
    assert currency("USD or EUR") is None
    assert scale("bin ABD doları") == scale("тыс. долл.") == scale("USD '000") == 1000
    assert scale("US $ million") == 1_000_000
    assert flow_in("Exports by country") == "export"
    assert flow_in("Imports and exports") is None


# The command


def run(*words):
    return commandline.run("source", "ingest", "generic", *words, check=False)


def test_the_command_shows_asks_and_takes_nothing_in(tmp_path, file):
    done = run(file("china.csv", GACC), "--store", tmp_path / "store")
    assert done.returncode == 0
    assert "nothing was taken in" in done.stdout
    assert "12,345,678" in done.stdout
    assert "whose records these are: --set reporter=ISO3" in done.stdout
    assert "--set reporter=ISO3" in done.stdout.splitlines()[-1]
    assert not (tmp_path / "store").exists()


def test_the_command_writes_a_mapping_that_takes_the_file_in(tmp_path, file):
    path, target, store = file("china.csv", GACC), tmp_path / "own.toml", tmp_path / "store"
    sets = ["reporter=CHN", "flow=export", "export=FOB", "published=2024-02-15"]
    words = [part for answer in sets for part in ("--set", answer)]
    done = run(path, "--propose", target, *words)
    assert done.stdout.splitlines()[-1].endswith(f"{path} --mapping {target}")
    assert run(path, "--mapping", target, "--store", store).returncode == 0
    again = run(path, "--propose", target, *words)
    assert again.returncode == 1
    assert "there is such a file" in again.stderr


def test_the_command_prints_a_mapping(file):
    done = run(file("china.csv", GACC), "--propose", "-")
    assert tomllib.loads(done.stdout)["columns"]["value"] == "US dollar"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--mapping", "x.toml", "--propose", "y.toml"), "a mapping and a proposal"),
        (("--set", "reporter"), "expected KEY=VALUE"),
        (("--set", "country=TUR"), "--set country is unknown"),
    ],
)
def test_the_command_refuses_what_makes_no_sense(file, words, message):
    done = run(file("china.csv", GACC), *words)
    assert done.returncode == 1
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
