"""Config: where the store and the cache are; environment variables only, no hidden files."""

from __future__ import annotations

import os
from pathlib import Path

STORE_VARIABLE = "ENTREPOT_STORE"


def store_path(chosen: Path | None = None) -> Path:
    """Return the store's folder: the one chosen, else `ENTREPOT_STORE`, else `entrepot-store`.

    The default lies in the working directory, beside the brief it feeds: a project folder that
    holds its own evidence can be archived or handed over whole.
    """
    return chosen or Path(os.environ.get(STORE_VARIABLE) or "entrepot-store")


def cache_path() -> Path:
    """Return the folder for what can be made again, by the XDG convention."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "entrepot"
