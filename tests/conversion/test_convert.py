"""Conversions against tables worked by hand, every truth by brute force, and real files."""

from __future__ import annotations

import csv
import io
import itertools
import json
import random
from datetime import date

import openpyxl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from entrepot.conversion import run as module
from entrepot.conversion.asked import Conversion
from entrepot.conversion.run import converted
from entrepot.errors import CoverageError, EntrepotError, SourceError, UnknownCodeError
from entrepot.harmonise.concordance import read
from entrepot.store import materials
from entrepot.workspace import Workspace
from support.commandline import run
from support.concordance_books import CORRELATION, book
from support.sampled import costly

# In the workbook 010001 is 1:1; 020001 and 020002 are parts of 020000; 030000 was 030001 and
# 030002; 040002 has goods of 040001 and 040002.
FORWARD = "HS2017", "HS2022"
BACKWARD = "HS2022", "HS2017"


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    return book(tmp_path_factory.mktemp("tables") / "small.xlsx")


@pytest.fixture
def own(tmp_path, small):
    """Write a CSV and convert it; return the rows as plain values."""

    def make(text, way=FORWARD, *, weights="recommended", left="refuse", store=None, **asked):
        path = tmp_path / asked.pop("name", "own.csv")
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        told = Conversion(path, *way, **asked)
        desk = Workspace(store or tmp_path / "none")
        return converted(told, desk, weights=weights, left=left, tables=(small,))

    return make


def shown(made, *names):
    return [tuple(row[name] for name in names) for row in made.rows.to_pylist()]


def told(made):
    return dict(made.about)


# By hand


def test_a_code_with_one_link_becomes_that_code_and_its_bounds_are_its_amount(own):
    made = own("hs6,value,who\n010001,8,x\n")
    assert made.rows.column_names == [
        *("hs6", "who", "hs2022", "link", "weight", "basis", "value", "value_low", "value_high"),
        "concordance",
    ]
    (row,) = shown(made, *made.rows.column_names[:-1])
    assert row == ("010001", "x", "010001", "1:1", 1, "only link", 8, 8, 8)


def test_a_divided_code_is_shared_and_could_be_all_or_nothing_of_each(own):
    made = own("hs6,value,net_weight\n020000,6,\n010001,1,3\n")
    columns = ("hs2022", "link", "weight", "value", "value_low", "value_high")
    assert shown(made, *columns)[:2] == [
        ("020001", "1:n", 0.5, 3, 0, 6),
        ("020002", "1:n", 0.5, 3, 0, 6),
    ]
    names = ("net_weight", "net_weight_low", "net_weight_high")
    assert shown(made, *names) == [(None, None, None)] * 2 + [(3, 3, 3)]


def test_merged_codes_are_whole_in_the_new_one(own):
    made = own("hs6,value\n030001,1\n030002,2\n")
    assert shown(made, "hs6", "hs2022", "link", "value", "value_low", "value_high") == [
        ("030001", "030000", "n:1", 1, 1, 1),
        ("030002", "030000", "n:1", 2, 2, 2),
    ]


def test_many_to_many_keeps_the_link_that_weighs_nothing_for_its_bounds(own):
    made = own("hs6,value\n040001,5\n040002,3\n")
    columns = ("hs6", "hs2022", "link", "weight", "basis", "value", "value_low", "value_high")
    assert shown(made, *columns) == [
        ("040001", "040001", "1:n", 1, "recommended", 5, 0, 5),
        ("040001", "040002", "n:n", 0, "recommended", 0, 0, 5),
        ("040002", "040002", "n:1", 1, "only link", 3, 3, 3),
    ]


def test_the_other_way_has_the_same_links_turned_round(own):
    made = own("hs6,value\n020001,4\n020002,2\n030000,10\n", BACKWARD)
    assert shown(made, "hs6", "hs2017", "link", "value", "value_low", "value_high") == [
        ("020001", "020000", "n:1", 4, 4, 4),
        ("020002", "020000", "n:1", 2, 2, 2),
        ("030000", "030001", "1:n", 10, 0, 10),
        ("030000", "030002", "1:n", 0, 0, 10),
    ]


