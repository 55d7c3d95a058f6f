"""Cite: how to name a page in a text and in a bibliography, with its day and its command."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from entrepot.publish.mark import Mark


def text(title: str, mark: Mark, version: str, command: str) -> str:
    """Return the line that cites a page: title, whose figures, as known when, made with what."""
    notice = f"{mark.notice}. " if mark.notice else ""
    known = f", as known on {mark.as_of}" if mark.as_of else ""
    return (
        f"{notice}\N{LEFT DOUBLE QUOTATION MARK}{title}\N{RIGHT DOUBLE QUOTATION MARK}. Figures: "
        f"{mark.publisher or 'no vintage'}{known}. Computed with entrepot {version}: {command}"
    )


def bibtex(name: str, title: str, mark: Mark, version: str, command: str) -> str:
    """Return the same as an entry of BibTeX, under a key of its name and day."""
    key = re.sub(r"[^a-z0-9]+", "-", f"entrepot {name} {mark.as_of}".lower()).strip("-")
    notice = f"{mark.notice}. " if mark.notice else ""
    fields = {
        "author": "{The entrepot developers}",
        "title": f"{{{_plain(notice + title)}}}",
        "year": mark.as_of[:4],
        "note": _plain(f"Figures: {mark.publisher}, as known on {mark.as_of}"),
        "howpublished": _plain(f"entrepot {version}: {command}"),
    }
    lines = "".join(f"  {field} = {{{told}}},\n" for field, told in fields.items())
    return f"@misc{{{key},\n{lines}}}\n"


def _plain(told: str) -> str:
    """Escape what BibTeX and TeX read as signs of their own."""
    return re.sub(r"([&%$#_{}])", r"\\\1", told)
