"""Mutators: a start and a seed give one damaged file, the same on every machine."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from fuzz.data import BYTES, JSON
from fuzz.lines import SETTINGS, TABLE
from fuzz.starts import Start, starts

NAMES = (
    *("a.csv", "x.gz", "x.xlsx", "x.json", "x.7z", "[*].csv", "it's.csv", "BACI_HS17_Y0_V1.csv"),
    *("BACI_HS17_Y9999_V202301.csv", "TradeData_13_45_2024_1_1_1.csv", "x[2099-01-01].gz"),
    *("x[2023-02-31].gz", "é ü.csv", "full_v2_209913.csv", "a" * 200 + ".csv", "%41;.csv"),
)


@dataclass(frozen=True)
class Damaged:
    """One case: the file's name and bytes, its mapping, and what was done to them."""

    start: Start
    name: str
    raw: bytes
    mapping: str | None
    done: tuple[str, ...]


def damage(seed: int, number: int) -> Damaged:
    """Return the case of this number in the campaign of this seed."""
    rng = Random(f"{seed}/{number}")
    start = starts()[number % len(starts())]
    done: list[str] = []
    text = start.mapping if start.is_mapping else start.text
    assert text is not None
    text = _text(rng, text, start, done)
    if start.is_mapping:
        raw = start.pack(start.text.encode())
        return Damaged(start, start.file, raw, text, tuple(done))
    raw = _bytes(rng, _packed(start, _encoded(rng, text, done), done), done)
    name = start.file
    if rng.random() < 0.03:
        name = rng.choice(NAMES)
        done.append("name")
    return Damaged(start, name, raw, start.mapping, tuple(done))


def _packed(start: Start, raw: bytes, done: list[str]) -> bytes:
    """The text in its packing; one that no workbook or table can hold stays as it is."""
    try:
        return start.pack(raw)
    except Exception as error:  # what a writer refuses is a file all the same
        done.append(f"bare ({type(error).__name__})")
        return raw


def _text(rng: Random, text: str, start: Start, done: list[str]) -> str:
    """Change the text a few times; an archive's is left alone half the time."""
    is_json = text.lstrip()[:1] in ("{", "[") and not start.is_mapping
    kinds = JSON if is_json else SETTINGS if start.is_mapping else TABLE
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3)) if not start.is_mapping else rng.choice((1, 2))):
        change = rng.choice(kinds)
        text = change(rng, text, start.delimiter)
        done.append(change.__name__.strip("_"))
    return text


def _encoded(rng: Random, text: str, done: list[str]) -> bytes:
    name = rng.choice(("utf-16", "utf-16-be", "utf-8-sig", "utf-32", "latin-1", "cp1252"))
    if rng.random() < 0.06:
        done.append(name)
        return text.replace("Export", "Expört").encode(name, "replace")
    return text.encode("utf-8", "surrogatepass")


def _bytes(rng: Random, raw: bytes, done: list[str]) -> bytes:
    """Change the bytes; the less often, the more was changed before."""
    if rng.random() < (0.1 if done else 0.9):
        change = rng.choice(BYTES)
        done.append(change.__name__.strip("_"))
        return change(rng, raw)
    return raw
