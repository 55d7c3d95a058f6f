"""The whole way: embedded figures, the demo world and real files become briefs."""

import csv
import json
from datetime import date
from pathlib import Path

import pytest

from entrepot.errors import CoverageError, StoreError, StudyError
from entrepot.study.written import answer
from entrepot.workspace import Workspace
from support.sampled import costly, some

KEYS = {"study", "synthetic", "headline", "figures", "claims", "evidence"}


DEFAULT = "eu-to-central-asia-2022"


def values(brief):
    return {figure.name: figure.value for figure in brief.figures}


def holds_as_counted(claim):
    """Whether a claim holds under the brief's own choices, and perhaps not under others."""
    if claim.verdict == "depends":
        return "it does not hold with" in claim.because
    return claim.verdict == "arithmetic agrees"


def read(folder):
    return json.loads((folder / "brief.json").read_text("utf-8"))


@costly
def test_a_brief_names_the_rates_behind_its_rows_once(briefs):
    rates = briefs(DEFAULT)[0].evidence.rates
    assert rates.startswith("European Central Bank, euro foreign exchange reference rates, monthly")
    assert rates.count("European Central Bank") == 1


def test_an_empty_store_is_answered_from_the_embedded_figures_and_left_empty(briefs):
    brief, folder = briefs(DEFAULT)
    assert brief.notice.startswith("EMBEDDED FIGURES: your store is empty")
    assert not (folder / "store").exists()
    found = values(brief)
    assert found["five.value_usd"] / 1e6 == pytest.approx(247.09, rel=0.005)
    assert found["five.base_usd"] / 1e6 == pytest.approx(144.68, rel=0.005)
    assert found["year2020.base_usd"] / 1e6 == pytest.approx(130.61, rel=0.005)
    assert found["russia.value_usd"] / 1e6 == pytest.approx(453.86, rel=0.005)
    assert found["russia.base_usd"] / 1e6 == pytest.approx(1766.03, rel=0.005)
    assert found["russia2020.base_usd"] / 1e6 == pytest.approx(1536.37, rel=0.005)
    assert "rose by 71% (61\N{EN DASH}80% over the choices shown) to $247 million" in brief.headline
    assert "fell by 74% to $454 million" in brief.headline


def test_the_codes_that_switch_are_named_and_their_weight_is_shown(briefs):
    brief, _folder = briefs(DEFAULT)
    (five,) = [figure for figure in brief.figures if figure.name == "five.ratio"]
    assert five.coverage.codes_one_side == ("854151", "854159", "880730", "901380")
    assert (five.coverage.codes_present, five.coverage.codes_listed) == (19, 45)
    by_basket = {v.option: v.value for v in five.sensitivity if v.choice == "basket"}
    assert by_basket["bridged"] < by_basket["stable"] < by_basket["as-listed"]
    assert (five.low, five.high) == (
        min(v.value for v in five.sensitivity),
        max(v.value for v in five.sensitivity),
    )


@costly
def test_two_runs_write_the_same_bytes(tmp_path, briefs):
    _brief, folder = briefs(DEFAULT)
    answer(DEFAULT, tmp_path / "store", out=tmp_path)
    for file in ("brief.json", "brief.html", "brief.csv"):
        assert (folder / file).read_bytes() == (tmp_path / file).read_bytes(), file


def test_the_json_has_its_promised_keys(briefs):
    data = read(briefs(DEFAULT)[1])
    assert data.keys() >= KEYS
    assert data["synthetic"] is False


def test_every_figure_leads_back_to_its_rows(briefs):
    brief, folder = briefs(DEFAULT)
    with (folder / "brief.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    five = {"ARM", "GEO", "KAZ", "KGZ", "UZB"}
    total = sum(
        float(row["value_usd"])
        for row in rows
        if row["partner"] in five and "2022-01" <= row["period"][:7] <= "2022-09"
    )
    assert total == pytest.approx(values(brief)["five.value_usd"], rel=1e-12)
    (vintage,) = brief.evidence.vintages
    assert {row["vintage"] for row in rows} == {vintage.vintage}
    assert {row["file"] for row in rows} == {vintage.files[0]["sha256"][:12]}
    assert {len(row["product"]) for row in rows} == {8}


def test_what_no_store_can_answer_is_one_line_with_the_next_step_and_nothing_is_written(tmp_path):
    with pytest.raises(CoverageError) as caught:
        answer("turkey-2023", tmp_path / "store", out=tmp_path / "out")
    line = str(caught.value)
    assert line.startswith("study turkey-2023: your store is empty, and the table that ships can")
    assert "Turkey January\N{EN DASH}September 2022 and January\N{EN DASH}September 2023" in line
    assert "`entrepot study fetch turkey-2023`" in line
    assert line.endswith("`entrepot brief turkey-2023 --demo`")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("study", "claims"),
    some([("turkey-2023", 6), ("russia-suppliers-2023", 13), ("turkey-2024", 6)], 3),
)
def test_the_newspapers_claims_come_out_of_the_demo_world(
    demo, tmp_path, monkeypatch, study, claims
):
    """Without the figures of earlier days, of which the next test shows some."""
    monkeypatch.setattr("entrepot.study.answer.EARLIER", 0)
    brief = answer(study, demo, out=tmp_path)
    assert len(brief.claims) == claims
    assert all(holds_as_counted(claim) for claim in brief.claims)
    assert brief.synthetic
    assert brief.notice.startswith("SYNTHETIC")
    assert "proves the arithmetic, not the claim" in brief.notice
    page = (tmp_path / "brief.html").read_text("utf-8")
    assert "SYNTHETIC" in page
    data = read(tmp_path)
    assert data["synthetic"] is True
    assert data.keys() >= KEYS
    assert data["claims"][0].keys() >= {"text", "expected", "found", "verdict"}
    assert "SYNTHETIC" in (tmp_path / "brief.json").read_text("utf-8")


