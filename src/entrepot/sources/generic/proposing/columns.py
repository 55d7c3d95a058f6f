"""Which column is what: by its name first, and only if its cells agree."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from entrepot.reference import countries
from entrepot.sources import _read
from entrepot.sources.generic import country_codes, written_periods
from entrepot.sources.generic.month_names import fold, months
from entrepot.sources.generic.proposing import words as known

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from entrepot.sources.generic.table import Table

SAMPLE = 3000
SCHEMES = ("iso3", "iso2", "m49", "comtrade")
AMOUNT = re.compile(r"-?[\d.,'\s\u00a0\u202f\u2019]*\d(?:[eE][+-]?\d+)?")
AGREE = 0.6
"""Share of a column's cells that must be what its name says; totals and remarks are the others."""


@dataclass(frozen=True)
class Columns:
    """A table, the words in its first rows, and what they look like.

    `wanted` is the [filter] of the mapping: other rows say nothing of it.
    """

    table: Table
    connection: DuckDBPyConnection
    taken: set[str] = field(default_factory=set)
    wanted: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def cells(self) -> dict[str, list[str]]:
        """The filled cells of each column in the first rows."""
        header = self.table.header
        select = ", ".join(self.table.text(name) for name in header)
        rows = self.connection.sql(
            f"select {select} from {self.table.rows.sql} limit {SAMPLE}"
        ).fetchall()
        columns = zip(*rows, strict=True) if rows else [()] * len(header)
        pairs = zip(header, columns, strict=True)
        return {name: [str(c) for c in cells if c is not None] for name, cells in pairs}

    def best(self, wanted: str, named: str = "") -> str | None:
        """Return the column that is named like a field and whose cells agree; take it.

        With `named` the name may be that of another field: months stand under "Month" too. The
        name of a partner is enough, as offices write countries in many languages.
        """
        found: list[tuple[float, int, str]] = []
        for place, name in enumerate(self.free):
            key, sure = known.field(name)
            share = self.share(wanted, name) if key == (named or wanted) else 0.0
            words = any(re.search(r"[^\W\d_]{3}", word) for word in self.cells[name][:50])
            if share >= AGREE or (key == wanted == "partner" and words and sure > 1):
                found.append((share * 2 + sure, -place, name))
        return self.take(max(found)[2]) if found else None

    def only(self, wanted: str) -> str | None:
        """Return the one free column whose cells are a field's, whatever it is called; take it."""
        found = [
            name
            for name in self.free
            if not known.field(name)[0] and self.share(wanted, name) >= 0.95
        ]
        return self.take(found[0]) if len(found) == 1 else None

    def take(self, name: str) -> str:
        """Mark a column as used."""
        self.taken.add(name)
        return name

    @property
    def free(self) -> list[str]:
        """Columns that nothing uses yet; empty ones without a name are no columns."""
        header = self.table.header
        return [n for n in header if n not in self.taken and n not in self.table.spare]

    def share(self, wanted: str, name: str) -> float:
        """Return the share of a column's words that are a field's."""
        words = list(dict.fromkeys(self.cells[name]))[:300]
        if not words:
            return 0.0
        if wanted in ("period", "year"):
            return len(self.periods(words)) / len(words)
        if wanted == "month":
            return sum(month_of(word) is not None for word in words) / len(words)
        if wanted in ("reporter", "partner"):
            return self.scheme(name)[1]
        if wanted == "flow":
            return sum(known.flow(word) is not None for word in words) / len(words)
        if wanted == "product":
            return sum(bool(re.fullmatch(r"\d{2,14}", bare(word))) for word in words) / len(words)
        if wanted in ("value", "net_mass_kg", "quantity"):
            return sum(bool(AMOUNT.fullmatch(word)) for word in words) / len(words)
        return 1.0

    def scheme(self, name: str) -> tuple[str, float]:
        """Return how a column writes countries, and the share of its words that are some."""
        words = [w for w in dict.fromkeys(self.cells[name]) if not known.is_total(w)]
        shares = {}
        for scheme in SCHEMES:
            codes = countries.lookup(scheme)
            shares[scheme] = sum(word.upper() in codes for word in words[:300])
        shares["name"] = sum(
            bool(country_codes.find(word)) for word in words[:300] if len(word) > 3
        )
        best = max(shares, key=lambda scheme: shares[scheme])
        share = shares[best] / len(words[:300]) if words else 0.0
        return (best if share else "name"), share

    def periods(self, words: list[str]) -> dict[str, str]:
        """Return the words that are months, ranges from January or years, with their first day."""
        month = written_periods.month("p", "o", cumulative=True)
        sql = f"""select p, coalesce({month}, {written_periods.year("p")}) as day from (
            select p, {written_periods.odd("p")} as o from (select unnest($1::varchar[]) as p))"""
        rows = self.connection.execute(f"from ({sql}) where day is not null", [words]).fetchall()
        return {str(word): str(day) for word, day in rows}

    def is_cumulative(self, words: list[str]) -> bool:
        """Whether some words are ranges of months from January."""
        month = written_periods.month("p", "o", cumulative=False)
        sql = f"""select count(*) from (select {month} as day, {written_periods.year("p")} as y
            from (select p, {written_periods.odd("p")} as o
                from (select unnest($1::varchar[]) as p))) where day is null and y is null"""
        found = self.connection.execute(sql, [list(self.periods(words))]).fetchone()
        return bool(found and found[0])

    def every(self, name: str) -> list[str]:
        """Return all words of a column, in all rows."""
        rows = self.connection.sql(
            f"""select distinct {self.table.text(name)} from {self.table.rows.sql}
            where {self._kept()} order by 1"""
        ).fetchall()
        return [str(word) for (word,) in rows if word is not None]

    def repeated(self, keys: list[str], names: list[str]) -> tuple[int, list[str]]:
        """Return how many cells have several rows, and which of some columns differ within one."""
        key = ", ".join(self.table.text(name) for name in keys)
        counts = "".join(
            f", count(distinct {self.table.text(name)}) as c{place}"
            for place, name in enumerate(names)
        )
        tests = "".join(f", count(*) filter (c{place} > 1)" for place in range(len(names)))
        row = self.connection.sql(
            f"""select count(*) filter (n > 1){tests} from (select count(*) as n{counts}
            from {self.table.rows.sql} where {self._kept()} group by {key})"""
        ).fetchone()
        many, *differ = row or (0,)
        return int(many), [name for name, n in zip(names, differ, strict=True) if n]

    def _kept(self) -> str:
        """SQL for the rows that a [filter] keeps."""
        tests = ["true"]
        for name, words in self.wanted.items():
            no, listed = ("not ", words["not"]) if isinstance(words, dict) else ("", words)
            texts = ", ".join(_read.quote(word) for word in listed)
            tests.append(f"coalesce({self.table.text(name)}, '') {no}in ({texts})")
        return " and ".join(tests)

    def decides(self, key: str, name: str) -> bool:
        """Whether rows with one word in `key` have one word in `name`."""
        row = self.connection.sql(
            f"""select max(n) from (select count(distinct {self.table.text(name)}) as n
            from {self.table.rows.sql} where {self._kept()} group by {self.table.text(key)})"""
        ).fetchone()
        return row is not None and (row[0] or 0) <= 1

    def is_number(self, name: str) -> bool:
        """Whether a column numbers the rows: every cell differs."""
        row = self.connection.sql(
            f"""select count(*), count(distinct {self.table.text(name)})
            from {self.table.rows.sql} where {self.table.text(name)} is not null"""
        ).fetchone()
        return row is not None and row[0] == row[1]


