"""Diff and audit against revisions made by hand."""

from datetime import date

import pytest

from entrepot.errors import StoreError
from entrepot.store.audit import audit
from entrepot.store.diff import diff

FIRST, SECOND = date(2023, 1, 10), date(2023, 2, 10)


@pytest.fixture
def pair(kept, table):
    old = table(
        "a.csv",
        {"product": "854231", "value": "100"},
        {"product": "854232", "value": "200"},
        {"product": "854233", "value": "300"},
        {"month": "2021-12"},
    )
    new = table(
        "b.csv",
        {"product": "854231", "value": "150"},
        {"product": "854232", "value": "200"},
        {"product": "854239", "value": "40"},
        {"month": "2022-02"},
        {"month": "2022-03"},
    )

    def fill(desk):
        desk.take(old, published=FIRST)
        desk.take(new, published=SECOND, scope="whole")

    desk = kept("differ", fill)
    return desk, *desk.store.vintages()


def test_added_withdrawn_and_changed_are_counted_and_valued(pair):
    desk, one, two = pair
    found = diff(desk.own.con, one, two)
    (piece,) = found.slices
    assert (piece["added"], piece["withdrawn"], piece["changed"]) == (1, 1, 1)
    assert piece["change_usd"] == 40 - 300 + 50
    assert [(cell["kind"], cell["product"]) for cell in found.cells] == [
        ("withdrawn", "854233"),
        ("changed", "854231"),
        ("added", "854239"),
    ]
    assert (found.only_old, found.only_new) == (1, 2)


def test_backwards_the_signs_turn_within_the_scope(pair):
    """The first vintage never spoke of 854239, so it does not withdraw it."""
    desk, one, two = pair
    (piece,) = diff(desk.own.con, two, one).slices
    assert (piece["added"], piece["withdrawn"], piece["change_usd"]) == (1, 0, 300 - 50)


def test_a_cell_outside_the_newer_scope_is_not_withdrawn(desk, table):
    (one,) = desk.take(table("a.csv", {}, {"product": "854232"}), published=FIRST)
    (two,) = desk.take(table("b.csv", {"value": "90"}), published=SECOND, scope="part")
    (piece,) = diff(desk.own.con, one, two).slices
    assert (piece["withdrawn"], piece["changed"], piece["change_usd"]) == (0, 1, -10)


def test_a_vintage_against_itself_has_no_revisions(pair):
    desk, one, _two = pair
    assert diff(desk.own.con, one, one).slices == []


def test_two_sources_are_not_compared(desk, table):
    from support.plain import OWN

    (one,) = desk.take(table("a.csv", {}), published=FIRST)
    (two,) = desk.take(table("b.csv", {"value": "2"}), mapping=OWN | {"name": "other"})
    with pytest.raises(StoreError, match="different sources"):
        diff(desk.own.con, one, two)


def test_the_audit_passes_what_was_written_and_names_what_was_not(pair):
    _desk, one, two = pair
    assert audit(one) == audit(two) == []
    raw = one.folder / "raw" / one.raw[0].sha256
    raw.write_bytes(raw.read_bytes() + b" ")
    (two.folder / "stray.txt").write_text("")
    (problem,), (stray,) = audit(one), audit(two)
    assert "changed since it was written" in problem
    assert "stray.txt: not in the manifest" in stray


def test_the_audit_names_a_lost_file(pair):
    _desk, one, _two = pair
    next(one.folder.glob("flows-*")).unlink()
    assert any("cannot be read" in problem for problem in audit(one))