def test_two_steps_are_one_with_the_narrower_bounds(tmp_path, small):
    """020000 was divided among 020001 and 020002, and before that was 200000 alone."""
    older = [("020000", "200000", "1:1")]
    path = tmp_path / "older.xlsx"
    book(path, older, [pair[:2] for pair in older])
    made = openpyxl.load_workbook(path)
    for sheet in made.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                text = str(cell.value or "")
                cell.value = text.replace("HS2017", "HS2012").replace("HS2022", "HS2017") or None
    made.save(path)
    table = tmp_path / "own.csv"
    table.write_text("hs6,value\n020001,4\n020002,2\n", "utf-8")
    asked = Conversion(table, "HS2022", "HS2012")
    got = converted(asked, Workspace(tmp_path / "none"), tables=(small, path))
    assert shown(got, "hs2012", "value", "value_low") == [("200000", 4, 4), ("200000", 2, 2)]
    assert "small.xlsx" in told(got)["Concordance"]
    assert "older.xlsx" in told(got)["Concordance"]


# Weights


def test_equal_weights_and_those_of_a_file_are_named_row_by_row(own, tmp_path):
    text = "hs6,value\n040001,8\n010001,1\n020000,4\n"
    columns = ("hs2022", "weight", "basis", "value")
    assert shown(own(text, weights="equal"), *columns)[:3] == [
        ("040001", 0.5, "equal", 4),
        ("040002", 0.5, "equal", 4),
        ("010001", 1, "only link", 1),
    ]
    stated = tmp_path / "w.csv"
    stated.write_text("source,target,weight\n040001,040001,0.25\n040001,040002,0.75\n", "utf-8")
    made = own(text, weights=str(stated))
    assert shown(made, *columns) == [
        ("040001", 0.25, "stated", 2),
        ("040002", 0.75, "stated", 6),
        ("010001", 1, "only link", 1),
        ("020001", 0.5, "recommended", 2),
        ("020002", 0.5, "recommended", 2),
    ]
    assert told(made)["Weights"] == "as w.csv states"
    assert told(made)["Codes"] == "1 with one link only, 1 by recommendation, 1 stated"


LOTS = {
    "name": "own",
    "publisher": "An office",
    "columns": {
        "period": "year",
        "reporter": "who",
        "partner": "with",
        "product": "code",
        "value": "usd",
        "classification": "hs",
    },
    "constants": {"freq": "A", "currency": "USD", "flow": "import"},
    "codes": {"reporter": "iso3", "partner": "iso3"},
    "valuation": {"import": "CIF"},
}


@pytest.fixture
def shop(tmp_path):
    """A store of two reporters that changed on time: a quarter of 020000 became 020001."""

    def make(*more, scope="whole", synthetic=False):
        rows = ["year,who,with,code,usd,hs"]
        for who, usd in (("DEU", 100), ("FRA", 60)):
            rows += [
                f"2021,{who},CHN,020000,{usd},HS2017",
                f"2022,{who},CHN,020001,{usd / 4},HS2022",
                f"2022,{who},CHN,020002,{usd * 3 / 4},HS2022",
            ]
        path = tmp_path / "imports.csv"
        path.write_text("\n".join([*rows, *more]) + "\n", "utf-8")
        desk = Workspace(tmp_path / "store")
        desk.ingest("generic", [path], mapping=LOTS, scope=scope, synthetic=synthetic)
        return desk.store.path

    return make


def test_weights_by_trade_are_the_shares_of_the_new_codes(own, shop):
    """25 + 15 of 160 in the new year are 020001; nobody imported 040001 or 040002."""
    made = own("hs6,value\n020000,8\n040001,1\n", weights="trade", store=shop())
    assert shown(made, "hs2022", "basis", "value") == [
        ("020001", "trade", 2),
        ("020002", "trade", 6),
        ("040001", "recommended", 1),
        ("040002", "recommended", 0),
    ]
    assert "2022-01 to 2022-12" in told(made)["Weights"]


def test_weights_of_an_invented_store_mark_every_row_and_others_none(own, shop):
    store, text = shop(synthetic=True), "hs6,value\n020000,8\n"
    made = own(text, weights="trade", store=store)
    assert {*made.rows["notice"].to_pylist()} == {"SYNTHETIC: an invented world"}
    assert told(made)["Notice"].startswith("SYNTHETIC")
    assert "notice" not in own(text, store=store).rows.column_names
    with pytest.raises(SourceError, match="'notice'"):
        own("hs6,notice,value\n020000,a,8\n", weights="trade", store=store)


