"""Fixtures of the browser's tests: Chromium, and servers as users start them."""

from __future__ import annotations

import os
import shutil

import pytest

from support.browsing import served


@pytest.fixture(scope="module")
def browser():
    """Chromium of the machine, or a skip; it ends with the module, whose loop others cannot use."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no browser is here: install chromium to run this test")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def home(demo):
    """The address of a server of the demo world."""
    assert demo.is_dir()
    with served("--demo", env={**os.environ, "OPENBLAS_NUM_THREADS": "1"}) as address:
        yield address


@pytest.fixture(scope="session")
def real(full):
    """The address of a server of the EU's real table."""
    with served("--store", full) as address:
        yield address
