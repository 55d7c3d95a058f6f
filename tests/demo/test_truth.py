"""What the files say against what was planted, and the traps that lie between the two."""

from __future__ import annotations

from datetime import date

import pyarrow.parquet as pq
import pytest

from entrepot.demo import write_truth

BY_ORIGIN = ("ARM", "GEO", "KAZ", "KGZ", "UZB")


@pytest.fixture(scope="module")
def truth(cells, world):
    """Every table of the truth in the connection that holds the files, by name."""
    for name, table in world.truth.items():
        cells.register(f"t_{name}", table)
    return cells


def test_reported_exports_add_up_to_the_planted_shipments(truth):
    apart = truth.sql("""
        with told as (select reporter, partner, period, sum(usd) as usd, count(*) as n
            from latest where flow = 'X' group by all),
        planted as (select exporter as reporter, importer as partner, period,
                sum(value_usd) as truly
            from t_legs group by all)
        select * from told full join planted using (reporter, partner, period)
        join t_coverage using (reporter, period)
        where status = 'reported' and coalesce(usd, 0) + coalesce(truly, 0) > 2
            and abs(coalesce(usd, 0) - coalesce(truly, 0)) > 2 * coalesce(n, 1)
    """).fetchall()
    assert apart == []


def test_diverted_shipments_are_the_legs_of_the_diversion_table(truth):
    into, onward = (
        truth.sql(f"""
            with chains as (select {sides}, product, {period} as period, sum({value}) as chained
                from t_diversion group by all),
            legs as (select exporter, importer, product, period, sum(value_usd) as shipped
                from t_legs where part = 'diverted' group by all)
            select max(abs(chained - shipped)), count(*), count(shipped)
            from chains left join legs using (exporter, importer, product, period)
            where {where}""").fetchone()
        for sides, period, value, where in (
            (
                "supplier as exporter, intermediary as importer",
                "period",
                "inflow_usd",
                "exporter <> 'TUR'",
            ),
            (
                "intermediary as exporter, destination as importer",
                "onward_period",
                "onward_usd",
                "period between '2022-06-01' and '2024-12-01'",
            ),
        )
    )
    for off, rows, found in (into, onward):
        assert rows == found > 1000
        assert off < 0.1


def test_turkish_transit_that_arrives_goes_on_to_russia(truth):
    apart = truth.sql("""
        with first as (select maker, product, destination as hub, onward_period as period,
                sum(onward_usd - ghost_usd) as arrived
            from t_diversion where intermediary = 'TUR' and destination <> 'RUS' group by all),
        second as (select maker, product, intermediary as hub, period, sum(inflow_usd) as passed
            from t_diversion where supplier = 'TUR' group by all)
        select count(*) filter (abs(arrived - passed) > 0.1), count(*) from first
        join second using (maker, product, hub, period) where period < '2024-09-01'
    """).fetchone()
    assert apart[0] == 0
    assert apart[1] > 100


def test_goods_leave_zero_to_three_months_after_they_came_and_never_before_the_war(truth):
    rows = truth.sql("""select min(lag_months), max(lag_months), min(period),
        bool_and(onward_period = period + to_months(lag_months::int)),
        bool_and(onward_usd > inflow_usd) from t_diversion""").fetchone()
    assert rows == (0, 3, date(2022, 3, 1), True, True)


def test_the_coalition_sells_more_to_hubs_and_less_to_russia_after_the_invasion(truth):
    rows = truth.sql("""
        with origins as (select distinct maker as reporter from t_diversion)
        select partner, sum(usd) filter (year(period) = 2021), sum(usd) filter (year(period) = 2023)
        from latest join origins using (reporter) where flow = 'X' and listed45(product)
        and partner in ('RUS', 'KGZ', 'ARM', 'KAZ') group by all order by all""").fetchall()
    change = {partner: after / before for partner, before, after in rows}
    assert change["RUS"] < 0.1
    assert min(change["KGZ"], change["ARM"], change["KAZ"]) > 2


def test_lost_trade_is_what_the_coalition_would_have_sold_to_russia(truth):
    rows = truth.sql("""select list(distinct importer), min(period),
        bool_and(exporter not in ('CHN', 'TUR', 'KAZ')), sum(value_usd) / 1e6 > 1000
        from t_lost""").fetchone()
    assert rows == (["RUS"], date(2022, 3, 1), True, True)


def test_importers_record_what_arrives_at_a_margin_between_fob_and_cif(truth):
    low, high = truth.sql(f"""
        with arrived as (select importer as reporter, period, sum(value_usd * arrives) as fob
            from t_legs where maker <> importer or not importer in {BY_ORIGIN} group by all),
        told as (select reporter, period, sum(usd) as cif from latest where flow = 'M' group by all)
        select min(cif / fob), max(cif / fob) from arrived join told using (reporter, period)
        where fob > 1e6""").fetchone()
    assert 1.02 <= low < high <= 1.10


def test_ghost_goods_leave_the_exporters_books_and_enter_nobodys(truth):
    sent, ghost, received = truth.sql("""select
        (select sum(usd) from latest where flow = 'X' and partner = 'KGZ' and reporter <> 'CHN'
            and year(period) = 2024),
        (select sum(value_usd) from t_ghost where importer = 'KGZ' and year(period) = 2024),
        (select sum(usd) from latest where flow = 'M' and reporter = 'KGZ' and partner <> 'CHN'
            and year(period) = 2024)""").fetchone()
    assert ghost > 0.1 * sent
    assert received == pytest.approx((sent - ghost) * 1.06, rel=0.06)


