"""The columns and tables every layer shares, as code.

A column name has one meaning, one type and one unit wherever it appears. Columns that only one
measure produces are declared in that measure's file; `tests/test_parts.py` checks that no two
files give the same name a different meaning.

This module imports neither ibis nor pyarrow when it loads, so that `entrepot --help` stays quick.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from entrepot.errors import SchemaError

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa
    from ibis.expr.types import Table


Role = Literal[
    "", "reporter", "partner", "product", "year", "value", "base", "change", "ratio",
    "export", "import", "cells", "reporters", "months compared", "reporter-months", "expected",
]  # fmt: skip
"""What a column is to those who tell of it, whatever it is called.

A grain column holds reporters, partners, products or the years of a comparison. An amount is the
value asked about, the base it is compared with, their change or their ratio; of two books, what
the exporter's or the importer's recorded. A count is of stored
cells, of reporters that published, of months compared, or of reporter-months compared and expected.
"""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, Ibis type, meaning, unit and allowed values.

    A unit of "USD", "ratio", "share" or "count" is written in these words, any other beside the
    number. `is_sum` says that it adds up what was recorded, so that of a part it is less, never
    more. `adds_up` says that nothing stands in two rows, so that rows may be added up. `role` says
    what sentences, tables and charts may take it for.
    """

    name: str
    type: str
    doc: str
    unit: str = ""
    allowed: tuple[str, ...] = ()
    is_sum: bool = False
    adds_up: bool = False
    role: Role = ""

    @property
    def reads_as(self) -> str:
        """The unit a reader sees; a whole number without one is a count."""
        return self.unit or ("count" if self.type in ("int64", "boolean") else "")


