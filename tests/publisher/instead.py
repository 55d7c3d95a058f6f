"""Instead: what a client gets in the place of a publisher's answer, fault by fault."""

from __future__ import annotations

import io
import random
import zipfile
import zlib
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from publisher.reply import Ask, Reply, as_json, page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from publisher.faults import Fault, Faults

BLOCK = 1_000_000


def instead(fault: Fault | None, faults: Faults, ask: Ask) -> Reply | None:
    """Return what is sent instead of the publisher's answer, for the faults that replace it."""
    if fault is None:
        return None
    wait = {"Retry-After": f"{faults.retry_after:g}"}
    match fault.kind:
        case "429":
            said = f"The rate limit is exceeded: try again in {faults.retry_after:g} seconds."
            reply = as_json({"statusCode": 429, "message": said}, 429)
            return replace(reply, headers={**reply.headers, **wait})
        case "500":
            return Reply(b"Internal error", 500, {"Content-Type": "text/plain"})
        case "503":
            reply = page("Service unavailable", 503)
            return replace(reply, headers={**reply.headers, **wait})
        case "garbage":
            return Reply(
                random.Random(fault.seed).randbytes(4_000),
                200,
                {"Content-Type": "application/json"},
            )
        case "html":
            return page("The service is being maintained")
        case "redirect":
            return Reply(b"", 302, {"Location": f"{faults.elsewhere}/{ask.path}"})
        case "bomb":
            return _bomb(faults.bomb, ask.path)
    return None


def _bomb(size: int, path: str) -> Reply:
    """Return an answer of about a thousandth of `size` that unpacks to it.

    A zip where a zip is asked for, a gzip file where a bulk file is, else a compressed answer.
    """
    if path.endswith(".zip"):
        return Reply(_zip_bomb(size), 200, {"Content-Type": "application/zip"})
    if "/file/" in path:
        return Reply(_gzip_bomb(size), 200, {"Content-Type": "application/gzip"})
    kind = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    return Reply(_gzip_bomb(size), 200, kind)


@cache
def _gzip_bomb(size: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(part) for part in _spaces(size)) + packer.flush()


@cache
def _zip_bomb(size: int) -> bytes:
    buffer = io.BytesIO()
    name = "BACI_HS17_Y2017_V202501.csv"
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(name, "w", force_zip64=True) as member,
    ):
        for part in _spaces(size):
            member.write(part)
    return buffer.getvalue()


def _spaces(size: int) -> Iterator[bytes]:
    for left in range(size, 0, -BLOCK):
        yield b" " * min(left, BLOCK)
