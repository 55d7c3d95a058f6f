"""Panels from small tables of flows, by hand."""

from datetime import date

import ibis
import numpy as np
import pytest

from entrepot.detect import _sums
from entrepot.detect._assemble import panel
from entrepot.detect._panel import SERIES, Scan
from entrepot.errors import CoverageError, StudyError
from entrepot.findings import OriginShare
from entrepot.schema import FLOWS
from support.plain import PLAIN

ASKED = Scan("RUS", "2022-03", ("DEU", "FRA"), (("HS2022", "854231", "854231"),))


def row(reporter, partner, month, usd, **changes):
    """One export of chips, unless changed."""
    return {
        "reporter": reporter,
        "partner": partner,
        "period": date(2022, month, 1),
        "flow": "export",
        "value_usd": float(usd),
    } | changes


def seen(*rows, scan=ASKED):
    table = ibis.memtable([PLAIN | one for one in rows], schema=FLOWS.ibis)
    return panel(table, scan, lambda expression: expression.to_pyarrow())


def cell(found, series, third="KGZ", product="854231"):
    return found[series][found.thirds.index(third), found.products.index(product)].tolist()


FOUR = [row("DEU", "KGZ", month, 10 * month) for month in (1, 2, 3, 4)]


def test_every_series_by_hand():
    found = seen(
        *FOUR,
        row("DEU", "KGZ", 2, 5, net_mass_kg=3.0, source="other"),
        row("CHN", "KGZ", 2, 7),
        *(row("KGZ", "DEU", m, 11 * m, flow="import") for m in (1, 2, 3, 4)),
        row("KGZ", "CHN", 2, 6, flow="import"),
        *(row("KGZ", "RUS", m, 4 * m, net_mass_kg=float(m)) for m in (1, 2, 3, 4)),
        row("KGZ", "RUS", 2, 5, source="other"),
        row("KGZ", "UZB", 2, 9),
        row("DEU", "RUS", 1, 1000),
        row("DEU", "FRA", 1, 1000),
        row("RUS", "KGZ", 1, 1000),
    )
    assert found.months == ("2022-01", "2022-02", "2022-03", "2022-04")
    assert (found.since, found.length) == (2, 2)
    assert found.thirds == ("CHN", "KGZ", "UZB")
    assert {*found.data} == {*SERIES}
    assert cell(found, "coalition_exports") == [10, 25, 30, 40]
    assert cell(found, "coalition_exports_kg") == [0, 3, 0, 0]
    assert cell(found, "coalition_exports_priced") == [0, 5, 0, 0]
    assert cell(found, "all_exports") == [10, 32, 30, 40]
    assert cell(found, "reported_imports") == [11, 22, 33, 44]
    assert cell(found, "all_reported_imports") == [11, 28, 33, 44]
    assert cell(found, "onward_exports") == [4, 13, 12, 16]
    assert cell(found, "onward_exports_kg") == [1, 2, 3, 4]
    assert cell(found, "onward_exports_priced") == [4, 8, 12, 16]
    assert cell(found, "other_exports") == [0, 9, 0, 0]


def test_codes_are_listed_or_controls():
    found = seen(*FOUR, row("DEU", "KGZ", 1, 3, product="010121"))
    assert found.products == ("010121", "854231")
    assert found.is_listed.tolist() == [False, True]


def test_a_month_that_a_third_country_did_not_publish_is_unknown():
    found = seen(*FOUR, *(row("KGZ", "DEU", m, 1, flow="import") for m in (1, 2, 4)))
    np.testing.assert_equal(cell(found, "reported_imports"), [1, 1, np.nan, 1])
    assert np.isnan(cell(found, "onward_exports")).all(), "it published no exports at all"


def test_a_month_published_without_the_good_is_zero():
    food = [row("KGZ", "DEU", m, 1, product="010121", flow="import") for m in (1, 2, 3, 4)]
    found = seen(*FOUR, *food, row("KGZ", "DEU", 2, 8, flow="import"))
    assert cell(found, "reported_imports") == [0, 8, 0, 0]


