"""Goods: which codes a list holds, and what each was called in earlier revisions.

Each code carries its predecessor in HS2017 and HS2012 with a class that says how far to trust it:

* unchanged   same number, same goods
* rescoped    same number, but goods came in or left
* renumbered  another number for practically the same goods
* split       the predecessor was divided, and all its substantive parts are on the list
* carved      the predecessor is much broader than the listed code, so a baseline built on it
              is overstated
* unstated    a user's own file gives no predecessor: the same number is taken

Maintainers: never fill predecessors from the UNSD *conversion* sheet HS2022-HS2017. It sends
854151 and 854159 to 851712, which is mobile phones, and leaves 854150, their true predecessor,
without a successor in heading 8541. A test refuses 851712 in every list.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from entrepot.errors import RegistryError, UnknownCodeError
from entrepot.reference._codes import digits
from entrepot.reference._files import DATA, near, read
from entrepot.reference.passports import passport

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CLASSES = ("unchanged", "rescoped", "renumbered", "split", "carved", "unstated")


@dataclass(frozen=True, slots=True)
class Good:
    """One code of a list, with its predecessors and how far to trust them.

    `since` is the day from which the list covers it, as 2022-03-15, where the list gives days.
    """

    code: str
    tier: str
    description: str
    hs2017: str
    hs2017_class: str
    hs2012: str
    hs2012_class: str
    note: str
    since: str = ""


@dataclass(frozen=True, slots=True)
class GoodsList:
    """A dated list of goods; `goods` is sorted by code, `note` says what was left out of it."""

    name: str
    title: str
    published: str
    source: str
    classification: str
    goods: tuple[Good, ...]
    note: str = ""

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes as listed."""
        return tuple(good.code for good in self.goods)

    @property
    def stable(self) -> tuple[str, ...]:
        """The codes whose number exists in HS2012, HS2017 and HS2022 alike.

        The number is stable, not always the scope: a rescoped code is in here. Codes of a user's
        own list without stated predecessors are in here too.
        """
        return tuple(g.code for g in self.goods if g.code == g.hs2017 == g.hs2012)

    @property
    def months(self) -> dict[str, str]:
        """Return code -> the first whole month that the list covers, of the goods with a day."""
        return {good.code: _whole_month(good.since) for good in self.goods if good.since}

    def predecessors(self, revision: str) -> dict[str, tuple[str, str]]:
        """Return code -> (predecessor in the revision, class).

        Two codes may share a predecessor, as 854151 and 854159 share 854150: sum over the set of
        predecessors, or its trade counts twice.

        Raises:
            UnknownCodeError: The revision is not HS2017 or HS2012.
        """
        if revision not in ("HS2017", "HS2012"):
            raise UnknownCodeError(
                f"goods: {self.name} has no predecessors in {revision!r}, only in HS2017 and HS2012"
            )
        column = revision.lower()
        return {g.code: (getattr(g, column), getattr(g, f"{column}_class")) for g in self.goods}


def _whole_month(day: str) -> str:
    found = date.fromisoformat(day)
    count = found.year * 12 + found.month - 1 + (found.day > 1)
    return f"{count // 12}-{count % 12 + 1:02d}"


def names() -> tuple[str, ...]:
    """Return the name of every list that ships, sorted."""
    return tuple(sorted(path.stem for path in (DATA / "goods").glob("*.csv")))


def load(name: str | Path, *, any_length: bool = False) -> GoodsList:
    """Return a list that ships, by name, or a user's own, by the path of its CSV.

    A user's file has the columns of a shipped list, or only `code` and as many of them as it
    likes; `title` may stand for `description`. A predecessor it leaves out is the same number,
    with class `unstated`. Codes may have dots and blanks.

    Args:
        name: The name or the path.
        any_length: Whether a user's codes may have 2, 4 or 8 to 12 digits too. A code inside
            another one of the list is then left out, and the list's note names it.

    Raises:
        UnknownCodeError: No such list; or the file has wrong columns, a code of another length,
            an unknown class, a day that is none or a code twice.
    """
    if str(name) in names():
        return _shipped(str(name))
    path = Path(name)
    if path.suffix.lower() != ".csv":
        raise UnknownCodeError(
            f"goods: no list {str(name)!r}; {near(str(name), names())}; "
            "or give the path of a CSV with a column `code`"
        )
    return _own(path, any_length=any_length)


