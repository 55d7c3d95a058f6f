"""Periods of a proposal: one column, two, or one per month."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from entrepot.sources.generic.proposing import words as known
from entrepot.sources.generic.proposing.columns import month_of

if TYPE_CHECKING:
    from entrepot.sources.generic.proposing.draft import Draft


def periods(f: Draft) -> None:
    """Find the columns of periods, and whether they are months, years or sums."""
    columns = f.columns
    if f.missing("period") and not wide(f):
        year, month = columns.best("year"), columns.best("month")
        if year and month:
            f.given["period"] = {"year": year, "month": month}
        else:
            found = columns.best("period") or columns.best("period", "month") or year
            if found := found or columns.only("period"):
                f.given["period"] = found
            if month:
                columns.taken.discard(month)
    words = period_words(f)
    days = list(columns.periods(words).values())
    if "freq" not in f.constants and "freq" not in f.given:
        years = bool(words) and all(re.fullmatch(r"(19|20)\d\d", word) for word in words)
        f.constants["freq"] = "A" if years else "M"
    f.days = sorted(days)
    if columns.is_cumulative(words):
        f.format.setdefault("cumulative", True)
        f.made.guesses.append(
            f"periods such as {max(words, key=len)!r} are sums since January: each month's own "
            "figure is the difference (cumulative)"
        )


def period_words(f: Draft) -> list[str]:
    """Return the file's words for periods."""
    period = f.given.get("period", f.constants.get("period"))
    if isinstance(period, dict):
        year, month = (f.columns.cells[period[key]] for key in ("year", "month"))
        return list(dict.fromkeys(f"{y} {m}" for y, m in zip(year, month, strict=False)))
    if "wide" in f.made.mapping:
        return f.wide_words
    if period in f.columns.cells:
        return list(dict.fromkeys(f.columns.cells[period]))
    return [period] if period else []


def wide(f: Draft) -> bool:
    """A column per month, with its year or without."""
    columns = f.columns
    full = columns.periods(columns.free)
    plain = [name for name in columns.free if month_of(name)]
    years = [name for name in full if re.fullmatch(r"(19|20)\d\d", name)]
    dated = [name for name in columns.free if name in full and name not in years]
    names = dated if len(dated) > 1 else plain if len(plain) > 1 else years
    if len(names) < 2:
        return False
    wide = f.made.table("wide")
    wide["months"] = names
    f.wide_words = names
    for name in names:
        columns.take(name)
    if names is plain:
        if year := columns.best("year"):
            wide["year"] = year
        elif found := f.told.get("year") or _one(r"\b((?:19|20)\d\d)\b", f.title):
            wide["year"] = int(found)
        else:
            f.made.asked["year"] = "the year of the columns of months: --set year=2023"
        f.wide_words = [f"{wide.get('year', 2000)} {name}" for name in names]
        if isinstance(wide.get("year"), str):
            f.wide_words = [f"2000 {name}" for name in names]
    f.amounts += names
    for name in columns.free:
        if known.is_total(name):
            f.given.setdefault("ignore", []).append(columns.take(name))
    return True


def _one(pattern: str, text: str) -> str | None:
    found = set(re.findall(pattern, text))
    return str(found.pop()) if len(found) == 1 else None
