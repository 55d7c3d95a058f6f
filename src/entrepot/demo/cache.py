"""Cache: the demo world as a store, made once per version and kept in the cache."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from entrepot import __version__, config
from entrepot.store.disk import writable
from entrepot.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable


def store(say: Callable[[str], None] = lambda _text: None) -> Path:
    """Return the store of the demo world, generated and ingested on first use.

    The files pass through the sources and the store like any publisher's. The folder's name
    carries the version and a digest of the generator and the lists it reads, so that a change of
    either makes a new world.

    Raises:
        StoreError: The cache cannot be written.
    """
    place = config.cache_path() / f"demo-{__version__}-{_digest()}"
    if place.is_dir():
        return place
    say("making the synthetic demo world (once)")
    with writable(place.parent):
        place.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(dir=place.parent, prefix="making-"))
    try:
        build(work, say)
        with writable(place.parent):
            if not place.is_dir():  # another process may have been quicker
                (work / "store").rename(place)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return place


def build(folder: Path, say: Callable[[str], None]) -> None:
    """Generate the world into `folder` and ingest it, release by release, into `folder`/store."""
    from entrepot.demo import generate

    world = generate(folder)
    desk = Workspace(folder / "store")
    releases = sorted(world.files, key=lambda file: (file.published, file.source, file.path))
    for (published, source), group in groupby(releases, lambda file: (file.published, file.source)):
        paths = [file.path for file in group]
        say(f"  {source}, published {published}: {len(paths)} files")
        desk.ingest(source, paths, published=published, scope="whole", synthetic=True)


def _digest() -> str:
    digest = hashlib.sha256()
    for package, endings in (
        ("entrepot.demo", ".py"),
        ("entrepot.reference.data", ".csv"),
        ("entrepot.ingest", ".py"),
        ("entrepot.sources", ".py"),
        ("entrepot.store", ".py"),
    ):
        for path in sorted(Path(str(files(package))).rglob(f"*{endings}")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:8]
