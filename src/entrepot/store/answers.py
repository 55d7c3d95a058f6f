"""Answers: what publishers answered, kept until it is part of a vintage, so that a run can go on.

STORE/answers/<source>/<key>/answer.json   what was asked, the verdict, the hash
                             <name>        the bytes, under the name they will keep
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from entrepot.contracts import Verdict
from entrepot.store import disk, strict
from entrepot.store.archive import digest
from entrepot.store.disk import writable
from entrepot.store.lock import locked
from entrepot.store.sealed import seal, unseal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from entrepot.contracts import Request

RECORD = "answer.json"
FRESH = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Kept:
    """One answer in the archive."""

    verdict: Verdict
    why: str
    path: Path
    at: datetime


class Answers:
    """The answers of one source, in one store."""

    def __init__(self, store: Path, source: str) -> None:
        self.store = store
        self.folder = store / "answers" / source

    @contextmanager
    def asking(self) -> Iterator[Path]:
        """Let one process at a time ask this publisher; give an empty folder for what arrives.

        Raises:
            StoreError: The folder cannot be written, or the disk is full.
        """
        with writable(self.store):
            disk.refuse_links(self.folder.parent, self.folder)
            self.folder.mkdir(parents=True, exist_ok=True)
            with locked(self.folder / "lock", f"asks {self.folder.name} for {self.store}"):
                for left_over in self.folder.glob("arriving-*"):
                    disk.remove(left_over)
                arriving = Path(tempfile.mkdtemp(prefix="arriving-", dir=self.folder))
                try:
                    yield arriving
                finally:
                    disk.remove(arriving)

    def kept(self, request: Request, *, fresh_only: bool = False) -> Kept | None:
        """Return the answer to a request, if it is here and its bytes are what was kept.

        Args:
            request: The request.
            fresh_only: Pass over an answer of more than a day, where the request names no release.
        """
        folder = self.folder / key(request)
        try:
            record = strict.record(unseal((folder / RECORD).read_bytes()), _FIELDS)
        except (OSError, ValueError):
            return None
        path, at = folder / record["name"], record["at"]
        if not path.is_file() or digest(path).sha256 != record["hash"]:
            return None
        if fresh_only and datetime.now(tz=UTC) - at > FRESH:
            return None
        return Kept(record["verdict"], record["why"], path, at)

    def keep(self, request: Request, arrived: Path, verdict: Verdict, why: str) -> Kept:
        """Move an answer that arrived into the archive, in one visible step."""
        folder = Path(tempfile.mkdtemp(dir=arrived.parent))
        path = folder / request.name
        arrived.rename(path)
        at = datetime.now(tz=UTC)
        record = {
            "url": request.url,
            "params": dict(request.params),
            "published": request.published.isoformat() if request.published else None,
            "name": request.name,
            "hash": digest(path).sha256,
            "verdict": verdict.name,
            "why": why,
            "at": at.isoformat(),
        }
        (folder / RECORD).write_bytes(seal(record))
        for item in (path, folder / RECORD, folder):
            disk.flush(item)
        target = self.folder / key(request)
        disk.remove(target)
        folder.rename(target)
        return Kept(verdict, why, target / request.name, at)

    def drop(self, requests: Iterable[Request]) -> None:
        """Forget answers: they are part of a vintage now, or are to be asked for again."""
        for request in requests:
            disk.remove(self.folder / key(request))


def key(request: Request) -> str:
    """Return the name of a request's folder: the same question about the same release."""
    text = json.dumps([request.url, sorted(request.params.items()), str(request.published)])
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _moment(value: object) -> datetime:
    return datetime.fromisoformat(strict.text()(value))


def _verdict(value: object) -> Verdict:
    return Verdict[strict.text("|".join(Verdict.__members__))(value)]


_FIELDS: dict[str, Callable[[Any], Any]] = {
    "url": strict.text(),
    "params": strict.table(strict.text(), lambda value: value),
    "published": lambda value: value if value is None else strict.day(value),
    "name": strict.text(strict.FILE_NAME),
    "hash": strict.text(strict.SHA256),
    "verdict": _verdict,
    "why": strict.text(),
    "at": _moment,
}
