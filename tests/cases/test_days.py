"""Truth: by hand; the newest download is the one that says so, not the one taken in last."""

from __future__ import annotations

from datetime import date

import pytest

from entrepot.errors import StoreError
from entrepot.sources._bytes import day_of
from entrepot.store import adoption
from entrepot.store.vintages import Store
from support.publisher_files import CASES, START, api, bulk, sdmx, table, taken, values, write

NEW, OLD = "TradeData_6_1_2024_9_0_0.csv", "TradeData_2_20_2023_10_30_9.csv"


@pytest.mark.parametrize(
    ("name", "day"),
    [
        (NEW, date(2024, 6, 1)),
        (OLD, date(2023, 2, 20)),
        ("TradeData_12_31_2023_23_59_59 (1).csv", date(2023, 12, 31)),
        ("COMTRADE-FINALCLASSIC-CM792202301[2023-11-01].gz", date(2023, 11, 1)),
        ("full_v2_202301[2024-03-15].7z", date(2024, 3, 15)),
        ("TradeData_20_2_2023_10_30_9.csv", None),
        ("x[2023-13-45].gz", None),
        ("full_v2_202301.7z", None),
        ("TradeData.csv", None),
    ],
)
def test_the_day_in_a_name(name, day):
    assert day_of(name) == day


@pytest.mark.parametrize("order", [(NEW, OLD), (OLD, NEW)])
def test_the_download_of_the_later_day_wins_whatever_the_order(tmp_path, order):
    figures = {NEW: 1000.0, OLD: 400.0}
    for name in order:
        path = write(tmp_path, name, table({"primaryValue": figures[name]}))
        rows = taken(tmp_path, "comtrade", path, scope="part")
    assert values(rows) == [(1000.0, "reported")]
    assert {v.dated for v in Store(tmp_path / "store").vintages()} == {True}


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("15/03/24 11:00:00", date(2024, 3, 15)),
        ("03/13/24 11:00:00", date(2024, 3, 13)),
        ("2024-03-15T11:00:00", date(2024, 3, 15)),
    ],
)
def test_the_day_that_eurostat_writes(tmp_path, text, day):
    path = sdmx(tmp_path, f"{START},2023-01,5".replace("15/03/24 11:00:00", text))
    taken(tmp_path, "eurostat", path)
    [vintage] = Store(tmp_path / "store").vintages()
    assert (vintage.published, vintage.dated) == (day, True)


@pytest.mark.parametrize("text", ["31/31/24", "2024-13-99", "yesterday", ""])
def test_a_day_that_no_calendar_has_is_unknown(tmp_path, text):
    path = sdmx(tmp_path, f"{START},2023-01,5".replace("15/03/24 11:00:00", text))
    taken(tmp_path, "eurostat", path)
    [vintage] = Store(tmp_path / "store").vintages()
    assert vintage.dated is False


def test_two_undated_downloads_that_differ_need_a_day(tmp_path):
    taken(tmp_path, "comtrade", api(tmp_path, {}, {"partnerCode": 417}))
    other = api(tmp_path, {"primaryValue": 400.0}, {"partnerCode": 417}, name="b.json")
    message = (
        r"^comtrade-[\d-]+-\w+: TUR export KAZ HS2022 854231 2023-01 \(comtrade\) is 400.00 here "
        r"and 4,200.00 in comtrade-[\d-]+-\w+ \(cells that differ: 1\).*say --published"
    )
    with pytest.raises(StoreError, match=message):
        taken(tmp_path, "comtrade", other)
    assert len(Store(tmp_path / "store").vintages()) == 1
    rows = taken(tmp_path, "comtrade", other, published=date(2023, 5, 1))
    assert rows[0]["value_local"] == 4200.0
    assert len(Store(tmp_path / "store").vintages()) == 2


def test_undated_downloads_that_agree_or_lie_apart_need_none(tmp_path):
    taken(tmp_path, "comtrade", api(tmp_path, {}))
    taken(tmp_path, "comtrade", api(tmp_path, {}, {"partnerCode": 417}, name="b.json"))
    taken(tmp_path, "comtrade", api(tmp_path, {"period": "202302"}, name="c.json"))
    assert len(Store(tmp_path / "store").vintages()) == 3


def test_a_bulk_file_s_month_is_no_day_of_publication(tmp_path):
    taken(tmp_path, "eurostat", bulk(tmp_path, (9, 5, 1)))
    with pytest.raises(StoreError, match="say --published"):
        taken(tmp_path, "eurostat", bulk(tmp_path, (8, 5, 1), name="full_v2_202301 (1).csv"))


def test_a_hidden_value_is_not_the_same_as_a_number(tmp_path):
    header = "DATAFLOW,freq,reporter,partner,product,flow,indicators,TIME_PERIOD,OBS_VALUE,OBS_FLAG"
    line = f"{START},2023-01".replace("15/03/24 11:00:00,", "")
    taken(tmp_path, "eurostat", sdmx(tmp_path, f"{line},5,", header=header))
    with pytest.raises(StoreError, match=r"is hidden here and 5\.00 in"):
        taken(tmp_path, "eurostat", sdmx(tmp_path, f"{line},,c", header=header, name="b.csv"))


def test_the_collected_case(tmp_path):
    folder = CASES / "E3-old-download-last"
    if not folder.is_dir():
        pytest.skip(f"the collected cases are not here: {folder} is absent")
    for name in (NEW, OLD):
        rows = taken(tmp_path, "comtrade", folder / name)
    assert values(rows) == [(1000.0, "reported")]


def test_a_manifest_of_before_counts_as_dated(tmp_path):
    taken(tmp_path, "comtrade", api(tmp_path, {}))
    [vintage] = Store(tmp_path / "store").vintages()
    manifest = vintage.folder / "manifest.json"
    text = manifest.read_text()
    assert '"dated": false' in text
    manifest.chmod(0o644)
    manifest.write_text(text.replace(' "dated": false,\n', ""))
    (tmp_path / "store/head.json").unlink()
    adoption.adopt(Store(tmp_path / "store"), print)
    [vintage] = Store(tmp_path / "store").vintages()
    assert vintage.dated is True
