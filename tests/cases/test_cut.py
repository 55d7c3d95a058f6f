"""Truth: whole files cut by hand; a number that was cut is a number all the same."""

from __future__ import annotations

import gzip
import json
import zipfile

import py7zr
import pytest

from entrepot.errors import SourceError, TruncatedError
from support.publisher_files import START, api, bulk, case, idds, ots, sdmx, table, taken, write

TWO = ({}, {"partnerCode": 417})
LINES = (f"{START},2023-01,500", f"{START},2023-02,7654321")
CENSUS = (
    "CTY_CODE,E_COMMODITY,ALL_VAL_MO,time\n4634,854231,9000,2023-01\n4635,854231,9000,2023-01\n"
)
BACI = "t,i,j,k,v,q\n2021,36,4,10121,12.5,3.25\n2021,36,842,854231,1,2.25\n"
TAB = {"delimiter": "\t", "escapechar": "\\", "quoting": 3}

TABLES = {
    "comtrade": lambda folder: write(folder, "a.csv", table(*TWO)),
    "comtrade tabs": lambda folder: write(folder, "a.tsv", table(*TWO, **TAB)),
    "eurostat": lambda folder: sdmx(folder, *LINES),
    "eurostat bulk": lambda folder: bulk(folder, (9, 5, 1), (8, 4, 1765)),
    "census": lambda folder: write(folder, "a.csv", CENSUS),
    "baci": lambda folder: write(folder, "BACI_HS17_Y2021_V202301.csv", BACI),
}


def packed(path):
    """Pack a file as its publisher does."""
    target = path.with_name(path.name + ".gz")
    target.write_bytes(gzip.compress(path.read_bytes()))
    return target


@pytest.mark.parametrize("pack", [False, True])
@pytest.mark.parametrize("name", TABLES)
def test_a_table_cut_inside_its_last_value(tmp_path, name, pack):
    path = TABLES[name](tmp_path)
    path.write_bytes(path.read_bytes()[:-3])
    path = packed(path) if pack else path
    with pytest.raises(TruncatedError, match=rf"^{path.name}: ends in the middle of a line"):
        taken(tmp_path, name.split()[0], path)


@pytest.mark.parametrize("pack", [False, True])
@pytest.mark.parametrize("name", TABLES)
def test_a_table_that_ends_in_the_zeros_of_an_unfinished_download(tmp_path, name, pack):
    path = TABLES[name](tmp_path)
    path.write_bytes(path.read_bytes() + b"\0" * 5000)
    path = packed(path) if pack else path
    with pytest.raises(TruncatedError, match=rf"^{path.name}: ends in zero bytes"):
        taken(tmp_path, name.split()[0], path)


@pytest.mark.parametrize("tail", [b"", b"\0" * 5000])
@pytest.mark.parametrize("name", ["eurostat bulk", "baci"])
def test_a_member_of_an_archive(tmp_path, name, tail):
    path = TABLES[name](tmp_path)
    path.write_bytes((path.read_bytes()[:-3] if not tail else path.read_bytes()) + tail)
    if name == "baci":
        archive = tmp_path / "BACI_HS17_V202301.zip"
        with zipfile.ZipFile(archive, "w") as target:
            target.write(path, path.name)
    else:
        archive = tmp_path / "full_v2_202301.7z"
        with py7zr.SevenZipFile(archive, "w") as target:
            target.write(path, path.name)
    with pytest.raises(TruncatedError, match=rf"^{path.name}: ends in "):
        taken(tmp_path, name.split()[0], archive)


@pytest.mark.parametrize(
    ("source", "make"),
    [("comtrade", lambda f: api(f, *TWO)), ("hmrc", lambda f: ots(f, {})), ("hongkong", idds)],
)
def test_an_answer_with_zeros_behind_it(tmp_path, source, make):
    path = make(tmp_path)
    path.write_bytes(path.read_bytes() + b"\0" * 5000)
    with pytest.raises(TruncatedError, match=rf"^{path.name}: ends in zero bytes"):
        taken(tmp_path, source, path)


def test_a_file_of_zeros_is_empty(tmp_path):
    with pytest.raises(SourceError, match=r"^a.csv: the file is empty"):
        taken(tmp_path, "comtrade", write(tmp_path, "a.csv", b"\0" * 5000))


