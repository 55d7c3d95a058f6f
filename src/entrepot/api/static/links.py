"""Links: a page of the server as a file beside others: its links relative, its forms away."""

from __future__ import annotations

import posixpath
import re
from html import escape, unescape
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date

PAGES = re.compile(
    r"/|/sources|/study|/findings|/site\.css"
    r"|/vintage/[a-z0-9][a-z0-9_-]*"
    r"|/study/[a-z0-9][a-z0-9-]*(\.json|\.csv)?"
    r"|/country/[A-Z]{3}"
    r"|/findings/[A-Z]{3}(-[0-9]{6})+"
    r"|/api/findings/[A-Z]{3}(-[0-9]{6})+/rows"
    r"|/api/calendar\.ics|/api/revisions"
    r"|/feeds/[a-z0-9][a-z0-9._-]*\.(json|xml)"
)
"""Addresses of the server that are files of the site, where they have no filter but the day."""
ENDINGS = {
    "text/html": ".html", "application/json": ".json", "text/csv": ".csv", "text/css": ".css",
    "text/calendar": ".ics", "application/feed+json": ".json", "application/atom+xml": ".xml",
}  # fmt: skip
NO_SERVER = (
    '<p class="note">This box needs a server: <code>entrepot serve</code> has it, and '
    "<code>entrepot ask</code> answers on the command line.</p>"
)
_TARGET = re.compile(r'(?<=[\s])(href|src)="([^"]*)"')
_ANCHOR = re.compile(r"<a\b([^>]*)>(.*?)</a>", re.DOTALL)
_NAV = re.compile(r"(<nav\b.*?</nav>)", re.DOTALL)
_FORM = re.compile(r"<form\b([^>]*)>.*?</form>\s*", re.DOTALL)
_HEAD_LINK = re.compile(r"<link\b[^>]*>\n?")


def file_of(address: str, media: str) -> str:
    """Return the file of the site that holds an address."""
    path = urlsplit(address).path.strip("/") or "index"
    ending = ENDINGS[media]
    return path if path.endswith(ending) else f"{path}{ending}"


def canonical(link: str, here: str, as_of: date | None) -> str | None:
    """Return the address of the site that a link leads to, or None where it has none.

    Args:
        link: As a page has it, unescaped.
        here: The address of the page.
        as_of: The day of the site; a link of another day, or with a filter, leads nowhere.
    """
    parts = urlsplit(urljoin(f"http://localhost{here}", link))
    if parts.scheme != "http" or parts.netloc != "localhost":
        return None
    query = dict(parse_qsl(parts.query))
    day = query.pop("as_of", "")
    # The style sheet, the home page and the navigation name no day; a feed has none.
    if (
        (as_of and parts.path.startswith("/feeds/"))
        or query
        or day not in ("", f"{as_of or ''}")
        or not PAGES.fullmatch(parts.path)
    ):
        return None
    return f"{parts.path}?{urlencode({'as_of': as_of})}" if as_of and has_day(parts.path) else (
        parts.path
    )  # fmt: skip


def has_day(path: str) -> bool:
    """Whether an address takes a day: all but the style sheet and what is kept as written."""
    return not path.startswith(("/site.css", "/feeds/"))


def is_own(link: str) -> bool:
    """Whether a link leads to the server that the page is of, and not into the page itself."""
    return not link.startswith("#") and not urlsplit(link).scheme and not link.startswith("//")


def leads_to(page: str, here: str, as_of: date | None) -> Iterator[str]:
    """Give the addresses of the site that a page leads to."""
    for _name, link in _TARGET.findall(page):
        found = canonical(unescape(link), here, as_of) if is_own(link) else None
        if found:
            yield found


def standing_alone(page: str, here: str, files: Mapping[str, str], as_of: date | None) -> str:
    """Return a page with relative links to the files there are, and without what needs a server.

    A link to what is no file becomes its text; in the navigation it goes. The form of the search
    goes, and another form says that it needs a server.

    Args:
        page: HTML of the server.
        here: Its address.
        files: By address, the files of the site.
        as_of: The day of the site.
    """
    own = posixpath.dirname(files[here]) or "."

    def place(link: str) -> str | None:
        if not is_own(link):
            return link
        target = files.get(canonical(unescape(link), here, as_of) or "")
        if target is None:
            return None
        fragment = urlsplit(unescape(link)).fragment
        told = posixpath.relpath(target, own) + (f"#{fragment}" if fragment else "")
        return escape(told)

    # Every other piece is a navigation.
    pieces = [
        _FORM.sub("", _ANCHOR.sub(_placed(place, ""), piece)) if at % 2 else _body(piece, place)
        for at, piece in enumerate(_NAV.split(page))
    ]
    return "".join(pieces)


def _body(piece: str, place: Callable[[str], str | None]) -> str:
    piece = _FORM.sub(lambda form: "" if 'role="search"' in form[1] else NO_SERVER, piece)
    piece = _HEAD_LINK.sub(lambda one: _relinked(one[0], place), piece)
    return _ANCHOR.sub(_placed(place, '<span class="unlinked">{}</span>'), piece)


def _placed(place: Callable[[str], str | None], otherwise: str) -> Callable[[re.Match[str]], str]:
    def anchor(found: re.Match[str]) -> str:
        told = _TARGET.search(found[1])
        if told is None:
            return found[0]
        target = place(told[2])
        if target is None:
            return otherwise.replace("{}", found[2])
        attributes = found[1][: told.start()] + f'href="{target}"' + found[1][told.end() :]
        return f"<a{attributes}>{found[2]}</a>"

    return anchor


def _relinked(link: str, place: Callable[[str], str | None]) -> str:
    told = _TARGET.search(link)
    target = place(told[2]) if told else None
    if told is None or target is None:
        return ""
    return f'{link[: told.start()]}href="{target}"{link[told.end() :]}'
