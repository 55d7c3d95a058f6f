"""Addresses of stores: a folder is itself, a bucket has a mirror, others are refused."""

from __future__ import annotations

import sys

import pytest

from entrepot import config
from entrepot.errors import StoreError
from entrepot.store import remote
from entrepot.workspace import Workspace


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_an_address_has_one_mirror_and_a_folder_is_itself(tmp_path):
    mirror = config.place("s3://bucket/team/")
    assert mirror == config.place("s3://bucket/team")
    assert mirror != config.place("s3://bucket/team2")
    assert (mirror / config.ADDRESS).read_text() == "s3://bucket/team"
    assert config.place(str(tmp_path)) == tmp_path
    assert remote.of(tmp_path) is None


@pytest.mark.parametrize("named", ["ftp://host/x", "s3://", "https://host/store"])
def test_other_addresses_are_refused_by_name(named):
    with pytest.raises(StoreError, match="no store has such an address; expected a folder, or s3"):
        config.place(named)


def test_the_variable_takes_an_address(monkeypatch):
    monkeypatch.setenv(config.STORE_VARIABLE, "s3://bucket/team")
    assert config.store_path() == config.place("s3://bucket/team")


def test_a_folder_that_says_it_is_a_mirror_is_none(tmp_path):
    """A store is a stranger's word: it cannot send anyone to a bucket."""
    (tmp_path / config.ADDRESS).write_text("s3://bucket/of-another")
    assert remote.of(tmp_path) is None


def test_without_obstore_the_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "obstore", None)
    monkeypatch.setitem(sys.modules, "obstore.store", None)
    remote._opened.cache_clear()
    with pytest.raises(StoreError, match=r"entrepot\[s3\]"):
        Workspace("s3://bucket/team")
