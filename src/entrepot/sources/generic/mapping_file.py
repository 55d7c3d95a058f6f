"""The file of a mapping: what its TOML may say, and of which type each value is."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, defstruct, field

from entrepot.schema import FLOW, FREQ, STATUS, VALUATION

AMOUNTS = ("value", "net_mass_kg", "quantity")
FIELDS = (
    *("freq", "period", "reporter", "partner", "flow", "classification", "product"),
    *("valuation", "value", "currency", "net_mass_kg", "quantity", "quantity_unit"),
    *("status", "mass_status"),
)
NAME = "^[a-z0-9][a-z0-9-]*$"
NAMED = 'a short name of small letters, digits and hyphens, such as "eurostat-tidy"'
LIMIT = 100_000
"""Rows above a header, and digits of a code: more are a slip of the hand."""


def _said(expected: str) -> Meta:
    return Meta(extra={"expected": expected})


Word = Annotated[str | int | float, _said("text")]
"""Text, or what people write bare: a number, a day."""
Words = Annotated[
    str | int | float | Annotated[tuple[Word, ...], Meta(min_length=1)],
    _said("text or a list of texts"),
]
Column = Annotated[str, _said("a column's name")]
Listed = Annotated[tuple[str, ...], _said("a list of columns' names")]
Count = Annotated[int, Meta(ge=1, le=LIMIT), _said(f"a whole number up to {LIMIT:,}")]
Scale = Annotated[float, Meta(gt=0, le=1e15), _said("a number above zero, such as 1000")]
Flow: Any = Literal[FLOW.allowed]
Valuation: Any = Literal[VALUATION.allowed]
Freq: Any = Literal[FREQ.allowed]
Status: Any = Literal[STATUS.allowed]
ALLOWED: dict[str, Any] = {
    "freq": Freq,
    "flow": Flow,
    "valuation": Valuation,
    "status": Status,
    "mass_status": Literal["reported", "estimated"],
}
"""The words of the fields that take only some."""


class MappingTable(Struct, frozen=True, forbid_unknown_fields=True):
    """A table of a mapping, which has the keys it is declared with and no other."""


class Period(MappingTable, frozen=True):
    """The columns of a year and of its month."""

    year: Column
    month: Column | UnsetType = UNSET


class FlowColumns(MappingTable, frozen=True):
    """The columns of one flow, where a row holds several."""

    value: Column
    net_mass_kg: Column | UnsetType = UNSET
    quantity: Column | UnsetType = UNSET
    quantity_unit: Column | UnsetType = UNSET


class Without(MappingTable, frozen=True):
    """The words of the rows to leave out."""

    words: Words = field(name="not")


class Wide(MappingTable, frozen=True):
    """A column of values per month."""

    months: Annotated[
        Annotated[tuple[Word, ...], Meta(min_length=1)]
        | Annotated[dict[str, Word], Meta(min_length=1)],
        _said('the columns that stand for months, or a table of them: { "Jan" = "2023-01" }'),
        Meta(description="The columns that stand for months, or a column = its month."),
    ]
    year: Annotated[str | int, _said("a column's name or a year")] | UnsetType = UNSET


class FileFormat(MappingTable, frozen=True):
    """How the cells of a file are written."""

    delimiter: Annotated[str, Meta(min_length=1, max_length=1), _said("one sign, such as ;")] = ","
    encoding: str = ""
    decimal: Literal[".", ","] = "."
    thousands: Literal[",", ".", " ", "'", "indian"] | UnsetType = UNSET
    sheet: str = ""
    header_row: Annotated[Count, Meta(description="The line of the column names.")] = 1
    header_rows: Annotated[Count, Meta(description="How many lines they take.")] = 1
    missing: Annotated[
        tuple[Word, ...],
        _said('a list of words, such as [".."]'),
        Meta(description="Words for no data."),
    ] = ()
    scale: Annotated[
        Scale | dict[str, Scale],
        _said("a number above zero, such as 1000"),
        Meta(description="1000 for thousands, or a field = its own."),
    ] = 1
    pad_products: Annotated[
        Count, Meta(description="Digits of a code whose leading zeros a spreadsheet ate.")
    ] = 6
    product_separator: Annotated[
        str, Meta(description="What stands between the digits of a code.")
    ] = ""
    cumulative: Annotated[bool, Meta(description="Each figure is the sum since January.")] = False
    sum: Annotated[bool, Meta(description="Rows that nothing tells apart are added up.")] = False


class Codes(MappingTable, frozen=True):
    """How countries and words are written: a list of codes, or theirs = ours."""

    reporter: Annotated[str | dict[str, str], _said("the name of a list, or a table")] = "iso3"
    partner: Annotated[str | dict[str, str], _said("the name of a list, or a table")] = "iso3"
    flow: dict[str, Flow] = {}
    classification: dict[str, str] = {}
    valuation: dict[str, Valuation] = {}
    freq: dict[str, Freq] = {}
    status: dict[str, Status] = {}


def _made(name: str, doc: str, kinds: dict[str, Any]) -> type[Struct]:
    fields = [(key, kind | UnsetType, UNSET) for key, kind in kinds.items()]
    return defstruct(
        name,
        fields,
        bases=(MappingTable,),
        namespace={"__doc__": doc},
        module=__name__,
        frozen=True,
    )


ColumnNames = _made(
    *("ColumnNames", "Our field = their column; every column of the file must be named."),
    dict.fromkeys(FIELDS, Column)
    | {"period": Annotated[Column | Period, _said('a column or {year = "...", month = "..."}')]}
    | {"ignore": Listed, "parts": Listed},
)
Constants = _made(
    *("Constants", "Our field = what is the same in every row."),
    {key: ALLOWED.get(key, Word) for key in FIELDS if key not in AMOUNTS},
)


class File(MappingTable, frozen=True):
    """A mapping: what the columns of a file mean."""

    name: Annotated[
        str,
        # Enforced in `mapping`: a pattern in Meta proper has ended processes with a fault of
        # memory when types were inspected (msgspec 0.22).
        Meta(
            description="Name of the source in the store.",
            extra_json_schema={"pattern": NAME},
            extra={"expected": NAMED},
        ),
    ]
    title: str = ""
    publisher: str = ""
    dataset: str = ""
    url: str = ""
    licence: str = ""
    published: Annotated[date, Meta(description="Day of publication.")] | UnsetType = UNSET
    notes: str = ""
    columns: ColumnNames | UnsetType = UNSET  # type: ignore[valid-type]
    constants: Constants | UnsetType = UNSET  # type: ignore[valid-type]
    codes: Codes | UnsetType = UNSET
    classification: Annotated[
        str | dict[str, Word],
        _said("text or a table [classification]"),
        Meta(description='Code length = nomenclature: 6 = "HS2017", 8 = "CN{year}".'),
    ] = ""
    valuation: Annotated[
        Valuation | dict[Flow, Valuation],
        _said("CIF or FOB, or a table [valuation] of these by flow"),
        Meta(description='import = "CIF", export = "FOB", as the publisher states.'),
    ] = "FOB"
    format: FileFormat | UnsetType = UNSET
    expect: Annotated[
        dict[str, Words], Meta(description="A column = the only values it may hold.")
    ] = {}
    filter: Annotated[
        dict[
            str,
            Annotated[
                str | int | float | Annotated[tuple[Word, ...], Meta(min_length=1)] | Without,
                _said(
                    'the words to keep, text or a list of texts, or { not = ["..."] } with those '
                    "to leave out"
                ),
            ],
        ],
        Meta(description="A column = the words of the rows to keep."),
    ] = {}
    flows: Annotated[
        dict[
            Flow,
            Annotated[
                Column | FlowColumns,
                _said('its column of values, or { value = "...", net_mass_kg = "..." }'),
            ],
        ],
        Meta(description="A flow = its columns, where a row holds several."),
    ] = {}
    wide: Wide | UnsetType = UNSET


def bare(value: Any) -> Any:
    """Return data with days as text, as they stand in the file."""
    if isinstance(value, dict):
        return {key: bare(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [bare(inner) for inner in value]
    is_day = isinstance(value, date) and not isinstance(value, datetime)
    return value.isoformat() if is_day else value
