"""What a material is: a publisher's file that trade is harmonised with."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot.contracts import Verdict
from entrepot.errors import SourceError
from entrepot.sources import _answers, _workbook_bounds

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    from entrepot.contracts import Endpoint, Request, Response


@dataclass(frozen=True, slots=True)
class Material:
    """A file, or a few of one kind, that a publisher serves whole.

    The endpoints are those of a source; their requests ask for the same files whatever the query.
    `check` reads a fetched file in full, refuses a bad one with a SourceError, and returns the day
    the file is of, or None where it does not say.
    """

    title: str
    publisher: str
    url: str
    licence: str
    endpoints: tuple[Endpoint, ...]
    check: Callable[[Path], date | None]


def judge(check: Callable[[Path], object]) -> Callable[[Request, Response], tuple[Verdict, str]]:
    """Return a judge of zip files (a workbook is one too): whole, and accepted by `check`."""

    def judged(_request: Request, response: Response) -> tuple[Verdict, str]:
        if refused := _answers.refusal(response):
            return refused
        try:
            with zipfile.ZipFile(response.path) as archive:
                if broken := archive.testzip():
                    return Verdict.BUSY, f"a zip file whose {broken} is damaged"
        except _workbook_bounds.BROKEN:
            is_page = _answers.is_html(_answers.start(response.path).decode("latin-1"))
            return Verdict.BUSY, "a web page instead of a zip file" if is_page else "no whole zip"
        try:
            check(response.path)
        except SourceError as error:
            return Verdict.WRONG, str(error)
        return Verdict.GOOD, ""

    return judged
