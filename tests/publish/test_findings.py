"""Findings' pages and pictures: checked against entries made by hand and the rules of HTML."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import asdict
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from entrepot.publish import cells, feeds, findings
from entrepot.publish.brief import Picture
from entrepot.publish.charts.corridors import corridors
from entrepot.publish.charts.counterfactual import counterfactual
from entrepot.publish.mark import Mark
from entrepot.publish.picture import svg
from entrepot.schema import FINDINGS
from support.pages import data, read, texts, words_of
from support.sampled import costly
from support.scan_pages import FLOWS, SERIES, detail, entry, no_drawing, report, row


def test_the_headline_counts_adds_and_names_the_largest():
    made = report(
        entry(excess=2e6),
        entry(third="GEO", excess=5e6, q=0.1),
        entry(third="ARM", excess=9e9, q=0.11),
        entry(third="UZB", excess=9e9, q=None),
    )
    assert findings.headline(made) == (
        "Two of 3 routes tested stand out: $7.0 million beyond what was to be expected, "
        "through Georgia and Kazakhstan"
    )


def test_the_headline_is_about_the_findings_with_a_page():
    """Armenia has most and no page; Uzbekistan lies below what was to be expected."""
    made = report(
        entry(1, excess=2e6),
        entry(2, third="GEO", excess=5e6),
        entry(3, third="UZB", excess=-1e6),
        entry(4, False, third="ARM", excess=9e9),
        entry(5, False, third="BLR", excess=9e9, q=0.2),
    )
    assert findings.headline(made) == (
        "Four of 5 routes tested stand out, three with a page: these hold $6.0 million beyond what "
        "was to be expected, most of it through Georgia and Kazakhstan"
    )
    assert findings.headline(report(entry(excess=-1e6))) == (
        "One of 1 route tested stands out: $1.0 million less than was to be expected"
    )
    unseen = report(entry(1, False))
    assert findings.headline(unseen).endswith("stands out, none of them among the pages")


def test_the_sum_of_a_headline_is_signed_and_of_the_cells_it_names():
    rows = [entry(at, third=who, excess=usd) for at, (who, usd) in
            enumerate((("KAZ", 7e6), ("KAZ", -3e6), ("GEO", None)), start=1)]  # fmt: skip
    assert findings.headline(report(*rows)) == (
        "Three of 3 routes tested stand out: $4.0 million beyond what was to be expected, "
        "through Kazakhstan"
    )


def test_a_page_of_a_finding_that_does_not_stand_out_says_so():
    made = report(entry(), entry(2, third="GEO", q=0.3))
    stands, quiet = (
        words_of(findings.finding(made, detail(one), no_drawing)) for one in made.entries
    )
    assert "does not stand out: its q-value is 0.30, where 0.1 or less would" in quiet
    assert "does not stand out" not in stands


def test_a_page_gives_the_three_numbers_the_months_and_the_plain_rise(pages):
    text = words_of(pages[1])
    assert "$2.5 million recorded, $500,000 expected" in text
    assert "above it in 7 of 10 months" in text
    assert "$1.5 million more than in the same months of the year before 2022-03" in text
    assert "$2.5 million $500,000 $2.0 million $1.0–4.0 million" in words_of(pages[0])


def test_a_narrowed_scan_says_where_p_and_q_come_from():
    made = report(entry(), narrowed="Narrowed to Kazakhstan", null="From 3 placebo dates")
    text = words_of(findings.index(made, no_drawing))
    assert "Narrowed to Kazakhstan." in text
    assert "From 3 placebo dates." in text


def test_a_country_leads_by_all_its_findings_together():
    made = report(
        entry(third="GEO", excess=5e6),
        entry(third="KAZ", excess=3e6),
        entry(third="KAZ", product="854232", excess=3e6),
        entry(third="ARM", excess=2e6),
        entry(third="UZB", excess=1e6),
    )
    assert findings.headline(made).endswith("most of it through Kazakhstan, Georgia and Armenia")


def test_a_scan_without_findings_says_so():
    made = report(entry(q=0.5))
    assert findings.headline(made).startswith("None of 1 route tested stands out")


def test_a_scan_of_one_side_counts_the_ways_in():
    def one_sided(third, q):
        return entry(third=third, q=q, detector="surge", destination=None)

    quiet = one_sided("ARM", 0.11), one_sided("UZB", 0.9)
    lead = "No route to Russia could be tested on both legs"
    assert findings.headline(report()) == lead
    assert findings.headline(report(came_in=quiet)) == (
        f"{lead}. None of 2 ways in stands out from what chance would give"
    )
    assert findings.headline(report(came_in=(one_sided("KAZ", 0.1), *quiet))) == (
        f"{lead}. One of 3 ways in stands out: $2.0 million beyond what was to be expected, "
        "into Kazakhstan; what became of it is not known"
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "not available"),
        (0.0009, "under 0.001"),
        (0.001, "0.001"),
        (0.012, "0.01"),
        (1, "1.00"),
    ],
)
def test_a_q_value_reads_with_the_digits_that_matter(value, text):
    assert findings.q_value(value) == text


@pytest.fixture
def pages():
    stands = entry(signals=[row(detector="ghost_trade", destination=None, q=0.02),
                            row(detector="surge", origin=None, q=0.6)])  # fmt: skip
    made = report(stands, entry(2, third="GEO", q=0.3), entry(3, False, third="ARM", q=0.9))
    return findings.index(made, no_drawing), findings.finding(made, detail(stands), no_drawing)


def test_pages_load_nothing_and_close_every_tag(pages):
    for page in pages:
        outline = read(page)
        assert outline.open == []
        assert not {"script", "img", "link", "iframe"} & {*outline.tags}
        assert not [a for a in outline.attributes if a[1] == "src"]
        assert "<and>" not in page
        assert "url(" not in page


def test_the_ranking_links_the_findings_with_a_page_and_no_other(pages):
    links = {
        value for tag, name, value in read(pages[0]).attributes
        if (tag, name) == ("a", "href") and not value.startswith("data:")
    }  # fmt: skip
    assert links == {"KAZ-854231.html", "GEO-854231.html", "findings.csv", "findings.json"}
    text = words_of(pages[0])
    assert "2 of 3 are shown here" in text
    assert "arrivals not recorded" in text
    assert "more than expected" not in text  # that signal does not stand out


def test_the_ranking_says_what_was_not_tested_and_how_to_read_a_q_value(pages):
    text = words_of(pages[0])
    assert "No past 3 854151" in text
    assert "about one in ten is expected to be chance" in text
    assert "never who is guilty" in text


def test_a_finding_leads_back_to_its_rows(pages):
    text = words_of(pages[1])
    for part in ("own-1 7 $4.0 million", "own-1 2 $1.0 million", "ab" * 32, "Germany $3.0 million"):
        assert part in text
    assert 'href="KAZ-854231.csv"' in pages[1]
    assert 'Next: <a href="GEO-854231.html"' in pages[1]
    assert "Stronger:" not in text
    assert "Place 1 of 3" in text


def test_a_synthetic_world_is_labelled_on_every_page():
    made = report(entry(), synthetic=True)
    for page in (
        findings.index(made, no_drawing),
        findings.finding(made, detail(entry()), no_drawing),
    ):
        text = words_of(page)
        assert cells.SYNTHETIC in text
        assert text.startswith("SYNTHETIC: ")  # the title, which a browser's tab shows
        assert text.rstrip().endswith(made.mark.line)
    assert "SYNTHETIC" not in findings.index(report(entry()), no_drawing)


def test_rows_for_a_table_have_the_columns_of_findings():
    signals = [row(detector="ghost_trade", q=0.02), row(detector="surge", origin=None, q=0.1),
               row(detector="surge", destination=None, q=0.2)]  # fmt: skip
    (flat,) = findings.flat([entry(signals=signals)])
    assert [*flat] == [*FINDINGS.names, "signals", "origins", "list"]
    assert flat["signals"] == "arrivals not recorded; more than expected, onward"
    assert flat["origins"] == "DEU 75%"
    (nested,) = findings.nested([entry(signals=signals)])
    assert nested["signals"] == [asdict(signal) for signal in signals]
    assert nested["excess_usd"] == 2e6


def drawn_bars(spec):
    return [bar for bar in data(spec, "right") if "low" in bar]


def test_corridors_keep_every_amount_on_both_sides():
    spec = corridors(FLOWS)
    bars = {}
    for bar in drawn_bars(spec):
        bars.setdefault(bar["x"], []).append(bar["low"] - bar["y"])
    sides = [sorted(bars[x]) for x in sorted(bars)]
    unit = sum(sides[0]) / 6
    assert sides[0] == pytest.approx([unit, 5 * unit])
    assert sides[1] == pytest.approx([6 * unit])
    assert sides[2] == pytest.approx([2 * unit, 4 * unit])
    bands = {}
    for point in data(spec, "band"):
        bands.setdefault(point["band"], set()).add(round((point["low"] - point["y"]) / unit, 6))
    assert bands == {
        "Germany Kazakhstan": {5},
        "Japan Kazakhstan": {1},
        "Kazakhstan exports": {4},
        "Kazakhstan missing": {2},
    }


def test_bands_begin_and_end_inside_their_bars():
    spec = corridors(FLOWS)
    bars = drawn_bars(spec)
    for name in {point["band"] for point in data(spec, "band")}:
        band = [point for point in data(spec, "band") if point["band"] == name]
        for end in (band[0], band[-1]):
            assert any(b["y"] - 1e-6 <= end["y"] and end["low"] <= b["low"] + 1e-6 for b in bars)


def test_bands_lie_side_by_side_and_fill_their_bars():
    spec = corridors(FLOWS)
    points = data(spec, "band")
    starts = {}
    for name in dict.fromkeys(point["band"] for point in points):
        first, *_, last = (point for point in points if point["band"] == name)
        for end in (first, last):
            starts.setdefault(end["x"], []).append((end["y"], end["low"]))
    for bar in drawn_bars(spec):
        for x in (bar["x"], bar["right"]):
            inside = [e for e in starts.get(x, ()) if bar["y"] - 1e-6 <= e[0] < bar["low"] - 1e-6]
            if inside:
                edges = sorted(inside)
                assert edges[0][0] == pytest.approx(bar["y"])
                assert edges[-1][1] == pytest.approx(bar["low"])
                assert all(a[1] == pytest.approx(b[0]) for a, b in pairwise(edges))


def test_small_names_are_added_up_as_others():
    many = [{"origin": f"C{i:02d}", "intermediary": "K", "end": "E", "value_usd": 1.0 + i}
            for i in range(12)]  # fmt: skip
    drawn = texts(svg(Picture("corridors", "", "", "a", tuple(many), {"most": 3})))
    assert "9 others $45" in " ".join(drawn)
    assert [t for t in drawn if t.startswith("C")] == ["C11", "C10", "C09"]
    assert [t for t in drawn if t in ("$12", "$11", "$10")] == ["$12", "$11", "$10"]


@costly
@pytest.mark.parametrize("width", [860, 340])
def test_pictures_are_the_same_twice_and_valid(width):
    for chart, rows in ((corridors, FLOWS), (counterfactual, SERIES)):
        picture = Picture(chart.__name__, "t", "r", "what is seen", rows)
        assert svg(picture, width) == svg(picture, width)
        root = ElementTree.fromstring(svg(picture, width))
        assert root.get("aria-label") == "what is seen"
        assert float(root.get("viewBox").split()[2]) <= width + 10


def test_a_month_not_published_is_a_gap_and_the_band_covers_the_window_only():
    spec = counterfactual(SERIES, events=[{"date": "2022-02-24", "label": "1"}])
    values = {r["month"]: r["value_usd"] for r in data(spec, "month")}
    assert values["2022-04"] is None
    assert values["2022-05"] == 50.0
    areas = [s for s in data(spec, "mark") if s["mark"].get("type") == "area"]
    assert [p["month"] for p in areas[0]["data"]["values"]] == [
        "2022-03",
        "2022-04",
        "2022-05",
        "2022-06",
    ]
    drawn = texts(svg(Picture("counterfactual", "", "", "a", SERIES)))
    assert "expected, with its 90% range" in drawn
    assert "In" in drawn


def test_labels_of_near_events_stand_on_different_lines():
    events = [{"date": f"2022-03-{d:02d}", "label": str(d)} for d in (1, 2)]
    events.append({"date": "2022-06-01", "label": "3"})
    spec = counterfactual(SERIES, events=events)
    lines = {row["text"]: row["y"] for row in data(spec, "text") if row["text"] in ("1", "2", "3")}
    assert lines["1"] == lines["3"] != lines["2"]


MARK = Mark("", "An office, published 2023-02-01", "2023-02-01", "CC BY")
ITEMS = (
    feeds.FeedItem(feeds.urn("a"), "New: <one>", "Text & more", "2023-02-01", "new"),
    feeds.FeedItem(feeds.urn("b"), "Gone: two", "Text", "2022-07-01", "gone"),
)


def test_the_json_feed_has_what_version_1_1_requires():
    feed = json.loads(feeds.json_feed("T", "About", ITEMS, MARK))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"] == "T"
    assert [item["id"] for item in feed["items"]] == [feeds.urn("a"), feeds.urn("b")]
    assert feed["items"][0]["content_text"] == f"Text & more\n\n{MARK.line}"
    assert feed["_entrepot"]["licence"] == "CC BY"
    assert feed["items"][1]["date_published"] == "2022-07-01T00:00:00Z"


def test_the_atom_feed_has_what_the_standard_requires():
    text = feeds.atom("T", "About", ITEMS, MARK, day="2023-02-01")
    assert text == feeds.atom("T", "About", ITEMS, MARK, day="2023-02-01")
    root = ElementTree.fromstring(text)
    names = {"a": "http://www.w3.org/2005/Atom"}
    for one in (root, *root.findall("a:entry", names)):
        for part in ("id", "title", "updated"):
            assert one.findtext(f"a:{part}", namespaces=names)
    assert root.findtext("a:rights", namespaces=names) == "CC BY"
    assert root.findtext("a:author/a:name", namespaces=names) == "entrepot"
    entries = root.findall("a:entry", names)
    assert [e.findtext("a:title", namespaces=names) for e in entries] == ["New: <one>", "Gone: two"]
    assert [e.find("a:category", names).get("term") for e in entries] == ["new", "gone"]
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", entries[0].findtext("a:id", namespaces=names))


def test_a_urn_depends_on_every_word_and_on_nothing_else():
    assert feeds.urn("a", "b") == feeds.urn("a", "b")
    assert len({feeds.urn("a", "b"), feeds.urn("a", "c"), feeds.urn("b"), feeds.urn("b", "a")}) == 4


def test_flat_rows_write_as_csv():
    from entrepot.publish.export import table

    text = io.StringIO()
    table(findings.flat([entry()]), None, "csv", text)
    (read_back,) = csv.DictReader(io.StringIO(text.getvalue()))
    assert read_back["excess_usd"] == "2000000"