def test_the_world_stands_for_its_partners_and_counts_once(own, shop):
    """Italy gives its world of 020001, 40, beside a partner of 40: 80 of 200 are 020001."""
    store = shop("2022,ITA,WLD,020001,40,HS2022", "2022,ITA,CHN,020001,40,HS2022")
    made = own("hs6,value\n020000,10\n", weights="trade", store=store)
    assert shown(made, "hs2022", "value") == [("020001", 4), ("020002", 6)]


def test_weights_are_estimated_from_reporters_that_changed_on_time(own, shop):
    pytest.importorskip("scipy", reason="weights are estimated with the extra")
    made = own("hs6,value\n020000,8\n040001,1\n", weights="estimated", store=shop())
    assert shown(made, "hs2022", "basis", "value")[:2] == [
        ("020001", "estimated", pytest.approx(2, abs=1e-3)),
        ("020002", "estimated", pytest.approx(6, abs=1e-3)),
    ]
    assert shown(made, "basis")[2:] == [("recommended",)] * 2
    assert "2 reporters" in told(made)["Weights"]


@pytest.mark.parametrize("rule", ["trade", "estimated"])
def test_imports_of_some_goods_only_are_no_ground_for_weights(own, shop, rule):
    """What was never asked for would count as nothing."""
    with pytest.raises(CoverageError, match=f"--weights {rule}: the store .* holds no"):
        own("hs6,value\n020000,8\n", weights=rule, store=shop(scope="part"))


# What cannot be converted


LEFT = "hs6,value\n010001,1\n999999,2\n999999,3\nTOTAL,6\n020001,4\n"


def test_codes_without_a_link_are_refused_with_their_sums(own):
    with pytest.raises(UnknownCodeError) as error:
        own(LEFT)
    assert str(error.value) == (
        "own.csv: 3 codes without a link from HS2017 to HS2022: TOTAL (1 row, value 6); 999999 "
        "(2 rows, value 5); 020001 (1 row, value 4) (020001 of HS2022); correct them or --from, or "
        "keep them apart with --unconverted keep"
    )


def test_codes_without_a_link_are_kept_apart_and_in_the_sum(own):
    made = own(LEFT, left="keep")
    assert shown(made, "hs6", "hs2022", "weight", "basis", "value", "value_low", "value_high") == [
        ("010001", "010001", 1, "only link", 1, 1, 1),
        ("999999", None, None, "not converted", 2, None, None),
        ("999999", None, None, "not converted", 3, None, None),
        ("TOTAL", None, None, "not converted", 6, None, None),
        ("020001", None, None, "not converted", 4, None, None),
    ]
    assert told(made)["Conserved"] == "value: 16 in, 16 out"
    assert told(made)["Not converted"].startswith("TOTAL (1 row, value 6); 999999 (2 rows, value 5")


# Rows of several revisions


def test_each_row_is_read_by_its_own_revision(own):
    text = (
        "hs,hs6,value\nH5,020000,2\nH6,020001,3\nHS 2017,030001,4\nCN2021,030002,5\n"
        "GTIP2023-HS2022,030000,6\n"
    )
    made = own(text, ("hs", "HS2022"))
    assert shown(made, "hs6", "hs2022", "basis", "value", "value_high") == [
        ("020000", "020001", "recommended", 1, 2),
        ("020000", "020002", "recommended", 1, 2),
        ("020001", "020001", "as published", 3, 3),
        ("030001", "030000", "only link", 4, 4),
        ("030002", "030000", "only link", 5, 5),
        ("030000", "030000", "as published", 6, 6),
    ]


def test_a_table_that_needs_no_weights_asks_the_store_for_none(own):
    made = own("hs,hs6,value\nH6,020001,3\n", ("hs", "HS2022"), weights="trade")
    assert shown(made, "hs2022", "value", "basis") == [("020001", 3, "as published")]


