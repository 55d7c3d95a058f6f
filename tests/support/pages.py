"""Pages: what a page and a drawing say, read as a browser reads them, and how well."""

from __future__ import annotations

from html.parser import HTMLParser
from xml.etree import ElementTree

VOID = {"meta", "br", "hr", "img", "link", "input"}


class Outline(HTMLParser):
    """Collects text, attributes and the balance of tags."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.text, self.attributes, self.tags = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def read(html):
    outline = Outline()
    outline.feed(html)
    outline.close()
    return outline


def words_of(html):
    return " ".join(" ".join(read(html).text).split())


def contrast(one, two):
    def light(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    high, low = sorted((light(one), light(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def texts(drawing):
    root = ElementTree.fromstring(drawing)
    return [" ".join(e.itertext()) for e in root.iter("{http://www.w3.org/2000/svg}text")]


def data(spec, key):
    """Return every row of a chart's specification that has `key`, in the order drawn."""
    if isinstance(spec, list):
        return [row for item in spec for row in data(item, key)]
    if isinstance(spec, dict):
        own = [spec] if key in spec else []
        return own + [row for item in spec.values() for row in data(item, key)]
    return []