def bare(code: str) -> str:
    """Return a code without the signs between its digits."""
    return re.sub(r"[. '\u00a0\u202f]", "", code)


def month_of(word: str) -> int | None:
    """Return the month that a word or number is, None if it is none."""
    text = fold(word).strip(" .")
    if re.fullmatch(r"(0?[1-9]|1[0-2])月?", text):
        return int(text.removesuffix("月"))
    return months().get(text)


def numbers(texts: list[str]) -> tuple[dict[str, Any], str]:
    """Return the signs of numbers, and the question that stays open, "" for none.

    1,234 alone may be a thousand and more, or one and a bit: only other cells can tell.
    """
    how: dict[str, Any] = {}
    texts = [text.strip().lstrip("-") for text in texts]
    signed = [t for t in texts if re.fullmatch(r"[\d.,'\s\u00a0\u202f\u2019]+", t)]
    if any(re.search(r"\d[\s\u00a0\u202f]\d", text) for text in signed):
        how["thousands"] = " "
    elif any(re.search(r"\d['\u2019]\d", text) for text in signed):
        how["thousands"] = "'"
    both = [text for text in signed if "," in text and "." in text]
    if both:
        decimal = max(",.", key=both[0].rfind)
        how |= {"decimal": decimal, "thousands": "," if decimal == "." else "."}
        return _indian(how, signed), ""
    for sign, other in ((",", "."), (".", ",")):
        given = [text for text in signed if sign in text]
        if not given:
            continue
        if any(text.count(sign) > 1 for text in given):
            return _indian(how | {"decimal": other, "thousands": sign}, signed), ""
        if "thousands" in how or not all(
            re.fullmatch(rf"[1-9]\d{{0,2}}\{sign}\d{{3}}", t) for t in given
        ):
            return how | {"decimal": sign}, ""
        return how, (
            f"whether {sign} in {given[0]!r} is the decimal or parts thousands: "
            f"--set decimal={sign} or --set thousands={sign}"
        )
    return how, ""


def _indian(how: dict[str, Any], texts: list[str]) -> dict[str, Any]:
    grouped = [t.split(".")[0] for t in texts if t.count(",") > 1]
    if how["thousands"] == "," and any(re.fullmatch(r"\d{1,2}(,\d\d)+,\d{3}", t) for t in grouped):
        how["thousands"] = "indian"
    return how
