"""What all workers of a test run share: made by the first that needs it, and only read after."""

from __future__ import annotations

import fcntl
import os
import shutil


def once(factory, name, make):
    """Return the folder `name`, which `make(folder)` fills for the first worker that asks.

    Args:
        factory: pytest's `tmp_path_factory`.
        name: The same in every worker, and no other folder's.
        make: Takes an empty folder. Where it fails, the next that asks tries again.
    """
    root = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    folder, done = root / f"once-{name}", root / f"once-{name}.done"
    with (root / f"once-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            done.touch()
    return folder
