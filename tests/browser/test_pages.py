"""Every page in a browser: at both sizes, light and dark, nothing fails and nothing is cut off."""

from __future__ import annotations

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe

from support.browsing import DESK, PHONE, Tab, internal, kind, ready
from support.sampled import costly

ANSWER = "/ask?goods=chpl-2024-02&from=Turkey&to=Kazakhstan&months=2024"
QUICK = (ANSWER, "/study", "/search?q=oscilloscopes")
PAGES = {
    "/": 200, "/ask": 200, ANSWER: 200, f"{ANSWER}&mirror=true": 200,
    "/ask?goods=chpl-2024-02&from=all&to=Kyrgyzstan&by=reporter": 200, "/country/KAZ": 200,
    "/product/854231": 200, "/corridor/TUR/KAZ": 200, "/findings": 200, "/study": 200,
    "/study/eu-to-central-asia-2022": 200, "/sources": 200, "/search?q=oscilloscopes": 200,
    "/search": 200, "/ask?goods=chpl-2024-02&from=Turky": 422, "/nowhere": 404,
}  # fmt: skip
REAL = {
    "/": 200, "/ask?goods=chpl-2024-02&from=eu27&to=Kyrgyzstan&months=2022": 200,
    "/country/KGZ?months=2022": 200, "/corridor/DEU/KGZ?months=2022": 200, "/sources": 200,
}  # fmt: skip
LOOKS = [(PHONE, "light"), (PHONE, "dark"), (DESK, "light"), (DESK, "dark")]
GRAVE = {"serious", "critical"}
EACH, MOST = 3, 150
"""Addresses of one sort that are followed, and of all."""


def grave(page):
    """What axe-core finds that keeps someone out."""
    found = Axe().run(page).response["violations"]
    return [(one["id"], [node["html"][:150] for node in one["nodes"]][:3])
            for one in found if one["impact"] in GRAVE]  # fmt: skip


def look(tab, pages):
    """Open pages; say what a visitor would complain of."""
    found = {}
    for path, status in pages.items():
        tab.complaints.clear()
        page = tab.open(path, status)
        said = [one for one in tab.complaints if f"status of {status}" not in one]
        if tab.spill() > 0:
            said.append(f"{tab.spill()} pixels too wide")
        if page.locator("h1").count() != 1:
            said.append(f"{page.locator('h1').count()} headings of the first rank")
        said += grave(page)
        if said:
            found[path] = said
    return found


def of_data(home):
    """A finding's page and a vintage's: their names come of the data."""
    ranking = ready(home, "/findings").text
    assert "Came in; the way on is not known" in ranking
    slug = next(one for one in internal(home, "/", ranking)
                if one.startswith("/findings/"))  # fmt: skip
    vintage = httpx.get(f"{home}/api/vintages").json()[-1]["id"]
    return {slug: 200, f"/vintage/{vintage}": 200}


def test_some_pages_on_a_phone(browser, home):
    with Tab(browser, home, PHONE) as tab:
        assert look(tab, dict.fromkeys(QUICK, 200) | {"/nowhere": 404}) == {}


@costly
@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_every_page(browser, home, width, scheme):
    with Tab(browser, home, width, scheme) as tab:
        assert look(tab, PAGES | of_data(home)) == {}


@costly
@pytest.mark.parametrize(("width", "scheme"), LOOKS[::3])
def test_pages_of_the_real_table(browser, real, width, scheme):
    with Tab(browser, real, width, scheme) as tab:
        assert look(tab, REAL) == {}


@costly
def test_every_link_leads_somewhere(home):
    """Breadth first, each address once, and a few of every sort."""
    waiting, seen, sorts, lost = [*PAGES, *of_data(home)], set(), {}, {}
    while waiting and len(seen) < MOST:
        path = waiting.pop(0)
        sort = kind(path)
        if path in seen or (sorts.get(sort, 0) >= EACH and path not in PAGES):
            continue
        seen.add(path)
        sorts[sort] = sorts.get(sort, 0) + 1
        found = httpx.get(home + path, timeout=300, follow_redirects=False)
        if found.status_code == 202:
            found = ready(home, path)
        if found.status_code >= 400 and PAGES.get(path) != found.status_code:
            lost[path] = (found.status_code, found.text[:300])
        if found.headers["content-type"].startswith("text/html"):
            waiting += internal(home, path, found.text)
    assert len(seen) > 60
    assert lost == {}
