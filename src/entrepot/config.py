"""Config: where the store, the cache and the keys are; one file, and only for secrets."""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from entrepot.errors import AccessError, EngineError, FetchError, StoreError

STORE_VARIABLE = "ENTREPOT_STORE"
PUBLISHER_VARIABLE = "ENTREPOT_PUBLISHER"
ENGINE_VARIABLE = "ENTREPOT_ENGINE"
SCHEMES = ("s3", "gs", "az")
DUCKDB, SPARK, CONNECT = "duckdb", "spark", "sc"


ADDRESS = "address"
"""The file of a mirror that says which bucket it is of."""


def place(named: str) -> Path:
    """Return the folder of a store: the one named, or the mirror of an address such as s3://b/p.

    The mirror, a folder of the user's cache, is made where there is none.

    Raises:
        StoreError: Stores cannot be reached by such an address.
    """
    scheme, divider, rest = named.partition("://")
    if not divider:
        return Path(named)
    if scheme not in SCHEMES or not rest.strip("/"):
        raise StoreError(
            f"store {named}: no store has such an address; expected a folder, or "
            f"{', '.join(f'{one}://' for one in SCHEMES)} with a bucket and a prefix"
        )
    address = f"{scheme}://{rest.strip('/')}"
    legible = re.sub(r"[^a-z0-9]+", "-", address.lower()).strip("-")[:60]
    digest = hashlib.sha256(address.encode()).hexdigest()[:8]
    folder = mirrors() / f"{legible}-{digest}"
    if not (folder / ADDRESS).exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ADDRESS).write_text(address, "utf-8")
    return folder


def mirrors() -> Path:
    """Return the folder with the mirrors of stores that are reached by an address."""
    return cache_path() / "stores"


def store_path(chosen: Path | None = None) -> Path:
    """Return the store's folder: the one chosen, else `ENTREPOT_STORE`, else `entrepot-store`.

    The default lies in the working directory, beside the brief it feeds: a project folder that
    holds its own evidence can be archived or handed over whole.
    """
    return chosen or place(os.environ.get(STORE_VARIABLE) or "entrepot-store")


def existing_store(chosen: Path | None = None) -> Path:
    """Return the store's folder for reading.

    The default may be absent, as on the first day; a folder that somebody named may not.

    Raises:
        StoreError: The folder named is absent, or is a file.
    """
    path = store_path(chosen)
    named = chosen is not None or bool(os.environ.get(STORE_VARIABLE))
    if path.exists() and not path.is_dir():
        raise StoreError(f"store {path}: is a file; a store is a folder: name it with --store")
    if named and not path.exists():
        near = get_close_matches(path.name, _neighbours(path), n=1)
        hint = f"did you mean {path.parent / near[0]}? " if near else ""
        raise StoreError(
            f"store {path}: there is no such folder; {hint}taking files in makes one, "
            "as `entrepot source ingest ... --store FOLDER`"
        )
    return path


def _neighbours(path: Path) -> list[str]:
    try:
        return [one.name for one in path.parent.iterdir() if one.is_dir()]
    except OSError:
        return []


def engine_address(chosen: str | None = None) -> str:
    """Return the address of the engine: the one chosen, else `ENTREPOT_ENGINE`, else `duckdb`.

    Raises:
        EngineError: No engine has such an address.
    """
    named = (chosen or os.environ.get(ENGINE_VARIABLE) or DUCKDB).strip()
    parts = urlsplit(named)
    if named in (DUCKDB, SPARK) or (parts.scheme == CONNECT and _has_port(parts)):
        return named
    raise EngineError(
        f"engine {named.partition('/;')[0]}: no engine has such an address; expected duckdb, "
        "sc://HOST:PORT of a Spark Connect server, or spark for a session in this machine"
    )


def _has_port(parts: SplitResult) -> bool:
    try:
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def cache_path() -> Path:
    """Return the folder for what can be made again, by the XDG convention."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "entrepot"


def keys_path() -> Path:
    """Return the file that holds the user's keys, one `name = "key"` a line, by the XDG rule."""
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "entrepot" / "keys.toml"


def key_variable(name: str) -> str:
    """Return the environment variable that holds a key, which goes before the file."""
    return f"ENTREPOT_{name.upper()}_KEY"


def key(name: str) -> str:
    """Return the user's key of that name, or "" if there is none. It must never be shown.

    Raises:
        AccessError: The file of keys cannot be read as TOML, or the key has a sign that no key has.
    """
    found = os.environ.get(key_variable(name), "").strip() or _kept_key(name)
    if not all("!" <= letter <= "~" for letter in found):
        raise AccessError(
            f"keys: the key {name} has a blank, a line break or a letter outside ASCII; expected "
            f"it as the publisher sent it; copy it again into {key_variable(name)} or {keys_path()}"
        )
    return found


def _kept_key(name: str) -> str:
    path = keys_path()
    if not path.is_file():
        return ""
    try:
        return str(tomllib.loads(path.read_text("utf-8")).get(name, "")).strip()
    except (OSError, ValueError, RecursionError):  # the error's text could hold a key
        raise AccessError(
            f'keys: {path} cannot be read as TOML; expected lines like {name} = "..."; mend it, '
            f"or set {key_variable(name)} instead"
        ) from None


def publisher() -> str:
    """Return the address of a local server that stands in for all publishers, or "".

    Raises:
        FetchError: `ENTREPOT_PUBLISHER` is not an address of this machine: keys and questions
            must not go anywhere else.
    """
    address = os.environ.get(PUBLISHER_VARIABLE, "").rstrip("/")
    if not address:
        return ""
    parts = urlsplit(address)
    try:
        local = ip_address(parts.hostname or "").is_loopback
    except ValueError:
        local = parts.hostname == "localhost"
    if not local or parts.scheme not in ("http", "https"):
        raise FetchError(
            f"{PUBLISHER_VARIABLE}: {address} is not a server on this machine; expected an address "
            "like http://127.0.0.1:8765; unset it to ask the publishers themselves"
        )
    return address
