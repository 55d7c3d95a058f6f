"""Page: the brief as one HTML file that needs nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.publish import cells, words
from entrepot.publish.picture import svg

if TYPE_CHECKING:
    from jinja2 import Environment

    from entrepot.publish.brief import Brief

_ICONS = {
    "reproduced": "\N{CHECK MARK}",
    "not reproduced": "\N{MULTIPLICATION X}",
    "not checkable": "?",
}


def page(brief: Brief) -> str:
    """Return the brief as a self-contained HTML page: no script, no file, no address is loaded.

    The same brief gives the same bytes.

    Raises:
        StudyError: A picture asks for a chart that does not exist.
    """
    return _environment().get_template("brief.html").render(brief=brief)


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

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
        "draw": lambda picture, width: Markup(svg(picture, width=width)),
    }
    pages.filters["slug"] = lambda text: text.replace(" ", "-")
    pages.tests["web_address"] = lambda text: text.startswith(("https://", "http://"))
    return pages
