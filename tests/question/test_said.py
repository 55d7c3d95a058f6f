"""What the program once answered wrongly, against the right value or the right line by hand."""

from __future__ import annotations

import json

import pytest

from entrepot.errors import (
    CoverageError,
    DuplicateError,
    EntrepotError,
    StudyError,
    UnknownCodeError,
)
from entrepot.reference import goods, groups
from support.commandline import run

JAN_MAR = ("2022-01", "2022-02", "2022-03")
CHIPS = ("2500000", "3400000", "4300000")
STUDY = """
title = "t"
question = "q"
goods = "{goods}"
headline = "Exports {{x:change}} to {{x.value_usd}}."
unanswered = "No answer."
[params]
reporters = ["{reporter}"]
first = "2022-01"
last = "2022-03"
base = [2021]
flow = "export"
[[figure]]
name = "x"
measure = "growth"
params = {{ partners = [{partners}] }}
headline = ["value_usd"]
[figure.show]
value_usd = "value"
base_usd = "base"
"""


def series(workspace, **words):
    """Ask for German exports to Russia by month."""
    asked = {"reporters": "DEU", "partners": "RUS", "months": "2022-01..2022-03"} | words
    return workspace.measure("monthly_series", **asked)


def usd(answer):
    return [row["series_usd"] for row in answer.rows]


def months(years=("2022",), **fields):
    """Return the first three months of some years, as changes for `table`."""
    return [{"month": f"{year}-{month:02}"} | fields for year in years for month in (1, 2, 3)]


@pytest.fixture
def national(kept, table):
    """Germany's exports of one code of the Combined Nomenclature to Russia, three months."""
    rows = [
        {"month": month, "partner": "RUS", "product": "85423190", "value": value}
        for month, value in zip(JAN_MAR, CHIPS, strict=True)
    ]
    return kept("national", lambda desk: desk.take(table("cn8.csv", *rows), scope="whole"))


@pytest.fixture
def study(tmp_path, desk):
    """Measured a study of growth on the desk's store; give the brief."""

    def ask(**fields):
        from entrepot.study import load
        from entrepot.study.answer import run as answered

        text = STUDY.format(**({"reporter": "DEU", "partners": '"RUS"'} | fields))
        path = tmp_path / "own.toml"
        path.write_text(text, "utf-8")
        brief, _books = answered(load(str(path)), desk)
        return brief

    return ask


def figure(brief, name="x.value_usd"):
    return next(one for one in brief.figures if one.name == name)


@pytest.mark.parametrize("code", ["854231", "8542", "8542.31", "8542 31", "HS 854231"])
def test_a_code_however_written_finds_the_national_codes_under_it(national, code):
    found = series(national, goods=code)
    assert usd(found) == [2.5e6, 3.4e6, 4.3e6]
    assert found.is_whole


def test_a_list_finds_the_national_codes_under_its_subheadings(national):
    assert "854231" in goods.load("chpl-2023-09").codes
    assert usd(series(national, goods="chpl-2023-09")) == [2.5e6, 3.4e6, 4.3e6]


