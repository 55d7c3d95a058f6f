"""Answers: what publishers answered, kept until it is part of a vintage, so that a run can go on.

STORE/answers/<source>/<key>/answer.json   what was asked, the verdict, the hash
                             <name>        the bytes, under the name they will keep
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from entrepot.contracts import Verdict
from entrepot.store.archive import digest
from entrepot.store.vintages import flush, writable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from entrepot.contracts import Request

RECORD = "answer.json"
INDEX_LIVES = timedelta(hours=24)


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
            self.folder.mkdir(parents=True, exist_ok=True)
            with (self.folder / "lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                for left_over in self.folder.glob("arriving-*"):
                    shutil.rmtree(left_over, ignore_errors=True)
                arriving = Path(tempfile.mkdtemp(prefix="arriving-", dir=self.folder))
                try:
                    yield arriving
                finally:
                    shutil.rmtree(arriving, ignore_errors=True)

    def kept(self, request: Request, *, fresh_only: bool = False) -> Kept | None:
        """Return the answer to a request, if it is here and its bytes are what was kept.

        Args:
            request: The request.
            fresh_only: Pass over an answer of more than a day, as an index may have changed.
        """
        folder = self.folder / key(request)
        try:
            record = json.loads((folder / RECORD).read_text("utf-8"))
            at = datetime.fromisoformat(record["at"])
            path = folder / record["name"]
        except FileNotFoundError:
            return None
        if not path.is_file() or digest(path).sha256 != record["sha256"]:
            return None
        if fresh_only and datetime.now(tz=UTC) - at > INDEX_LIVES:
            return None
        return Kept(Verdict[record["verdict"]], record["why"], path, at)

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
            "sha256": digest(path).sha256,
            "verdict": verdict.name,
            "why": why,
            "at": at.isoformat(),
        }
        (folder / RECORD).write_text(json.dumps(record, indent=1) + "\n", "utf-8")
        for item in (path, folder / RECORD, folder):
            flush(item)
        target = self.folder / key(request)
        shutil.rmtree(target, ignore_errors=True)
        folder.rename(target)
        return Kept(verdict, why, target / request.name, at)

    def drop(self, requests: Iterable[Request]) -> None:
        """Forget answers: they are part of a vintage now, or are to be asked for again."""
        for request in requests:
            shutil.rmtree(self.folder / key(request), ignore_errors=True)


def key(request: Request) -> str:
    """Return the name of a request's folder: the same question about the same release."""
    text = json.dumps([request.url, sorted(request.params.items()), str(request.published)])
    return hashlib.sha256(text.encode()).hexdigest()[:24]
