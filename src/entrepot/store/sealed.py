"""Sealed: small JSON files that carry their own checksum, so that no changed bit is believed."""

from __future__ import annotations

import hashlib
import json
from typing import Any

SEAL = "sha256"


def seal(data: dict[str, Any]) -> bytes:
    """Return data as JSON with its checksum; the same data always gives the same bytes."""
    return _text(data | {SEAL: _digest(data)})


def unseal(content: bytes) -> dict[str, Any]:
    """Return the data of a sealed file.

    Raises:
        ValueError: It is not byte for byte what `seal` wrote.
    """
    try:
        data = json.loads(content)
        told = data.pop(SEAL)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ValueError("its checksum cannot be read") from None
    if told != _digest(data) or _text(data | {SEAL: told}) != content:
        raise ValueError("its checksum does not fit")
    return dict(data)


def _digest(data: dict[str, Any]) -> str:
    return hashlib.sha256(_text(data)).hexdigest()


def _text(data: dict[str, Any]) -> bytes:
    return json.dumps(data, indent=1, sort_keys=True).encode() + b"\n"
