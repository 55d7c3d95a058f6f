"""Page: the brief as one HTML file that needs nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from entrepot.publish import cells, cite, downloads, words
from entrepot.publish.drawing import WIDTHS
from entrepot.publish.picture import svg

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinja2 import Environment

    from entrepot.publish.brief import Brief, Picture

    Draw = Callable[[Picture, int], str]

PREFIX = 12
"""Characters of a file's sha256 that stand in each stored row."""
_ICONS = {
    "reproduced": "\N{CHECK MARK}",
    "not reproduced": "\N{MULTIPLICATION X}",
    "depends": "\N{PLUS-MINUS SIGN}",
    "not checkable": "?",
}
"""Before a verdict: none where it is about the arithmetic alone."""


def page(
    brief: Brief,
    draw: Draw = svg,
    *,
    rows: str = "",
    data: str = "",
    back: str = "",
    pictures: Callable[[int, str], str] | None = None,
) -> str:
    """Return the brief as a self-contained HTML page: no script, no file, no address is loaded.

    The same brief gives the same bytes.

    Args:
        brief: What is shown.
        draw: Gives a picture as SVG at one of `drawer.WIDTHS`: here, or from a `DrawingProcess`
            that has been at work in the meantime.
        rows: Where the stored rows are to be had, as brief.csv beside the page; "" for nowhere.
        data: Where the brief is to be had as JSON.
        back: Where a reader comes from, as a list of studies.
        pictures: Where the file of a picture is to be had, by its place and csv, svg or png; None
            puts its data and drawing into the page.

    Raises:
        StudyError: A picture asks for a chart that does not exist.
    """
    template = environment().get_template("brief.html")
    return template.render(
        brief=brief,
        draw=lambda picture, width: Markup(draw(picture, width)),
        widths=WIDTHS,
        links={"rows": rows, "data": data, "back": back},
        proofs={figure.label: figure.name for figure in brief.figures if figure.evidence},
        files_of=_downloads(brief, draw, pictures),
        hashes={
            (used.vintage, file["sha256"][:PREFIX]): file
            for used in brief.evidence.vintages
            for file in used.files
        },
    )


def _downloads(
    brief: Brief, draw: Draw, pictures: Callable[[int, str], str] | None
) -> Callable[[Picture], tuple[downloads.Download, ...]]:
    def links(picture: Picture) -> tuple[downloads.Download, ...]:
        place = brief.pictures.index(picture) + 1
        at = (lambda kind: pictures(place, kind)) if pictures else None
        return downloads.links(picture, draw, at)

    return links


def fragment(brief: Brief) -> str:
    """Return the brief as a frame for a notebook, in which its style stays its own."""
    text = escape(page(brief))
    return (
        f'<iframe srcdoc="{text}" title="{escape(brief.title)}" loading="lazy" '
        'style="width:100%;height:40rem;border:0"></iframe>'
    )


def environment() -> Environment:
    """Return what renders the templates: escaped, strict about names, with the shared words."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    pages = Environment(
        loader=PackageLoader("entrepot.publish"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    pages.globals |= {
        "cells": cells,
        "cite": cite,
        "words": words,
        "icons": _ICONS,
    }
    pages.filters["slug"] = lambda text: re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    pages.tests["web_address"] = lambda text: text.startswith(("https://", "http://"))
    return pages
