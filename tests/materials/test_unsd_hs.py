"""Truth: a small workbook in UNSD's layout, and UNSD's own where they are."""

from __future__ import annotations

import openpyxl
import pytest

from entrepot.contracts import Query, Response, Verdict
from entrepot.errors import DriftError, SourceError
from entrepot.materials.unsd_hs import PAIRS, unsd_hs, workbook

NAME = workbook("HS2022", "HS2017")


@pytest.fixture
def book(tmp_path):
    """Write a workbook of one unchanged code."""

    def write(name=NAME, conversion="HS2022-HS2017 Conversions"):
        made = openpyxl.Workbook()
        made.active.title = conversion
        made.active.append(["From HS2022", "To HS2017"])
        made.active.append(["010121", "010121"])
        correlation = made.create_sheet("HS2022-HS2017 Correlations")
        correlation.append(["HS2022", "HS2017", "Relationship"])
        correlation.append(["010121", "010121", "1:1"])
        path = tmp_path / name
        made.save(path)
        return path

    return write


def judged(path, status=200):
    request = next(unsd_hs.endpoints[0].requests(Query("A", ()), ()))
    return unsd_hs.endpoints[0].judge(request, Response(status, {}, path))


def test_a_good_workbook_bears_no_day(book):
    assert unsd_hs.check(book()) is None
    assert judged(book()) == (Verdict.GOOD, "")


def test_a_workbook_of_other_revisions_than_its_name_says_is_refused(book):
    with pytest.raises(DriftError, match="holds HS2022-HS2017; expected HS2017-HS2012"):
        unsd_hs.check(book(workbook("HS2017", "HS2012")))


def test_a_workbook_without_a_sheet_is_refused_and_wrong(book):
    path = book(conversion="Notes")
    with pytest.raises(SourceError, match="expected one conversion sheet"):
        unsd_hs.check(path)
    verdict, why = judged(path)
    assert (verdict, "conversion sheet" in why) == (Verdict.WRONG, True)


def test_a_cut_workbook_and_a_page_are_asked_for_again(book, tmp_path):
    cut = tmp_path / "cut.xlsx"
    cut.write_bytes(book().read_bytes()[:-200])
    assert judged(cut) == (Verdict.BUSY, "no whole zip")
    cut.write_bytes(b"<html>maintenance</html>")
    assert judged(cut) == (Verdict.BUSY, "a web page instead of a zip file")
    assert judged(cut, 404)[0] is Verdict.UNPUBLISHED


def test_each_pair_of_revisions_is_asked_for_once():
    requests = list(unsd_hs.endpoints[0].requests(Query("A", ()), ()))
    assert [request.name for request in requests] == [workbook(*pair) for pair in PAIRS]
    assert requests[0].url == (
        "https://unstats.un.org/unsd/classifications/Econ/tables/"
        "HS2022toHS2017ConversionAndCorrelationTables.xlsx"
    )
    assert {request.url.split("/")[2] for request in requests} == {*unsd_hs.endpoints[0].hosts}


@pytest.mark.parametrize("pair", PAIRS)
def test_the_workbooks_that_are_asked_for_are_good(shared_data, pair):
    assert judged(shared_data / "hs" / workbook(*pair)) == (Verdict.GOOD, "")


def test_a_cell_at_the_end_of_the_sheet_is_refused_before_it_fills_the_memory(book):
    path = book()
    made = openpyxl.load_workbook(path)
    made.active["XFD1048576"] = 1
    made.save(path)
    verdict, why = judged(path)
    assert verdict is Verdict.WRONG
    assert "reaches over 1,048,576 rows and 16,384 columns" in why


def test_a_zip_that_is_encrypted_or_packed_oddly_is_no_whole_one(book):
    path = book()
    whole = path.read_bytes()
    at = whole.index(b"PK\x01\x02")
    for place, byte in ((8, 1), (10, 99)):  # its first member's flag and its method
        path.write_bytes(whole[: at + place] + bytes([byte]) + whole[at + place + 1 :])
        assert judged(path) == (Verdict.BUSY, "no whole zip")
