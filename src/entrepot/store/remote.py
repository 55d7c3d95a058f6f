"""Remote: a store in a bucket, and the folder of the user's cache that mirrors what was read.

BUCKET/PREFIX/head.json              what the store holds; it moves by a conditional put
              objects/<aa>/<sha256>  every file, by its hash: never changed, safe to send twice

The mirror has the layout of a store on disk, so that whatever reads one reads a bucket: a file
comes when it is first needed, and is its hash's or is refused. Writers of two machines meet in the
head alone; what the one that lost has sent is no object that a head names.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from entrepot import config
from entrepot.errors import StoreError
from entrepot.store import disk
from entrepot.store.head import HEAD, Read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

T = TypeVar("T")
AT_ONCE = 8
"""Files that are sent or brought at the same time."""
RETRIES, PATIENCE = 3, timedelta(seconds=20)


@dataclass(frozen=True)
class Remote:
    """A bucket and prefix, by obstore; also the pointer that keeps the store's head."""

    address: str
    objects: Any

    def read(self) -> Read | None:
        """Return the head's bytes and what names them: ETag and version; None without a head.

        Raises:
            StoreError: The store does not answer, or gives no ETag.
        """
        with self._answering():
            try:
                found = self.objects.get(HEAD)
            except FileNotFoundError:
                return None
            content, told = bytes(found.bytes()), found.meta
        if not told["e_tag"]:
            raise StoreError(f"store {self.address}: gives no ETag; {_UNFIT}")
        return Read(content, json.dumps([told["e_tag"], told["version"]]))

    def replace(self, new: bytes, expected: str | None) -> None:
        """Put a head in the place of the one with the tag expected; None expects none.

        Raises:
            StoreError: Another writer was first; nothing was changed.
        """
        try:
            self._put(HEAD, new, expected)
        except _kinds("AlreadyExistsError", "PreconditionError") as error:
            if not self._holds(new):  # of a put that is tried again, the first may have landed
                raise StoreError(
                    f"store {self.address}: another writer was first; its vintages are there and "
                    "nothing of this run is: run this again"
                ) from error
        except _kinds("BaseError") as error:
            if not self._holds(new):
                raise self._refusal(error) from error

    def refuse_unconditional(self) -> None:
        """Refuse a server that takes a put whose condition does not hold: a head could be lost.

        Raises:
            StoreError: It does.
        """
        name = f"probe/{secrets.token_hex(8)}"
        with self._answering():
            self._put(name, b"1", None)
            try:
                for expected in (None, _NEVER):
                    try:
                        self._put(name, b"2", expected)
                    except _kinds("AlreadyExistsError", "PreconditionError"):
                        continue
                    raise StoreError(
                        f"store {self.address}: puts an object whatever If-None-Match and If-Match "
                        f"say; {_UNFIT}"
                    )
            finally:
                self.objects.delete(name)

    def is_empty(self) -> bool:
        """Return whether no object is there."""
        with self._answering():
            return not any(batch for batch in self.objects.list("objects", chunk_size=1))

    def send(self, files: Mapping[Path, str]) -> None:
        """Put files where their sha256 says; those that are there already are not sent.

        Raises:
            StoreError: The store does not take one.
        """
        self._at_once(self._send, files)

    def bring(self, files: Mapping[Path, str]) -> None:
        """Bring files by their sha256; each is whole and right, or not there.

        Raises:
            StoreError: An object is missing, or is not what its name says.
        """
        self._at_once(self._bring, files)

    def problems(self, files: Mapping[Path, str]) -> list[str]:
        """Return what is wrong with objects, one line each; every byte is read."""
        return [line for line in self._at_once(self._problem, files) if line]

    def _at_once(self, work: Callable[[tuple[Path, str]], T], files: Mapping[Path, str]) -> list[T]:
        from concurrent.futures import ThreadPoolExecutor  # a start of most commands needs none

        with self._answering(), ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(work, files.items()))

    def _send(self, named: tuple[Path, str]) -> None:
        path, sha256 = named
        try:
            if self.objects.head(_key(sha256))["size"] == path.stat().st_size:
                return
        except FileNotFoundError:
            pass
        self.objects.put(_key(sha256), path)

    def _bring(self, named: tuple[Path, str]) -> None:
        path, sha256 = named
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            with fresh.open("xb") as target:
                found = self._hashed(sha256, target)
            if found != sha256:
                raise StoreError(self._other(path, sha256))
            fresh.replace(path)
        finally:
            disk.remove(fresh)

    def _problem(self, named: tuple[Path, str]) -> str:
        path, sha256 = named
        try:
            return "" if self._hashed(sha256) == sha256 else self._other(path, sha256)
        except StoreError as error:
            return str(error)

    def _hashed(self, sha256: str, target: Any = None) -> str:
        """Read an object, into a file if one is given; return the hash of what it is."""
        seen = hashlib.sha256()
        try:
            for chunk in self.objects.get(_key(sha256)).stream():
                seen.update(chunk)
                if target:
                    target.write(chunk)
        except FileNotFoundError:
            raise StoreError(
                f"store {self.address}: {_key(sha256)} is missing; restore it from the bucket's "
                "versions, or take the files in again"
            ) from None
        return seen.hexdigest()

    def _other(self, path: Path, sha256: str) -> str:
        return (
            f"store {self.address}: {_key(sha256)}, which is {path.name}, changed since it was "
            "written; restore it from the bucket's versions, or take the files in again"
        )

    def _put(self, name: str, content: bytes, expected: str | None) -> None:
        mode: Any = "create"
        if expected:
            named = zip(("e_tag", "version"), json.loads(expected), strict=True)
            mode = {name: value for name, value in named if value is not None}
        self.objects.put(name, content, mode=mode, use_multipart=False)

    def _holds(self, content: bytes) -> bool:
        found = self.read()
        return found is not None and found.content == content

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except _kinds("BaseError") as error:
            raise self._refusal(error) from error

    def _refusal(self, error: Exception) -> StoreError:
        said = str(error).partition("\n")[0].partition(": <?xml")[0]
        return StoreError(
            f"store {self.address}: does not do what is asked ({said[:300]}); nothing was changed: "
            "check the address, the network and the keys (AWS_ACCESS_KEY_ID and its like)"
        )