def test_a_gap_that_was_there_before_the_war_is_no_ghost(truth):
    share = truth.sql("""select sum(value_usd * arrives) / sum(value_usd) from t_legs
        where exporter = 'CHN' and importer = 'KGZ' group by year(period)""").fetchall()
    assert all(found == pytest.approx(0.25) for (found,) in share)
    assert len(share) == 10


def test_importers_by_origin_book_turkish_transit_under_its_makers(truth):
    sent, booked = truth.sql("""select
        (select sum(value_usd * arrives) from t_legs where exporter = 'TUR' and importer = 'KAZ'
            and year(period) = 2023),
        (select sum(usd) from latest where reporter = 'KAZ' and partner = 'TUR' and flow = 'M'
            and year(period) = 2023)""").fetchone()
    assert booked < 0.6 * sent


def test_russia_is_silent_after_january_2022(truth):
    last, others = truth.sql("""select max(period) filter (reporter = 'RUS'),
        count(*) filter (partner = 'RUS' and period > '2022-02-01') from latest""").fetchone()
    assert last == date(2022, 1, 1)
    assert others > 1000


def test_missing_months_are_absent_and_silent_cells_may_say_zero(truth):
    wrong = truth.sql("""
        with seen as (select distinct reporter, period, true as present from latest)
        select * from t_coverage left join seen using (reporter, period)
        where (status = 'reported') <> (present is not null)""").fetchall()
    assert wrong == []
    kinds = truth.sql("select distinct status from t_coverage").fetchall()
    assert len(kinds) == 5
    zeros, weighed = truth.sql("""select count(*) filter (usd = 0),
        count(*) filter (usd = 0 and kg is not null or kg = 0 and usd > 100000)
        from latest""").fetchone()
    assert zeros > 500
    assert weighed == 0


def test_reporters_take_up_revisions_at_the_planted_dates(truth):
    wrong = truth.sql("""
        with first as (select reporter, revision as classification, min(period) as seen
            from latest where revision <> 'HS2012' group by all)
        select * from first join t_switches using (reporter, classification)
        where seen <> period and reporter <> 'BLR'""").fetchall()
    assert wrong == []
    dates = truth.sql("""select count(distinct period) filter (classification = 'HS2022'),
        max(period) from t_switches""").fetchone()
    assert dates == (7, date(2024, 1, 1))


def test_codes_are_valid_in_the_revision_they_are_reported_in(truth, shared_data):
    folder = shared_data / "comtrade" / "reference"
    lists = {"HS2012": "h4", "HS2017": "h5", "HS2022": "h6"}
    for revision, name in lists.items():
        codes = (folder / f"comtrade_cmd_{name}.csv").read_text(encoding="utf-8").splitlines()
        valid = {line.split(",")[0].strip('"') for line in codes}
        rows = truth.sql(f"select distinct product from cells where revision = '{revision}'")
        assert {code for (code,) in rows.fetchall()} <= valid


def test_no_listed_code_becomes_a_mobile_phone(truth):
    assert truth.sql("select count(*) from cells where product = '851712'").fetchone() == (0,)


def test_an_older_code_carries_more_than_its_listed_successor(truth):
    never_less, ratio = truth.sql("""
        with told as (select reporter, period, sum(usd) as usd, count(*) as n from latest
            where flow = 'X' and product = '854140' and revision = 'HS2017' group by all),
        listed as (select exporter as reporter, period, sum(value_usd) as usd from t_legs
            where product = '854149' group by all)
        select bool_and(told.usd > listed.usd - 2 * n), sum(told.usd) / sum(listed.usd)
        from told join listed using (reporter, period)""").fetchone()
    assert never_less
    assert ratio > 1.5


def test_booms_are_real_demand_and_no_diversion(truth):
    rows = dict(
        truth.sql("select part, list(distinct importer) from t_booms group by all").fetchall()
    )
    assert set(rows) == {"chip boom", "oil boom", "price"}
    assert set(rows["oil boom"]) == {"KAZ", "AZE"}


def test_the_truth_is_written_beside_the_world(world, tmp_path):
    paths = write_truth(world, tmp_path)
    assert {path.stem.removeprefix("truth-") for path in paths} == set(world.truth)
    assert pq.read_table(tmp_path / "truth-diversion.parquet").equals(world.truth["diversion"])


def test_russia_pays_china_more_a_kilogram_and_others_do_not(truth):
    rows = truth.sql("""
        select partner = 'RUS', sum(usd) filter (year(period) = 2024) * sum(kg)
            filter (year(period) = 2021) / (sum(kg) filter (year(period) = 2024) * sum(usd)
            filter (year(period) = 2021))
        from latest where reporter = 'CHN' and flow = 'X' and kg is not null
            and product in ('848210', '848230', '848250') group by all""").fetchall()
    ratio = dict(rows)
    assert 1.6 < ratio[True] / ratio[False] < 2.4


def test_the_ghost_part_of_turkish_transit_is_in_both_tables(truth):
    chained, shipped, sent = truth.sql("""select
        (select sum(ghost_usd) from t_diversion where onward_period between '2022-06-01'
            and '2024-12-01'),
        (select sum(value_usd) from t_ghost where exporter = 'TUR' and period >= '2022-06-01'),
        (select sum(onward_usd) from t_diversion where intermediary = 'TUR'
            and destination = 'KAZ')""").fetchone()
    assert chained == pytest.approx(shipped, rel=1e-6)
    assert shipped > 0.5 * sent
