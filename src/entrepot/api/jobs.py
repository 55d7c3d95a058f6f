"""Jobs: what is to be computed, and what comes of it, as records that cross between processes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

Lane = Literal["quick", "slow"]
"""Questions of a second or two, and scans and briefs, which must not hold them up."""
PROBLEM_STATUS = {"UnknownCodeError": 422, "StudyError": 422, "CoverageError": 422,
                  "StoreError": 503, "EngineError": 503}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to compute: `work` is a function of a module, `given` its arguments by name.

    `said` is what a reader is told while it is computed.
    """

    work: Callable[..., JobResult]
    given: tuple[tuple[str, Any], ...]
    said: str
    as_of: date | None = None
    lane: Lane = "quick"

    @property
    def key(self) -> tuple[Any, ...]:
        """What makes two jobs the same."""
        return self.work.__module__, self.work.__qualname__, self.given, self.as_of


@dataclass(frozen=True, slots=True)
class JobResult:
    """What a job gave: bytes, or the path of a file that is sent once and then removed."""

    body: bytes = b""
    media: str = "text/html; charset=utf-8"
    path: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why there is no answer: the line that the command would print, its class, and the status."""

    line: str
    kind: str = "EntrepotError"
    status: int = 422


Outcome = JobResult | Refused


def job(
    work: Callable[..., JobResult],
    said: str,
    *,
    as_of: date | None = None,
    lane: Lane = "quick",
    **given: Any,
) -> Job:
    """Return a job."""
    return Job(work, tuple(sorted(given.items())), said, as_of, lane)


def refusal(error: Exception) -> Refused:
    """Return an error of entrepot as a refusal."""
    kind = type(error).__name__
    return Refused(str(error), kind, PROBLEM_STATUS.get(kind, 422))