@dataclass(frozen=True, slots=True)
class TableSchema:
    """A table: the columns that identify a row (`grain`) and the ones it reports (`values`)."""

    name: str
    grain: tuple[Column, ...]
    values: tuple[Column, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns, in the order they are stored."""
        return self.grain + self.values

    @property
    def names(self) -> list[str]:
        """Names of all columns."""
        return [column.name for column in self.columns]

    @property
    def keys(self) -> list[str]:
        """Names of the grain columns."""
        return [column.name for column in self.grain]

    def of_role(self, role: Role) -> Column | None:
        """Return the column with a role, the first of them; None without one."""
        return next((column for column in self.columns if column.role == role), None)

    @property
    def ibis(self) -> ibis.Schema:
        """The schema in Ibis terms."""
        import ibis

        return ibis.schema({column.name: column.type for column in self.columns})

    @property
    def arrow(self) -> pa.Schema:
        """The schema in Arrow terms."""
        return self.ibis.to_pyarrow()

    def check(self, table: Table) -> Table:
        """Return `table` with exactly these columns in this order.

        The check is static: it reads names and types, never rows, so it costs no query.

        Raises:
            SchemaError: A column is missing or has another type.
        """
        actual = table.schema()
        for name, expected in self.ibis.items():
            if name not in actual:
                raise SchemaError(f"{self.name}: no column {name!r}; got {', '.join(actual.names)}")
            if actual[name].copy(nullable=True) != expected:
                raise SchemaError(f"{self.name}.{name}: expected {expected}, got {actual[name]}")
        return table.select(*self.ibis.names)


# What identifies a flow
SOURCE = Column("source", "string", "Who published it: a connector, or a mapping's own name.")
FREQ = Column("freq", "string", "How often the statistic is published.", allowed=("A", "M"))
PERIOD = Column("period", "date", "First day of the year or month of the trade.")
REPORTER = Column(
    "reporter", "string", "Who recorded the flow: ISO 3166-1 alpha-3 or an area.", role="reporter"
)
PARTNER = Column(
    "partner", "string", "Origin of an import, last known destination of an export.", role="partner"
)
FLOW = Column(
    "flow",
    "string",
    "Direction, seen by the reporter.",
    allowed=("import", "export", "re-import", "re-export"),
)
CLASSIFICATION = Column("classification", "string", "Nomenclature and revision, e.g. HS2017.")
PRODUCT = Column(
    "product", "string", "Code in that nomenclature, leading zeros kept.", role="product"
)

# What a flow reports
VALUATION = Column("valuation", "string", "Incoterm basis of the value.", allowed=("CIF", "FOB"))
VALUE_USD = Column(
    "value_usd",
    "float64",
    "Statistical value, nominal; null if hidden.",
    "USD",
    is_sum=True,
    adds_up=True,
    role="value",
)
VALUE_LOCAL = Column(
    "value_local", "float64", "Value as published; null if hidden.", unit="currency"
)
CURRENCY = Column("currency", "string", "Currency of value_local (ISO 4217).")
NET_MASS_KG = Column("net_mass_kg", "float64", "Net mass, null if not reported.", unit="kg")
QUANTITY = Column("quantity", "float64", "Quantity, null if not reported.", unit="quantity_unit")
QUANTITY_UNIT = Column("quantity_unit", "string", "Unit of quantity, in UN abbreviations.")
STATUS = Column(
    "status",
    "string",
    "Whether the publisher gave the value or it was summed here from its published parts. A value "
    "that is hidden or a part is confidential; one below zero corrects earlier ones: in no sum.",
    allowed=("reported", "derived", "estimated", "confidential", "correction"),
)
MASS_STATUS = Column(
    "mass_status",
    "string",
    "Whether the publisher measured or estimated the mass; null without a mass.",
    allowed=("reported", "estimated"),
)

# Where it comes from
VINTAGE = Column("vintage", "string", "Id of the vintage that holds the row.")
FILE = Column("file", "string", "First 12 hex digits of the raw file's sha256.")

_CELL = (FREQ, PERIOD, REPORTER, PARTNER, FLOW, CLASSIFICATION, PRODUCT)
_AMOUNTS = (NET_MASS_KG, QUANTITY, QUANTITY_UNIT, STATUS, MASS_STATUS)

REPORTED = TableSchema(
    "reported",
    grain=_CELL,
    values=(VALUATION, VALUE_LOCAL, CURRENCY, *_AMOUNTS),
)
"""What a source's `parse` gives: one row per cell, in the publisher's currency."""

FLOWS = TableSchema(
    "flows",
    grain=(SOURCE, *_CELL),
    values=(VALUATION, VALUE_USD, VALUE_LOCAL, CURRENCY, *_AMOUNTS, VINTAGE, FILE),
)
"""What the store gives: one row per cell as known on a day; totals over transport, procedure and
second partner only, so that no sum can count a shipment twice."""

# What a detector says
FINDINGS = TableSchema(
    "findings",
    grain=(
        Column("detector", "string", "Which detector speaks."),
        Column("origin", "string", "Whose goods: a reporter or the coalition's name; null if any."),
        Column("intermediary", "string", "The third country."),
        Column("destination", "string", "Where the goods may end; null if it plays no part."),
        PRODUCT,
    ),
    values=(
        Column("score", "float64", "Evidence: -log10 of p_value, or what the detector ranks by."),
        Column("p_value", "float64", "Share of placebos with as much evidence; null if untested."),
        Column("q_value", "float64", "Benjamini-Hochberg over everything the scan tested."),
        Column("recorded_usd", "float64", "Recorded since the start, as published.", "USD"),
        Column("expected_usd", "float64", "Its counterfactual in the same months.", "USD"),
        Column("excess_usd", "float64", "Recorded less expected, signed.", "USD"),
        Column("excess_low_usd", "float64", "Lower end of its 90% interval, all months.", "USD"),
        Column("excess_high_usd", "float64", "Upper end of its 90% interval, all months.", "USD"),
        Column("before_usd", "float64", "Recorded in the same months of the year before.", "USD"),
        Column("months_above", "int64", "Months that lie above their expected value."),
        Column("months_published", "int64", "Months since the start published in full."),
        Column("months_window", "int64", "Months since the start."),
        Column("first_month", "string", "Month from which the level differs, as 2022-05."),
        Column("explanation", "string", "The numbers in words."),
    ),
)
"""What every detector gives: one row per cell it tested, the rarest first."""

# What an estimator says
ESTIMATES = TableSchema(
    "estimates",
    grain=(
        Column("effect", "string", "What is estimated; a path has the rows of its periods."),
        Column("period", "date", "First day of a path's period; null for an effect."),
    ),
    values=(
        Column("estimate", "float64", "Coefficient: log points, or parts of 1 by least squares."),
        Column("factor", "float64", "exp(estimate), times as much; null by least squares."),
        Column("se", "float64", "Standard error under the convention."),
        Column("ci_low", "float64", "Lower end of the 95% interval."),
        Column("ci_high", "float64", "Upper end of the 95% interval."),
        Column("p_value", "float64", "Of the estimate being 0, by Student's t."),
        Column("placebo_p", "float64", "Share of sets of importers with as large a statistic."),
        Column("placebo_sets", "int64", "Sets compared; no placebo_p is below 1 over them."),
        Column("bootstrap_p", "float64", "Share of sign patterns of the importers' scores alike."),
        Column("bootstrap_draws", "int64", "Patterns tried; no bootstrap_p is below 1 over them."),
        Column("pretrend_p", "float64", "Of all earlier periods being 0; null without any."),
        Column("observations", "int64", "Flows by month that the fit uses, N."),
        Column("clusters", "int64", "Clusters of the standard errors, G."),
        Column("parameters", "int64", "Parameters that the small-sample factor counts, K."),
        Column("convention", "string", "How standard errors and intervals are made."),
    ),
)
"""What every estimator gives: the effect, then a row per period of its path."""
