"""A question asked with the mouse: every filter, the evidence, and the files beside the page."""

from __future__ import annotations

import calendar
import csv
import io
import json

import httpx
import openpyxl
import pytest

from support.browsing import Tab
from support.sampled import costly

BASE = "/ask?goods=chpl-2024-02&from=Turkey&to=Kazakhstan&months=2023"
TYPED = {
    "Goods": ("goods", "854231"), "From": ("from", "China"), "To": ("to", "Armenia"),
    "Months": ("months", "2022"), "Compare with": ("base", "2021"),
    "As known on": ("as_of", "2024-05-31"),
}  # fmt: skip
CHOSEN = {"One row per": ("by", "product"), "Whose books": ("flow", "import")}


def answer(page):
    """What the answer says, without the ways to its files."""
    return page.locator("section").first.inner_text()


def changed(tab, change, name, value):
    """Change the form of a question and show its answer; the address and the words follow."""
    page = tab.open(BASE)
    before = answer(page)
    change(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Show").click()
    tab.settle()
    assert httpx.URL(page.url).params[name] == value
    assert page.locator(".refused").count() == 0
    assert answer(page) != before
    assert tab.complaints == []


@costly
@pytest.mark.parametrize("label", TYPED)
def test_a_filter_that_is_typed_changes_the_address_and_the_answer(browser, home, label):
    name, value = TYPED[label]
    with Tab(browser, home) as tab:
        changed(tab, lambda page: page.get_by_label(label, exact=True).fill(value), name, value)


@costly
@pytest.mark.parametrize("label", CHOSEN)
def test_a_filter_that_is_chosen_changes_the_address_and_the_answer(browser, home, label):
    name, value = CHOSEN[label]
    with Tab(browser, home) as tab:
        changed(tab, lambda page: page.get_by_label(label).select_option(value), name, value)


@costly
def test_both_books_are_a_tick(browser, home):
    with Tab(browser, home) as tab:
        changed(tab, lambda page: page.get_by_label("both books").check(), "mirror", "true")


def test_the_evidence_opens_and_the_files_say_what_the_page_says(browser, home):
    with Tab(browser, home) as tab:
        page = tab.open(BASE)
        command = page.locator(".evidence pre")
        assert not command.is_visible()
        page.locator("summary").click()
        assert command.inner_text().startswith("entrepot ask chpl-2024-02 --from TUR --to KAZ")
        assert "To cite it" in page.locator(".evidence").inner_text()
        shown = [row.locator("th, td").all_inner_texts() for row in page.locator("tbody tr").all()]
        assert page.locator("thead").inner_text().strip().endswith("USD million")
        rows = [*csv.DictReader(io.StringIO(saved(page, "CSV").decode()))]
        book = openpyxl.load_workbook(io.BytesIO(saved(page, "Excel")))
        page.get_by_role("link", name="JSON").click()
        page.wait_for_url("**/api/ask**")
        told = json.loads(page.locator("pre").inner_text())
        assert tab.complaints == []
    values = [float(row["value_usd"]) for row in rows]
    assert len(values) == 12
    assert [row["value_usd"] for row in told["rows"]] == values
    for (month, cell), row, value in zip(shown, rows, values, strict=True):
        assert month == f"{calendar.month_name[int(row['period'][5:])]} {row['period'][:4]}"
        places = len(cell.partition(".")[2])
        assert abs(float(cell) - value / 1e6) <= 0.5 / 10**places
    assert {*values} <= {cell for sheet in book for line in sheet.values for cell in line}


def saved(page, name):
    """The bytes of the answer's first file of a form, as the browser saves it."""
    with page.expect_download() as got:
        page.get_by_role("link", name=name, exact=True).first.click()
    return got.value.path().read_bytes()