def test_words_for_no_data_are_named_and_stay_empty(own):
    made = own("hs6,value\n010001,..\n010001,1\n")
    assert shown(made, "value") == [(None,), (1,)]
    assert ("Please confirm", "no data is written as '..': empty in the result") in made.about


def test_a_code_that_is_none_of_its_revision_is_named_with_it(own):
    with pytest.raises(UnknownCodeError, match=r"020000 of HS2022 \(1 row, value 3\); 020001 of X"):
        own("hs,hs6,value\nH5,020000,2\nH6,020000,3\nX,020001,1\n", ("hs", "HS2022"))


def test_a_column_that_contradicts_the_revision_is_an_error(own):
    with pytest.raises(SourceError, match="column 'cls' says HS2022, and --from says HS2017; give"):
        own("cls,hs6,value\nH6,010001,2\n")


# How tables are written


def test_tables_are_read_as_people_save_them(own):
    expected = [("010001", 1234.5), ("020001", 1), ("020002", 1)]
    texts = {
        "a.csv": "Yıl;GTİP;Değer (USD)\n2021;0100.01;1234,5\n2021;020000;2\n".encode("cp1254"),
        "b.tsv": "year\thscode\tvalue\n2021\t010001\t1234.5\n2021\t020000\t2\n".encode("utf-16"),
        "c.csv": b'hs6,value\n"=""010001""","1,234.5"\n"\'020000",2\n',
        "d.csv": b"Some title\n\nyear,hs6,value\n2021,010001,1234.5\n2021,020000,2\n",
        "e.csv": b"hs6,value\n01000110,1234.5\n02000000,2\n",
    }
    for name, text in texts.items():
        made = own(text, name=name)
        (amount,) = [n[:-4] for n in made.rows.column_names if n.endswith("_low")]
        assert shown(made, "hs2022", amount) == expected, name


def test_parquet_and_workbooks_keep_their_numbers(small, tmp_path):
    table = pa.table({"year": [2021, 2021], "hs6": ["010001", "020000"], "value": [0.5, None]})
    parquet.write_table(table, tmp_path / "a.parquet")
    made = openpyxl.Workbook()
    for row in [("year", "hs6", "value"), (2021, "010001", 0.5), (2021, "020000", "..")]:
        made.active.append(row)
    made.save(tmp_path / "a.xlsx")
    for name in ("a.parquet", "a.xlsx"):
        asked = Conversion(tmp_path / name, *FORWARD)
        got = converted(asked, Workspace(tmp_path / "none"), tables=(small,))
        assert shown(got, "hs2022", "value") == [
            ("010001", 0.5),
            ("020001", None),
            ("020002", None),
        ]
        assert [str(year) for (year,) in shown(got, "year")] == ["2021"] * 3
        assert told(got)["Conserved"] == "value: 0.5 in, 0.5 out"


def test_zeros_that_a_spreadsheet_lost_are_put_back_when_told(own):
    text = "hs6,value\n10001,1\n20000,2\n"
    with pytest.raises(SourceError, match=r"code 10001 has 5 digits .2 such codes.*pad_products=6"):
        own(text)
    made = own(text, told={"pad_products": "6"})
    assert shown(made, "hs6", "hs2022", "value") == [
        ("10001", "010001", 1),
        ("20000", "020001", 1),
        ("20000", "020002", 1),
    ]


@pytest.mark.parametrize(
    ("text", "asked", "words"),
    [
        ("a,b\nx,1\n", {}, "no column with HS codes; expected one; name it with --code COLUMN"),
        ("old,new,value\n010001,010001,1\n", {}, r"2 columns with HS codes \(old, new\)"),
        ("hs6,thing\n010001,1\n", {}, "whether 'thing' is an amount is unclear; name every"),
        ("hs6,name\n010001,x\n", {}, "no column is an amount by its name"),
        ("hs6,value\n010001,1\n", {"values": ("valeu",)}, "--value valeu: no such column; did you"),
        ("hs6,value\n010001,1\n", {"code": "hs"}, "--code hs: no such column; did you mean hs6"),
        ("hs6,value\n010001,1\n", {"values": ("value", "value")}, "'value' is named twice"),
        ("hs6,value\n010001,1\n", {"told": {"decimals": ","}}, "--set decimals: did you mean deci"),
        ("hs6,value\n010001,1\n", {"told": {"header_row": "x"}}, "header_row=x: expected a number"),
        ('hs6,value\n010001,"1,234"\n', {}, "it is unclear whether , in '1,234' is the decimal"),
        ("hs6,value\n010001,abc\n", {"values": ("value",)}, "value is 'abc'; expected a number.*2"),
        ("hs6,value\n010001,inf\n", {"values": ("value",)}, "value is 'inf'; expected a number"),
        ("hs6,value\n010001,1\n01000110,1\n", {}, "codes of 6 and 8 digits; expected one length"),
        ("hs6,value,link\n010001,1,x\n", {}, "column 'link' has a name that the result needs"),
    ],
)
def test_what_is_unclear_or_wrong_is_one_line(own, text, asked, words):
    with pytest.raises(EntrepotError, match=words) as error:
        own(text, **asked)
    assert "\n" not in str(error.value)


