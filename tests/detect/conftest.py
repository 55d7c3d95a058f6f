"""One panel in which nothing happened, for every detector's test."""

from __future__ import annotations

import pytest

from support.panels import noise


@pytest.fixture(scope="session")
def quiet():
    """One panel of noise, shared by tests that do not change it."""
    return noise(1)
