"""The words by which offices name columns, flows, units and totals, in the languages of routes."""

from __future__ import annotations

import csv
import re
from functools import cache, lru_cache
from importlib.resources import files

from entrepot.sources.generic.month_names import fold

MISSING = (
    "",
    "..",
    "...",
    "\u2026",
    "-",
    "\u2013",
    "\u2014",
    ":",
    "NA",
    "N/A",
    "NaN",
    "nan",
    "x",
    "null",
)
"""Words for no data; two dots and a dash are the commonest."""


def words(name: str) -> str:
    """Return a column's name as words: folded, without what stands between them."""
    return " ".join(re.findall(r"[^\W_]+", fold(name)))


@cache
def _lists() -> dict[str, dict[str, str]]:
    """The words of the list that ships, by kind and meaning; columns, flows and totals by " | "."""
    found: dict[str, dict[str, str]] = {}
    text = files("entrepot.sources.generic.proposing").joinpath("words.csv").read_text("utf-8")
    for row in csv.DictReader(text.splitlines()):
        found.setdefault(row["kind"], {})[row["meaning"]] = row["words"]
    return found


@cache
def _of(kind: str) -> dict[str, str]:
    lists = _lists()[kind]
    return {words(word): key for key, text in lists.items() for word in text.split("|")}


@lru_cache(maxsize=4096)
def field(name: str) -> tuple[str, int]:
    """Return the field that a column's name means and how sure that is: 3, 2, 1, or 0 for none."""
    known, given = _of("column"), words(name)
    if given in known:
        return known[given], 3
    inside = sorted(
        (word for word in known if len(word) > 1 and _stands_in(word, given)), key=len, reverse=True
    )
    return (known[inside[0]], 2 if len(inside[0]) > 3 else 1) if inside else ("", 0)


def flow(text: str) -> str | None:
    """Return the flow that a word in a cell means."""
    return _of("flow").get(words(text))


def flow_in(text: str) -> str | None:
    """Return the one flow that a title names; None for none or several."""
    given = words(text)
    found = {
        ours for word, ours in _of("flow").items() if len(word) > 2 and _stands_in(word, given)
    }
    if len(found) > 1:
        found -= {ours.removeprefix("re-") for ours in found if ours.startswith("re-")}
    return found.pop() if len(found) == 1 else None


def is_total(text: str) -> bool:
    """Whether a cell names the sum of the others."""
    return words(text) in _of("total")


def currency(text: str) -> str | None:
    """Return the one currency that a text names; None for none or several."""
    found = [
        code for code, pattern in _lists()["currency"].items() if re.search(pattern, fold(text))
    ]
    return found[0] if len(found) == 1 else None


def scale(text: str) -> int:
    """Return the factor that a text names, such as thousands."""
    bare = re.sub(r"['\s]+", " ", fold(text))
    scales = _lists()["scale"]
    return next((int(factor) for factor, p in scales.items() if re.search(p, bare)), 1)


def is_tonnes(text: str) -> bool:
    """Whether a text names tonnes."""
    return bool(re.search(_lists()["tonnes"]["1000"], fold(text)))


def known(text: str) -> int:
    """Count the known words in a text: what tells one encoding from another."""
    lists = (_of("column"), _of("flow"), _of("total"))
    cells = [words(cell) for cell in re.split(r"[,;\t|\n]", text)]
    return sum(any(cell in one for one in lists) for cell in cells if len(cell) > 1)


def _stands_in(word: str, text: str) -> bool:
    if re.search(r"[\u4e00-\u9fff]", word):
        return word in text
    return f" {word} " in f" {text} "