def test_a_word_that_is_no_code_is_one_line(national):
    with pytest.raises(UnknownCodeError, match="no list or code 'banana'"):
        series(national, goods="banana")
    done = run(
        *"measure run monthly_series --reporters DEU --partners RUS --months 2022".split(),
        "--goods", "banana", "--store", national.store.path, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1


def test_eight_and_twelve_digit_national_tables_hold_their_subheadings(desk, table):
    rows = [
        row
        for month in JAN_MAR
        for row in (
            {"month": month, "reporter": "TUR", "partner": "RUS", "product": "85423110"},
            {"month": month, "reporter": "TUR", "partner": "RUS", "product": "854232000011"},
        )
    ]
    desk.take(table("gtip.csv", *rows), scope="whole")
    found = desk.measure(
        "period_to_date", reporters="Turkey", partners="Russia", goods="854231,854232",
        months="2022-01..2022-03", years="2022",
    )  # fmt: skip
    assert [row["value_usd"] for row in found.rows] == [600.0]
    assert found.is_whole


def test_a_study_of_partners_that_were_never_asked_for_says_so(desk, table, study):
    desk.take(table("kaz.csv", *months(("2021", "2022"), partner="KAZ")), scope="part")
    with pytest.raises(CoverageError, match="Germany's exports to Russia were never asked for"):
        study(goods="bis-fincen-9")


def test_two_partners_of_six_are_at_least(desk, table):
    partners = ("KAZ", "KGZ")
    rows = [
        row | {"partner": partner, "reporter": "TUR"}
        for partner in partners for row in months(("2022",))
    ]  # fmt: skip
    desk.take(table("two.csv", *rows), scope="part")
    found = desk.measure(
        "period_to_date", reporters="TUR", partners="ft-turkey-5", goods="854231",
        months="2022-01..2022-03", years="2022",
    )  # fmt: skip
    asked = groups.members("ft-turkey-5")
    held = len({*asked} & {*partners})
    assert [row["value_usd"] for row in found.rows] == [300.0 * held]
    assert found.is_part
    assert "were never asked for" in found.missing[0]


def test_subheadings_where_only_the_heading_is_held_are_not_known(desk, table, study):
    rows = months(("2021", "2022"), partner="RUS", product="8542")
    desk.take(table("headings.csv", *rows), scope="whole")
    with pytest.raises(CoverageError, match="854231 is held only under a broader code"):
        series(desk, goods="854231")
    assert usd(series(desk, goods="8542")) == [100.0, 100.0, 100.0]
    with pytest.raises(CoverageError, match=r"only under a broader code \(8542 \$300 in all\)"):
        study(goods="bis-fincen-9")


@pytest.mark.parametrize("scope", ["whole", "part", None])
def test_all_goods_are_the_sum_where_no_total_is_printed(desk, table, study, scope):
    rows = [
        row | {"product": product, "partner": "RUS"}
        for product in ("854231", "010121") for row in months(("2021", "2022"))
    ]  # fmt: skip
    desk.take(table("no-total.csv", *rows), scope=scope)
    found, one = series(desk, goods="all"), figure(study(goods="all-goods"))
    assert usd(found) == [200.0, 200.0, 200.0]
    assert one.value == 600.0
    # Of a part of the goods the total is at least their sum.
    assert found.is_part == (scope != "whole")
    assert one.bound == ("" if scope == "whole" else "at least")


def test_a_chapters_table_taken_as_a_part_gives_at_least(desk, table, study):
    listed = goods.load("chpl-2023-09").codes
    inside = [code for code in listed if code.startswith("85")]
    rows = [
        row | {"product": code, "partner": "RUS"}
        for code in inside for row in months(("2021", "2022"))
    ]  # fmt: skip
    desk.take(table("chapter.csv", *rows), scope="part")
    found = figure(study(goods="chpl-2023-09"))
    assert found.value == 300.0 * len(inside)
    assert found.bound == "at least"
    assert f"{len(listed) - len(inside)} of {len(listed)} codes" in " ".join(found.coverage.gaps)


@pytest.mark.usefixtures("demo")
def test_a_measure_reads_the_demo_world():
    asked = "supplier_share --destination RUS --goods 901490 --months 2023-01..2023-06"
    done = run("measure", "run", *asked.split(), "--demo", "--format", "json")
    assert any(row["reporter"] in groups.members("eu27") for row in json.loads(done.stdout))


@pytest.mark.parametrize("kind", ["typo", "file"])
def test_a_store_that_is_none_is_one_line(tmp_path, kind):
    path = tmp_path / "entrepot-stroe"
    if kind == "file":
        path.write_text("x", "utf-8")
    for words in (
        ("brief", "--store", path),
        *[("measure", "run", "monthly_series", "--reporters", "DEU", "--partners", "RUS",
           "--goods", "854231", "--months", "2022", "--store", path)],
    ):  # fmt: skip
        done = run(*words, check=False, cwd=tmp_path)
        assert done.returncode == 1, words
        assert done.stdout == ""
        assert str(path) in done.stderr


STRANGE = {
    "column": ("x.value_usd}}", "x.vlaue_usd}}", "vlaue_usd"),
    "parameter": ("base = [2021]", "base = [2021]\nfrist = '2022-01'", "frist"),
    "picture": (
        "[[figure]]",
        "[[picture]]\nkind = 'montly'\ntitle = 't'\nreading = 'r'\nalt = 'a'\n[[figure]]",
        "montly",
    ),
}


@pytest.mark.parametrize("what", STRANGE)
def test_a_misspelt_word_in_a_study_is_one_line(desk, table, tmp_path, what):
    from entrepot.study import load
    from entrepot.study.answer import run as answered

    desk.take(table("a.csv", *months(("2021", "2022"), partner="RUS")), scope="whole")
    old, new, word = STRANGE[what]
    text = STUDY.replace(old, new).format(goods="bis-fincen-9", reporter="DEU", partners='"RUS"')
    (tmp_path / "own.toml").write_text(text, "utf-8")
    with pytest.raises(StudyError, match=word):
        answered(load(str(tmp_path / "own.toml")), desk)


def test_a_brief_on_an_empty_store_says_what_to_do(tmp_path):
    done = run("brief", "turkey-2023", check=False, cwd=tmp_path)
    told = done.stderr + done.stdout
    assert "study fetch" in told or "--demo" in told
    assert len(told.splitlines()) < 20


@pytest.mark.parametrize("word", ["exports", "export", "X"])
def test_a_flow_however_written_is_understood(national, word):
    assert usd(series(national, goods="854231", flow=word)) == [2.5e6, 3.4e6, 4.3e6]


def test_a_flow_that_is_none_is_one_line(national):
    with pytest.raises(EntrepotError, match="outwards"):
        series(national, goods="854231", flow="outwards")


def annual(desk, table):
    from support.plain import OWN

    yearly = OWN | {"constants": {"freq": "A", "currency": "USD"}}
    rows = [{"month": year, "partner": "RUS"} for year in ("2021", "2022")]
    desk.take(table("annual.csv", *rows), mapping=yearly, scope="whole")


@pytest.mark.parametrize("name", ["growth", "supplier_share"])
def test_annual_rows_give_annual_figures_or_a_line_that_says_so(desk, table, name):
    annual(desk, table)
    words = {
        "growth": {"reporters": "DEU", "partners": "RUS", "base": "2021"},
        "supplier_share": {"destination": "RUS"},
    }[name] | {"goods": "854231", "months": "2022-01..2022-12"}
    found = desk.measure(name, **words, freq="A")
    assert [row["value_usd"] for row in found.rows] == [100.0]
    with pytest.raises(CoverageError, match="--freq A"):
        desk.measure(name, **words)


def two_sources(desk, table):
    from support.plain import OWN

    desk.take(table("one.csv", *months(partner="RUS", value="1000")), scope="whole")
    desk.take(
        table("other.csv", *months(partner="RUS", value="1050")),
        scope="whole", mapping=OWN | {"name": "other"},
    )  # fmt: skip


def test_two_sources_of_one_reporter_are_never_added(desk, table):
    two_sources(desk, table)
    with pytest.raises(CoverageError, match="in 2 sources: other, own"):
        series(desk, goods="854231")
    assert usd(series(desk, goods="854231", sources=("other",))) == [1050.0] * 3
    with pytest.raises(CoverageError, match="in 2 sources"):
        desk.measure("supplier_share", destination="RUS", goods="854231", months="2022-01..2022-03")


def test_a_union_is_never_added_to_its_members(desk, table):
    sold = {"EU27": "300", "DEU": "200", "FRA": "100", "TUR": "100"}
    rows = [
        row | {"reporter": who, "partner": "RUS", "value": value}
        for who, value in sold.items() for row in months()
    ]  # fmt: skip
    desk.take(table("union.csv", *rows), scope="whole")
    words = {"destination": "RUS", "goods": "854231", "months": "2022-01..2022-03"}
    shares = {row["reporter"]: row for row in desk.measure("supplier_share", **words).rows}
    assert shares["TUR"]["share"] == 0.25
    assert "EU27" not in shares
    (row,) = desk.measure("concentration", **words).rows
    assert row["total_usd"] == 1200.0


def test_national_codes_of_two_lengths_count_once(desk, table):
    rows = [
        row | {"product": product, "partner": "RUS", "value": value}
        for product, value in (
            ("85423110", "300000"), ("854231100000", "180000"), ("854231900000", "120000"),
        )
        for row in months()
    ]  # fmt: skip
    desk.take(table("levels.csv", *rows), scope="whole")
    assert usd(series(desk, goods="854231")) == [300000.0] * 3


def revisions(desk, table, older, newer):
    from support.plain import OWN

    once = {key: value for key, value in OWN.items() if key != "classification"}
    twice = once | {"columns": OWN["columns"] | {"classification": "hs"}}
    path = table("revisions.csv", *months(partner="RUS"))
    head, *lines = path.read_text("utf-8").splitlines()
    told = [
        f"{line.rpartition(',')[0]},{value},{hs}"
        for line in lines for hs, value in (("HS2017", older), ("HS2022", newer))
    ]  # fmt: skip
    path.write_text("\n".join([f"{head},hs", *told]) + "\n", "utf-8")
    desk.take(path, scope="whole", mapping=twice)


def test_two_revisions_that_agree_count_once(desk, table):
    revisions(desk, table, 1000, 1000)
    assert usd(series(desk, goods="854231")) == [1000.0] * 3


def test_two_revisions_that_disagree_are_refused(desk, table):
    with pytest.raises(DuplicateError, match="stands in two revisions of the HS"):
        revisions(desk, table, 1000, 2000)


def test_a_book_keeps_its_finer_rows_beside_one_month_of_six_digits(desk, table):
    rows = [
        {"month": month, "partner": "RUS", "product": product}
        for month, product in zip(JAN_MAR, ("85423110", "854231", "85423110"), strict=True)
    ]
    desk.take(table("mixed.csv", *rows), scope="whole")
    assert usd(series(desk, goods="854231")) == [100.0, 100.0, 100.0]


def test_all_reporters_are_those_who_report(desk, table):
    rows = [{"month": "2022-01", "reporter": who, "partner": "KAZ"} for who in ("DEU", "FRA")]
    desk.take(table("both.csv", *rows), scope="whole")
    found = desk.measure(
        "monthly_series", reporters="all", partners="KAZ", goods="854231", months="2022-01"
    )
    assert usd(found) == [200.0]
    assert found.rows[0]["reporters_present"] == 2
