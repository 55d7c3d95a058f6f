"""A mapping: the small TOML that tells `generic` what the columns of a file mean."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from entrepot.errors import SourceError
from entrepot.schema import FLOW
from entrepot.sources.generic import mapping_rules as rules
from entrepot.sources.generic import mapping_types as types
from entrepot.sources.generic.mapping_rules import ALLOWED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

AMOUNTS = ("value", "net_mass_kg", "quantity")
FIELDS = (
    *("freq", "period", "reporter", "partner", "flow", "classification", "product"),
    *("valuation", "value", "currency", "net_mass_kg", "quantity", "quantity_unit"),
    *("status", "mass_status"),
)
NEEDED = ("freq", "period", "reporter", "partner", "flow", "product", "value", "currency")
BY_FLOW = (*AMOUNTS, "quantity_unit")
KEYS: dict[str, tuple[str, ...]] = {
    "": (
        *("name", "title", "publisher", "dataset", "url", "licence", "published", "notes"),
        *("columns", "constants", "codes", "classification", "valuation", "format", "expect"),
        *("filter", "flows", "wide"),
    ),
    "columns": (*FIELDS, "ignore", "parts"),
    "constants": tuple(set(FIELDS) - set(AMOUNTS)),
    "codes": (*("reporter", "partner", "flow", "classification", "valuation", "freq"), "status"),
    "valuation": FLOW.allowed,
    "format": (
        *("delimiter", "encoding", "decimal", "thousands", "sheet", "header_row", "header_rows"),
        *("missing", "scale", "pad_products", "product_separator", "cumulative", "sum"),
    ),
    "wide": ("months", "year"),
    "flows": FLOW.allowed,
}


@dataclass(frozen=True, slots=True)
class Layout:
    """A mapping that keeps its promises: every needed field has one column or one constant.

    `filter` gives, per column, the words asked for and whether they are those to keep. `flows`
    gives the columns of each flow where a row holds several. `months` gives, per column of values,
    the period it stands for; `year` is the year where those have none.
    """

    name: str
    columns: dict[str, Any]
    constants: dict[str, str]
    codes: dict[str, Any] = field(default_factory=dict)
    classification: dict[str, str] = field(default_factory=dict)
    valuation: dict[str, str] = field(default_factory=dict)
    format: dict[str, Any] = field(default_factory=dict)
    expect: dict[str, tuple[str, ...]] = field(default_factory=dict)
    filter: dict[str, tuple[tuple[str, ...], bool]] = field(default_factory=dict)
    flows: dict[str, dict[str, str]] = field(default_factory=dict)
    months: dict[str, str] = field(default_factory=dict)
    year: str | int | None = None
    ignore: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    published: date | None = None

    @property
    def used(self) -> list[str]:
        """The file's columns that the mapping reads or checks, in its own order."""
        period = self.columns.get("period")
        columns = [name for key, name in self.columns.items() if key != "period"]
        columns += list(period.values()) if isinstance(period, dict) else [period] * bool(period)
        for flow in self.flows.values():
            columns += flow.values()
        year = [self.year] if isinstance(self.year, str) else []
        return list(
            dict.fromkeys((*columns, *self.months, *year, *self.parts, *self.expect, *self.filter))
        )


def check(mapping: Mapping[str, Any] | None, file: str) -> Layout:
    """Return the mapping as a layout.

    Raises:
        SourceError: A key is unknown, a needed field is missing or given twice, or a value is none
            of those allowed.
    """
    if mapping is None:
        raise SourceError(
            f"{file}: generic does not know what the columns mean; expected a mapping; "
            "write one in TOML and name it (docs: bring your own data)"
        )
    return _Check(file).layout(mapping)


