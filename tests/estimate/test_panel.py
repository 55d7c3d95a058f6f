"""The panel against cells counted by hand: what is 0, what was not published, what was withheld."""

from datetime import date

import pytest

from entrepot.errors import CoverageError, DuplicateError
from entrepot.estimate.panel import read_panel

ASKED = {
    "exporters": ["DEU", "FRA"],
    "importers": ["KGZ", "TUR"],
    "products": ["854231", "848210"],
    "first": "2022-01",
    "last": "2022-03",
}


def export(reporter="DEU", partner="KGZ", month=1, value=10.0, product="854231", **change):
    return {
        "flow": "export",
        "reporter": reporter,
        "partner": partner,
        "period": date(2022, month, 1),
        "value_usd": value,
        "product": product,
        **change,
    }


def cells(panel):
    """Return value by (exporter, importer, product, month)."""
    keys = zip(
        [panel.exporters[i] for i in panel.exporter],
        [panel.importers[j] for j in panel.importer],
        [panel.products[k] for k in panel.product],
        [panel.months[t].month for t in panel.month],
        strict=True,
    )
    found = dict(zip(keys, panel.value_usd.tolist(), strict=True))
    assert len(found) == len(panel.value_usd)
    return found


def test_a_published_month_without_a_row_is_zero_and_an_unpublished_one_is_absent(flows):
    """Germany published January and March, by the row of another product; France nothing."""
    rows = [
        export(month=1, value=10),
        export(month=3, product="999999", partner="POL"),
        export(month=2, flow="import", reporter="DEU"),
    ]
    panel = read_panel(flows(*rows), **ASKED)
    assert cells(panel) == {
        ("DEU", "KGZ", "854231", 1): 10,
        ("DEU", "KGZ", "854231", 3): 0,
    }
    assert (panel.unpublished, panel.withheld, panel.all_cells) == (1 + 3, 0, False)
    assert panel.exporters == ("DEU", "FRA")
    assert panel.products == ("848210", "854231")
    assert panel.months == (date(2022, 1, 1), date(2022, 2, 1), date(2022, 3, 1))


def test_a_withheld_value_is_neither_zero_nor_part_of_a_sum(flows):
    rows = [
        export(month=1, value=None),
        export(month=2, value=5),
        export(month=2, value=None, classification="CN2022"),
        export(month=3, value=7),
    ]
    panel = read_panel(flows(*rows), **ASKED)
    assert cells(panel) == {("DEU", "KGZ", "854231", 3): 7}
    assert panel.withheld == 2


def test_rows_of_a_cell_are_summed_and_others_left_out(flows):
    rows = [
        export(value=3),
        export(value=4, classification="HS2017"),
        export(partner="WLD", value=100),
        export(reporter="ITA", value=100),
        export(month=4, value=100),
        export(freq="A", value=100),
        export(flow="re-export", value=100),
        export(reporter="FRA", partner="TUR", product="848210", value=9),
    ]
    panel = read_panel(flows(*rows), **ASKED)
    assert cells(panel) == {
        ("DEU", "KGZ", "854231", 1): 7,
        ("FRA", "TUR", "848210", 1): 9,
    }


def test_all_cells_are_there_on_demand(flows):
    panel = read_panel(flows(export(month=2), export("FRA", month=2)), **ASKED, all_cells=True)
    found = cells(panel)
    assert len(found) == 2 * 2 * 2
    assert (
        sum(found.values()) == found["DEU", "KGZ", "854231", 2] + found["FRA", "KGZ", "854231", 2]
    )
    assert sum(found.values()) == 20


def test_two_sources_for_one_exporter_are_refused(flows):
    rows = [export(), export(month=2, source="eurostat")]
    with pytest.raises(DuplicateError, match="comtrade and eurostat both give exports of DEU"):
        read_panel(flows(*rows), **ASKED)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"importers": ["KGZ", "WLD"]}, "WLD sums countries; name its members"),
        ({"first": "2022-04"}, "2022-04 to 2022-03 is no window"),
        ({"first": "January"}, "January to 2022-03 is no window; write months as 2019-01"),
        ({"products": ["847150"]}, "no export by DEU, FRA from 2022-01 to 2022-03 in the flows"),
    ],
)
def test_what_cannot_be_read_is_refused(flows, change, words):
    with pytest.raises(CoverageError, match=words):
        read_panel(flows(export()), **(ASKED | change))


def test_a_pool_adds_up_those_who_published_every_month_and_names_the_rest(flows):
    """Germany 10, 0, 5 and Italy 1, 2, 3; France published two months of three."""
    rows = [export(month=1, value=10), export(month=3, value=5)]
    rows += [export(month=2, value=1, product="999999", partner="POL")]
    rows += [export("ITA", month=month, value=month) for month in (1, 2, 3)]
    rows += [export("FRA", month=month, value=100) for month in (1, 2)]
    asked = ASKED | {"exporters": ["DEU", "FRA", "ITA"]}
    panel = read_panel(flows(*rows), **asked, pooled=True)
    assert [*cells(panel).values()] == [11, 2, 8]
    assert (panel.exporters, panel.dropped, panel.unpublished) == (("pool",), ("FRA",), 0)


def test_a_panel_without_a_product_holds_the_others(flows):
    rows = [export(month=1), export(month=2), export(month=3, product="848210", value=7)]
    panel = read_panel(flows(*rows), **ASKED).without({"854231"})
    assert panel.products == ("848210",)
    assert sum(cells(panel).values()) == 7
