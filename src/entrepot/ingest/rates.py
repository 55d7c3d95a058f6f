"""Rates: which of the ECB's files a store's values are converted with."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from entrepot.errors import StoreError
from entrepot.reference import rates
from entrepot.store import materials

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.store.vintages import Store

MATERIAL = "ecb"


def newest_file(store: Store, *, is_synthetic: bool) -> Path | None:
    """Return the store's newest ECB file, or None where the packaged one reaches as far.

    The file with the later last day has every month of the other, and the ECB does not revise:
    a file newer than what it converts changes nothing.

    Raises:
        StoreError: The file came from a server in the ECB's place and the figures are real, or it
            is not what was written.
        RateError: The file is not the ECB's.
    """
    path = materials.newest(store.path, MATERIAL)
    if path is None or rates.days(path)[1] <= rates.days()[1]:
        return None
    [stored] = [one for one in materials.stored(store.path, MATERIAL) if one.path == path]
    if _is_local(stored.address) and not is_synthetic:
        raise StoreError(
            f"{path}: rates from a test server ({stored.address}); real files never mix with them: "
            f"remove {stored.folder}, then `entrepot reference fetch {MATERIAL}`"
        )
    return path


def _is_local(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
