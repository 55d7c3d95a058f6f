"""What a source and a measure are.

A source is two pure functions: one writes the requests, one reads a file. The network lives in
one other file, so a connector is tested with files and no mocks. A measure is one pure function
from an Ibis table to an Ibis table; nothing is computed until the caller asks.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec

from entrepot.schema import FLOWS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date
    from pathlib import Path

    from duckdb import DuckDBPyConnection, DuckDBPyRelation
    from ibis.expr.types import Table

    from entrepot.schema import TableSchema

P = ParamSpec("P")

COUNTRIES = (
    *("reporters", "partners", "together", "coalition"),
    *("exporters", "importers", "others", "control_partners"),
)
"""Parameters of measures that hold countries: wherever people write them, groups are names too."""


@dataclass(frozen=True, slots=True)
class Query:
    """What to ask a source for, in entrepot's own words. Empty means all."""

    freq: str
    periods: tuple[str, ...]
    reporters: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()
    flows: tuple[str, ...] = ("import", "export")
    products: tuple[str, ...] = ()
    classification: str = "HS"


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP GET. Secrets are added by the fetcher and never appear here."""

    url: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file as the publisher served it, with what the user says about it.

    `mapping` is the parsed TOML that tells `generic` what the columns mean; other sources know
    their own layout. With `locate`, `parse` numbers the rows so that an error can name one; it
    costs the parallel read, so it is set only when a first read failed.
    """

    path: Path
    mapping: Mapping[str, Any] | None = None
    locate: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds, not yet computed.

    `rows` is a lazy relation with the columns of `schema.REPORTED`, streamed when it is written.
    `source` overrides the connector's name (a mapping names its own publisher). `published` is
    the day the file itself gives for its publication. `products` and `partners` are what the file
    says it covers, present or not: with them a vintage replaces exactly that much of an older one.
    """

    rows: DuckDBPyRelation
    source: str | None = None
    published: date | None = None
    products: tuple[str, ...] | None = None
    partners: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A publisher of trade statistics."""

    title: str
    publisher: str
    url: str
    licence: str
    requests: Callable[[Query], Iterator[Request]]
    parse: Callable[[RawFile, DuckDBPyConnection], Reading]


@dataclass(frozen=True, repr=False)
class Measure(Generic[P]):
    """A pure function from flows to a table, with its passport."""

    run: Callable[Concatenate[Table, P], Table]
    returns: TableSchema
    reference: str

    def __call__(self, flows: Table, *args: P.args, **params: P.kwargs) -> Table:
        """Check the input, run, check the output. Builds an expression; computes nothing."""
        return self.returns.check(self.run(FLOWS.check(flows), *args, **params))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.run.__name__}>"

    @property
    def params(self) -> dict[str, inspect.Parameter]:
        """The function's parameters after `flows`; the CLI turns them into options."""
        _, *params = inspect.signature(self.run, eval_str=False).parameters.values()
        return {param.name: param for param in params}


def measure(
    *, returns: TableSchema, reference: str
) -> Callable[[Callable[Concatenate[Table, P], Table]], Measure[P]]:
    """Turn a function into a Measure. Registers nothing: the folder is the registry."""
    return lambda run: Measure(run, returns, reference)
