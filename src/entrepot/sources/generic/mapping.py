"""A mapping: the small TOML that tells `generic` what the columns of a file mean."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from entrepot.errors import SourceError
from entrepot.sources.generic import mapping_rules as rules
from entrepot.sources.generic.mapping_file import (
    NAME,
    NAMED,
    Constants,
    File,
    FileFormat,
    FlowColumns,
    bare,
)
from entrepot.typed import Document, Lines, Misfit, convert, likely

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from entrepot.typed import Path as Place

NEEDED = ("freq", "period", "reporter", "partner", "flow", "product", "value", "currency")
BY_FLOW = FlowColumns.__struct_fields__
CONSTANTS = Constants.__struct_fields__
FORMAT = FileFormat.__struct_fields__
NOWHERE = Lines()


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
    if isinstance(mapping, Document):
        return _Check(file, mapping.lines, mapping.name).layout(mapping)
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
    lines: Lines = NOWHERE
    name: str = ""

    def fail(self, text: str, place: Place = ()) -> SourceError:
        """Return the error that says so of a place in the mapping, with its line if it is known."""
        line = self.lines.of(place)
        where = f"{self.name}, line {line}: " if line else ""
        return SourceError(f"{self.file}: generic: {where}{text}")

    def layout(self, mapping: Mapping[str, Any]) -> Layout:
        data = bare(dict(mapping))
        self.typed(data)
        if not re.fullmatch(NAME.strip("^$"), data["name"]):
            raise self.fail(f"mapping key 'name' is {data['name']!r}; expected {NAMED}", ("name",))
        tables = {key: data.get(key, {}) for key in ("columns", "constants", "codes", "format")}
        columns = dict(tables["columns"])
        ignore, parts = (tuple(map(column, columns.pop(key, ()))) for key in ("ignore", "parts"))
        constants = {key: str(value) for key, value in tables["constants"].items()}
        flows, months = self.flows(data), self.months(data)
        self.once(columns, constants, self.elsewhere(data, flows))
        rules.check_codes(tables["codes"], self.fail)
        rules.check_format(tables["format"], self.fail)
        given = {k: data.get(k, constants.get(k, {})) for k in ("classification", "valuation")}
        year, day = data.get("wide", {}).get("year"), data.get("published")
        return Layout(
            name=data["name"],
            columns={key: _named(one) for key, one in columns.items()},
            constants=constants,
            codes=tables["codes"],
            classification=rules.classification(
                given["classification"], "classification" in columns, self.fail
            ),
            valuation=rules.valuation(given["valuation"], "valuation" in columns, self.fail),
            format=tables["format"],
            expect={column(k): _words(v) for k, v in data.get("expect", {}).items()},
            filter={column(k): _wanted(v) for k, v in data.get("filter", {}).items()},
            flows=flows,
            months=months,
            year=column(year) if isinstance(year, str) else year,
            ignore=ignore,
            parts=parts,
            published=date.fromisoformat(day) if day else None,
        )

    def typed(self, data: dict[str, Any]) -> None:
        """Refuse a value of another type than its key takes, and a key that there is not."""
        try:
            convert(data, File)
        except Misfit as found:
            table, said = _dotted(found.path[:-1]), _dotted(found.path)
            if found.lacks:
                inside = f" in [{said}]" if said else ""
                text = f"mapping says nothing of {found.lacks!r}{inside}"
            elif found.known:
                text = (
                    f"mapping key {found.key!r} is unknown{f' in [{table}]' if table else ''}; "
                    f"known: {', '.join(sorted(found.known))}{likely(found.key, found.known)}"
                )
            else:
                shown = repr(found.given)
                shown = shown if len(shown) <= 60 else f"{shown[:60]}..."
                text = f"mapping key {said!r} is {shown}; expected {found.expected}"
            raise self.fail(text, found.spot) from None

    def flows(self, data: Mapping[str, Any]) -> dict[str, dict[str, str]]:
        """The columns of each flow, where a row holds several."""
        if "wide" in data and "flows" in data:
            raise self.fail("mapping has [wide] and [flows]; expected one of them", ("flows",))
        flows = {
            key: {"value": given} if isinstance(given, str) else given
            for key, given in data.get("flows", {}).items()
        }
        return {f: {k: column(v) for k, v in columns.items()} for f, columns in flows.items()}

    def months(self, data: Mapping[str, Any]) -> dict[str, str]:
        """The period of each column of values, where a row holds several."""
        months = data.get("wide", {}).get("months", {})
        pairs = months if isinstance(months, dict) else dict(zip(months, months, strict=True))
        return {column(name): column(month) for name, month in pairs.items()}

    def elsewhere(self, data: Mapping[str, Any], flows: Mapping[str, Any]) -> set[str]:
        """The fields that [wide] or [flows] give."""
        given = {key for columns in flows.values() for key in columns}
        given |= {"flow"} if flows else set()
        return given | ({"period", "value"} if "wide" in data else set())

    def once(
        self, columns: Mapping[str, Any], constants: Mapping[str, str], elsewhere: set[str]
    ) -> None:
        for key in NEEDED:
            if key not in columns and key not in constants and key not in elsewhere:
                other = "" if key == "value" else " or a constant under [constants]"
                raise self.fail(
                    f"mapping says nothing of {key!r}; name its column under [columns]{other}",
                    ("columns",),
                )
        if twice := sorted(columns.keys() & constants.keys()):
            raise self.fail(
                f"mapping gives {twice[0]!r} a column and a constant; expected one; remove one",
                ("constants", twice[0]),
            )
        if twice := sorted((columns.keys() | constants.keys()) & elsewhere):
            table = "columns" if twice[0] in columns else "constants"
            raise self.fail(
                f"mapping gives {twice[0]!r} twice, once in [wide] or [flows]; expected one; "
                "remove one",
                (table, twice[0]),
            )


def _named(given: Any) -> Any:
    if isinstance(given, dict):
        return {part: column(name) for part, name in given.items()}
    return column(given)


def _wanted(given: Any) -> tuple[tuple[str, ...], bool]:
    """The words of a [filter], and whether they are those to keep."""
    keep = not isinstance(given, dict)
    return _words(given if keep else given["not"]), keep


def _words(given: Any) -> tuple[str, ...]:
    return tuple(str(word) for word in (given if isinstance(given, list) else [given]))


def _dotted(place: Place) -> str:
    return ".".join(map(str, place))