def test_one_named_code_column_of_two_is_taken(own):
    made = own("other,hs6,value\n010001,020000,1\n")
    assert shown(made, "other", "hs2022") == [("010001", "020001"), ("010001", "020002")]


def test_numbers_that_are_not_named_are_carried_and_said(own):
    made = own("hs6,value,weight_of_all,year\n020000,2,7,2021\n", values=("value",))
    assert shown(made, "weight_of_all") == [("7",), ("7",)]
    assert told(made)["Please confirm"].startswith("weight_of_all: carried along on every row")


@pytest.mark.parametrize(
    ("way", "words"),
    [
        (("HS2017", "HS2017"), "from HS2017 to HS2017 is the same revision"),
        (("HS2012", "HS2022"), "no table leads from HS2012 to HS2022; those at hand relate HS2017"),
        (("HS2017", "2022"), "--to 2022: expected an HS revision such as HS2022"),
    ],
)
def test_revisions_that_no_table_relates_are_refused(own, way, words):
    with pytest.raises(CoverageError, match=words):
        own("hs6,value\n010001,1\n", way)


@pytest.mark.parametrize(
    ("way", "error"),
    [
        (("HS2017", "HS2023"), "--to HS2023: no such HS revision; there are: HS1992, "),
        (("HS2018", "HS2022"), "--from HS2018: no such HS revision; there are: HS1992, "),
        (("HS2017", "2022"), "--to 2022: expected an HS revision such as HS2022"),
        (("HS2017", "H5"), "from HS2017 to HS2017 is the same revision"),
    ],
)
@pytest.mark.parametrize("store", [(), ("--store", "none")])
def test_a_wrong_revision_is_told_before_an_absent_store(tmp_path, store, way, error):
    words = ("convert", "own.csv", "--from", way[0], "--to", way[1], *store)
    done = run(*words, cwd=tmp_path, check=False)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"error: convert: {error}")


def test_a_workbook_of_ones_own_may_hold_a_newer_revision(own):
    """The refusal is then that of the workbooks, which say what they relate."""
    with pytest.raises(CoverageError, match="no table leads from HS2022 to HS2028; those at hand"):
        own("hs6,value\n010001,1\n", ("HS2022", "HS2028"))


# Conservation and bounds

SOURCES = {"HS2017": sorted({b for _, b, _ in CORRELATION}),
           "HS2022": sorted({a for a, _, _ in CORRELATION})}  # fmt: skip
AMOUNT = st.none() | st.floats(-1e9, 1e12)


