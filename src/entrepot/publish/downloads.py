"""Downloads: a picture's data as CSV, and the picture as files of its own, SVG and PNG."""

from __future__ import annotations

import base64
import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot.publish.drawing import WIDTHS
from entrepot.publish.mark import SYNTHETIC
from entrepot.publish.poster import poster

if TYPE_CHECKING:
    from collections.abc import Callable

    from entrepot.publish.brief import Picture

    Draw = Callable[[Picture, int], str]

KINDS = ("csv", "svg", "png")
_TYPES = {"csv": "text/csv;charset=utf-8", "svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Download:
    """A link below a picture: what it is, where it leads, and the name that the file gets."""

    kind: str
    address: str
    name: str


def links(
    picture: Picture, draw: Draw, at: Callable[[str], str] | None = None
) -> tuple[Download, ...]:
    """Return the links below a picture.

    Args:
        picture: The picture.
        draw: Gives it as SVG.
        at: Where the file of a kind stands, a PNG among them; None puts the data and the drawing
            into the page itself, so that it needs no other file, and leaves the PNG out.
    """
    name = stem(picture)
    if at is not None:
        return tuple(Download(kind.upper(), at(kind), f"{name}.{kind}") for kind in KINDS)
    told = {"csv": data(picture), "svg": alone(picture, draw(picture, WIDTHS[0]))}
    return tuple(
        Download(kind.upper(), f"data:{_TYPES[kind]};base64,{_base64(text)}", f"{name}.{kind}")
        for kind, text in told.items()
    )


def stem(picture: Picture) -> str:
    """Return what a picture's files are called."""
    return re.sub(r"[^a-z0-9]+", "-", picture.title.lower()).strip("-")[:60] or picture.kind


def data(picture: Picture) -> str:
    """Return the rows that a picture is drawn from as CSV.

    `notice` says in every row whether they are invented; `source` says in the first whose they are,
    as known on which day and on what terms. What is not known is empty.
    """
    names = list(dict.fromkeys(name for row in picture.rows for name in row))
    notice = SYNTHETIC if picture.mark.startswith(SYNTHETIC) else ""
    source = picture.mark.removeprefix(f"{SYNTHETIC}. ")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*names, "notice", "source"])
    for place, row in enumerate(picture.rows):
        values = ["" if row.get(name) is None else row[name] for name in names]
        writer.writerow([*values, notice, source if place == 0 else ""])
    return text.getvalue()


def alone(picture: Picture, drawing: str) -> str:
    """Return a drawing with its title and its reading, as a file of its own."""
    return poster(picture, drawing=drawing)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
