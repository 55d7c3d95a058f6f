"""An invented list of entries, from a seed: persons, companies and ships of five languages."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from entrepot.screen.match._types import Entry

WORDS: dict[str, Any] = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))
FIRST, STEMS, COINED = WORDS["first"], WORDS["stems"], WORDS["coined_russian"]
SYLLABLES, SECTORS, FORMS = WORDS["syllables"], WORDS["sectors"], WORDS["forms"]
ARABIC, ARABIC_LAST, SURNAMES = WORDS["arabic"], WORDS["arabic_last"], WORDS["surnames"]
HAN, BGN = WORDS["han"], WORDS["bgn"]
PINYIN, PLACES = [*HAN], [*FORMS]


@dataclass(frozen=True, slots=True)
class Made:
    """A name as it was made: how the list writes it, and what the party's own papers hold."""

    name: str
    kind: str
    country: str
    cyrillic: str = ""
    parts: tuple[str, ...] = ()


def written(text: str, school: dict[str, str] = BGN) -> str:
    """Return Cyrillic in the Latin letters of a school, each word with its capital."""
    out = "".join(school.get(c, c) for c in text.casefold())
    return " ".join(word[:1].upper() + word[1:] for word in out.split())


def person(rng: np.random.Generator) -> Made:
    """Return a person: six in ten Russian, two Arabic, two Chinese."""
    draw = rng.random()
    if draw < 0.6:
        first, father = rng.choice(FIRST[:50]), rng.choice(FIRST[:50])
        last = rng.choice(STEMS) + rng.choice(["ов", "ев", "ин", "енко", "ский"])
        patron = father.rstrip("йьяа") + ("евич" if father[-1] in "йь" else "ович")
        text = f"{last} {first} {patron}"
        return Made(written(text), "person", "RUS", text, (last, first, patron))
    if draw < 0.8:
        parts = (rng.choice(ARABIC), rng.choice(ARABIC), f"al-{rng.choice(ARABIC_LAST)}")
        return Made(" ".join(parts), "person", str(rng.choice(["ARE", "IRN"])), "", parts)
    given = "".join([rng.choice(PINYIN), rng.choice(PINYIN).lower()])
    parts = (str(rng.choice(SURNAMES)), given)
    return Made(" ".join(parts), "person", "CHN", "", parts)


def company(rng: np.random.Generator) -> Made:
    """Return a company: a third Russian, a fifth Chinese, the rest coined words with a trade."""
    draw = rng.random()
    sector = " ".join(rng.choice(SECTORS, size=rng.integers(1, 3), replace=False))
    if draw < 0.35:
        stem = f"{rng.choice(COINED)}-{rng.choice(COINED)} {rng.choice(STEMS)}"
        stem += rng.choice(["ово", "ск", "инвест", "снаб", "маш", "торг", "строй"])
        form = str(rng.choice(FORMS["RUS"]))
        own = f"{written(stem.replace('-', ' '))} {sector if rng.random() < 0.5 else ''}".strip()
        return Made(f"{form} {own}", "organisation", "RUS", stem.replace("-", " "), (own, form))
    if draw < 0.55:
        parts = [*rng.choice(PINYIN, size=3)]
        own = f"{parts[0]}{parts[1].lower()} {parts[2]} {sector}"
        country = str(rng.choice(["CHN", "HKG"]))
        return Made(
            f"{own} {rng.choice(FORMS[country])}", "organisation", country, "", (own, *parts)
        )
    country = str(rng.choice(PLACES))
    coined = "".join(rng.choice(SYLLABLES, size=rng.integers(2, 5))).capitalize()
    more = "".join(rng.choice(SYLLABLES, size=2)).capitalize() + " " if rng.random() < 0.4 else ""
    own = f"{coined} {more}{sector}"
    return Made(f"{own} {rng.choice(FORMS[country])}", "organisation", country, "", (own,))


def ship(rng: np.random.Generator) -> Made:
    """Return a ship: one or two words."""
    first = rng.choice(["Ocean", "Sea", "Star", "Gulf", "Blue", "Golden", "Royal", "Silver"])
    second = "".join(rng.choice(SYLLABLES, size=3)).capitalize()
    return Made(f"{first} {second}", "vessel", str(rng.choice(["CYP", "HKG", "ARE"])))


def listed(seed: int, count: int) -> tuple[list[Entry], list[Made]]:
    """Return a list's entries, and how each was made, at the same places."""
    rng = np.random.default_rng(seed)
    entries, made = [], []
    taken: set[str] = set()
    while len(made) < count:
        draw = rng.random()
        one = person(rng) if draw < 0.45 else company(rng) if draw < 0.95 else ship(rng)
        if one.name in taken:
            continue
        taken.add(one.name)
        number = str(rng.integers(10**9, 10**10))
        aliases = (one.cyrillic.upper(),) if one.cyrillic and rng.random() < 0.3 else ()
        entries.append(Entry("list", f"E{len(made)}", one.kind, (one.name, *aliases),
                             countries=(one.country,), identifiers=(number,)))  # fmt: skip
        made.append(one)
    return entries, made