def with_lists(mapping: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return the mapping with the lists of countries that it names by file written out.

    Raises:
        SourceError: Such a file cannot be read, or is not a CSV of two columns.
    """
    if not isinstance(given := mapping.get("codes", {}), dict):
        return mapping  # refused with the rest of the mapping
    codes = dict(given)
    for side in ("reporter", "partner"):
        table = codes.get(side)
        if isinstance(table, dict) and "file" in table:
            rest = {key: value for key, value in table.items() if key != "file"}
            codes[side] = _list(folder / str(table["file"])) | rest
    return mapping | ({"codes": codes} if codes else {})


def _list(path: Path) -> dict[str, str]:
    try:
        rows = [row for row in csv.reader(path.read_text("utf-8-sig").splitlines()) if row]
    except (OSError, ValueError, csv.Error) as error:
        raise SourceError(
            f"{path.name}: the mapping's list of countries cannot be read ({error}); expected a "
            "CSV in UTF-8; correct file under [codes] in the mapping"
        ) from None
    if odd := [row for row in rows if len(row) != 2]:
        raise SourceError(
            f"{path.name}: a list of countries with {len(odd[0])} columns; expected their code "
            "and ours (ISO alpha-3 or an area), and a first line of titles"
        )
    return {theirs.strip(): ours.strip() for theirs, ours in rows[1:]}


def column(name: object) -> str:
    """Return the name of a column as headers are compared: blanks and line breaks are one blank."""
    return " ".join(str(name).split())


@dataclass(frozen=True, slots=True)
class _Check:
    file: str

    def fail(self, text: str) -> SourceError:
        return SourceError(f"{self.file}: generic: {text}")

    def layout(self, mapping: Mapping[str, Any]) -> Layout:
        self.keys("", mapping)
        types.check_types(mapping, self.fail)
        tables = {key: mapping.get(key, {}) for key in ("columns", "constants", "codes", "format")}
        for key, table in (*tables.items(), ("wide", mapping.get("wide", {}))):
            self.keys(key, table)
        columns = dict(tables["columns"])
        ignore, parts = (tuple(map(column, columns.pop(key, ()))) for key in ("ignore", "parts"))
        constants = {key: str(value) for key, value in tables["constants"].items()}
        flows, months = self.flows(mapping), self.months(mapping)
        self.once(columns, constants, self.elsewhere(mapping, flows))
        columns = {key: self.named(key, given) for key, given in columns.items()}
        self.allowed(constants)
        rules.check_codes(tables["codes"], self.fail)
        types.check_format(tables["format"], self.fail)
        rules.check_format(tables["format"], self.fail)
        given = {k: mapping.get(k, constants.get(k, {})) for k in ("classification", "valuation")}
        year = mapping.get("wide", {}).get("year")
        return Layout(
            name=self.name(mapping),
            columns=columns,
            constants=constants,
            codes=tables["codes"],
            classification=rules.classification(
                given["classification"], "classification" in columns, self.fail
            ),
            valuation=rules.valuation(given["valuation"], "valuation" in columns, self.fail),
            format=tables["format"],
            expect={column(k): _words(v) for k, v in mapping.get("expect", {}).items()},
            filter={column(k): self.wanted(k, v) for k, v in mapping.get("filter", {}).items()},
            flows=flows,
            months=months,
            year=column(year) if isinstance(year, str) else year,
            ignore=ignore,
            parts=parts,
            published=self.published(mapping),
        )

    def keys(self, where: str, table: Mapping[str, Any]) -> None:
        for key in table:
            if key not in KEYS[where]:
                raise self.fail(
                    f"mapping key {key!r} is unknown{f' in [{where}]' if where else ''}; "
                    f"known: {', '.join(sorted(KEYS[where]))}"
                )

    def name(self, mapping: Mapping[str, Any]) -> str:
        name = mapping.get("name", "")
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", str(name)):
            raise self.fail(
                f"mapping key 'name' is {name!r}; expected a short name of small letters, digits "
                'and hyphens, such as "eurostat-tidy"'
            )
        return str(name)

    def flows(self, mapping: Mapping[str, Any]) -> dict[str, dict[str, str]]:
        """The columns of each flow, where a row holds several."""
        given = mapping.get("flows", {})
        self.keys("flows", given)
        flows = {key: {"value": v} if isinstance(v, str) else v for key, v in given.items()}
        for flow, columns in flows.items():
            if not isinstance(columns, dict) or "value" not in columns:
                raise self.fail(
                    f"mapping flow {flow!r} is {columns!r}; expected its column of values, or "
                    '{ value = "...", net_mass_kg = "..." }'
                )
            if unknown := [key for key in columns if key not in BY_FLOW]:
                raise self.fail(
                    f"mapping key {unknown[0]!r} is unknown in [flows]; known: {', '.join(BY_FLOW)}"
                )
        return {f: {k: column(v) for k, v in columns.items()} for f, columns in flows.items()}

    def months(self, mapping: Mapping[str, Any]) -> dict[str, str]:
        """The period of each column of values, where a row holds several."""
        wide = mapping.get("wide", {})
        months = wide.get("months", {})
        if "wide" in mapping and (not months or not isinstance(months, (list, dict))):
            raise self.fail(
                f"mapping key 'months' is {months!r} in [wide]; expected the columns that stand "
                'for months, or a table of them: { "Jan" = "2023-01" }'
            )
        if "wide" in mapping and "flows" in mapping:
            raise self.fail("mapping has [wide] and [flows]; expected one of them")
        pairs: Iterable[tuple[Any, Any]] = (
            months.items() if isinstance(months, dict) else zip(months, months, strict=True)
        )
        return {column(name): column(month) for name, month in pairs}

    def elsewhere(self, mapping: Mapping[str, Any], flows: Mapping[str, Any]) -> set[str]:
        """The fields that [wide] or [flows] give."""
        given = {key for columns in flows.values() for key in columns}
        given |= {"flow"} if flows else set()
        return given | ({"period", "value"} if "wide" in mapping else set())

    def once(
        self, columns: Mapping[str, Any], constants: Mapping[str, str], elsewhere: set[str]
    ) -> None:
        for key in NEEDED:
            if key not in columns and key not in constants and key not in elsewhere:
                other = "" if key == "value" else " or a constant under [constants]"
                raise self.fail(
                    f"mapping says nothing of {key!r}; name its column under [columns]{other}"
                )
        if twice := sorted(columns.keys() & constants.keys()):
            raise self.fail(
                f"mapping gives {twice[0]!r} a column and a constant; expected one; remove one"
            )
        if twice := sorted((columns.keys() | constants.keys()) & elsewhere):
            raise self.fail(
                f"mapping gives {twice[0]!r} twice, once in [wide] or [flows]; expected one; "
                "remove one"
            )

    def named(self, key: str, given: Any) -> Any:
        if key == "period" and isinstance(given, dict):
            if not {"year"} <= given.keys() <= {"year", "month"}:
                raise self.fail(
                    f"mapping key 'period' is {given!r}; expected a column or "
                    '{year = "...", month = "..."}'
                )
            return {part: column(name) for part, name in given.items()}
        if not isinstance(given, str):
            raise self.fail(f"mapping key {key!r} is {given!r}; expected a column's name")
        return column(given)

    def allowed(self, constants: Mapping[str, str]) -> None:
        for key, value in constants.items():
            if value not in ALLOWED.get(key, (value,)):
                raise self.fail(
                    f"mapping constant {key!r} is {value!r}; expected one of "
                    f"{', '.join(ALLOWED[key])}"
                )

    def wanted(self, key: str, given: Any) -> tuple[tuple[str, ...], bool]:
        """The words of a [filter], and whether they are those to keep."""
        if isinstance(given, dict) and given.keys() != {"not"}:
            raise self.fail(
                f"mapping filter {key!r} is {given!r}; expected the words to keep, or "
                '{ not = ["..."] } with those to leave out'
            )
        keep = not isinstance(given, dict)
        return _words(given if keep else given["not"]), keep

    def published(self, mapping: Mapping[str, Any]) -> date | None:
        day = mapping.get("published")
        try:
            return date.fromisoformat(day) if isinstance(day, str) else day
        except ValueError as error:
            raise self.fail(f"mapping key 'published' is {day!r}; expected 2023-01-13") from error


def _words(given: Any) -> tuple[str, ...]:
    return tuple(str(word) for word in (given if isinstance(given, list) else [given]))
