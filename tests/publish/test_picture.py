"""Pictures: checked against their rows, in the chart's data and in the drawn SVG."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from entrepot.errors import DuplicateError, StudyError
from entrepot.publish.brief import Picture
from entrepot.publish.charts import _style as style
from entrepot.publish.charts.change import change
from entrepot.publish.charts.choices import choices
from entrepot.publish.charts.monthly import monthly
from entrepot.publish.picture import svg
from support.pages import contrast, data, texts
from support.sample_briefs import CHANGE, FIVE, MONTHLY
from support.sampled import costly


def rows(series, **months):
    return [
        {"period": f"2022-{int(m[1:]):02d}-01", "series": series, "value_usd": v}
        for m, v in months.items()
    ]


@pytest.mark.parametrize("picture", [MONTHLY, CHANGE])
@pytest.mark.parametrize("width", [680, 340])
def test_a_picture_is_the_same_twice_and_scales(picture, width):
    first = svg(picture, width=width)
    assert svg(picture, width=width) == first
    root = ElementTree.fromstring(first)
    assert root.get("width") == "100%"
    assert root.get("height") is None
    assert root.get("role") == "img"
    assert root.get("aria-label") == picture.alt
    assert float(root.get("viewBox").split()[2]) <= width + 10


@pytest.mark.parametrize("panels", [True, False])
@pytest.mark.parametrize("width", [680, 340])
def test_every_series_is_named_and_drawn(panels, width):
    drawn = svg(replace(MONTHLY, options={"panels": panels}), width=width)
    spoken = " ".join(texts(drawn)).replace("  ", " ")
    assert "Russia" in spoken
    assert all(word in spoken for word in FIVE.split())
    assert drawn.count("role-mark") >= 2


def test_a_missing_month_is_a_gap_and_never_a_zero():
    picture = replace(MONTHLY, rows=tuple(rows("KAZ", m1=1e6, m2=2e6, m4=3e6, m5=4e6)), options={})
    points = monthly(picture.rows)
    values = data(points, "value_usd")
    assert [v["value_usd"] for v in values[:5]] == [1e6, 2e6, None, 3e6, 4e6]
    path = re.search(r'<path d="(M[^"]*)" stroke="#b3400e"', svg(picture))[1]
    assert len(re.findall(r"M", path)) == 2


def test_a_month_alone_between_two_gaps_is_a_dot():
    picture = replace(MONTHLY, rows=tuple(rows("KAZ", m1=1e6, m2=2e6, m4=3e6, m6=4e6, m7=1e6)))
    drawn = svg(replace(picture, options={}))
    assert "mark-symbol" in drawn


def test_a_null_is_a_gap_too():
    points = monthly(rows("KAZ", m1=1e6, m2=None, m3=2e6))
    values = data(points, "value_usd")
    assert values[1]["value_usd"] is None


def test_two_values_for_one_month_are_refused():
    with pytest.raises(DuplicateError, match="KAZ has two values for 2022-01"):
        monthly(rows("KAZ", m1=1.0) * 2)


def test_events_and_windows_are_named():
    spoken = texts(svg(MONTHLY))
    assert "Invasion of Ukraine" in spoken
    assert {"Jan\N{EN DASH}Sep 2021", "Jan\N{EN DASH}Sep 2022"} <= set(spoken)


@costly
def test_the_drawing_does_not_depend_on_the_time_zone(monkeypatch):
    import subprocess
    import sys

    code = (
        "import sys; sys.path[:0] = ['tests', 'src']\n"
        "from support.sample_briefs import MONTHLY\nfrom entrepot.publish.picture import svg\n"
        "import hashlib; print(hashlib.sha256(svg(MONTHLY).encode()).hexdigest())"
    )
    hashes = set()
    for zone in ("America/New_York", "Asia/Tashkent"):
        monkeypatch.setenv("TZ", zone)
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
        hashes.add(done.stdout)
    assert len(hashes) == 1


def order(given, **options):
    found = change(given, **options)
    drawn = data(found, "amounts")
    seen = {row["lines"][0]: row["top"] for row in drawn}
    return sorted(seen, key=seen.get)


def pair(label, before, after):
    return {"label": label, "before_usd": before, "after_usd": after}


def test_changes_are_sorted_by_dollars_with_the_unknown_last():
    given = [
        pair("fell", 50e6, 10e6),
        pair("half known", None, 90e6),
        pair("rose a little", 1e6, 3e6),
        pair("rose a lot", 30e6, 60e6),
    ]
    assert order(given) == ["rose a lot", "rose a little", "fell", "half known"]
    assert order(given[::-1]) == order(given)


def test_changes_are_labelled_in_words():
    spoken = texts(svg(CHANGE))
    assert "$99m \N{RIGHTWARDS ARROW} $171m" in spoken
    assert "rose by 72%" in spoken
    assert "January-September 2021" in spoken


def test_names_of_windows_that_would_collide_are_left_out():
    def drawn(first):
        rows = [{"period": f"{year}-{n:02}-01", "series": "A", "value_usd": 1.0}
                for year in range(first, 2024) for n in range(1, 13)]  # fmt: skip
        windows = [["2022-01", "2022-09"], ["2023-01", "2023-09"]]
        return svg(Picture("monthly", "t", "r", "a", tuple(rows), {"windows": windows}), 680)

    assert "Sep 2022" in drawn(2021)
    assert "Sep 2022" not in drawn(2010)


def test_each_choice_has_a_dot_its_value_and_the_line_of_the_brief():
    rows = ({"label": "basket: stable", "value": 1.61}, {"label": "basket: bridged", "value": 1.71},
            {"label": "base: 2020", "value": None})  # fmt: skip
    options = {"unit": "ratio", "chosen": 1.71}
    drawn = svg(Picture("choices", "t", "r", "a", rows, options), 680)
    for text in ("basket: stable", "1.61 times", "1.71 times", "base: 2020", "not available"):
        assert f">{text}</text>" in drawn
    spec = choices(rows, **options)
    dots = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "point")
    assert [dot["value"] for dot in dots["data"]["values"]] == [1.61, 1.71]
    low, high = dots["encoding"]["x"]["scale"]["domain"]
    assert low < 1.61
    assert high > 1.71


def test_the_scale_is_logarithmic_only_when_values_are_far_apart():
    def kind(given):
        return re.search(r"'type': '(log|linear)'", str(change(given)))[1]

    assert kind([pair("a", 1e6, 2e6), pair("b", 5e6, 9e6)]) == "linear"
    assert kind([pair("a", 1e3, 2e6), pair("b", 5e6, 9e6)]) == "log"


def test_zeros_nulls_and_nothing_at_all_can_be_drawn():
    given = (pair("a", 0.0, 2e6), pair("b", 1e3, 0.0), pair("c", None, None))
    spoken = texts(svg(replace(CHANGE, rows=given)))
    assert {"rose from zero", "fell to zero", "not available"} <= set(spoken)
    assert svg(replace(CHANGE, rows=()))


def test_an_unknown_chart_or_option_is_refused_by_name():
    with pytest.raises(
        StudyError,
        match="no chart called 'pie'; expected one of bars, change, choices, corridor_map, ",
    ):
        svg(replace(MONTHLY, kind="pie"))
    with pytest.raises(StudyError, match="monthly has no option colour; expected some of panels"):
        svg(replace(MONTHLY, options={"colour": "red"}))


def test_labels_are_readable_on_light_and_dark_paper():
    for colour in (style.INK, style.SOFT, *style.SERIES):
        assert contrast(colour, style.PAPER) >= 4.5
        assert contrast(style.DARK[colour], style.DARK[style.PAPER]) >= 4.5
