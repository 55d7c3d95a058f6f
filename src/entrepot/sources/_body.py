"""Body: an answer on its way to the disk, unpacked in small pieces and without the key."""

from __future__ import annotations

import html
import json
import re
import zlib
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ENCODINGS = ("", "identity", "gzip", "x-gzip")
"""What an answer may be packed in for the way: once, and so that it unpacks piece by piece."""
PIECE = 1 << 16
"""Bytes unpacked at a time: a bomb is stopped one piece past the endpoint's limit."""
SHORTEST = 4
"""Letters below which a key is a mistake and not a secret; to hide it would hide the answer."""


def unpacked(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Give an answer as it was before it was packed for the way, at most 64 KB at a time.

    Args:
        chunks: The bytes as they arrive.
        encoding: One of `ENCODINGS`.

    Raises:
        zlib.error: It is not gzip, is cut, or goes on after its end.
    """
    if "gzip" not in encoding:
        yield from chunks
        return
    packer = zlib.decompressobj(wbits=31)
    arrived = False
    for chunk in chunks:
        arrived = arrived or bool(chunk)
        left = chunk
        while left:
            yield packer.decompress(left, PIECE)
            left = packer.unconsumed_tail
            if packer.unused_data:
                raise zlib.error("bytes after the end")
    yield packer.flush()
    if arrived and not packer.eof:
        raise zlib.error("cut")


class Mask:
    """Hides a key, whole or as an address, JSON or a page writes it, behind as many stars."""

    def __init__(self, secret: str) -> None:
        written = {secret, quote(secret, safe=""), quote_plus(secret), html.escape(secret)}
        written.add(json.dumps(secret)[1:-1])
        forms = sorted((form.encode() for form in written if len(secret) >= SHORTEST), key=len)
        self._any = re.compile(b"|".join(map(re.escape, forms[::-1])), re.IGNORECASE)
        self._held = len(forms[-1]) - 1 if forms else 0

    def text(self, text: str) -> str:
        """Return a text without the key."""
        return self._hidden(text.encode("utf-8", "replace")).decode()

    def stream(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Give the same bytes without the key, also where it lies across two chunks."""
        if not self._held:
            yield from chunks
            return
        held = b""
        for chunk in chunks:
            whole = self._hidden(held + chunk)
            edge = max(0, len(whole) - self._held)
            yield whole[:edge]
            held = whole[edge:]
        yield held

    def _hidden(self, content: bytes) -> bytes:
        if not self._held:
            return content
        return self._any.sub(lambda found: b"*" * len(found[0]), content)
