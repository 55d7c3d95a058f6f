"""Page: the brief as one HTML file that needs nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from entrepot.publish import cells, words
from entrepot.publish.drawing import WIDTHS
from entrepot.publish.picture import svg

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinja2 import Environment

    from entrepot.publish.brief import Brief, Picture

_ICONS = {
    "reproduced": "\N{CHECK MARK}",
    "not reproduced": "\N{MULTIPLICATION X}",
    "not checkable": "?",
}


def page(brief: Brief, draw: Callable[[Picture, int], str] = svg) -> str:
    """Return the brief as a self-contained HTML page: no script, no file, no address is loaded.

    The same brief gives the same bytes. `draw` gives a picture as SVG at one of `drawer.WIDTHS`:
    here, or from an `DrawingProcess` that has been at work in the meantime.

    Raises:
        StudyError: A picture asks for a chart that does not exist.
    """
    template = environment().get_template("brief.html")
    return template.render(
        brief=brief, draw=lambda picture, width: Markup(draw(picture, width)), widths=WIDTHS
    )


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
        "words": words,
        "icons": _ICONS,
    }
    pages.filters["slug"] = lambda text: text.replace(" ", "-")
    pages.tests["web_address"] = lambda text: text.startswith(("https://", "http://"))
    return pages
