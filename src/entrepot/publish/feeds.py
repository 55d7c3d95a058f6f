"""Feeds: news as JSON Feed 1.1 and as Atom, the same bytes for the same news."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.publish.mark import Mark

_ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One piece of news: `id` is a URN that never changes, `day` a date such as 2023-11-15."""

    id: str
    title: str
    text: str
    day: str
    tag: str


def urn(*parts: str) -> str:
    """Return the URN of a thing that is known by these words, always the same one."""
    return uuid5(NAMESPACE_URL, "/".join(("entrepot", *parts))).urn


def json_feed(title: str, about: str, items: Sequence[FeedItem], mark: Mark) -> str:
    """Return items as JSON Feed 1.1, in their order, each with the mark below its text."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _marked(title, mark),
        "description": f"{about} {mark.line}",
        "_entrepot": {"about": "where the figures come from", **mark.to_dict()},
        "authors": [{"name": "entrepot"}],
        "language": "en",
        "items": [
            {
                "id": item.id,
                "title": _marked(item.title, mark),
                "content_text": f"{item.text}\n\n{mark.line}",
                "date_published": _moment(item.day),
                "tags": [item.tag],
            }
            for item in items
        ],
    }
    return json.dumps(feed, ensure_ascii=False, indent=2) + "\n"


def atom(title: str, about: str, items: Sequence[FeedItem], mark: Mark, *, day: str) -> str:
    """Return items as an Atom feed (RFC 4287), in their order, each with the mark below its text.

    `day` is that of the last news.
    """
    feed = ElementTree.Element("feed", xmlns=_ATOM)
    author = ElementTree.Element("author")
    _add(author, "name", "entrepot")
    for name, text in (("id", urn("feed", title)), ("title", _marked(title, mark)),
                       ("subtitle", f"{about} {mark.line}"), ("rights", mark.licence),
                       ("updated", _moment(day))):  # fmt: skip
        _add(feed, name, text)
    feed.append(author)
    for item in items:
        entry = ElementTree.SubElement(feed, "entry")
        for name, text in (("id", item.id), ("title", _marked(item.title, mark)),
                           ("updated", _moment(item.day))):  # fmt: skip
            _add(entry, name, text)
        ElementTree.SubElement(entry, "category", term=item.tag)
        _add(entry, "content", f"{item.text}\n\n{mark.line}").set("type", "text")
    ElementTree.indent(feed)
    text = ElementTree.tostring(feed, encoding="unicode")
    return f"<?xml version='1.0' encoding='utf-8'?>\n{text}\n"


def _add(parent: ElementTree.Element, name: str, text: str) -> ElementTree.Element:
    child = ElementTree.SubElement(parent, name)
    child.text = text
    return child


def _marked(title: str, mark: Mark) -> str:
    """Return a title that says of an invented world that it is one: readers show titles alone."""
    return f"SYNTHETIC: {title}" if mark.notice else title


def _moment(day: str) -> str:
    return f"{day}T00:00:00Z"
