"""What a vintage speaks for, against rows and states written out by hand."""

from __future__ import annotations

import duckdb
import pytest

from entrepot.schema import FLOWS
from entrepot.store.known import FACTS, Kind, facts

KEYS = ("reporter", "period")


def kind(products=None, partners=None, **others):
    """A kind of slices with six-digit codes, with the given fields changed."""
    plain = {
        "products": None if products is None else frozenset(products),
        "partners": None if partners is None else frozenset(partners),
        "is_asked": False, "depths": (6,), "classifications": ("HS2022",),
        "areas": frozenset(), "has_world": False, "has_total": False, "bare": frozenset(),
        "torn": frozenset(), "has_secrets": False, "has_corrections": False,
    }  # fmt: skip
    return Kind(**{key: value for key, value in (plain | others).items()
                   if key in Kind.__dataclass_fields__})  # fmt: skip


def found(*cells):
    """Return the facts of one slice with these (partner, product) cells."""
    plain = ("HS2022", "reported")
    rows = ", ".join(
        f"('DEU', date '2022-01-01', {str((*cell, *plain[len(cell) - 2 :]))[1:-1]})"
        for cell in cells
    )
    with duckdb.connect() as con:
        con.execute(f"""create table flows as from (values {rows})
            t(reporter, period, partner, product, classification, status)""")
        for name in {*FLOWS.names} - {"reporter", "period", "partner", "product",
                                      "classification", "status"}:  # fmt: skip
            con.execute(f"alter table flows add column {name} double")
        columns = ", ".join(FACTS)
        told = con.execute(f"select {columns} from ({facts('flows', KEYS)})").fetchall()
    (row,) = told
    return dict(zip(FACTS, row, strict=True))


def test_depths_are_the_lengths_of_codes_and_zero_for_the_total():
    assert found(("KAZ", "TOTAL"), ("KAZ", "8542"), ("KAZ", "854231"))["depths"] == [0, 4, 6]


def test_a_code_without_the_finer_ones_of_its_neighbours_is_bare():
    assert found(("KAZ", "8471"), ("KAZ", "8542"), ("KAZ", "854231"))["bare"] == ["8471"]


def test_a_table_of_one_level_has_no_bare_codes():
    assert found(("KAZ", "8471"), ("KAZ", "8542"))["bare"] == []


def test_a_total_is_never_bare():
    assert found(("KAZ", "TOTAL"), ("KAZ", "854231"))["bare"] == []


def test_sums_of_countries_are_the_areas_among_the_partners():
    assert found(("KAZ", "854231"), ("WLD", "854231"), ("EU27", "854231"))["areas"] == [
        "EU27",
        "WLD",
    ]


def test_the_world_is_told_where_every_product_has_it():
    both = (("KAZ", "854231"), ("WLD", "854231"))
    assert found(*both)["has_world"]
    assert not found(*both, ("KAZ", "847130"))["has_world"]


def test_a_total_is_told_where_every_partner_has_it():
    both = (("KAZ", "854231"), ("KAZ", "TOTAL"))
    assert found(*both)["has_total"]
    assert not found(*both, ("RUS", "854231"))["has_total"]


def test_confidential_cells_are_counted():
    assert (
        found(("KAZ", "854231", "HS2022", "confidential"), ("RUS", "854231"))["confidential"] == 1
    )


WHOLE = kind()
LISTED = kind(["854231", "847130"])
MIXED = kind(["8542", "854231"], depths=(4,))


@pytest.mark.parametrize(
    ("who", "code", "state"),
    [
        (WHOLE, "854231", "known"),
        (WHOLE, "8542", "known"),
        (WHOLE, "85423110", "coarser"),
        (kind(depths=()), "85423110", "known"),
        (kind(depths=(4, 6), bare=frozenset({"8542"})), "854231", "coarser"),
        (kind(depths=(4, 6), bare=frozenset({"8542"})), "8542", "known"),
        (kind(depths=(4, 6), bare=frozenset({"8542"})), "854121", "known"),
        (kind(depths=(2, 6), bare=frozenset({"85"})), "854231", "coarser"),
        (kind(depths=(0,)), "854231", "coarser"),
        (WHOLE, "TOTAL", "known"),
        (LISTED, "854231", "known"),
        (LISTED, "854232", "unasked"),
        (LISTED, "8542", "part"),
        (LISTED, "85423110", "coarser"),
        (LISTED, "TOTAL", "part"),
        (kind([]), "TOTAL", "unasked"),
        (kind(["85423110"]), "854231", "national"),
        (kind(["85423110"]), "85423110", "known"),
        (kind(["85423110"], is_asked=True), "854231", "part"),
        (kind(["85423110", "854231"]), "854231", "known"),
        (kind(["8542"]), "854231", "coarser"),
        (MIXED, "854231", "coarser"),
        (MIXED, "8542", "known"),
        (kind(["8542", "854231"], depths=(4, 6)), "854231", "known"),
        (kind(["8542", "854231"], depths=(4, 6), bare=frozenset({"8542"})), "854231", "coarser"),
        (kind(["8542", "854231"], depths=()), "854231", "known"),
        (kind(["TOTAL", "854231"], depths=(0,)), "854231", "coarser"),
        (kind(["8471", "854231"], depths=(4,)), "854231", "known"),
        (kind(["TOTAL", "854231"], depths=(0, 6), has_total=True), "TOTAL", "known"),
        (kind(["TOTAL", "854231"], depths=(6,)), "TOTAL", "part"),
    ],
)
def test_how_a_vintage_speaks_for_a_product(who, code, state):
    assert who.product(code) == state


@pytest.mark.parametrize(
    ("who", "code", "is_spoken_for"),
    [
        (kind(), "KAZ", True),
        (kind(), "WLD", True),
        (kind(), "EU27", False),
        (kind(areas=frozenset({"EU27"})), "EU27", True),
        (kind(partners=["KAZ"]), "KAZ", True),
        (kind(partners=["KAZ"]), "RUS", False),
        (kind(partners=["KAZ"]), "WLD", False),
        (kind(partners=["KAZ", "WLD"]), "WLD", False),
        (kind(partners=["KAZ", "WLD"], has_world=True), "WLD", True),
    ],
)
def test_how_a_vintage_speaks_for_a_partner(who, code, is_spoken_for):
    assert who.partner(code) is is_spoken_for


def test_the_codes_under_a_code_are_those_of_the_scope():
    assert kind(["854231", "85423110", "847130"]).under("8542") == {"854231", "85423110"}
    assert kind(["854231"]).under("854231") == frozenset()
    assert kind().under("8542") == frozenset()
