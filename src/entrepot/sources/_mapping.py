"""A mapping: the small TOML that tells `generic` what the columns of a file mean."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from entrepot.errors import SourceError
from entrepot.schema import FLOW, FREQ, STATUS, VALUATION

if TYPE_CHECKING:
    from collections.abc import Mapping

AMOUNTS = ("value", "net_mass_kg", "quantity")
FIELDS = (
    *("freq", "period", "reporter", "partner", "flow", "classification", "product"),
    *("valuation", "value", "currency", "net_mass_kg", "quantity", "quantity_unit"),
    *("status", "mass_status"),
)
NEEDED = ("freq", "period", "reporter", "partner", "flow", "product", "value", "currency")
ALLOWED = {
    "freq": FREQ.allowed,
    "flow": FLOW.allowed,
    "valuation": VALUATION.allowed,
    "status": STATUS.allowed,
    "mass_status": ("reported", "estimated"),
}
SCHEMES = ("iso3", "iso2", "m49", "comtrade", "comext", "eurostat_label", "name")
KEYS = {
    "": (
        *("name", "title", "publisher", "dataset", "url", "licence", "published", "notes"),
        *("columns", "constants", "codes", "classification", "valuation", "format", "expect"),
    ),
    "columns": (*FIELDS, "ignore"),
    "constants": tuple(set(FIELDS) - set(AMOUNTS)),
    "codes": (*("reporter", "partner", "flow", "classification", "valuation", "freq"), "status"),
    "valuation": FLOW.allowed,
    "format": (
        *("delimiter", "encoding", "decimal", "thousands", "sheet", "header_row", "missing"),
        *("scale", "pad_products", "product_separator"),
    ),
}


@dataclass(frozen=True, slots=True)
class Layout:
    """A mapping that keeps its promises: every needed field has one column or one constant."""

    name: str
    columns: dict[str, Any]
    constants: dict[str, str]
    codes: dict[str, Any] = field(default_factory=dict)
    classification: dict[str, str] = field(default_factory=dict)
    valuation: dict[str, str] = field(default_factory=dict)
    format: dict[str, Any] = field(default_factory=dict)
    expect: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    published: date | None = None

    @property
    def used(self) -> list[str]:
        """The file's columns that the mapping reads or checks, in its own order."""
        period = self.columns.get("period")
        columns = [name for key, name in self.columns.items() if key != "period"]
        columns += list(period.values()) if isinstance(period, dict) else [period] * bool(period)
        return list(dict.fromkeys((*columns, *self.expect)))


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


