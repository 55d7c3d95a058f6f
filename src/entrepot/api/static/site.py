"""Site: every page of a store that needs no server, written as files."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from entrepot import __version__
from entrepot.api.app import create, here
from entrepot.api.state import state_of
from entrepot.api.static.asking import PageAnswer, get
from entrepot.api.static.links import ENDINGS, canonical, file_of, leads_to, standing_alone
from entrepot.errors import StoreError
from entrepot.store import disk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from entrepot.api.static.asking import Asgi

STARTS = ("/", "/sources", "/study", "/findings", "/site.css")
RECORD = "site.json"
"""What a site says of itself: the state of the store that it shows, the day, and its files."""


@dataclass(frozen=True, slots=True)
class Site:
    """What was written: `files` with their sha256; `refused` are addresses without an answer.

    `is_new` is False where the folder held this state of the store already.
    """

    files: dict[str, str]
    refused: dict[str, str]
    is_new: bool


def write(
    out: Path,
    store: Path,
    *,
    as_of: date | None = None,
    place: Sequence[str] = (),
    step: Callable[[str], None] = lambda _text: None,
) -> Site:
    """Write the pages of a store into a folder, in the place of an earlier site.

    Pages are asked for as the server makes them, and kept beside the folder until all are there:
    a run that is cut off goes on where it stopped, and the folder is the old site or the new one.

    Args:
        out: The folder: absent, empty, or an earlier site.
        store: The store's folder; it is only read.
        as_of: Only what was known on this day.
        place: Options of the commands that repeat the answers, as `--demo`.
        step: Takes what is being done now, in a few words.

    Raises:
        StoreError: The folder holds something else, or cannot be written.
    """
    work = out.absolute().with_name(f".{out.absolute().name}.making")
    with _writable(out):
        _restore(work, out)
        old = _record(out)
        told = {"state": state_of(store), "as_of": str(as_of or ""), "version": __version__}
        if old is not None and {key: old.get(key) for key in told} == told:
            return Site(old["files"], old["refused"], is_new=False)
        _begin(work, json.dumps(told, sort_keys=True))
        app = create(store, place=place, run=here(store, place))
        answers = _crawl(app, work / "raw", as_of, step)
        step("writing the files")
        made = _place(answers, work, as_of)
        refused = {at: _line(one) for at, one in answers.items() if one.status != 200}
        record = {**told, "refused": refused, "files": made}
        (work / "site" / RECORD).write_text(json.dumps(record, indent=1) + "\n", "utf-8")
        _swap(work, out)
    return Site(made, refused, is_new=True)


def _crawl(
    app: Asgi, kept: Path, as_of: date | None, step: Callable[[str], None]
) -> dict[str, PageAnswer]:
    """Return the answer of every address that the site leads to, by its address."""
    starts = [canonical(path, "/", as_of) for path in STARTS]
    waiting = deque(one for one in starts if one)
    answers: dict[str, PageAnswer] = {}
    seen = {*waiting}
    while waiting:
        address = waiting.popleft()
        step(f"{len(answers):,} pages, {len(waiting) + 1:,} to go: {address}")
        brief = answers.get(_brief_of(address))
        refused = brief if brief and brief.status != 200 else None
        found = answers[address] = refused or _kept(app, kept, address)
        if found.status == 200 and found.media == "text/html":
            for link in leads_to(found.body.decode(), address, as_of):
                if link not in seen:
                    seen.add(link)
                    waiting.append(link)
    return answers


def _brief_of(address: str) -> str:
    """Return the page of the brief whose data an address is; it comes before them."""
    path, mark, query = address.partition("?")
    return f"{path.removesuffix('.json').removesuffix('.csv')}{mark}{query}"


def _kept(app: Asgi, kept: Path, address: str) -> PageAnswer:
    """Return the answer that an earlier run kept, else ask."""
    path = kept / hashlib.sha256(address.encode()).hexdigest()[:32]
    if path.is_file():
        head, _line, body = path.read_bytes().partition(b"\n")
        status, media = json.loads(head)
        return PageAnswer(status, media, body)
    found = get(app, address)
    head = json.dumps([found.status, found.media]).encode()
    disk.replace(path, head + b"\n" + found.body)
    return found


def _place(answers: dict[str, PageAnswer], work: Path, as_of: date | None) -> dict[str, str]:
    """Write every answer as a file of `work`/site; return the files with their sha256."""
    site = work / "site"
    shutil.rmtree(site, ignore_errors=True)
    files = {at: file_of(at, one.media) for at, one in answers.items()
             if one.status == 200 and one.media in ENDINGS}  # fmt: skip
    made = {}
    for address, name in sorted(files.items(), key=lambda pair: pair[1]):
        body, path = answers[address].body, site / name
        if answers[address].media == "text/html":
            body = standing_alone(body.decode(), address, files, as_of).encode()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        made[name] = hashlib.sha256(body).hexdigest()
    return made


def _line(refused: PageAnswer) -> str:
    """Return why an address has no answer, in a line."""
    if refused.media.endswith("json"):
        return str(json.loads(refused.body).get("detail", ""))
    return f"status {refused.status}"


def _begin(work: Path, told: str) -> None:
    """Keep what an earlier run made of the same state of the store, and nothing else."""
    about = work / "about"
    if not about.is_file() or about.read_text("utf-8") != told:
        shutil.rmtree(work, ignore_errors=True)
        (work / "raw").mkdir(parents=True)
        about.write_text(told, "utf-8")


def _record(out: Path) -> dict[str, Any] | None:
    """Return what a folder says of itself, or None where it is empty or absent.

    Raises:
        StoreError: It holds something else than a site.
    """
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return None
    try:
        record = json.loads((out / RECORD).read_text("utf-8"))
        assert {*record} == {"state", "as_of", "version", "refused", "files"}
    except (OSError, ValueError, AssertionError):
        raise StoreError(
            f"site: --out {out}: holds something else than a site; name an empty folder, or one "
            "that is not there"
        ) from None
    whole: dict[str, Any] = record
    return whole


def _swap(work: Path, out: Path) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    if out.exists():
        out.rename(work / "old")
    (work / "site").rename(out)
    shutil.rmtree(work, ignore_errors=True)


def _restore(work: Path, out: Path) -> None:
    """Put the old site back where a run was cut off between its two renames."""
    if (work / "old").is_dir() and not out.exists():
        (work / "old").rename(out)


@contextmanager
def _writable(out: Path) -> Iterator[None]:
    try:
        out.absolute().parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise StoreError(
            f"site: --out {out}: cannot be written ({error.strerror or error}); free the disk, or "
            "choose another folder"
        ) from None
