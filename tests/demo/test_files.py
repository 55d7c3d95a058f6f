"""The files: their layout, size and releases, and that the connectors read every cell of them."""

from __future__ import annotations

import gzip
from datetime import date
from hashlib import sha256
from importlib import import_module

import duckdb
import pytest

from entrepot.contracts import RawFile
from entrepot.demo import generate
from entrepot.demo.products import CODES, N_LISTED
from entrepot.reference import goods
from support.sampled import WHOLE, costly, some


def digests(world):
    return {file.path.name: sha256(file.path.read_bytes()).hexdigest() for file in world.files}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(world, tmp_path):
    again = generate(tmp_path)
    assert digests(again) == digests(world)
    assert all(again.truth[name].equals(world.truth[name]) for name in world.truth)
    if not WHOLE:
        return
    (tmp_path / "other").mkdir()
    other = generate(tmp_path / "other", seed=1)
    assert not set(digests(other).values()) & set(digests(world).values())


def test_a_folder_takes_one_world(world):
    with pytest.raises(FileExistsError):
        generate(world.files[0].path.parents[2])


def test_the_world_keeps_its_size(world, known):
    assert known("select count(*) from cells") < 700_000
    assert sum(file.path.stat().st_size for file in world.files) < 60e6
    assert len(world.files) < 80


def test_the_goods_are_the_fifty_listed_codes_and_fifty_others():
    listed = set(goods.load("chpl-2024-02").codes)
    assert set(CODES[:N_LISTED]) == listed
    assert len(CODES) == 100 == len(set(CODES))
    assert not listed & set(CODES[N_LISTED:])


def test_every_file_says_that_it_is_synthetic(world, known):
    assert all("SYNTHETIC" in file.path.parts for file in world.files)
    comtrade = "select count(*) from cells where label not in ('SYNTHETIC', '')"
    assert known(comtrade) == 0


def test_files_come_oldest_first_and_on_plausible_days(world, cells):
    days = [file.published for file in world.files]
    assert days == sorted(days)
    assert days[-1] <= date(2025, 6, 30)
    early = cells.sql("""select count(*) from (select max(period) as last, any_value(published)
        as published from cells group by file) where published < last + interval 40 days""")
    assert early.fetchone() == (0,)


def test_releases_of_a_publisher_overlap_only_where_one_revises(cells):
    twice = cells.sql("""select distinct reporter, year(period), max(month(period)) from (
        select reporter, period from cells group by all having count(distinct file) > 1)
        group by all""").fetchall()
    assert twice == [("ARM", 2023, 9)]


def test_a_revision_changes_adds_and_withdraws_cells(cells):
    key = "partner, flow, period, product"
    added, withdrawn, changed, same = cells.sql(f"""
        with told as (from cells where reporter = 'ARM' and period between '2023-01-01'
            and '2023-09-01'),
        old as (select {key}, usd as before from told where published = '2023-11-14'),
        new as (select {key}, usd as after from told where published = '2024-05-31')
        select count(*) filter (before is null), count(*) filter (after is null),
            count(*) filter (before <> after), count(*) filter (before = after)
        from old full join new using ({key})""").fetchone()
    assert min(added, withdrawn) > 10
    assert 0.1 < changed / (changed + same) < 0.3


def test_the_web_download_ends_rows_with_a_comma_and_gives_world_totals(world, cells):
    path = next(file.path for file in world.files if file.path.name.startswith("TradeData"))
    header, first, *_ = path.read_bytes().decode("latin-1").splitlines()
    assert not header.endswith(",")
    assert first.endswith('"false","true",')
    apart = cells.sql("""select count(*), count(*) filter (abs(total - parts) > 0.5) from (
        select sum(usd) filter (partner = 'W00') as total,
            sum(usd) filter (partner <> 'W00') as parts
        from cells where reporter = 'ZAF' group by flow, period, product)""").fetchone()
    assert apart[0] > 1000
    assert apart[1] == 0


def test_bulk_files_hold_47_columns_and_no_clock(world):
    path = next(file.path for file in world.files if file.path.suffix == ".gz")
    raw = path.read_bytes()
    assert raw[4:8] == b"\0\0\0\0"
    rows = gzip.decompress(raw).decode().splitlines()[:50]
    assert {len(row.split("\t")) for row in rows} == {47}


def test_hong_kong_reports_re_exports_inside_its_exports(cells):
    rows = cells.sql("""
        with x as (from cells where reporter = 'HKG' and flow = 'X'),
        rx as (from cells where flow = 'RX')
        select bool_and(rx.reporter = 'HKG'), bool_and(rx.usd <= x.usd), count(*)
        from rx left join x using (partner, period, product)""").fetchone()
    assert rows[:2] == (True, True)
    assert rows[2] > 1000


@costly
@pytest.mark.parametrize("name", ["comtrade", "eurostat"])
def test_the_connector_reads_every_cell(world, cells, name):
    source = getattr(import_module(f"entrepot.sources.{name}"), name)
    found = {}
    with duckdb.connect() as connection:
        for file in some((file for file in world.files if file.source == name), 4):
            reading = source.parse(RawFile(file.path), connection)
            if reading.published is not None:
                assert reading.published == file.published
            rows = reading.rows.filter("partner <> 'WLD'").aggregate(
                "round(sum(value_local)), count(distinct reporter), count(*)"
            )
            found[file.path.name] = rows.fetchone()
    if name == "comtrade":
        rows = cells.sql("""select file, sum(usd), count(distinct reporter), count(*) from cells
            where partner <> 'W00' and label <> '' group by all""").fetchall()
        assert found == {file: tuple(rest) for file, *rest in rows if file in found}
        assert found
    else:
        assert all(reporters == 14 for _, reporters, _ in found.values())