@dataclass(frozen=True, slots=True)
class _Check:
    file: str

    def fail(self, text: str) -> SourceError:
        return SourceError(f"{self.file}: generic: {text}")

    def layout(self, mapping: Mapping[str, Any]) -> Layout:
        self.keys("", mapping)
        tables = {key: mapping.get(key, {}) for key in ("columns", "constants", "codes", "format")}
        for key, table in tables.items():
            self.table(key, table)
        columns = dict(tables["columns"])
        ignore = tuple(columns.pop("ignore", ()))
        constants = {key: str(value) for key, value in tables["constants"].items()}
        self.once(columns, constants)
        self.period(columns)
        self.allowed(constants)
        self.codes(tables["codes"])
        return Layout(
            name=self.name(mapping),
            columns=columns,
            constants=constants,
            codes=tables["codes"],
            classification=self.classification(mapping, columns, constants),
            valuation=self.valuation(mapping, columns, constants),
            format=tables["format"],
            expect={
                key: tuple(str(v) for v in (value if isinstance(value, list) else [value]))
                for key, value in mapping.get("expect", {}).items()
            },
            ignore=ignore,
            published=self.published(mapping),
        )

    def table(self, key: str, table: object) -> None:
        if not isinstance(table, dict):
            raise self.fail(f"mapping key {key!r} is {table!r}; expected a table [{key}]")
        self.keys(key, table)

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

    def once(self, columns: Mapping[str, Any], constants: Mapping[str, str]) -> None:
        for key in NEEDED:
            if key not in columns and key not in constants:
                other = "" if key == "value" else " or a constant under [constants]"
                raise self.fail(
                    f"mapping says nothing of {key!r}; name its column under [columns]{other}"
                )
        if twice := sorted(columns.keys() & constants.keys()):
            raise self.fail(
                f"mapping gives {twice[0]!r} a column and a constant; expected one; remove one"
            )

    def period(self, columns: Mapping[str, Any]) -> None:
        for key, column in columns.items():
            if key == "period" and isinstance(column, dict):
                if not {"year"} <= column.keys() <= {"year", "month"}:
                    raise self.fail(
                        f"mapping key 'period' is {column!r}; expected a column or "
                        '{year = "...", month = "..."}'
                    )
            elif not isinstance(column, str):
                raise self.fail(f"mapping key {key!r} is {column!r}; expected a column's name")

    def allowed(self, constants: Mapping[str, str]) -> None:
        for key, value in constants.items():
            if value not in ALLOWED.get(key, (value,)):
                raise self.fail(
                    f"mapping constant {key!r} is {value!r}; expected one of "
                    f"{', '.join(ALLOWED[key])}"
                )

    def codes(self, codes: Mapping[str, Any]) -> None:
        for key, value in codes.items():
            if key in ("reporter", "partner"):
                if not isinstance(value, dict) and value not in SCHEMES:
                    raise self.fail(
                        f"mapping code {key!r} is {value!r}; expected one of "
                        f"{', '.join(SCHEMES)}, or a table of their codes and ours"
                    )
            elif not isinstance(value, dict):
                raise self.fail(f"mapping code {key!r} is {value!r}; expected a table")
            elif wrong := [v for v in value.values() if v not in ALLOWED.get(key, (v,))]:
                raise self.fail(
                    f"mapping code {key!r} gives {wrong[0]!r}; expected one of "
                    f"{', '.join(ALLOWED[key])}"
                )

    def classification(
        self, mapping: Mapping[str, Any], columns: Mapping[str, Any], constants: Mapping[str, str]
    ) -> dict[str, str]:
        """Rules by code length; the key "" is for every code."""
        given = mapping.get("classification", constants.get("classification", {}))
        rules = {"": given} if isinstance(given, str) else {k: str(v) for k, v in given.items()}
        if not rules and "classification" not in columns:
            raise self.fail(
                "mapping says nothing of 'classification'; write classification = \"HS2017\", or "
                '[classification] with a rule per code length (6 = "HS2017", 8 = "CN{year}")'
            )
        for key, rule in rules.items():
            if not (key in ("", "TOTAL") or key.isdigit()) or not is_classification(
                rule.replace("{year}", "2022")
            ):
                raise self.fail(
                    f"mapping classification {key or 'rule'} = {rule!r} is unknown; expected a "
                    'code length and HS, HS2017, "CN{year}" or another name with its year'
                )
        return rules

    def valuation(
        self, mapping: Mapping[str, Any], columns: Mapping[str, Any], constants: Mapping[str, str]
    ) -> dict[str, str]:
        given = mapping.get("valuation", constants.get("valuation", {}))
        rules = {"": given} if isinstance(given, str) else dict(given)
        self.keys("valuation", {key: rule for key, rule in rules.items() if key})
        if not rules and "valuation" not in columns:
            raise self.fail(
                "mapping says nothing of 'valuation'; write [valuation] with "
                'import = "CIF" and export = "FOB", as the publisher states'
            )
        for rule in rules.values():
            if rule not in VALUATION.allowed:
                raise self.fail(f"mapping valuation is {rule!r}; expected CIF or FOB")
        return rules

    def published(self, mapping: Mapping[str, Any]) -> date | None:
        day = mapping.get("published")
        try:
            return date.fromisoformat(day) if isinstance(day, str) else day
        except ValueError as error:
            raise self.fail(f"mapping key 'published' is {day!r}; expected 2023-01-13") from error


def is_classification(name: str) -> bool:
    """Whether a nomenclature's name can be understood: HS of a known year, or letters and a year.

    "HS" alone stands for the revision the EU used in the year of the row. A national nomenclature
    may name the HS revision its codes begin with: GTIP2023-HS2022.
    """
    if name.startswith("HS"):
        return name == "HS" or name[2:] in ("1992", "1996", "2002", "2007", "2012", "2017", "2022")
    national, _dash, base = name.partition("-")
    is_national = bool(re.fullmatch(r"[A-Z]{2,8}[0-9]{4}", national))
    return is_national and (not base or (base != "HS" and is_classification(base)))
