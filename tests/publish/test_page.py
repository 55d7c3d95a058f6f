"""Page: checked against the brief it shows and the rules of HTML."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from entrepot.publish import cells
from entrepot.publish.page import page
from support.pages import contrast, read, words_of
from support.sample_briefs import CLAIMS, DEMO, FIGURES, REAL, SHA, SHA_2


@pytest.fixture(scope="module")
def demo():
    return page(DEMO)


@pytest.fixture(scope="module")
def real():
    return page(REAL)


def test_the_page_is_well_formed_and_has_one_first_heading(demo, real):
    for html in (demo, real):
        outline = read(html)
        assert outline.open == []
        assert outline.tags.count("h1") == 1
        assert ("html", "lang", "en") in outline.attributes


def test_every_figure_claim_and_file_is_on_the_page(demo):
    text = words_of(demo)
    for figure in FIGURES:
        assert figure.label in text
        assert cells.value(figure) in text
        assert figure.because in text
    for claim in CLAIMS:
        assert claim.text in text
        assert claim.expected in text
        assert cells.found(claim) in text
        assert f"{claim.verdict}" in text
        assert claim.because in text
    assert SHA in text
    assert SHA_2 in text
    assert DEMO.evidence.command in text
    assert "missing: KGZ 2022-08, KGZ 2022-09" in text


def test_the_synthetic_banner_is_there_exactly_when_it_must_be(demo, real):
    assert cells.SYNTHETIC in words_of(demo)
    assert "SYNTHETIC" not in words_of(real)
    assert REAL.notice in words_of(real)
    plain = page(replace(REAL, notice="", pictures=()))
    assert 'role="note"' not in plain


def test_text_is_escaped_wherever_it_stands():
    evil = "<script>alert('x')</script> & \"quotes\""
    brief = replace(
        REAL,
        headline=evil,
        title=evil,
        question=evil,
        notice=evil,
        caveats=(evil,),
        claims=tuple(replace(c, text=evil, because=evil, source="javascript:x") for c in CLAIMS),
        figures=tuple(replace(f, label=evil, because=evil, basket=evil) for f in FIGURES),
        breakdowns=tuple(
            replace(b, title=evil, rows=({"label": evil, "product": evil},))
            for b in REAL.breakdowns
        ),
        pictures=tuple(replace(p, title=evil, reading=evil, alt=evil) for p in REAL.pictures),
        evidence=replace(REAL.evidence, command=evil, rates=evil),
    )
    html = page(brief)
    assert "<script" not in html
    assert 'href="javascript' not in html
    assert read(html).open == []


def test_nothing_is_loaded_from_anywhere(demo, real):
    for html in (demo, real):
        outline = read(html)
        loading = [
            (tag, name, value)
            for tag, name, value in outline.attributes
            if name in ("src", "href", "srcset", "data", "action") and tag != "a"
        ]
        assert loading == []
        assert not {"script", "link", "iframe", "img"} & set(outline.tags)
        assert not re.search(r"url\(\s*['\"]?(?!#)|@import", html)


def test_the_same_brief_gives_the_same_bytes(demo):
    assert page(DEMO) == demo


def test_ids_are_unique(real):
    ids = [value for _, name, value in read(real).attributes if name == "id"]
    assert len(ids) == len(set(ids))


def test_tables_and_pictures_can_be_heard(real):
    outline = read(real)
    assert outline.tags.count("table") == outline.tags.count("caption")
    assert ("svg", "aria-label", REAL.pictures[0].alt) in outline.attributes
    assert all(n == "scope" for t, n, _ in outline.attributes if t == "th" and n == "scope")


def test_that_aggregates_accuse_nobody_is_always_said(real):
    assert "never who is guilty" in words_of(real)
    own = replace(REAL, caveats=("This shows no guilt.",), pictures=())
    assert cells.caveats(own) == ["This shows no guilt."]


def test_all_text_has_the_contrast_of_wcag_aa(real):
    light, dark = (
        dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))
        for block in re.findall(r":root \{(.*?)\}", real, re.S)
    )
    for colours in (light, light | dark):
        for text in ("ink", "soft", "link", "good", "bad", "open"):
            assert contrast(colours[text], colours["paper"]) >= 4.5, text
            assert contrast(colours[text], colours["tint"]) >= 4.5, text
        assert contrast(colours["warn-ink"], colours["warn"]) >= 4.5
        assert contrast(colours["note-ink"], colours["note"]) >= 4.5
