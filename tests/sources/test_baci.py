"""Truth: files written here in CEPII's layout with invented numbers; real rows where they are."""

from __future__ import annotations

import csv
import shutil
import zipfile
from datetime import date

import duckdb
import pytest

from entrepot.contracts import Query, RawFile, Release, Response, Verdict
from entrepot.errors import (
    CoverageError,
    DriftError,
    SourceError,
    TruncatedError,
    UnknownCodeError,
)
from entrepot.ingest import Batch, InputFile, ingest
from entrepot.reads import Reads
from entrepot.reference import countries
from entrepot.sources.baci import baci, endpoints
from entrepot.store.vintages import Scope, Store
from entrepot.workspace import Workspace

NAME = "BACI_HS17_Y2021_V202301.csv"
HEADER = '"t","i","j","k","v","q"'
LINE = '2021,276,490,854231,52.051,"       13.235"'
ROW = {
    "freq": "A",
    "period": date(2021, 1, 1),
    "reporter": "DEU",
    "partner": "TWN",
    "flow": "export",
    "classification": "HS2017",
    "product": "854231",
    "valuation": "FOB",
    "value_local": 52051.0,
    "currency": "USD",
    "net_mass_kg": 13235.0,
    "quantity": None,
    "quantity_unit": None,
    "status": "derived",
    "mass_status": "estimated",
}
NO_MASS = {"net_mass_kg": None, "mass_status": None}


@pytest.fixture
def year(tmp_path):
    """Write a year's file with CEPII's line ends."""

    def write(*lines, name=NAME, header=HEADER, line_end="\r\n", end=None):
        path = tmp_path / name
        last = line_end if end is None else end
        path.write_bytes((line_end.join([header, *lines]) + last).encode())
        return path

    return write


@pytest.fixture
def archive(tmp_path):
    """Write a zip as CEPII packs it: tables, lists of codes and a readme."""

    def write(tables, name="BACI_HS17_V202301.zip"):
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("Readme.txt", "List of Variables:")
            packed.writestr(
                "country_codes_V202301.csv", "country_code,country_name\n4,Afghanistan\n"
            )
            for member, lines in tables.items():
                packed.writestr(member, "\n".join([HEADER, *lines, ""]))
        return path

    return write


def test_a_file_gives_exactly_its_numbers_in_dollars_and_kilograms(read, year):
    assert read(baci, year(LINE)) == [ROW]
    assert read.reading.source == "baci_hs17"
    assert read.reading.published == date(2023, 1, 31)
    assert (read.reading.products, read.reading.partners) == (None, None)


@pytest.mark.parametrize("quantity", ['"           NA"', "NA", ""])
def test_a_quantity_that_is_not_known_is_null(read, year, quantity):
    path = year(f"2021,276,490,854231,52.051,{quantity}")
    assert read(baci, path) == [ROW | NO_MASS]


def test_a_quantity_below_half_a_kilogram_is_zero_and_known(read, year):
    [row] = read(baci, year('2021,276,490,854231,0.001,"        0.000"'))
    assert (row["value_local"], row["net_mass_kg"], row["mass_status"]) == (1.0, 0.0, "estimated")


@pytest.mark.parametrize(
    ("printed", "dollars"), [("1.001", 1001.0), ("2.011", 2011.0), ("0.0015", 1.5)]
)
def test_a_thousand_times_a_decimal_is_exact(read, year, printed, dollars):
    [row] = read(baci, year(f"2021,276,490,854231,{printed},{printed}"))
    assert (row["value_local"], row["net_mass_kg"]) == (dollars, dollars)


def test_a_lost_leading_zero_is_put_back(read, year):
    assert [row["product"] for row in read(baci, year("2021,4,31,81310,1.624,0.5"))] == ["081310"]


def test_columns_may_stand_in_another_order_and_without_quotes(read, year):
    path = year("490,276,2021,854231,13.235,52.051", header="j,i,t,k,q,v", line_end="\n")
    assert read(baci, path) == [ROW]


@pytest.mark.parametrize(
    ("digits", "year_of_trade", "classification"),
    [("92", 1995, "HS1992"), ("02", 2021, "HS2002"), ("22", 2022, "HS2022")],
)
def test_the_name_gives_the_revision(read, year, digits, year_of_trade, classification):
    name = f"BACI_HS{digits}_Y{year_of_trade}_V202501 (1).csv"
    [row] = read(baci, year(LINE.replace("2021", str(year_of_trade)), name=name))
    assert (row["classification"], row["period"].year) == (classification, year_of_trade)
    assert read.reading.source == f"baci_hs{digits}"