@costly
@given(
    st.sampled_from([FORWARD, BACKWARD]),
    st.sampled_from(["recommended", "equal"]),
    st.lists(st.tuples(st.integers(0, 9), AMOUNT, AMOUNT), min_size=1, max_size=20),
)
def test_every_row_is_in_the_result_in_all_and_code_by_code(
    small, tmp_path_factory, way, rule, cells
):
    """Sums before and after, there and back again, by row and by code."""
    folder = tmp_path_factory.mktemp("own")
    codes = [*SOURCES[way[0]], "999999", ""]
    rows = [(str(n), codes[at % len(codes)], a, b) for n, (at, a, b) in enumerate(cells)]
    table = folder / "own.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("id", "hs6", "value", "quantity"), *rows])
    asked = Conversion(table, *way, "hs6", ("value",), ("quantity",))
    desk = Workspace(folder / "none")
    made = converted(asked, desk, weights=rule, left="keep", tables=(small,)).rows
    for name, place in (("value", 2), ("quantity", 3)):
        for row in rows:
            parts = [one[name] for one in made.to_pylist() if one["id"] == row[0]]
            if row[place] is None:
                assert {*parts} == {None}
            else:
                assert sum(parts) == pytest.approx(row[place], rel=1e-9)
    assert {row["hs6"] for row in made.to_pylist()} == {code or None for _, code, *_ in rows}
    parquet.write_table(made.select([way[1].lower(), "value"]), folder / "there.parquet")
    turned = Conversion(folder / "there.parquet", *way[::-1], way[1].lower(), ("value",))
    back = converted(turned, desk, weights=rule, left="keep", tables=(small,)).rows
    total = sum(abs(row[2] or 0) for row in rows)
    assert sum(v or 0 for v in back["value"].to_pylist()) == pytest.approx(
        sum(row[2] or 0 for row in rows), abs=1e-9 * max(total, 1)
    )


def truths(links, rows):
    """Every way in which each row can be of one of its codes, as sums by code."""
    options = [[(target, usd) for source, target in links if source == code] for code, usd in rows]
    for choice in itertools.product(*options):
        sums = dict.fromkeys((target for _, target in links), 0.0)
        for target, usd in choice:
            sums[target] += usd
        yield sums


@pytest.mark.parametrize("way", [FORWARD, BACKWARD])
@pytest.mark.parametrize("seed", range(3))
def test_the_bounds_are_the_least_and_most_of_every_possible_truth(own, small, way, seed):
    chance = random.Random(seed)
    one = read(small) if way == BACKWARD else read(small).reverse()
    links = [(row["source"], row["target"]) for row in one.links.to_pylist()]
    rows = [(chance.choice(SOURCES[way[0]]), chance.randint(-3, 9)) for _ in range(6)]
    made = own("hs6,value\n" + "".join(f"{code},{usd}\n" for code, usd in rows), way)
    name = way[1].lower()
    low, amount, high = {}, {}, {}
    for row in made.rows.to_pylist():
        for sums, column in ((low, "value_low"), (amount, "value"), (high, "value_high")):
            sums[row[name]] = sums.get(row[name], 0.0) + row[column]
    possible = list(truths(links, rows))
    for code in low:
        assert low[code] == min(sums[code] for sums in possible)
        assert high[code] == max(sums[code] for sums in possible)
        assert low[code] <= amount[code] <= high[code]


@pytest.mark.parametrize(
    "damage",
    [
        lambda table: table.slice(1),
        lambda table: pa.concat_tables([table, table.slice(0, 1)]),
        lambda table: table.set_column(
            table.column_names.index("a0_high"), "a0_high", pa.array([0.0] * table.num_rows)
        ),
    ],
    ids=["lost", "twice", "outside"],
)
def test_a_result_that_lost_or_invented_something_is_never_given(own, monkeypatch, damage):
    made = module._made
    monkeypatch.setattr(module, "_made", lambda *given: damage(made(*given)))
    with pytest.raises(EntrepotError, match=r"own.csv: value is not conserved"):
        own("hs6,value\n020000,2\n030001,3\n")


# The command


@pytest.fixture
def held(tmp_path, small):
    """A store that holds the workbook since a day, and a table beside it."""
    store = tmp_path / "store"
    materials.keep(
        store, small, name="unsd_hs", day=date(2024, 5, 1), address="https://x", publisher="UNSD",
        licence="x",
    )  # fmt: skip
    (tmp_path / "own.csv").write_text("hs6,value\n020000,2\n010001,3\n", "utf-8")
    return tmp_path


