"""Reply: what a publisher was asked and what it says."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from publisher.limits import Limits, Meter
    from publisher.world import World


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: the path after the host, its parameters and headers in lower case."""

    host: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    world: World
    limits: Limits
    meter: Meter
    drift: bool = False
    """Answer with a field that was never there."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, body and headers; `refused` marks a refusal that the publisher means."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    refused: bool = False


def as_json(data: Any, status: int = 200, **headers: str) -> Reply:
    """Return data as a JSON answer; any status but 200 is a refusal."""
    body = json.dumps(data, separators=(",", ":")).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    kind = {"Content-Type": "application/json; charset=utf-8"}
    return Reply(body, status, kind | named, refused=status != 200)


def page(title: str, status: int = 200, refused: bool = False) -> Reply:
    """Return a web page that holds no data."""
    head = f"<!DOCTYPE html>\n<html><head><title>{title}</title></head>"
    body = f"{head}<body><h1>{title}</h1></body></html>\n"
    return Reply(body.encode(), status, {"Content-Type": "text/html; charset=utf-8"}, refused)
