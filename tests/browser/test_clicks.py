"""Five questions of someone who knows no TOML, with the clicks that docs/how-to/serve.md names."""

from __future__ import annotations

import io
import time
from pathlib import Path

import openpyxl
import pytest

from support.browsing import PHONE, Tab
from support.sampled import costly

pytestmark = costly
DOCS = Path(__file__).parents[2] / "docs/how-to/serve.md"
MINUTE = 60.0
ANSWER = "/ask?goods=chpl-2024-02&from=Turkey&to=all"


@pytest.fixture
def tab(browser, home):
    """The overview on a telephone, as the server shows it at once; each question has a minute."""
    with Tab(browser, home, PHONE) as opened:
        opened.page.goto(home)
        begun = time.monotonic()
        yield opened
        assert time.monotonic() - begun < MINUTE
        assert opened.complaints == []


def click(page, name, role="link"):
    """Click what the docs name, in italics."""
    assert f"*{name}*" in DOCS.read_text("utf-8")
    page.get_by_role(role, name=name, exact=True).first.click()


def found(page, country):
    page.get_by_role("searchbox").fill(country)
    click(page, "Search", "button")
    page.get_by_role("link", name=country).first.click()


def part(page, place):
    """A part of a page once it is there, whether or not the others are."""
    section = page.locator("section").nth(place)
    section.locator(".rests").first.wait_for()
    return section


def test_a_countrys_monthly_exports_of_the_list(tab):
    click(tab.page, "Ask")
    click(tab.page, "Turkey's monthly exports of the list")
    assert part(tab.page, 0).locator("tbody tr").count() == 12


def test_who_supplies_a_country(tab):
    found(tab.page, "Kyrgyzstan")
    shown = part(tab.page, 0)
    assert "What exporters say they sent to Kyrgyzstan" in shown.locator("h2").inner_text()
    assert shown.locator("tbody th a").count() > 3


def test_whether_its_books_agree(tab):
    found(tab.page, "Kazakhstan")
    shown = part(tab.page, 2)
    assert "Do the books of Kazakhstan agree" in shown.locator("h2").inner_text()
    click(shown, "month by month")
    assert "Both books" in part(tab.page, 0).locator("h2").inner_text()


def test_the_rows_in_excel(tab):
    tab.open(ANSWER)
    assert "*Rows behind it: Excel*" in DOCS.read_text("utf-8")
    with tab.page.expect_download() as got:
        tab.page.get_by_text("Rows behind it").get_by_role("link", name="Excel").nth(1).click()
    book = openpyxl.load_workbook(io.BytesIO(got.value.path().read_bytes()))
    assert max(sheet.max_row for sheet in book) > 300


def test_a_line_to_cite(tab):
    tab.open(ANSWER)
    assert "*Evidence*" in DOCS.read_text("utf-8")
    tab.page.locator("summary", has_text="Evidence").click()
    line = tab.page.get_by_text("To cite it")
    assert line.is_visible()
    assert "United Nations Statistics Division" in line.inner_text()
