"""Findings as records: held against the columns that files and tables have."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, replace

import pytest

from entrepot.findings import BAR, Finding
from entrepot.schema import FINDINGS

AMOUNTS = (7.0, 2.0, 5.0, 4.0, 6.0, 1.0, 9, 10, 10)
RARE = Finding("surge", "coalition", "KGZ", None, "854231", 2.0, 0.01, BAR, *AMOUNTS, None, "")
KINDS = {"string": "str", "float64": "float", "int64": "int"}


def test_the_fields_are_the_columns_of_findings_in_their_order():
    assert [field.name for field in fields(Finding)] == FINDINGS.names


def test_the_fields_have_the_columns_types():
    types = [field.type.removesuffix(" | None") for field in fields(Finding)]
    assert types == [KINDS[column.type] for column in FINDINGS.columns]


def test_a_finding_does_not_change():
    with pytest.raises(FrozenInstanceError):
        RARE.q_value = 0.0
    assert not hasattr(RARE, "__dict__")


@pytest.mark.parametrize(("q", "stands"), [(None, False), (BAR, True), (BAR + 1e-9, False)])
def test_a_finding_stands_out_up_to_the_bar(q, stands):
    assert replace(RARE, q_value=q).stands_out is stands


def test_a_finding_names_its_cell():
    assert RARE.cell == ("KGZ", "854231")