def outermost(goods: Iterable[Good]) -> tuple[tuple[Good, ...], str]:
    """Return the goods that are inside no other of them, sorted, and a note on those left out.

    With 8542 and 854231, the second is left out: its trade would count twice.
    """
    every = {good.code: good for good in goods}
    outer = {
        code: next((code[:n] for n in range(2, len(code)) if code[:n] in every), "")
        for code in sorted(every)
    }
    inside = [f"{code} (in {outer[code]})" for code in outer if outer[code]]
    note = f"Left out, or it would count twice: {', '.join(inside)}" if inside else ""
    return tuple(every[code] for code in outer if not outer[code]), note


@cache
def _shipped(name: str) -> GoodsList:
    path = DATA / "goods" / f"{name}.csv"
    return _listed(path, _goods(path, ships=True), passport(path))


def _own(path: Path, *, any_length: bool) -> GoodsList:
    try:
        goods = _goods(path, any_length=any_length)
    except RegistryError as error:
        raise UnknownCodeError(str(error).replace("reference:", "goods:", 1)) from error
    given = passport(path) if path.with_suffix(".toml").exists() else {}
    kept, note = outermost(goods)
    return _listed(path, kept, given, note)


def _listed(
    path: Path, goods: tuple[Good, ...], given: Mapping[str, Any], note: str = ""
) -> GoodsList:
    return GoodsList(
        name=path.stem,
        title=given.get("title", path.stem),
        published=str(given.get("published", "")),
        source=given.get("source", str(path)),
        classification=given.get("classification", "HS2022"),
        goods=goods,
        note=note,
    )


def _goods(path: Path, *, ships: bool = False, any_length: bool = False) -> tuple[Good, ...]:
    header, rows = read(path)
    header = header if ships else _header(header)
    columns = [field.name for field in fields(Good)]
    strange = sorted(set(header) - set(columns))
    if strange or "code" not in header or len(set(header)) != len(header):
        raise UnknownCodeError(
            f"goods: {path.name} row 1 has the columns {','.join(header)}; "
            f"expected code and any of {','.join(columns[1:])}, each once"
        )
    if not rows:
        raise UnknownCodeError(f"goods: {path.name} lists no code; add one code a row")
    goods: dict[str, Good] = {}
    for number, cells in enumerate(rows, start=2):
        where = f"goods: {path.name} row {number}"
        row = dict(zip(header, cells, strict=True))
        for column in ("code", "hs2017", "hs2012"):
            if row.get(column):
                row[column] = _digits(row[column], where, column, only_six=not any_length)
        good = _good(row, where)
        if good.code in goods:
            raise UnknownCodeError(f"{where} lists {good.code} again; remove one row")
        goods[good.code] = good
    return tuple(goods[code] for code in sorted(goods))


def _header(header: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns of a user's file in lower case, a title as the description it is."""
    names = [name.strip().lower() for name in header]
    has_one = "description" not in names and names.count("title") == 1
    return tuple("description" if has_one and name == "title" else name for name in names)


def _digits(text: str, where: str, column: str, only_six: bool) -> str:
    try:
        code = digits(text)
    except UnknownCodeError as error:
        raise UnknownCodeError(f"{where}, {column}: {error}") from None
    if only_six and len(code) != 6:
        raise UnknownCodeError(
            f"{where} has {column} {text!r}, expected six digits as text, such as 854231"
        )
    return code


def _good(row: dict[str, str], where: str) -> Good:
    for revision in ("hs2017", "hs2012"):
        stated = bool(row.get(revision))
        row[revision] = row.get(revision) or row["code"]
        row[f"{revision}_class"] = (stated and row.get(f"{revision}_class")) or "unstated"
        if row[f"{revision}_class"] not in CLASSES:
            raise UnknownCodeError(
                f"{where} has {revision}_class {row[f'{revision}_class']!r}, "
                f"expected one of {', '.join(CLASSES)}"
            )
    if row.get("since") and not _is_day(row["since"]):
        raise UnknownCodeError(f"{where} has since {row['since']!r}, expected a day as 2022-03-15")
    if not row["code"]:
        raise UnknownCodeError(f"{where} has no code; add one, or remove the row")
    return Good(**{field.name: row.get(field.name, "") for field in fields(Good)})


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
