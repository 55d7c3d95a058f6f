"""Sealed: small JSON files that carry their own checksum, so that no changed bit is believed."""

from __future__ import annotations

import hashlib
import json
from typing import Any

START, END = b'{\n "sha256": "', b'",\n'
"""Before and after the checksum, which is of all bytes that follow."""


def seal(data: dict[str, Any]) -> bytes:
    """Return data, of one field or more, as JSON that begins with the checksum of the rest."""
    rest = json.dumps(data, indent=1, sort_keys=True).encode().removeprefix(b"{\n") + b"\n"
    return START + hashlib.sha256(rest).hexdigest().encode() + END + rest


def unseal(content: bytes) -> dict[str, Any]:
    """Return the data of a sealed file.

    Raises:
        ValueError: A byte of it is not what `seal` wrote.
    """
    length = len(START) + 64 + len(END)
    rest = content[length:]
    if content[:length] != START + hashlib.sha256(rest).hexdigest().encode() + END:
        raise ValueError("its checksum does not fit")
    try:
        data: dict[str, Any] = json.loads(content)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    del data["sha256"]
    return data