@pytest.mark.parametrize(
    ("version", "day"),
    [
        ("202301", date(2023, 1, 31)),
        ("202402", date(2024, 2, 29)),
        ("202401b", date(2024, 4, 9)),
        ("202601b", None),
    ],
)
def test_a_version_counts_from_the_last_day_it_can_be_of(read, year, version, day):
    read(baci, year(LINE, name=NAME.replace("202301", version)))
    assert read.reading.published == day


def test_a_zip_gives_the_rows_of_all_its_years(read, archive):
    older = LINE.replace("2021", "2020").replace("52.051", "2")
    path = archive({NAME: [LINE], NAME.replace("2021", "2020"): [older, older.replace("490", "4")]})
    rows = sorted(read(baci, path), key=lambda row: (row["period"], row["partner"]))
    assert [(row["period"].year, row["partner"], row["value_local"]) for row in rows] == [
        (2020, "AFG", 2000.0),
        (2020, "TWN", 2000.0),
        (2021, "TWN", 52051.0),
    ]
    assert (read.reading.source, read.reading.published) == ("baci_hs17", date(2023, 1, 31))


def test_a_zip_is_unpacked_where_the_caller_says(archive, tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with duckdb.connect() as connection:
        reading = baci.parse(RawFile(archive({NAME: [LINE]}), scratch=scratch), connection)
        assert [path.name for path in scratch.rglob("BACI*.csv")] == [NAME]
        assert reading.rows.aggregate("count(*)").fetchall() == [(1,)]


@pytest.mark.parametrize(
    ("line", "kind", "message"),
    [
        (LINE.replace("276", "999999"), UnknownCodeError, "unknown country 999999 in column i"),
        (LINE.replace("490", "UKN"), UnknownCodeError, "unknown country UKN in column j"),
        (LINE.replace("2021", "2020"), DriftError, "year 2020; expected 2021"),
        (LINE.replace("854231", "8542"), DriftError, "unknown product 8542"),
        (LINE.replace("854231", "01234"), DriftError, "unknown product 01234"),
        (LINE.replace("854231", "TOTAL"), DriftError, "unknown product TOTAL"),
        (LINE.replace("52.051", "NA"), SourceError, "v is 'NA'"),
        (LINE.replace("52.051", ""), SourceError, "v is empty"),
        (LINE.replace("52.051", "-1"), SourceError, "v is '-1'"),
        (LINE.replace("52.051", "inf"), SourceError, "v is 'inf'"),
        (LINE.replace("13.235", "x"), SourceError, "q is ' x'"),
        (LINE.replace("13.235", "-1"), SourceError, "q is ' -1'"),
        ("2021,276,490,854231,52.051", SourceError, "a row has 5 columns; expected 6"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(read, year, line, kind, message):
    with pytest.raises(kind) as caught:
        read(baci, year(LINE.replace("490", "4"), line))
    assert type(caught.value) is kind
    assert message in str(caught.value)
    assert NAME in str(caught.value)
    assert "line 3" in str(caught.value)


def test_an_error_in_a_zip_names_the_table_and_the_line(read, archive):
    tables = {NAME: [LINE], NAME.replace("2021", "2020"): [LINE]}
    with pytest.raises(DriftError, match=r"V202301\.zip: year 2021.*BACI_HS17_Y2020\S+; line 2"):
        read(baci, archive(tables))


@pytest.mark.parametrize(
    ("header", "odd"),
    [
        ('"t","i","j","k","v","q","sanctioned"', "sanctioned"),
        ('"t","i","j","k","v"', "of which q differ"),
        ('"t","i","j","k","v","v"', "of which q differ"),
        ('"t","i","j","k","v","q","q"', "columns t, i, j, k, v, q, q"),
    ],
)
def test_a_new_or_absent_column_is_named(read, year, header, odd):
    with pytest.raises(DriftError, match=odd):
        read(baci, year(LINE, header=header))


@pytest.mark.parametrize(
    "name",
    [
        "ExampleTradeData_BACI_AFG_ZAF.csv",
        "BACI_HS27_Y2029_V203101.csv",
        "BACI_HS17_Y2016_V202301.csv",
        "BACI_HS17_Y2021_V202313.csv",
    ],
)
def test_a_name_that_says_no_known_revision_and_year_is_refused(read, year, name):
    with pytest.raises(DriftError, match="give the file the name it had"):
        read(baci, year(LINE, name=name))


def test_a_file_that_ends_in_a_line_is_truncated(read, year):
    with pytest.raises(TruncatedError, match="ends in the middle of a line"):
        read(baci, year(LINE, end=""))


def test_a_zip_that_ends_early_or_holds_no_table_is_refused(read, archive, tmp_path):
    whole = archive({NAME: [LINE] * 100})
    cut = tmp_path / "cut.zip"
    cut.write_bytes(whole.read_bytes()[:-100])
    with pytest.raises(SourceError, match=r"cut\.zip: broken archive"):
        read(baci, cut)
    with pytest.raises(SourceError, match="holds no table"):
        read(baci, archive({}, name="lists.zip"))


@pytest.mark.parametrize("other", ["BACI_HS12_Y2020_V202301.csv", "BACI_HS17_Y2020_V202401.csv"])
def test_a_zip_of_two_revisions_or_versions_is_refused(read, archive, other):
    with pytest.raises(DriftError, match="expected one revision and version"):
        read(baci, archive({NAME: [LINE], other: [LINE.replace("2021", "2020")]}))


def test_two_revisions_are_two_sources_that_are_never_added(year, tmp_path):
    desk = Workspace(tmp_path / "store")
    desk.ingest("baci", [year(LINE)])
    desk.ingest("baci", [year(LINE.replace("854231", "854232"), name=NAME.replace("17", "12"))])
    assert sorted(vintage.source for vintage in desk.store.vintages()) == ["baci_hs12", "baci_hs17"]
    asked = [Reads("export", ("DEU",), ("TWN",), (("2021-01", "2021-12"),), freq="A")]
    with pytest.raises(CoverageError, match="adding them would count twice"):
        desk.selection(asked).held.kept.count().execute()
    [row] = desk.rows(desk.selection(asked, sources=("baci_hs17",)).held.kept)
    assert (row["classification"], row["value_usd"]) == ("HS2017", 52051.0)


def test_a_newer_version_replaces_all_that_an_older_one_had(archive, tmp_path):
    store = Store(tmp_path / "store")
    for version, codes in (("202301", ("854231", "854232")), ("202401", ("854231", "854239"))):
        name = f"BACI_HS17_V{version}.zip"
        lines = [LINE.replace("854231", code) for code in codes]
        path = archive({NAME.replace("202301", version): lines}, name=name)
        release = Release("DEU", "A", "2021", None, f"x/{name}")
        [request] = endpoints.requests(Query("A", ("2021",)), (release,))
        batch = Batch("baci", baci, (InputFile(path, None, request.asked),), date(2026, 1, 1))
        [vintage] = ingest(store, batch, lambda _text: None)
        assert vintage.scope == Scope(declared=True)
    for day, known in ((None, ("854231", "854239")), (date(2023, 6, 1), ("854231", "854232"))):
        desk = Workspace(store.path, as_of=day)
        assert tuple(sorted(row["product"] for row in desk.rows(desk.flows))) == known


def page(*names, version="202601", update="Last update: <b>January 22, 2026</b>."):
    links = "".join(f'<a href="/DATA_DOWNLOAD/baci/data/{name}">x</a>' for name in names)
    return f"<html>BACI {update} This is\n the {version}&nbsp;version. {links}</html>"


LINKS = tuple(f"BACI_HS{digits}_V202601.zip" for digits in endpoints.REVISIONS)


@pytest.fixture
def found(tmp_path):
    """The releases that a page of CEPII's gives."""

    def read_page(text):
        path = tmp_path / "baci-index.html"
        path.write_text(text, "latin-1")
        return endpoints.releases([path])

    return read_page


def test_the_page_gives_each_year_in_its_newest_revision_and_version(found):
    old = ("BACI_HS17_V202401b.zip", "BACI_HS22_V202501.zip")
    releases = found(page(*old, *LINKS[-2:], *old))
    german = [release for release in releases if release.reporter == "DEU"]
    data = "https://www.cepii.fr/DATA_DOWNLOAD/baci/data"
    assert [(release.period, release.address) for release in german] == [
        *((str(y), f"{data}/BACI_HS17_V202601.zip") for y in range(2017, 2022)),
        *((str(y), f"{data}/BACI_HS22_V202601.zip") for y in range(2022, 2025)),
    ]
    assert {(release.freq, release.day) for release in releases} == {("A", date(2026, 1, 22))}


def test_every_country_counts_as_an_exporter_and_no_sum_of_countries_does(found):
    exporters = {release.reporter for release in found(page(*LINKS))}
    assert {"RUS", "TWN", "XKX", "_X_EFTA"} <= exporters
    assert not [code for code in exporters if countries.is_aggregate(code)]


@pytest.mark.parametrize(
    "words",
    [
        {"update": "Last update: yesterday."},
        {"update": "Last update: Brumaire 22, 2026."},
        {"version": "202501"},
    ],
)
def test_a_page_without_a_day_for_the_version_leaves_the_last_day_of_its_month(found, words):
    assert found(page(*LINKS, **words))[0].day == date(2026, 1, 31)


def test_a_page_without_files_or_with_an_unknown_revision_is_drift(found):
    with pytest.raises(DriftError, match="names no file"):
        found(page())
    with pytest.raises(DriftError, match="names files in HS27"):
        found(page(*LINKS, "BACI_HS27_V203001.zip"))


@pytest.mark.parametrize(
    ("query", "name"),
    [
        (Query("A", ("2022", "2023")), "BACI_HS22_V202601.zip"),
        (Query("A", ("2019", "2023")), "BACI_HS17_V202601.zip"),
        (Query("A", ("2001",)), "BACI_HS96_V202601.zip"),
        (Query("A", ("1995", "2024")), "BACI_HS92_V202601.zip"),
        (Query("A", ("2023", "2025", "2026")), "BACI_HS22_V202601.zip"),
        (Query("A", ("1990", "1995")), "BACI_HS92_V202601.zip"),
        (Query("A", ("1990",)), None),
        (Query("A", ()), "BACI_HS92_V202601.zip"),
        (Query("A", ("2023",), classification="HS2012"), "BACI_HS12_V202601.zip"),
        (Query("A", ("2011", "2012"), classification="HS2012"), "BACI_HS12_V202601.zip"),
        (Query("A", ("2011",), classification="HS2012"), None),
        (Query("A", ("2025",)), None),
        (Query("A", ("2023",), classification="CN"), None),
        (Query("A", ("2023",), flows=("import",)), None),
        (Query("M", ("2023-01",)), None),
        (Query("M", ()), None),
    ],
)
def test_one_zip_answers_a_query_in_the_newest_revision_that_has_its_years(found, query, name):
    releases = found(page(*LINKS))
    asked = list(endpoints.requests(query, releases))
    assert [request.name for request in asked] == ([name] if name else [])
    assert asked == list(endpoints.requests(query, releases[::-1]))
    for request in asked:
        assert request.url == f"https://www.cepii.fr/DATA_DOWNLOAD/baci/data/{name}"
        assert request.published == date(2026, 1, 22)


def test_an_answer_speaks_for_all_that_its_years_have(found):
    [request] = endpoints.requests(Query("A", ("2022",), ("DEU",)), found(page(*LINKS)))
    assert request.asked == Query(
        freq="A",
        periods=("2022", "2023", "2024"),
        flows=("export",),
        classification="HS2022",
    )


def test_before_the_page_is_read_the_plan_has_one_file_without_a_version():
    assumed = tuple(Release(who, "A", year) for who in ("DEU", "FRA") for year in ("2019", "2024"))
    [request] = endpoints.requests(Query("A", ("2019", "2024"), ("DEU", "FRA")), assumed)
    assert (request.name, request.asked, request.published) == ("BACI_HS17.zip", None, None)


def test_exporters_that_the_store_has_need_no_zip(found):
    query = Query("A", ("2022",), ("DEU", "FRA"))
    left = tuple(release for release in found(page(*LINKS)) if release.reporter != "FRA")
    assert [request.name for request in endpoints.requests(query, left)] == [LINKS[-1]]
    none = tuple(release for release in left if release.reporter != "DEU")
    assert list(endpoints.requests(query, none)) == []


def test_a_zip_bears_the_day_of_its_own_version(found):
    releases = found(page(*LINKS[:-1], "BACI_HS22_V202501.zip"))
    assert {r.period: r.address[-14:-4] for r in releases if r.period > "2020"} == {
        "2021": "17_V202601",
        "2022": "22_V202501",
        "2023": "22_V202501",
        "2024": "17_V202601",
    }
    days = {}
    for years in (("2022", "2023"), ("2017", "2018")):
        [request] = endpoints.requests(Query("A", years), releases)
        days[request.name] = request.published
    assert days == {
        "BACI_HS22_V202501.zip": date(2025, 1, 31),
        "BACI_HS17_V202601.zip": date(2026, 1, 22),
    }


def test_the_index_is_one_page_of_cepii():
    [request] = endpoints.index(Query("A", ("2021",)))
    assert (request.url.split("/")[2], dict(request.params)) == ("www.cepii.fr", {"id": "37"})


@pytest.fixture
def judged(tmp_path):
    """The verdict on an answer, by its bytes and status."""

    def judge(content, status=200, index=False):
        path = tmp_path / "answer"
        path.write_bytes(content)
        [request] = endpoints.index(Query("A", ()))
        if not index:
            release = Release("DEU", "A", "2021", None, f"x/{LINKS[-2]}")
            [request] = endpoints.requests(Query("A", ("2021",)), (release,))
        return endpoints.judge(request, Response(status, {}, path))

    return judge


def test_a_whole_zip_with_rows_is_good_and_one_without_is_empty(judged, archive):
    assert judged(archive({NAME: [LINE]}).read_bytes()) == (Verdict.GOOD, "")
    assert judged(archive({NAME: []}).read_bytes())[0] is Verdict.EMPTY


@pytest.mark.parametrize(
    ("content", "status", "verdict"),
    [
        (b"<!DOCTYPE html><html>please wait</html>", 200, Verdict.BUSY),
        (b"", 200, Verdict.BUSY),
        (b"", 503, Verdict.BUSY),
        (b"", 429, Verdict.BUSY),
        (b"quota exceeded", 429, Verdict.QUOTA),
        (b"<html>Forbidden</html>", 403, Verdict.BAD_KEY),
        (b"", 404, Verdict.UNPUBLISHED),
        (b"", 413, Verdict.TOO_LARGE),
        (b"", 400, Verdict.WRONG),
    ],
)
def test_what_is_no_zip_is_told_apart(judged, content, status, verdict):
    assert judged(content, status)[0] is verdict


def test_a_page_in_place_of_a_zip_is_called_one(judged):
    assert judged(b"<html>wait</html>") == (Verdict.BUSY, "a web page instead of a zip file")
    assert judged(b"t,i,j,k,v,q") == (Verdict.BUSY, "not a zip file")


def test_a_zip_cut_short_is_asked_for_again_and_one_of_something_else_is_wrong(judged, archive):
    whole = archive({NAME: [LINE] * 100}).read_bytes()
    assert judged(whole[: len(whole) // 2])[0] is Verdict.BUSY
    assert judged(archive({}).read_bytes())[0] is Verdict.WRONG


def test_a_page_is_good_with_links_wrong_without_and_busy_if_it_is_another(judged):
    assert judged(page(*LINKS).encode(), index=True) == (Verdict.GOOD, "")
    assert judged(page().encode(), index=True)[0] is Verdict.WRONG
    assert judged(b"<html>please wait</html>", index=True)[0] is Verdict.BUSY


def test_real_rows_add_up_to_what_a_plain_reading_gives(read, shared_data, tmp_path):
    real = shared_data / "baci" / "ExampleTradeData_BACI_AFG_ZAF.csv"
    # Its name says no revision; 854211 and 854219 without 854212 are codes of HS1992 alone.
    path = shutil.copy(real, tmp_path / "BACI_HS92_Y2021_V202301.csv")
    with real.open(encoding="utf-8", newline="") as opened:
        lines = list(csv.DictReader(opened))
    rows = read(baci, path)
    known = [float(line["q"]) for line in lines if line["q"].strip() != "NA"]
    assert len(rows) == len(lines) == 71_192
    assert sum(row["net_mass_kg"] is None for row in rows) == len(lines) - len(known) == 2_306
    total = sum(row["value_local"] for row in rows)
    assert total == pytest.approx(1000 * sum(float(line["v"]) for line in lines), rel=1e-12)
    mass = sum(row["net_mass_kg"] or 0 for row in rows)
    assert mass == pytest.approx(1000 * sum(known), rel=1e-12)
    assert {row["reporter"] for row in rows} == {"AFG", "ZAF"}
    assert {len(row["product"]) for row in rows} == {6}


def test_every_country_code_of_baci_has_a_place(shared_data):
    path = shared_data / "baci" / "country_codes_V202301.csv"
    with path.open(encoding="latin-1", newline="") as opened:
        theirs = {row["country_code"]: row["iso_3digit_alpha"] for row in csv.DictReader(opened)}
    ours = countries.lookup("comtrade")
    assert theirs.keys() <= ours.keys()
    differ = {code for code, iso3 in theirs.items() if iso3 != ours[code]}
    assert {ours[code] in countries.areas() for code in differ} == {True}
    assert ours["490"] == "TWN"
