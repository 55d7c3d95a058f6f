"""Faults: what goes wrong between a publisher and us, drawn from a seed or written as a script."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS = {
    "429": "HTTP 429 with Retry-After",
    "500": "HTTP 500 with a short text",
    "503": "HTTP 503 with a web page and Retry-After",
    "cut": "the connection is reset before any answer",
    "half": "half of the body, after the right Content-Length",
    "short": "half of the body, with a Content-Length that says so",
    "garbage": "random bytes under status 200",
    "html": "a web page under status 200",
    "slow": "half of the answer, a pause, the other half",
    "redirect": "HTTP 302 to another host",
    "bomb": "an answer that unpacks to far more than it should",
    "drift": "a field or column that was never there",
}


class Script(NamedTuple):
    """Call number `nth` (from 1) whose URL contains `match` fails with `kind`; nth 0 is all."""

    nth: int
    kind: str
    match: str = ""


class Fault(NamedTuple):
    """A fault that befalls one call, with the seed of its random bytes."""

    kind: str
    seed: int


@dataclass(frozen=True, slots=True)
class Faults:
    """Which share of answers goes wrong, and how.

    `shares` gives a probability per kind. Whether a call fails depends on `seed`, its URL and how
    often it was asked before, never on the order in which different calls come in: a run is
    repeatable with any number of workers. `scripts` come first. `most` is how many faults one URL
    gets from the draw, so that a patient client always arrives. `retry_after` and `pause` are
    seconds; `bomb` is how many bytes a bomb unpacks to.
    """

    shares: Mapping[str, float] = field(default_factory=dict)
    scripts: tuple[Script, ...] = ()
    seed: int = 1
    most: int = 3
    retry_after: float = 0
    pause: float = 1.0
    bomb: int = 1_000_000_000
    elsewhere: str = "https://elsewhere.example"

    def __post_init__(self) -> None:
        used = [*self.shares, *(script.kind for script in self.scripts)]
        if unknown := sorted(set(used) - set(KINDS)):
            raise ValueError(f"no fault {', '.join(unknown)}; expected some of {', '.join(KINDS)}")
        if any(share < 0 for share in self.shares.values()) or sum(self.shares.values()) > 1:
            raise ValueError("shares of faults must be 0 or more and add up to 1 at most")

    def draw(self, url: str, attempt: int, failed: int) -> Fault | None:
        """Return the fault of attempt number `attempt` (from 1) at a URL, or None.

        `failed` is how many attempts at it have failed by draw already.
        """
        raw = blake2b(f"{self.seed} {attempt} {url}".encode(), digest_size=8).digest()
        seed = int.from_bytes(raw, "big")
        if failed >= self.most:
            return None
        at, edge = seed / 2**64, 0.0
        for kind, share in self.shares.items():
            edge += share
            if at < edge:
                return Fault(kind, seed)
        return None

    def scripted(self, count: Mapping[Script, int]) -> Fault | None:
        """Return the fault of the first script whose turn it is; `count` has this call in it."""
        for script, number in count.items():
            if script.nth in (0, number):
                return Fault(script.kind, number)
        return None
