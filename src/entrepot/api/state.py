"""State: what a store holds, in one word that changes whenever an answer may."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from entrepot import __version__
from entrepot.store.vintages import Store

if TYPE_CHECKING:
    from pathlib import Path


def state_of(store: Path) -> str:
    """Return the state of a store: its vintages, its materials and the program's version.

    Raises:
        StoreError: The store's head is not as written.
    """
    head, _tag = Store(store).head()
    names = [__version__, *sorted(head.vintages), *sorted(map(str, head.materials))]
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:20]
