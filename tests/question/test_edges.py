"""Cells at the edge of what is known, each against what its rows and scopes say by hand."""

from __future__ import annotations

from datetime import date

import pytest

from entrepot.errors import CoverageError
from support.plain import OWN

JAN, FEB = "2022-01", "2022-02"


def usd(desk, *, partners="RUS", goods="854231", months="2022-01..2022-02", **words):
    """Ask for German exports by month."""
    asked = {"reporters": "DEU", "partners": partners, "goods": goods, "months": months}
    found = desk.measure("monthly_series", **asked, **words)
    return [row["series_usd"] for row in found.rows], found


@pytest.mark.parametrize("scope", ["part", None])
def test_a_month_given_by_heading_is_no_zero_of_the_subheading(desk, table, scope):
    rows = ({"partner": "RUS"}, {"partner": "RUS", "month": FEB, "product": "8542"})
    desk.take(table("a.csv", *rows), scope=scope)
    found, answer = usd(desk)
    assert found == [100.0, None]
    assert answer.missing == ("Germany February 2022 (only in a broader code)",)


def test_a_month_with_a_total_only_is_no_zero_of_the_goods(desk, table):
    rows = ({"partner": "RUS"}, {"partner": "RUS", "month": FEB, "product": "TOTAL"})
    desk.take(table("a.csv", *rows), scope="part")
    assert usd(desk)[0] == [100.0, None]


def test_goods_of_a_month_without_its_total_are_not_the_total(desk, table):
    rows = (
        {"partner": "RUS", "product": "TOTAL", "value": "500"},
        {"partner": "RUS"},
        {"partner": "RUS", "month": FEB},
    )
    desk.take(table("a.csv", *rows), scope="part")
    assert usd(desk, goods="all")[0] == [500.0, None]


def test_the_world_is_added_up_with_each_partner_at_its_own_level(desk, table):
    whole = (
        {"partner": "RUS", "product": "854231000011", "value": "700"},
        {"partner": "KAZ", "product": "854231000011", "value": "20"},
    )
    desk.take(table("a.csv", *whole), scope="whole", published=date(2023, 1, 1))
    desk.take(
        table("b.csv", {"partner": "KAZ", "product": "854231", "value": "29"}),
        scope="part", published=date(2023, 2, 1),
    )  # fmt: skip
    assert usd(desk, partners="world", months=JAN)[0] == [729.0]


def test_a_world_that_is_printed_stands_and_others_are_added_up(desk, table):
    rows = (
        {"partner": "WLD", "value": "150"},
        {"partner": "RUS", "value": "90"},
        {"partner": "RUS", "product": "854232", "value": "7"},
        {"partner": "KAZ", "product": "854232", "value": "5"},
    )
    desk.take(table("a.csv", *rows), scope="whole")
    assert usd(desk, partners="world", goods="854231,854232", months=JAN)[0] == [162.0]


def test_two_sources_of_a_book_that_is_not_asked_for_are_not_in_the_way(desk, table):
    rows = (
        {"reporter": "TUR", "partner": "KAZ"},
        {"reporter": "KAZ", "partner": "TUR", "flow": "M", "value": "90"},
        {"reporter": "TUR", "partner": "KAZ", "flow": "M"},
    )
    desk.take(table("a.csv", *rows), scope="whole")
    desk.take(table("b.csv", rows[2]), scope="whole", mapping=OWN | {"name": "other"})
    words = {"goods": "854231", "months": "2022-01..2022-01"}
    (row,) = desk.measure("mirror_pair", exporter="TUR", importer="KAZ", **words).rows
    assert (row["export_usd"], row["import_usd"]) == (100.0, 90.0)
    with pytest.raises(CoverageError, match="imports are in 2 sources"):
        desk.measure("mirror_pair", exporter="KAZ", importer="TUR", **words)


def test_a_side_that_is_not_published_makes_the_other_no_less_asked_for(desk, table):
    desk.take(table("a.csv", {"reporter": "KAZ", "partner": "DEU", "flow": "M"}), scope="whole")
    with pytest.raises(CoverageError) as refused:
        desk.measure(
            "mirror_pair", exporter="DEU", importer="KAZ", goods="854231",
            months="2022-01..2022-01",
        )  # fmt: skip
    assert "not published: Germany January 2022" in str(refused.value)
    assert "never asked for" not in str(refused.value)