def test_the_command_writes_every_kind_of_file_with_what_it_rests_on(held):
    words = ("convert", "own.csv", "--from", "HS2017", "--to", "HS2022", "--store", "store")
    done = run(*words, cwd=held)
    rows = json.loads(done.stdout)
    assert [(row["hs2022"], row["value"]) for row in rows] == [
        ("020001", 1), ("020002", 1), ("010001", 3),
    ]  # fmt: skip
    assert {row["concordance"] for row in rows} == {_says(done.stderr)}
    assert _says(done.stderr).startswith("UNSD, small.xlsx, fetched 2024-05-01 (sha256 ")
    assert "conserved: value: 5 in, 5 out" in done.stderr
    for name in ("o.csv", "o.parquet", "o.xlsx", "o.json"):
        written = run(*words, "--out", name, cwd=held)
        assert written.stdout == ""
        assert f"written: {name}" in written.stderr
    text = (held / "o.csv").read_text("utf-8")
    assert [row["value_high"] for row in csv.DictReader(io.StringIO(text))] == ["2", "2", "3"]
    assert parquet.read_table(held / "o.parquet").column("value").to_pylist() == [1, 1, 3]
    sheets = openpyxl.load_workbook(held / "o.xlsx")
    assert sheets.sheetnames == ["Converted", "About"]
    assert sheets["Converted"]["B2"].value == "020001"
    assert ("Conserved", "value: 5 in, 5 out") in [*sheets["About"].values]
    table = run(*words, "--format", "table", cwd=held).stdout
    assert "concordance" not in table


def _says(text):
    (line,) = [line for line in text.splitlines() if line.startswith("concordance: ")]
    return line.partition("HS2022: ")[2]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("gone.csv",), "gone.csv: no such file; expected a table"),
        (("own.csv", "--out", "o.doc"), "--out o.doc: expected a name with .csv, .parquet"),
        (("own.csv", "--weights", "equl"), "--weights equl: did you mean equal?"),
        (("own.csv", "--weights", "w.csv"), "w.csv: no table of weights"),
        (("own.csv", "--set", "decimal"), "--set decimal: expected KEY=VALUE"),
        (("own.csv", "--tables", "gone.xlsx"), "gone.xlsx: no such file; expected a workbook"),
        (("own.csv", "--tables", "own.csv"), "own.csv"),
        (("own.csv", "--as-of", "2024-04-30"), "holds no table of HS revisions; expected UNSD's"),
        (("own.csv", "--weights", "trade"), "nothing is known as of today"),
    ],
)
def test_the_command_fails_in_one_line_and_writes_nothing(held, words, error):
    before = sorted(path.name for path in held.iterdir())
    done = run("convert", *words, "--from", "HS2017", "--to", "HS2022", "--store", "store",
               cwd=held, check=False)  # fmt: skip
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert error in line
    assert sorted(path.name for path in held.iterdir()) == before


# Real files


def real_tables(folder):
    return tuple(sorted((folder / "hs").glob("*.xlsx")))


@costly
def test_a_real_table_of_trade_is_conserved_through_the_real_workbooks(shared_data, tmp_path):
    """71,192 rows of BACI, which are in HS1992: what has no link is kept apart, not dropped."""
    path = next((shared_data / "baci").glob("Example*.csv"))
    asked = Conversion(path, "HS2012", "HS2022", "k", ("v",), ("q",), {"pad_products": "6"})
    desk, tables = Workspace(tmp_path / "none"), real_tables(shared_data)
    with pytest.raises(UnknownCodeError, match="477 codes without a link from HS2012 to HS2022"):
        converted(asked, desk, tables=tables)
    made = converted(asked, desk, left="keep", tables=tables)
    sums = [said for what, said in made.about if what == "Conserved"]
    assert sums == [
        "v: 69,369,988.138 in, 69,369,988.138 out",
        "q: 95,549,654.973 in, 95,549,654.973 out",
    ]
    assert sum(made.rows["v"].to_pylist()) == pytest.approx(69_369_988.138, rel=1e-12)


def test_a_real_download_in_several_revisions_is_read_row_by_row(shared_data, tmp_path):
    path = shared_data / "comtrade" / "legacy_download_2016-2020.csv"
    asked = Conversion(path, "Classification", "HS2022", "", ("Trade Value (US$)",))
    made = converted(
        asked, Workspace(tmp_path / "none"), left="keep", tables=real_tables(shared_data)
    )
    revisions = {row["Classification"] for row in made.rows.to_pylist() if row["hs2022"] is None}
    assert revisions == {"H2", "H3"}
    assert told(made)["Conserved"] == ("Trade Value (US$): 490,783,569,891 in, 490,783,569,891 out")