@pytest.mark.parametrize("count", [3, 1, 4000])
def test_an_answer_with_another_number_of_records_than_it_announces(tmp_path, count):
    path = api(tmp_path, *TWO, count=count)
    with pytest.raises(TruncatedError, match=f"2 of the {count} records it announces"):
        taken(tmp_path, "comtrade", path)


@pytest.mark.parametrize("count", [1000, 2500, 10_000])
def test_a_round_number_of_records_is_told(tmp_path, count):
    told = []
    path = write(tmp_path, "a.csv", _many(count))
    assert len(taken(tmp_path, "comtrade", path, told=told)) == count
    [note] = [line for line in told if "exactly" in line]
    assert note.startswith(f"a.csv: exactly {count:,} records")
    other = write(tmp_path, "b.csv", _many(count + 1))
    told.clear()
    assert len(taken(tmp_path / "b", "comtrade", other, told=told)) == count + 1
    assert not [line for line in told if "exactly" in line]


def test_a_round_number_of_records_in_an_answer_is_told(tmp_path):
    told = []
    taken(tmp_path, "hmrc", ots(tmp_path, *({"PortId": port} for port in range(1000))), told=told)
    assert "ots.json: exactly 1,000 records" in " ".join(told)


def test_a_table_as_long_as_excel_s_last_line_is_cut(tmp_path, monkeypatch):
    from entrepot.sources.comtrade import files

    assert 1_048_575 in files.LIMITS
    monkeypatch.setattr(files, "LIMITS", (7,))
    with pytest.raises(TruncatedError, match="exactly 7 records, the publisher's limit"):
        taken(tmp_path, "comtrade", write(tmp_path, "a.csv", _many(7)))


def _many(count):
    return table(*({"cmdCode": f"{10_000 + number:06}"} for number in range(count)))


# Every row is of the dataset of the first


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("DS-045409", "DS-018995", r"DATAFLOW ESTAT:DS-018995\(1.0\); expected ESTAT:DS-045409"),
        ("DS-045409", "DS-059341", r"DATAFLOW ESTAT:DS-059341\(1.0\); expected ESTAT:DS-045409"),
        ("15/03/24", "15/02/24", "LAST UPDATE 15/02/24 11:00:00; expected 15/03/24"),
    ],
)
def test_a_row_of_another_dataset_or_day(tmp_path, old, new, message):
    path = sdmx(tmp_path, *LINES, LINES[1].replace("-02", "-03").replace(old, new))
    with pytest.raises(SourceError, match=f"^ds.csv: {message}.*line 4$"):
        taken(tmp_path, "eurostat", path)


def test_a_row_that_deletes_is_no_trade(tmp_path):
    header = "STRUCTURE,STRUCTURE_ID,ACTION,freq,reporter,partner,product,flow,indicators"
    start = "dataflow,ESTAT:DS-059341(1.0),{},M,DE,RU,854231,2,VALUE_EUR,2023-0{},5"
    path = sdmx(
        tmp_path,
        *(start.format(action, month) for month, action in enumerate("ID", 1)),
        header=f"{header},TIME_PERIOD,OBS_VALUE",
    )
    with pytest.raises(SourceError, match=r"^ds.csv: ACTION D; expected I, information.*line 3"):
        taken(tmp_path, "eurostat", path)


@pytest.mark.parametrize(
    ("name", "source", "message"),
    [
        ("42-ct-count-disagrees", "comtrade", "3 of the 4000 records it announces"),
        ("94-es-second-row-other-dataset", "eurostat", "DATAFLOW ESTAT:DS-018995.*line 3"),
        ("G8-sdmx-cut", "eurostat", "ends in the middle of a line"),
    ],
)
def test_the_collected_cases(tmp_path, name, source, message):
    path = case(name)
    with pytest.raises(SourceError, match=rf"^{path.name}: .*{message}"):
        taken(tmp_path, source, path)


def test_a_count_that_is_right_and_one_that_is_absent(tmp_path):
    whole = api(tmp_path, *TWO)
    assert len(taken(tmp_path / "a", "comtrade", whole)) == 2
    data = json.loads(whole.read_text())
    del data["count"]
    path = write(tmp_path, "b.json", json.dumps(data))
    assert len(taken(tmp_path / "b", "comtrade", path)) == 2
