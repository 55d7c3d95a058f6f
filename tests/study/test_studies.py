"""Every study that ships, against the list of published figures and on stores without answers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from entrepot import embedded
from entrepot.demo import PLANTED
from entrepot.errors import CoverageError
from entrepot.reference import figures
from entrepot.study import load, names, run
from entrepot.workspace import Workspace
from support.once import once
from support.sampled import some

PAGE = Path(__file__).resolve().parents[2] / "docs" / "explanation" / "published-figures.md"
LISTED = {figure.id: figure for figure in figures.table()}
CLAIMS = [(name, claim) for name in names() for claim in load(name).claim]


def rows_of_the_page():
    """The table of the page: (id, text) per row."""
    found = re.findall(r"^\| ([A-Z]+-\w+) \| (.+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert found
    return found


@pytest.fixture(scope="module")
def embedded_store(tmp_path_factory):
    """The real figures that ship: EU exports of 2020 to 2022, and nothing else."""
    return once(tmp_path_factory, "embedded", lambda store: embedded.fill(Workspace(store)))


def test_every_published_figure_stands_once_on_the_page():
    assert sorted(key for key, _text in rows_of_the_page()) == sorted(LISTED)


@pytest.mark.parametrize(("key", "text"), rows_of_the_page(), ids=lambda value: value[:7])
def test_the_page_names_the_studies_that_check_a_figure_or_says_why_none_does(key, text):
    checking = {name for name, claim in CLAIMS if key in claim.ids}
    named = {name for name in re.findall(r"`([\w-]+)`", text) if name in names()}
    assert named == checking
    assert bool(checking) != text.startswith(("Not by a study: ", "Not from official statistics: "))


@pytest.mark.parametrize(
    ("name", "claim"), CLAIMS, ids=lambda value: getattr(value, "figure", value)
)
def test_a_claim_names_its_published_figure_and_that_figures_source(name, claim):
    assert claim.ids, f"{name}: {claim.text}"
    sources = {source for key in claim.ids for source in LISTED[key].source.split(" ; ")}
    assert claim.source in sources


@pytest.mark.parametrize(
    ("name", "claim"), CLAIMS, ids=lambda value: getattr(value, "figure", value)
)
def test_a_test_can_be_failed_and_a_stand_in_says_so(name, claim):
    """A bound or a number to miss; where the goods are not the published ones, a reason beside."""
    if claim.expect is None:
        assert claim.at_least is not None or claim.at_most is not None
        assert claim.at_least is None or claim.at_most is None or claim.at_least < claim.at_most
    else:
        assert 0 < claim.tolerance <= 0.15
    if not PLANTED.issuperset(claim.ids):
        assert claim.reason, f"{name}: {claim.text}"


ANSWERED = {"eu-to-central-asia-2022", "eu-sanctioned-goods-2022"}
"""Studies that the figures that ship can answer, or a part of them."""


@pytest.mark.parametrize("name", some(sorted({*names()} - ANSWERED), 3))
def test_a_store_without_the_records_is_one_line_with_the_next_step(name, embedded_store):
    with pytest.raises(CoverageError) as caught:
        run(load(name), Workspace(embedded_store))
    line = str(caught.value)
    assert "\n" not in line
    assert line.startswith(f"study {name}: the store {embedded_store} can answer none of its ")
    assert re.search(r"not known|holds none of|missing: |nothing of what is needed", line)
    assert f"`entrepot study fetch {name}`" in line
    assert line.endswith(f"`entrepot brief {name} --demo`")


@pytest.mark.parametrize("name", sorted(ANSWERED))
def test_a_store_with_some_of_the_records_gives_reasons_and_no_verdict(name, embedded_store):
    brief, _books = run(load(name), Workspace(embedded_store))
    assert any(figure.value is not None for figure in brief.figures)
    assert {claim.verdict for claim in brief.claims} <= {"not checkable"}
    assert all(claim.because for claim in brief.claims)
    assert all(figure.because for figure in brief.figures if figure.value is None)
    if brief.claims:
        assert brief.headline == load(name).unanswered


BEYOND = "kyrgyzstan-2025"
"""A study of months after the demo world's last."""


def test_a_study_of_months_that_the_demo_world_lacks_is_not_sent_to_it_again(demo):
    with pytest.raises(CoverageError) as caught:
        run(load(BEYOND), Workspace(demo))
    line = str(caught.value)
    assert line.startswith(f"study {BEYOND}: the synthetic world can answer none of its 6 figures")
    assert "Kyrgyzstan January\N{EN DASH}October 2025" in line
    assert line.endswith(f"get what is lacking with `entrepot study fetch {BEYOND}`")


@pytest.mark.parametrize(
    "name", some(sorted({n for n, c in CLAIMS if not {*c.ids} <= PLANTED} - {BEYOND}), 3)
)
def test_the_demo_world_judges_no_figure_that_was_not_planted(name, demo, monkeypatch):
    """Those that were planted come out in `test_desk.py`."""
    monkeypatch.setattr("entrepot.study.answer.EARLIER", 0)
    brief, _books = run(load(name), Workspace(demo))
    assert {claim.verdict for claim in brief.claims} == {"not checkable"}
    assert all(claim.because for claim in brief.claims)
    assert all(figure.because for figure in brief.figures if figure.value is None)