@costly
def test_the_demo_world_as_the_newspaper_could_know_it(demo, tmp_path):
    """As of 27 November 2023 the later revisions are not known, and the figures still come out."""
    as_of = date(2023, 11, 27)
    brief = answer("turkey-2023", demo, as_of=as_of, out=tmp_path)
    assert any(v.choice == "known on" for figure in brief.figures for v in figure.sensitivity)
    assert values(brief)["year.value_usd"] == pytest.approx(158e6, rel=0.01)
    assert max(v.published for v in brief.evidence.vintages) <= "2023-11-27"


@costly
def test_the_full_table_gives_what_the_embedded_one_gives(tmp_path, full, briefs):
    embedded = values(briefs(DEFAULT)[0])
    whole = answer(DEFAULT, full, out=tmp_path)
    for name, value in values(whole).items():
        assert value == pytest.approx(embedded[name], rel=1e-3), name
    assert whole.notice == ""
    assert any("Malta" in text for text in whole.figures[0].coverage.missing)
    (choice,) = (v for v in whole.figures[0].sensitivity if v.choice == "coverage")
    assert choice.option == "reporters with every month"
    assert choice.value == pytest.approx(whole.figures[0].value, rel=1e-4)
    assert choice.value < whole.figures[0].value  # without Malta, which lacks two months


def test_a_store_without_gaps_shows_no_choice_of_coverage(briefs):
    for figure in briefs(DEFAULT)[0].figures:
        assert "coverage" not in {variant.choice for variant in figure.sensitivity}


def test_the_embedded_table_is_what_the_tool_makes_of_the_full_files(full):
    """Every figure of the embedded table, recomputed from the full table in the store."""
    from ibis import _

    import entrepot.embedded as embedded

    path = Path(embedded.__file__).parent / "eu27-exports.csv"
    with path.open(newline="") as stream:
        shipped = {
            (row["product_cn"], row["partner"], row["month"]): int(row["value_eur"])
            for row in csv.DictReader(stream)
        }
    codes = sorted({product for product, _partner, _month in shipped})
    rows = (
        Workspace(full)
        .flows.filter(_.product.isin(codes))
        .group_by("product", "partner", "period")
        .agg(eur=_.value_local.sum())
        .to_pyarrow()
        .to_pylist()
    )
    assert shipped == {(r["product"], r["partner"], f"{r['period']:%Y-%m}"): r["eur"] for r in rows}
    assert len(shipped) == embedded.passport()["rows"] == 4908


@costly
def test_a_revision_is_shown_as_the_headline_known_before_it(table, desk):
    months = [{"month": f"{year}-{n:02}"} for year in (2021, 2022) for n in range(1, 10)]
    desk.take(table("a.csv", *months), published=date(2023, 1, 10))
    desk.take(
        table("b.csv", *[month | {"value": "150"} for month in months]),
        published=date(2023, 3, 10),
    )
    brief = answer(DEFAULT, desk.store.path)
    (five,) = [figure for figure in brief.figures if figure.name == "five.value_usd"]
    known = {v.option: v.value for v in five.sensitivity if v.choice == "known on"}
    assert (five.value, known) == (150 * 9, {"2023-01-10": 100 * 9})
    assert five.low == 100 * 9
    (other,) = [figure for figure in brief.figures if figure.name == "year2020.base_usd"]
    assert not [v for v in other.sensitivity if v.choice == "known on"]


def test_a_day_with_fewer_months_gives_no_figure_to_compare(table, desk):
    early = [{"month": f"{year}-{n:02}"} for year in (2021, 2022) for n in range(1, 9)]
    late = [{"month": "2021-09"}, {"month": "2022-09"}]
    desk.take(table("a.csv", *early), published=date(2023, 1, 10))
    desk.take(table("b.csv", *late), published=date(2023, 3, 10))
    (five, *_rest) = answer(DEFAULT, desk.store.path).figures
    assert [v.value for v in five.sensitivity if v.choice == "known on"] == [None]


def test_a_day_before_everything_is_refused(tmp_path):
    with pytest.raises(CoverageError, match=r"nothing is known as of 2000-01-01"):
        answer(DEFAULT, tmp_path / "s", as_of=date(2000, 1, 1))


def test_an_output_folder_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        answer(DEFAULT, tmp_path / "s", out=tmp_path / "file" / "out")


def test_an_unknown_study_is_refused_before_anything_runs(tmp_path):
    with pytest.raises(StudyError, match="no study is called"):
        answer("nothing", tmp_path)


def test_a_reporter_in_two_sources_is_refused_until_one_is_chosen(table, desk):
    from support.plain import OWN

    months = [{"month": f"{year}-{n:02}"} for year in (2021, 2022) for n in range(1, 10)]
    path = table("a.csv", *months)
    again = table("b.csv", *[month | {"value": "7"} for month in months])
    desk.take(path)
    desk.take(again, mapping=OWN | {"name": "other"})
    with pytest.raises(CoverageError, match=r"Germany's exports are in 2 sources.*--source"):
        answer(DEFAULT, desk.store.path)
    one = answer(DEFAULT, desk.store.path, sources=("other",))
    assert values(one)["five.value_usd"] == 7 * 9
    assert "--source other" in one.evidence.command
