"""Truth: by hand; what is no number is stored nowhere, and what is below zero is known as such."""

from __future__ import annotations

import json

import pytest

from entrepot.errors import SourceError
from support.publisher_files import (
    START,
    api,
    bulk,
    case,
    idds,
    ots,
    sdmx,
    table,
    taken,
    values,
    write,
)
from support.sampled import some

ODD = ("NaN", "inf", "-Infinity", "1e999")
CENSUS = [["CTY_CODE", "E_COMMODITY", "ALL_VAL_MO", "QTY_1_MO", "UNIT_QY1", "time"]]
BACI = 't,i,j,k,v,q\n2021,36,4,10121,12.5,"  3.2"\n2021,36,842,854231,{},{}\n'


@pytest.mark.parametrize("odd", some(ODD, 2))
@pytest.mark.parametrize("field", ["primaryValue", "netWgt", "qty", "cifvalue"])
def test_comtrade(tmp_path, odd, field):
    files = [
        write(tmp_path, "a.csv", table({field: odd})),
        write(tmp_path, "a.tsv", table({field: odd}, delimiter="\t", escapechar="\\", quoting=3)),
        api(tmp_path, {field: odd}),
    ]
    for number, path in enumerate(files):
        if odd == "NaN" and field != "primaryValue" and path.suffix == ".csv":
            continue  # pandas and R write it where nothing stands
        with pytest.raises(SourceError, match=rf"^{path.name}: .*{field}"):
            taken(tmp_path / str(number), "comtrade", path)


def test_a_data_frame_s_missing_amount_is_missing(tmp_path):
    path = write(tmp_path, "a.csv", table({"netWgt": "NaN", "qty": "NA"}))
    [row] = taken(tmp_path, "comtrade", path)
    assert (row["value_local"], row["net_mass_kg"], row["quantity"]) == (4200.0, None, None)
    missing = write(tmp_path, "b.csv", table({"primaryValue": "NA"}))
    with pytest.raises(SourceError, match=r"^b.csv: no primaryValue for product 854231.*line 2"):
        taken(tmp_path / "b", "comtrade", missing)


@pytest.mark.parametrize("odd", ["inf", "-inf", "1e999"])
def test_eurostat(tmp_path, odd):
    path = sdmx(tmp_path, f"{START},2023-01,{odd}")
    with pytest.raises(SourceError, match=rf"^ds.csv: OBS_VALUE is '{odd}'.*line 2"):
        taken(tmp_path, "eurostat", path)
    for place in range(3):
        row = [odd if at == place else "7" for at in range(3)]
        with pytest.raises(SourceError, match=r"^full_v2_202301.csv: .* is '-?inf';.*line 2"):
            taken(tmp_path, "eurostat", bulk(tmp_path, row))


def test_nan_is_sdmx_s_word_for_a_missing_number(tmp_path):
    lines = (f"{START},2023-01,500,", f"{START},2023-02,NaN,", f"{START},2023-03,NaN,c")
    header = "DATAFLOW,LAST UPDATE,freq,reporter,partner,product,flow,indicators"
    path = sdmx(tmp_path, *lines, header=f"{header},TIME_PERIOD,OBS_VALUE,OBS_FLAG")
    rows = taken(tmp_path, "eurostat", path)
    assert values(rows) == [(500.0, "reported"), (None, "confidential")]
    assert rows[1]["value_usd"] is None


@pytest.mark.parametrize("status", ["C", "N"])
def test_a_hidden_value_is_told_by_its_confidentiality_too(tmp_path, status):
    header = "STRUCTURE,STRUCTURE_ID,freq,reporter,partner,product,flow,indicators,TIME_PERIOD"
    start = "dataflow,ESTAT:DS-059341(1.0),M,DE,RU,854231,2"
    path = sdmx(
        tmp_path,
        f"{start},VALUE_EUR,2023-01,,,{status}",
        f"{start},VALUE_EUR,2023-02,,,F",
        f"{start},VALUE_EUR,2023-03,5,,F",
        header=f"{header},OBS_VALUE,OBS_FLAG,CONF_STATUS",
    )
    assert values(taken(tmp_path, "eurostat", path)) == [(None, "confidential"), (5.0, "reported")]


def test_a_store_of_hidden_values_is_whole(tmp_path):
    path = sdmx(
        tmp_path,
        f"{START},2023-01,,c",
        header="DATAFLOW,LAST UPDATE,freq,reporter,partner,product,flow,indicators,TIME_PERIOD,"
        "OBS_VALUE,OBS_FLAG",
    )
    from entrepot.store.audit import audit
    from entrepot.store.vintages import Store

    taken(tmp_path, "eurostat", path)
    [vintage] = Store(tmp_path / "store").vintages()
    assert vintage.rows == 1
    assert audit(vintage) == []


