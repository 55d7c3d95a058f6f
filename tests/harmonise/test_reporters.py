"""One set of books per country, and a group or its members but never both."""

import pytest

from entrepot.errors import CoverageError
from entrepot.harmonise.reporters import expand, one_source

BOTH = [("comtrade", "DEU", "export"), ("eurostat", "DEU", "export"), ("comtrade", "TUR", "export")]


def kept(table):
    return {(row["source"], row["reporter"]) for row in table.to_pyarrow().to_pylist()}


@pytest.fixture
def table(flows):
    return flows(
        {"source": "comtrade", "reporter": "DEU", "flow": "export"},
        {"source": "eurostat", "reporter": "DEU", "flow": "export"},
        {"source": "comtrade", "reporter": "TUR", "flow": "export"},
    )


def test_a_reporter_in_two_sources_is_refused(table):
    with pytest.raises(CoverageError, match=r"DEU's exports are in 2 sources: comtrade, eurostat"):
        one_source(table, BOTH, ())


def test_the_preferred_source_is_taken_and_others_fill_in(table):
    assert kept(one_source(table, BOTH, ("eurostat", "comtrade"))) == {
        ("eurostat", "DEU"),
        ("comtrade", "TUR"),
    }
    assert kept(one_source(table, BOTH, ("comtrade",))) == {
        ("comtrade", "DEU"),
        ("comtrade", "TUR"),
    }
    assert kept(one_source(table, BOTH, ("eurostat",))) == {("eurostat", "DEU")}


def test_imports_and_exports_may_come_from_two_sources(flows):
    slices = [("comtrade", "DEU", "export"), ("eurostat", "DEU", "import")]
    table = flows({"source": "comtrade", "reporter": "DEU", "flow": "export"})
    assert kept(one_source(table, slices, ())) == {("comtrade", "DEU")}


def test_a_group_is_its_members_unless_only_the_group_reports():
    members = {"eu27": ("DEU", "FRA"), "TUR": ("TUR",)}
    assert expand(("eu27", "TUR"), members, {"DEU", "EU27"}) == ("DEU", "FRA", "TUR")
    assert expand(("eu27",), members, {"EU27", "TUR"}) == ("EU27",)
    assert expand(("eu27",), members, set()) == ("DEU", "FRA")