def test_a_window_left_out_is_left_out(desk, table):
    rows = (
        {"partner": "KAZ"},
        {"reporter": "KAZ", "partner": "DEU", "flow": "M", "value": "90"},
    )
    desk.take(table("a.csv", *rows), scope="whole")
    (row,) = desk.measure(
        "mirror_gap", window="2022-01..2022-01", base=None, exporters="DEU", importers="KAZ",
        goods="854231",
    ).rows  # fmt: skip
    assert (row["export_usd"], row["import_usd"]) == (100.0, 90.0)


def test_two_revisions_of_one_level_beside_another_level_are_one_sum(desk, table):
    older = {key: value for key, value in OWN.items() if key != "classification"}
    mapping = older | {"columns": OWN["columns"] | {"classification": "hs"}}
    cells = ({"partner": "RUS", "product": "85423110"}, {"partner": "RUS", "product": "85423110"},
             {"partner": "RUS", "product": "854231100000"})  # fmt: skip
    path = table("a.csv", *cells)
    head, *lines = path.read_text("utf-8").splitlines()
    told = [f"{line},{hs}" for line, hs in zip(lines, ("HS2017", "HS2022", "HS2022"), strict=True)]
    path.write_text("\n".join([f"{head},hs", *told]) + "\n", "utf-8")
    desk.take(path, scope="whole", mapping=mapping)
    assert usd(desk, months=JAN)[0] == [100.0]


def test_a_heading_without_subheadings_for_one_partner_is_no_zero_of_them(desk, table):
    rows = (
        {"partner": "RUS", "product": "8542", "value": "100"},
        {"partner": "KAZ", "product": "8542", "value": "50"},
        {"partner": "KAZ", "product": "854231", "value": "50"},
    )
    desk.take(table("a.csv", *rows), scope="whole")
    assert usd(desk, partners="KAZ", months=JAN)[0] == [50.0]
    with pytest.raises(CoverageError, match=r"held only under 8542 \(\$100"):
        usd(desk, months=JAN)


def test_a_newer_subheading_hides_the_older_national_codes_under_it(desk, table):
    desk.take(
        table("a.csv", {"partner": "RUS", "product": "85423110"}),
        scope="whole", published=date(2023, 1, 1),
    )  # fmt: skip
    newer = ({"partner": "KAZ", "value": "5"}, {"partner": "RUS", "month": FEB, "value": "7"})
    desk.take(table("b.csv", *newer), scope="part", published=date(2023, 2, 1))
    assert usd(desk)[0] == [0.0, 7.0]


def test_a_heading_in_two_revisions_is_at_least_what_one_of_them_holds(desk, table):
    older = {key: value for key, value in OWN.items() if key != "classification"}
    for at, (hs, product, value) in enumerate(
        (("HS2017", "854231", "100"), ("HS2022", "854232", "30"))
    ):
        desk.take(
            table(f"{at}.csv", {"partner": "RUS", "product": product, "value": value}),
            scope="part", mapping=older | {"classification": hs}, published=date(2023, at + 1, 1),
        )  # fmt: skip
    found, answer = usd(desk, goods="8542", months=JAN)
    assert found == [100.0]
    assert answer.is_part
    assert any("8542 stands in two revisions" in line for line in answer.missing)


def test_a_subheading_of_which_a_table_holds_national_codes_is_their_sum_and_says_so(desk, table):
    desk.take(table("a.csv", {"partner": "RUS", "product": "85423110"}), scope="part")
    found, answer = usd(desk, months=JAN)
    assert found == [100.0]
    (line,) = answer.missing
    assert line.startswith("854231 is the sum of the national codes that the files hold")
    assert usd(desk, goods="85423110", months=JAN)[1].is_whole


def test_a_rise_from_nothing_in_a_year_that_is_known_is_flagged(desk, table):
    rows = [
        {"month": f"{year}-{month:02}", "partner": "RUS", "product": product}
        for year, product in ((2021, "854121"), (2022, "854231")) for month in range(1, 13)
    ]  # fmt: skip
    desk.take(table("a.csv", *rows), scope="whole")
    (row,) = desk.measure(
        "red_flag", reporters="DEU", destination="RUS", goods="854231", year="2022", base="2021"
    ).rows
    assert row["base_world_usd"] == 0.0
    assert row["is_flagged"] is True


def test_a_confidential_cell_is_no_zero(desk, table):
    mapping = OWN | {"columns": OWN["columns"] | {"status": "status"}}
    path = table("a.csv", {"partner": "RUS"}, {"partner": "RUS", "month": FEB, "value": "0"})
    head, one, other = path.read_text("utf-8").splitlines()
    path.write_text(f"{head},status\n{one},reported\n{other},confidential\n", "utf-8")
    desk.take(path, scope="whole", mapping=mapping)
    assert usd(desk)[0] == [100.0, None]