@pytest.mark.parametrize("odd", ["NaN", "Infinity"])
@pytest.mark.parametrize("field", ["Value", "NetMass", "SuppUnit"])
def test_hmrc(tmp_path, odd, field):
    path = ots(tmp_path, {}, {"PortId": 5, field: float(odd)})
    with pytest.raises(SourceError, match=rf"^ots.json: {field} is '(nan|inf)'.*record 2"):
        taken(tmp_path, "hmrc", path)


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("place", [2, 3])
def test_census(tmp_path, odd, place):
    row = ["4634", "854231", "9000", "12", "NO", "2023-01"]
    row[place] = odd
    path = write(tmp_path, "in.json", json.dumps([*CENSUS, row]))
    with pytest.raises(SourceError, match=rf"^in.json: .* is .*{odd}.*row 2"):
        taken(tmp_path, "census", path)


@pytest.mark.parametrize("odd", ODD)
def test_hong_kong_and_baci(tmp_path, odd):
    with pytest.raises(SourceError, match=rf"^idds.json: figure is '{odd}'.*record 1"):
        taken(tmp_path, "hongkong", idds(tmp_path, {"figure": odd}))
    for value, quantity in ((odd, 1), (1, odd)):
        path = write(tmp_path, "BACI_HS17_Y2021_V202301.csv", BACI.format(value, quantity))
        with pytest.raises(SourceError, match=rf"^BACI_.* is '{odd}'.*line 3"):
            taken(tmp_path, "baci", path)


@pytest.mark.parametrize(
    ("source", "files"),
    [
        ("comtrade", lambda folder: api(folder, {"netWgt": -5.0})),
        ("comtrade", lambda folder: api(folder, {"qty": -7.0})),
        ("comtrade", lambda folder: write(folder, "a.csv", table({"netWgt": -5.0}))),
        ("eurostat", lambda folder: bulk(folder, (9, -5, 1))),
        ("eurostat", lambda folder: bulk(folder, (9, 5, -1))),
        (
            "eurostat",
            lambda folder: sdmx(
                folder,
                f"{START},2023-01,500",
                f"{START},2023-01,-3".replace("VALUE_IN_EUROS", "QUANTITY_IN_100KG"),
            ),
        ),
        ("hmrc", lambda folder: ots(folder, {"NetMass": -1.0})),
        ("hmrc", lambda folder: ots(folder, {"SuppUnit": -1.0})),
        (
            "hongkong",
            lambda folder: idds(folder, {}, {"sv": "QCm", "figure": "-4", "unitEN": "NO."}),
        ),
        (
            "census",
            lambda folder: write(
                folder,
                "in.json",
                json.dumps([*CENSUS, ["4634", "854231", "9000", "-12", "NO", "2023-01"]]),
            ),
        ),
    ],
)
def test_a_mass_or_quantity_below_zero_is_refused_by_file_and_cell(tmp_path, source, files):
    path = files(tmp_path)
    message = rf"^{path.name}: \w+ export \w+ \S+ \d+ 2023-01 .* (net_mass_kg|quantity) -[\d.]+; "
    with pytest.raises(SourceError, match=message):
        taken(tmp_path, source, path)
    assert not list((tmp_path / "store" / "vintages").iterdir())


def test_a_value_below_zero_is_a_correction(tmp_path):
    a, b, c = tmp_path / "a", tmp_path / "b", tmp_path / "c"
    path = ots(tmp_path, {}, {"Country": {"CountryCodeAlpha": "AM"}, "Value": -200.0})
    assert values(taken(a, "hmrc", path)) == [(-200.0, "correction"), (5000.0, "reported")]
    path = api(tmp_path, {"primaryValue": -3.0, "netWgt": -1.0}, {"partnerCode": 417})
    first, second = taken(b, "comtrade", path)
    assert values([first, second]) == [(-3.0, "correction"), (4200.0, "reported")]
    assert first["net_mass_kg"] is first["mass_status"] is None
    assert first["value_usd"] == -3.0
    path = bulk(tmp_path, (-12, 3, 1))
    assert values(taken(c, "eurostat", path)) == [(-12.0, "correction")]


def test_parts_that_correct_each_other_are_one_cell(tmp_path):
    path = ots(tmp_path, {}, {"PortId": 5, "Value": -200.0, "NetMass": -2.0, "SuppUnit": -3.0})
    [row] = taken(tmp_path, "hmrc", path)
    assert values([row]) == [(4800.0, "derived")]
    assert (row["net_mass_kg"], row["quantity"]) == (10.0, 27.0)


@pytest.mark.parametrize(
    ("name", "source", "expected"),
    [
        ("05-nan-eurostat-sdmx", "eurostat", [(500.0, "reported"), (None, "confidential")]),
        ("98-bulk-nan", "eurostat", "value is 'nan'; expected a number.*line 2"),
        ("63-ct-negative-mass", "comtrade", "net_mass_kg -5.0; expected zero or more"),
        ("A3-hm-negative-cell", "hmrc", [(-200.0, "correction"), (5000.0, "reported")]),
    ],
)
def test_the_collected_cases(tmp_path, name, source, expected):
    path = case(name)
    if isinstance(expected, str):
        with pytest.raises(SourceError, match=rf"^{path.name}: .*{expected}"):
            taken(tmp_path, source, path)
    else:
        assert values(taken(tmp_path, source, path)) == expected
