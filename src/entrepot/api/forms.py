"""Forms: in which form an answer is wanted, by ?format= or by the header Accept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.api.questions import MEDIA
from entrepot.errors import StudyError
from entrepot.reference._files import near, shown

if TYPE_CHECKING:
    from collections.abc import Collection

    from fastapi import Request

TABLE = ("json", "csv", "parquet", "arrow")
WITH_BOOK = (*TABLE, "xlsx")
ANSWER = (*WITH_BOOK, "svg", "png", "html")


def wanted(request: Request, given: str, offered: Collection[str]) -> str:
    """Return the form that an answer is to have: what ?format= says, else the first that fits.

    Raises:
        StudyError: There is no such form of this answer.
    """
    if given:
        if given not in offered:
            raise StudyError(f"serve: format {shown(given)}; {near(given, offered)}")
        return given
    by_media = {MEDIA[form].partition(";")[0]: form for form in offered}
    named = []
    for part in request.headers.get("accept", "").split(","):
        media, *options = (piece.strip() for piece in part.split(";"))
        weights = [one.removeprefix("q=") for one in options if one.startswith("q=")]
        if media in by_media and weights != ["0"]:
            named.append((-_weight(weights), by_media[media]))
    return min(named, key=lambda one: one[0])[1] if named else "json"


def _weight(words: list[str]) -> float:
    try:
        return float(words[0]) if words else 1.0
    except ValueError:
        return 0.0
