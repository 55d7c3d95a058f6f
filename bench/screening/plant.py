"""Parties that are on a list, as papers write them, and parties that are not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from entrepot.screen.match._types import Entry, Party
from screening import world
from screening.world import BGN, WORDS, Made, written

_SCHOOLS, _ARABIC = WORDS["schools"], WORDS["spellings"]
_OTHER_FORMS, _SHORT, _TRANSLATED = WORDS["other_forms"], WORDS["cut"], WORDS["translated"]
KINDS = ("as listed", "other legal form", "other transliteration", "in Cyrillic", "typo",
         "two typos",
         "words swapped", "word left out", "written together", "words cut short", "wrong country",
         "renamed, same number")  # fmt: skip
HARD = ("translated words", "in Chinese signs", "renamed, no number")
"""What no matcher of names can do without a dictionary or a register: shown, beside the bar."""
NOT_LISTED = (
    "fresh name",
    "same first and last name",
    "same coined word, other trade",
    "one word shared",
)


@dataclass(frozen=True, slots=True)
class Planted:
    """A party, what was done to its name, and the entry that it is; "" where it is none."""

    party: Party
    kind: str
    entry: str = ""


def typed(text: str, rng: np.random.Generator, count: int) -> str:
    """Return a text with slips of the fingers: a letter left out, doubled, swapped or another."""
    for _slip in range(count):
        at = int(rng.integers(1, max(2, len(text) - 1)))
        how = rng.integers(4)
        if how == 0:
            text = text[:at] + text[at + 1 :]
        elif how == 1:
            text = text[:at] + text[at] + text[at:]
        elif how == 2 and at + 1 < len(text):
            text = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        else:
            text = text[:at] + str(rng.choice([*"aeiorstnlk"])) + text[at + 1 :]
    return text


def changed(one: Made, kind: str, rng: np.random.Generator) -> str | None:
    """Return a name as other papers write it, None where that cannot be done to this one."""
    words = one.name.split()
    if kind == "other legal form":
        found = [_OTHER_FORMS.get(word, word) for word in words]
        return " ".join(found) if found != words else None
    if kind == "other transliteration":
        return _spelled(one, rng)
    if kind == "in Cyrillic":
        return (
            one.cyrillic
            if one.cyrillic and len(written(one.cyrillic).split()) >= len(words) - 1
            else None
        )
    if kind in ("typo", "two typos"):
        return typed(one.name, rng, 1 if kind == "typo" else 2) if len(one.name) > 8 else None
    if kind == "words swapped":
        return " ".join(rng.permutation(words)) if len(words) > 2 else " ".join(words[::-1])
    if kind == "word left out":
        if one.kind == "person" and len(words) == 3:
            return " ".join(words[:2])
        return " ".join(words[:-2]) if len(words) > 4 else None
    if kind == "written together":
        return "".join(words[:2]) + " " + " ".join(words[2:]) if len(words) > 2 else "".join(words)
    if kind == "words cut short":
        found = [_SHORT.get(word, word) for word in words]
        return " ".join(found) if found != words else None
    if kind == "translated words":
        found = [_TRANSLATED.get(word, word) for word in words]
        return " ".join(found) if found != words else None
    if kind == "in Chinese signs":
        signs = (
            "".join(world.HAN.get(p, "") for p in one.parts[1:])
            if one.country in ("CHN", "HKG")
            else ""
        )
        return f"{signs}有限公司" if len(signs) == 3 else None
    return one.name


def _spelled(one: Made, rng: np.random.Generator) -> str | None:
    if one.cyrillic and written(one.cyrillic).split()[0] in one.name:
        school = BGN | _SCHOOLS[str(rng.choice([*_SCHOOLS]))]
        spelled = one.name
        for word in one.cyrillic.split():
            spelled = spelled.replace(written(word), written(word, school))
        return spelled if spelled != one.name else None
    found = [
        str(rng.choice(_ARABIC[w])) if w in _ARABIC else w.replace("al-", "El ")
        for w in one.name.split()
    ]
    return " ".join(found) if " ".join(found) != one.name else None


def planted(
    entries: list[Entry], made: list[Made], seed: int, each: int, kinds: tuple[str, ...]
) -> list[Planted]:
    """Return parties of each kind that are on the list."""
    rng = np.random.default_rng(seed)
    found = []
    for kind in kinds:
        count = 0
        while count < each:
            at = int(rng.integers(len(entries)))
            one, entry = made[at], entries[at]
            name = changed(one, kind, rng)
            if kind.startswith("renamed"):
                name = world.company(rng).name
            if name is None:
                continue
            if rng.random() < 0.5:  # forms and banks' systems know no small letters
                name = name.upper()
            country = one.country if rng.random() < 0.7 else ""
            if kind == "wrong country":
                country = str(rng.choice([p for p in world.PLACES if p != one.country]))
            number = entry.identifiers if kind == "renamed, same number" else ()
            found.append(Planted(Party(name, country, number), kind, entry.id))
            count += 1
    return found


def others(made: list[Made], seed: int, each: int) -> list[Planted]:
    """Return parties that are not on the list; three kinds of four share something with one."""
    rng = np.random.default_rng(seed + 1)
    taken = {one.name for one in made}
    found: list[Planted] = []
    for kind in NOT_LISTED:
        count = 0
        while count < each:
            one = _other(kind, made, rng)
            if one is None or one.name in taken:
                continue
            country = one.country if rng.random() < 0.7 else ""
            found.append(Planted(Party(one.name, country), kind))
            count += 1
    return found


def _other(kind: str, made: list[Made], rng: np.random.Generator) -> Made | None:
    fresh = world.person(rng) if rng.random() < 0.3 else world.company(rng)
    if kind == "fresh name":
        return fresh
    near = made[int(rng.integers(len(made)))]
    if kind == "same first and last name":
        if len(near.parts) != 3 or not near.cyrillic:
            return None
        father = str(rng.choice(world.FIRST[:50])).rstrip("йьяа") + "ович"
        if father[:4] == near.parts[2][:4]:
            return None
        return Made(written(f"{near.parts[0]} {near.parts[1]} {father}"), "person", "RUS")
    if near.kind != "organisation" or near.cyrillic:
        return None
    words = near.name.split()
    if kind == "same coined word, other trade":
        left = [one for one in world.SECTORS if one not in words]
        return Made(f"{words[0]} {' '.join(rng.choice(left, size=2, replace=False))} {words[-1]}",
                    near.kind, near.country)  # fmt: skip
    return Made(f"{fresh.name.split()[0]} {' '.join(words[1:])}", near.kind, near.country)
