"""Answers: what the refusals of publishers mean, where they all say it alike."""

from __future__ import annotations

import email.utils
import json
import time
from typing import TYPE_CHECKING, Any

from entrepot.contracts import Verdict
from entrepot.sources import _bytes

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.contracts import Response

HEAD = 65_536
STATUS = {
    401: Verdict.BAD_KEY,
    403: Verdict.BAD_KEY,
    408: Verdict.BUSY,
    413: Verdict.TOO_LARGE,
    425: Verdict.BUSY,
    429: Verdict.BUSY,
}
QUOTA_WORDS = ("quota", "limit reached", "too many calls today")


def refusal(
    response: Response, absent: Verdict = Verdict.UNPUBLISHED
) -> tuple[Verdict, str] | None:
    """Return what a status other than 200 means, or None for 200.

    A refusal that speaks of a quota is one, whatever its number: publishers use 403 and 429 for
    both. 5xx is a publisher in trouble; anything else is a request it does not understand.
    `absent` is what 404 means: where every question has the same path, a path that does not exist.
    """
    if response.status == 200:
        return None
    said = words(response.path)
    if response.status in (403, 429) and any(word in said.lower() for word in QUOTA_WORDS):
        return Verdict.QUOTA, said
    verdict = absent if response.status == 404 else STATUS.get(response.status)
    if verdict is None:
        verdict = Verdict.BUSY if response.status >= 500 else Verdict.WRONG
    return verdict, f"HTTP {response.status}" + (f", {said!r}" if said else "")


def words(path: Path, most: int = 120) -> str:
    """Return the publisher's own words from the start of an answer, on one line; "" for HTML."""
    text = start(path).decode("utf-8", "replace").strip()
    if is_html(text):
        return ""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        data = None
    if isinstance(data, dict):
        text = next((str(data[key]) for key in ("message", "error", "detail") if data.get(key)), "")
    line = " ".join(text.split())
    return line if len(line) <= most else line[:most] + "..."


def seconds(text: str) -> float:
    """Return the seconds that a `Retry-After` names, as a number or a day; 0 for anything else."""
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = email.utils.parsedate_tz(text)
        return max(0.0, email.utils.mktime_tz(moment) - time.time()) if moment else 0.0
    except (ValueError, OverflowError, IndexError, TypeError):  # the year 99999
        return 0.0


def start(path: Path) -> bytes:
    """Return the first bytes of an answer."""
    with path.open("rb") as stream:
        return stream.read(HEAD)


def is_html(text: str) -> bool:
    """Return whether a text is a web page: what a proxy or a login sends instead of data."""
    return text[:200].lstrip("\ufeff \r\n\t").lower().startswith(("<!doctype html", "<html"))


def read_json(path: Path) -> tuple[Any, str]:
    """Return the data of a JSON answer and "", or None and what it is instead."""
    raw = path.read_bytes()
    if _bytes.is_crowded(raw):
        return None, _bytes.CROWDED
    try:
        return json.loads(raw), ""
    except (ValueError, RecursionError):
        text = start(path).decode("utf-8", "replace")
        return None, "a web page instead of JSON" if is_html(text) else "not complete JSON"