_NEVER = json.dumps(['"0"', "1"])
"""The tag of no object."""
_UNFIT = (
    "expected a store with conditional puts, without which two writers could lose each other's "
    "work; docs/how-to/team-store.md names some that have them"
)


def of(store: Path) -> Remote | None:
    """Return the bucket that a folder mirrors; None for a store on disk.

    Only folders of the user's cache are mirrors, whatever a store of another's may hold.
    """
    if store.parent != config.mirrors():
        return None
    try:
        address = (store / config.ADDRESS).read_text("utf-8")
    except OSError:
        return None
    return _opened(address)


@cache
def _opened(address: str) -> Remote:
    try:
        from obstore.store import from_url
    except ImportError:
        raise StoreError(
            f"store {address}: obstore is not installed; expected the extra s3: "
            "pip install 'entrepot[s3]'"
        ) from None
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL", "")
    options: dict[str, Any] = {"retry_config": {"max_retries": RETRIES, "retry_timeout": PATIENCE}}
    if endpoint.startswith("http:"):
        options["client_options"] = {"allow_http": True}
    try:
        return Remote(address, from_url(address, **options))
    except Exception as error:
        raise StoreError(
            f"store {address}: cannot be opened ({str(error).splitlines()[0][:300]}); expected "
            "s3://BUCKET/PREFIX, gs:// or az://"
        ) from None


@cache
def _kinds(*names: str) -> tuple[type[Exception], ...]:
    from obstore import exceptions

    return tuple(getattr(exceptions, name) for name in names)


def _key(sha256: str) -> str:
    return f"objects/{sha256[:2]}/{sha256}"
