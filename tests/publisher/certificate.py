"""Certificate: one for 127.0.0.1, valid or expired, made on the spot by the openssl program."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

DATES = {
    "valid": ("20200101000000Z", "20490101000000Z"),
    "expired": ("20200101000000Z", "20210101000000Z"),
}
_CONFIG = """
[ca]
default_ca = here
[here]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
[any]
commonName = supplied
[request]
distinguished_name = name
[name]
[loopback]
subjectAltName = IP:127.0.0.1, DNS:localhost
basicConstraints = critical, CA:true
"""


def available() -> bool:
    """Return whether this machine can make certificates."""
    return shutil.which("openssl") is not None


def make(folder: Path, kind: str) -> tuple[Path, Path]:
    """Return the files of a certificate and its key; a "valid" one is its own authority.

    Raises:
        CalledProcessError: The openssl program refuses.
    """
    first, last = DATES[kind]
    (folder / "openssl.cnf").write_text(_CONFIG, encoding="utf-8")
    (folder / "index.txt").write_text("", encoding="utf-8")
    (folder / "serial").write_text("01\n", encoding="utf-8")
    steps = (
        "req -config openssl.cnf -new -nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1"
        " -subj /CN=127.0.0.1 -keyout key.pem -out request.pem",
        "ca -config openssl.cnf -batch -notext -selfsign -keyfile key.pem -in request.pem"
        f" -out certificate.pem -startdate {first} -enddate {last} -extensions loopback",
    )
    for step in steps:
        subprocess.run(["openssl", *step.split()], cwd=folder, check=True, capture_output=True)
    return folder / "certificate.pem", folder / "key.pem"
