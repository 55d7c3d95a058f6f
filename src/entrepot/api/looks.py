"""Looks: the templates of the pages, and the one style sheet."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from jinja2 import ChoiceLoader, PackageLoader
from markupsafe import Markup

from entrepot import __version__
from entrepot.publish.downloads import links
from entrepot.publish.drawing import WIDTHS
from entrepot.publish.page import environment
from entrepot.publish.picture import svg
from entrepot.reference import countries

if TYPE_CHECKING:
    from jinja2 import Environment

    from entrepot.publish.brief import Picture

SHEETS = (("entrepot.publish", "brief.css"), ("entrepot.publish", "findings.css"),
          ("entrepot.api", "site.css"))  # fmt: skip


def render(template: str, **content: Any) -> str:
    """Return a page or a part of one; all that it is given is escaped."""
    return _pages().get_template(template).render(**content)


def address(path: str, *names: str, **query: Any) -> str:
    """Return an address of this server: the names as parts of its path, then what is not empty."""
    told = "/".join([path.rstrip("/"), *(quote(name, safe="") for name in names)]) or "/"
    given = [(k.rstrip("_"), v) for k, v in query.items() if v not in (None, "", False, 0, ())]
    return f"{told}?{urlencode(given, doseq=True)}" if given else told


def drawn(picture: Picture, width: int) -> Markup:
    """Return a picture as SVG inside a page."""
    return Markup(svg(picture, width))


@cache
def style() -> bytes:
    """Return the style sheet: that of briefs, that of findings, and what pages add to both."""
    texts = [files(home).joinpath("templates", name).read_text("utf-8") for home, name in SHEETS]
    return "\n".join(texts).encode()


@cache
def icon() -> bytes:
    """Return the mark that a browser shows beside the title of a page."""
    return files("entrepot.api").joinpath("templates", "icon.svg").read_bytes()


@cache
def _pages() -> Environment:
    pages = environment()
    assert pages.loader is not None
    pages.loader = ChoiceLoader([PackageLoader("entrepot.api"), pages.loader])
    pages.globals |= {
        "address": address,
        "draw": drawn,
        "files_of": lambda picture: links(picture, svg),
        "widths": WIDTHS,
        "name": countries.name,
        "version": __version__,
    }
    return pages
