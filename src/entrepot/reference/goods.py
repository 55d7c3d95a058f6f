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

import re
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from entrepot.errors import RegistryError, UnknownCodeError
from entrepot.reference._files import DATA, near, read
from entrepot.reference.passports import passport

if TYPE_CHECKING:
    from collections.abc import Mapping

CLASSES = ("unchanged", "rescoped", "renumbered", "split", "carved", "unstated")
_CODE = re.compile(r"[0-9]{6}")


@dataclass(frozen=True, slots=True)
class Good:
    """One code of a list, with its predecessors and how far to trust them."""

    code: str
    tier: str
    description: str
    hs2017: str
    hs2017_class: str
    hs2012: str
    hs2012_class: str
    note: str


@dataclass(frozen=True, slots=True)
class GoodsList:
    """A dated list of goods; `goods` is sorted by code."""

    name: str
    title: str
    published: str
    source: str
    classification: str
    goods: tuple[Good, ...]

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


def names() -> tuple[str, ...]:
    """Return the name of every list that ships, sorted."""
    return tuple(sorted(path.stem for path in (DATA / "goods").glob("*.csv")))


def load(name: str | Path) -> GoodsList:
    """Return a list that ships, by name, or a user's own, by the path of its CSV.

    A user's file has the columns of a shipped list, or only `code` and as many of them as it
    likes. A predecessor it leaves out is the same number, with class `unstated`.

    Raises:
        UnknownCodeError: No such list; or the file has wrong columns, a code that is not six
            digits, an unknown class or a code twice.
    """
    if str(name) in names():
        return _shipped(str(name))
    path = Path(name)
    if path.suffix.lower() != ".csv":
        raise UnknownCodeError(
            f"goods: no list {str(name)!r}; {near(str(name), names())}; "
            "or give the path of a CSV with a column `code`"
        )
    return _own(path)


@cache
def _shipped(name: str) -> GoodsList:
    path = DATA / "goods" / f"{name}.csv"
    return _listed(path, _goods(path), passport(path))


def _own(path: Path) -> GoodsList:
    try:
        goods = _goods(path)
    except RegistryError as error:
        raise UnknownCodeError(str(error).replace("reference:", "goods:", 1)) from error
    given = passport(path) if path.with_suffix(".toml").exists() else {}
    return _listed(path, goods, given)


def _listed(path: Path, goods: tuple[Good, ...], given: Mapping[str, Any]) -> GoodsList:
    return GoodsList(
        name=path.stem,
        title=given.get("title", path.stem),
        published=str(given.get("published", "")),
        source=given.get("source", str(path)),
        classification=given.get("classification", "HS2022"),
        goods=goods,
    )


def _goods(path: Path) -> tuple[Good, ...]:
    header, rows = read(path)
    columns = [field.name for field in fields(Good)]
    strange = sorted(set(header) - set(columns))
    if strange or "code" not in header or len(set(header)) != len(header):
        raise UnknownCodeError(
            f"goods: {path.name} row 1 has the columns {','.join(header)}; "
            f"expected code and any of {','.join(columns[1:])}, each once"
        )
    if not rows:
        raise UnknownCodeError(f"goods: {path.name} lists no code; add one six-digit code a row")
    goods: dict[str, Good] = {}
    for number, row in enumerate(rows, start=2):
        good = _good(dict(zip(header, row, strict=True)), f"goods: {path.name} row {number}")
        if good.code in goods:
            raise UnknownCodeError(
                f"goods: {path.name} row {number} lists {good.code} again; remove one row"
            )
        goods[good.code] = good
    return tuple(goods[code] for code in sorted(goods))


def _good(row: dict[str, str], where: str) -> Good:
    own = row["code"]
    for revision in ("hs2017", "hs2012"):
        stated = bool(row.get(revision))
        row[revision] = row.get(revision) or own
        row[f"{revision}_class"] = (stated and row.get(f"{revision}_class")) or "unstated"
        if row[f"{revision}_class"] not in CLASSES:
            raise UnknownCodeError(
                f"{where} has {revision}_class {row[f'{revision}_class']!r}, "
                f"expected one of {', '.join(CLASSES)}"
            )
    for column in ("code", "hs2017", "hs2012"):
        if not _CODE.fullmatch(row[column]):
            raise UnknownCodeError(
                f"{where} has {column} {row[column]!r}, expected six digits as text, such as "
                "854231 (a spreadsheet may have dropped a leading zero)"
            )
    return Good(**{field.name: row.get(field.name, "") for field in fields(Good)})
