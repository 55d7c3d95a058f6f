"""Truth: answers of pip-audit written here; only a known hole in a locked version is a failure."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

PATH = Path(__file__).resolve().parents[1] / "tools" / "audit.py"
SOUND = {"name": "a", "version": "1", "vulns": []}
HOLE = {"name": "b", "version": "2", "vulns": [{"id": "PYSEC-1"}, {"id": "PYSEC-2"}]}
UNKNOWN = {"name": "c", "skip_reason": "Dependency not found on PyPI"}


@pytest.fixture(scope="module")
def audit():
    spec = importlib.util.spec_from_file_location("audit", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("found", [[], [UNKNOWN]])
def test_a_service_that_knows_nothing_is_no_clean_bill(audit, found):
    line, fails = audit.judged(found)
    assert line == "advisories: no service could be reached; nothing was audited"
    assert not fails


def test_a_known_hole_fails_and_is_named(audit):
    line, fails = audit.judged([SOUND, HOLE, UNKNOWN])
    assert "2 packages asked about, 1 unknown to it" in line
    assert line.endswith("; b 2: PYSEC-1; b 2: PYSEC-2")
    assert fails


def test_no_known_hole_is_said(audit):
    assert audit.judged([SOUND]) == (
        "advisories: 1 packages asked about; none has a known hole",
        False,
    )
