"""The demo world's store, which every study is asked about."""

from __future__ import annotations

import pytest

from entrepot.demo import shelf
from once import once


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """The demo world's store, in a cache of the test run's own."""
    with pytest.MonkeyPatch.context() as patch:

        def fill(cache):
            patch.setenv("XDG_CACHE_HOME", str(cache))
            shelf.store()

        patch.setenv("XDG_CACHE_HOME", str(once(tmp_path_factory, "cache", fill)))
        yield shelf.store()
