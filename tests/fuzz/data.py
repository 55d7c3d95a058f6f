"""Data: changes of a text as JSON, and of bytes as they lie on the disk."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fuzz.lines import cut
from fuzz.odd import ODD, VALUES
from fuzz.starts import starts

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random


def _node(rng: Random, data: Any) -> tuple[Any, Any]:
    """Return a list or object of the data and one of its keys, deep ones as likely as not."""
    while True:
        keys = list(data) if isinstance(data, dict) else list(range(len(data)))
        if not keys:
            return data, None
        key = rng.choice(keys)
        if not isinstance(data[key], (dict, list)) or not data[key] or rng.random() < 0.15:
            return data, key
        data = data[key]


def _json(rng: Random, text: str, change: Callable[[Any, Any], None]) -> str:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if isinstance(data, (dict, list)):
        holder, key = _node(rng, data)
        if key is not None:
            change(holder, key)
    return json.dumps(data)


def _odd_value(rng: Random, text: str, _d: str) -> str:
    def change(holder: Any, key: Any) -> None:
        holder[key] = rng.choice((rng.choice(ODD), rng.choice(VALUES)))

    return _json(rng, text, change).replace('"@huge"', "9" * 4500)


def _drop_key(rng: Random, text: str, _d: str) -> str:
    return _json(rng, text, lambda holder, key: holder.pop(key))


def _add_key(rng: Random, text: str, _d: str) -> str:
    def change(holder: Any, key: Any) -> None:
        if isinstance(holder, list):
            holder.insert(key, holder[key])
        else:
            name = rng.choice((str(key).swapcase(), f"{key} ", "new", rng.choice(ODD)))
            holder[name] = rng.choice((holder[key], rng.choice(ODD)))

    return _json(rng, text, change)


def _nest(rng: Random, text: str, _d: str) -> str:
    depth = rng.choice((2, 50, 900, 100_000))
    opened, closed = rng.choice((("[", "]"), ('{"a":', "}")))
    place = rng.choice([at for at, sign in enumerate(text) if sign in ":,"] or [0]) + 1
    closing = closed * depth if rng.random() < 0.5 else ""
    return f"{text[:place]}{opened * depth}1{closing}{text[place:]}"


def _twice(rng: Random, text: str, _d: str) -> str:
    """Write a key of an object a second time."""
    places = [at for at in range(len(text)) if text.startswith('": ', at)]
    if not places:
        return text
    end = rng.choice(places)
    begin = text.rfind('"', 0, end)
    return f"{text[:begin]}{text[begin : end + 2]} 1, {text[begin:]}"


def _flip(rng: Random, raw: bytes) -> bytes:
    changed = bytearray(raw or b"\0")
    for _ in range(rng.choice((1, 1, 1, 3, 20))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _cut_bytes(rng: Random, raw: bytes) -> bytes:
    return raw[: rng.randrange(len(raw) + 1)]


def _zeros(rng: Random, raw: bytes) -> bytes:
    keep = rng.randrange(len(raw) + 1)
    return raw[:keep] + bytes(rng.choice((1, len(raw) - keep, 5000)))


def _append(rng: Random, raw: bytes) -> bytes:
    return raw + rng.choice(
        (raw, b"\0" * 9, b"x", b"\n\n", rng.randbytes(40), raw[: len(raw) // 2])
    )


def _overwrite(rng: Random, raw: bytes) -> bytes:
    place = rng.randrange(len(raw) + 1)
    piece = rng.choice((b"\xff" * 8, rng.randbytes(16), b"\0" * 4, b"PK\x03\x04", b"\x1f\x8b"))
    return raw[:place] + piece + raw[place + len(piece) :]


def _drop_bytes(rng: Random, raw: bytes) -> bytes:
    place = rng.randrange(len(raw) + 1)
    return raw[:place] + raw[place + rng.choice((1, 2, 50)) :]


def _packed_again(rng: Random, raw: bytes) -> bytes:
    import gzip

    return gzip.compress(raw if rng.random() < 0.5 else gzip.compress(raw, mtime=0), mtime=0)


def _another(rng: Random, _raw: bytes) -> bytes:
    other = rng.choice(starts())
    return other.pack(other.text.encode())


JSON = (_odd_value, _odd_value, _odd_value, _drop_key, _add_key, _add_key, _nest, _twice, cut)
BYTES = (
    *(_flip, _flip, _flip, _cut_bytes, _zeros, _append, _overwrite, _drop_bytes, _packed_again),
    _another,
)