def test_a_missing_reporters_usual_share_is_made_up():
    """Germany held 30 of 40 before: its 60 of March stand for 80 when France is late."""
    rows = [row("DEU", "KGZ", m, usd) for m, usd in ((1, 30), (2, 30), (3, 60), (4, 60))]
    rows += [row("FRA", "KGZ", m, usd) for m, usd in ((1, 10), (2, 10), (4, 50))]
    assert cell(seen(*rows), "coalition_exports") == pytest.approx([40, 40, 80, 110])


def test_less_than_half_of_the_coalition_is_unknown():
    rows = [row("DEU", "KGZ", m, usd) for m, usd in ((1, 30), (2, 30), (4, 60))]
    rows += [row("FRA", "KGZ", m, 10) for m in (1, 2, 3, 4)]
    np.testing.assert_allclose(cell(seen(*rows), "coalition_exports"), [40, 40, np.nan, 70])


def test_what_each_reporter_sent_before_and_after():
    """Before: 30 in two months, so 30 in two; after: 70. France falls and has no share."""
    rows = [row("DEU", "KGZ", m, usd) for m, usd in ((1, 10), (2, 20), (3, 30), (4, 40))]
    rows += [row("FRA", "KGZ", m, usd) for m, usd in ((1, 9), (2, 9), (3, 1), (4, 1))]
    assert seen(*rows).origins("KGZ", "854231") == (
        OriginShare("DEU", value_usd=70, before_usd=30, share=1),
        OriginShare("FRA", value_usd=2, before_usd=18, share=0),
    )


def test_codes_of_older_revisions_count_under_their_listed_name():
    links = (("HS2017", "880330", "880730"), ("HS2022", "880730", "880730"))
    scan = Scan("RUS", "2022-03", ("DEU", "FRA"), links)
    found = seen(
        row("DEU", "KGZ", 1, 7, product="88033000", classification="CN2021"),
        row("DEU", "KGZ", 2, 8, product="88033000", classification="CN2021"),
        row("DEU", "KGZ", 3, 9, product="88073000", classification="CN2022"),
        scan=scan,
    )
    assert found.products == ("880730",)
    assert cell(found, "coalition_exports", product="880730") == [7, 8, 9]


def test_the_old_number_of_another_revision_keeps_its_name():
    links = (("HS2017", "880330", "880730"), ("HS2022", "880730", "880730"))
    scan = Scan("RUS", "2022-03", ("DEU", "FRA"), links)
    found = seen(
        *(row("DEU", "KGZ", m, m, product="880730") for m in (1, 2, 3)),
        row("DEU", "KGZ", 1, 7, product="880330", classification="HS2022"),
        scan=scan,
    )
    assert found.products == ("880330", "880730")


def test_finer_codes_are_summed_where_a_reporter_has_nothing_else():
    finer = [row("DEU", "KGZ", m, m, product=f"854231{end}") for m in (1, 2, 3) for end in (10, 90)]
    both = [
        row("FRA", "KGZ", m, 5 * m, product=code)
        for m in (1, 2, 3)
        for code in ("854231", "85423190")
    ]
    assert cell(seen(*finer), "coalition_exports") == [2, 4, 6]
    assert cell(seen(*finer, *both), "coalition_exports") == [7, 14, 21]


def test_totals_annual_rows_and_aggregates_are_left_out():
    found = seen(
        *FOUR,
        row("DEU", "WLD", 1, 1000),
        row("DEU", "KGZ", 1, 1000, freq="A"),
        row("DEU", "KGZ", 1, 1000, product="8542"),
        row("DEU", "KGZ", 1, 1000, flow="re-export"),
    )
    assert found.thirds == ("KGZ",)
    assert cell(found, "coalition_exports") == [10, 20, 30, 40]


def test_named_thirds_and_months_are_kept_alone():
    scan = Scan(*vars_of(ASKED)[:4], thirds=("UZB",), first="2022-02", last="2022-03")
    found = seen(*FOUR, row("DEU", "UZB", 2, 5), scan=scan)
    assert (found.thirds, found.months) == (("UZB",), ("2022-02", "2022-03"))
    assert cell(found, "coalition_exports", third="UZB") == [5, 0]


def vars_of(scan):
    return [getattr(scan, name) for name in scan.__slots__]


def test_the_order_and_the_splitting_of_rows_change_nothing():
    rows = [row(who, "KGZ", m, 10.0 * m) for who in ("DEU", "FRA", "CHN") for m in (1, 2, 3, 4)]
    whole = seen(*rows)
    halves = [one | {"value_usd": one["value_usd"] / 2, "source": s} for one in rows for s in "ab"]
    for other in (seen(*rows[::-1]), seen(*halves)):
        assert (other.thirds, other.products, other.months) == (
            whole.thirds,
            whole.products,
            whole.months,
        )
        for name in SERIES:
            np.testing.assert_allclose(other[name], whole[name])


@pytest.mark.parametrize(
    ("rows", "scan", "error", "words"),
    [
        (FOUR, Scan("DEU", "2022-03", ("DEU",), ASKED.codes), StudyError, "in the coalition too"),
        (FOUR, Scan("RUS", "2022-01", ("DEU",), ASKED.codes), CoverageError, "2022-01 to 2022-04"),
        (FOUR, Scan("RUS", "2022-05", ("DEU",), ASKED.codes), CoverageError, "2022-01 to 2022-04"),
        (FOUR, Scan("RUS", "2022-03", ("USA",), ASKED.codes), CoverageError, "nobody of the coa"),
        (FOUR, Scan("RUS", "2022-03", ("DEU",), (("HS2022", "1", "1"),)), CoverageError, "none of"),
        ([row("DEU", "KGZ", 1, 1, freq="A")], ASKED, CoverageError, "no month"),
    ],
)
def test_what_cannot_be_answered_is_refused(rows, scan, error, words):
    with pytest.raises(error, match=words):
        seen(*rows, scan=scan)


def test_what_was_sent_is_made_whole_by_each_reporter_s_own_months():
    """Germany published both months since March; France one of two, so as much again, or twice."""
    found = seen(
        *FOUR,
        *(row("FRA", "KGZ", month, usd) for month, usd in ((1, 100), (2, 100), (3, 600))),
    )
    least, likely, most = (amount[found.thirds.index("KGZ"), 0] for amount in found.whole)
    assert (least, likely, most) == (70 + 600, 70 + 1200, 70 + 1800)
    (france, germany) = found.origins("KGZ", "854231")
    assert (germany.value_usd, germany.before_usd) == (70, 30)
    assert (france.value_usd, france.before_usd) == (600, 100)  # one month at 100 a month


def test_a_reporter_that_fell_silent_is_made_up_from_its_past():
    """France sent a quarter of January and February and nothing is known of it since."""
    found = seen(
        *(row("DEU", "KGZ", month, 30) for month in (1, 2, 3, 4)),
        *(row("FRA", "KGZ", month, 10) for month in (1, 2)),
    )
    assert cell(found, "coalition_exports") == [40, 40, 40, 40]


def test_a_reporter_that_begins_late_is_made_up_backwards():
    found = seen(
        *(row("DEU", "KGZ", month, 30) for month in (1, 2, 3, 4)),
        *(row("FRA", "KGZ", month, 10) for month in (3, 4)),
    )
    assert cell(found, "coalition_exports") == [40, 40, 40, 40]


def test_a_panel_without_room_for_all_goods_leaves_the_others_as_they_were(monkeypatch):
    rows = [one | {"product": code} for one in FOUR for code in ("854231", "854239", "010121")]
    whole = seen(*rows)
    monkeypatch.setattr(_sums, "fits", lambda *_one, **_two: False)
    monkeypatch.setattr(_sums, "held", lambda _names, *_one, **_two: ["854231", "854239"])
    part = seen(*rows)
    assert (whole.products, part.products) == (("010121", "854231", "854239"), ("854231", "854239"))
    assert whole.unlisted == part.unlisted == 2
    for product in part.products:
        exports = cell(part, "coalition_exports", product=product)
        assert exports == cell(whole, "coalition_exports", product=product) == [10, 20, 30, 40]


def test_room_is_measured_by_third_countries_and_months(monkeypatch):
    asked = []

    def fits(codes, _scan, across, *, listed, other):
        asked.append((codes, across, listed > other > 0))
        return True

    monkeypatch.setattr(_sums, "fits", fits)
    seen(*FOUR, row("KGZ", "RUS", 1, 4), row("KGZ", "WLD", 1, 4), row("KGZ", "CHN", 1, 4))
    assert asked == [(1, 2 * 4, True)]
