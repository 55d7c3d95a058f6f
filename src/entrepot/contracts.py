"""What a source and a measure are.

A source is pure functions: they write the requests, judge the answers and read the files. The
network lives in one other file, so a connector is tested with files and no mocks. A measure is one
pure function from an Ibis table to an Ibis table; nothing is computed until the caller asks.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Concatenate, Generic, ParamSpec

from entrepot.reads import kind_of
from entrepot.schema import ESTIMATES, FLOWS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from duckdb import DuckDBPyConnection, DuckDBPyRelation
    from ibis.expr.types import Table

    from entrepot.findings import Finding
    from entrepot.reads import Reads
    from entrepot.schema import TableSchema

P = ParamSpec("P")


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
    """One HTTP GET. Secrets are added by the fetcher and never appear here.

    `name` is the file name of its answer, unlike any other of the plan. `asked` is what the
    answer speaks for, so that an answer without rows still says "nothing was recorded"; None for
    files that say it themselves. `published` is the day of release that an index gave.
    """

    url: str
    params: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    asked: Query | None = None
    published: date | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """One line of a publisher's index: what exists, since when, and where.

    `day` is when it was last released. `address` is the URL of its file where the index gives one,
    `rows` the number of records it promises.
    """

    reporter: str
    freq: str
    period: str
    day: date | None = None
    address: str = ""
    rows: int | None = None


class Verdict(Enum):
    """What an answer is; the fetcher acts on it and on nothing else."""

    GOOD = "holds what was asked"
    EMPTY = "the publisher has it and nothing is in it"
    TOO_LARGE = "cut short or refused for its size: ask in parts"
    BUSY = "not an answer: ask again after a pause"
    BAD_KEY = "the key is missing or refused"
    QUOTA = "no more calls for now"
    UNPUBLISHED = "the publisher does not have it yet"
    WRONG = "the publisher does not understand the request"


@dataclass(frozen=True, slots=True)
class Response:
    """What came back: the HTTP status, the headers in lower case, and the file it was kept in."""

    status: int
    headers: Mapping[str, str]
    path: Path


@dataclass(frozen=True, slots=True)
class Key:
    """A secret the user holds: its name in the settings, and where it goes in a request.

    The value is read from `ENTREPOT_<NAME>_KEY` or from the settings file. Exactly one of `header`
    and `param` is set. `register` is the page where a user gets one.
    """

    name: str
    register: str
    header: str = ""
    param: str = ""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint of a publisher: what to ask there, how often, and how to read its refusals.

    `index` and `releases` come together: the first asks what exists, the second reads those
    answers. Where they are None, `requests` gets no releases and asks for all that the query names.
    """

    name: str
    """How users name it, for example "preview"."""
    requests: Callable[[Query, tuple[Release, ...]], Iterator[Request]]
    """The plan: every request has a `name` of its own, in an order that never changes."""
    judge: Callable[[Request, Response], tuple[Verdict, str]]
    """Read an answer's verdict, with the publisher's own words or the reason in one short line."""
    hosts: tuple[str, ...]
    """Where requests and redirects may go."""
    pause: float
    """Seconds between the starts of two calls."""
    largest: int
    """Bytes that one answer may have, once any transport compression is undone."""
    reference: str
    """The page that documents these limits."""
    split: Callable[[Request], tuple[Request, ...]] = lambda _request: ()
    """Finer requests that together ask for the same; none where it cannot be made finer."""
    calls_per_day: int | None = None
    key: Key | None = None
    index: Callable[[Query], Iterator[Request]] | None = None
    releases: Callable[[Sequence[Path]], tuple[Release, ...]] | None = None


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file as the publisher served it, with what the user says about it.

    `mapping` is the parsed TOML that tells `generic` what the columns mean; other sources know
    their own layout. With `locate`, `parse` numbers the rows so that an error can name one; it
    costs the parallel read, so it is set only when a first read failed. `scratch` is an empty
    folder of its own for what must be unpacked before it can be read; it lives as long as the
    reading.
    """

    path: Path
    mapping: Mapping[str, Any] | None = None
    locate: bool = False
    scratch: Path | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds, not yet computed.

    `rows` is a lazy relation with the columns of `schema.REPORTED`, streamed when it is written.
    `source` overrides the connector's name (a mapping names its own publisher). `published` is
    the day the file itself gives for its publication. `products` and `partners` are what the file
    says it covers, present or not: with them a vintage replaces exactly that much of an older one.
    `notes` are lines for people: what looks odd and may be right.
    """

    rows: DuckDBPyRelation
    source: str | None = None
    published: date | None = None
    products: tuple[str, ...] | None = None
    partners: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A publisher of trade statistics.

    `endpoints` stand with the best first; one that needs a key is passed over without it.
    None at all means that only the user knows where the files come from.
    """

    title: str
    publisher: str
    url: str
    licence: str
    parse: Callable[[RawFile, DuckDBPyConnection], Reading]
    endpoints: tuple[Endpoint, ...] = ()


@dataclass(frozen=True, repr=False)
class Measure(Generic[P]):
    """A pure function from flows to a table, with its passport."""

    run: Callable[Concatenate[Table, P], Table]
    returns: TableSchema
    reads: Callable[..., list[Reads]]
    reference: str
    noun: ClassVar[str] = "measure"

    def __call__(self, flows: Table, *args: P.args, **params: P.kwargs) -> Table:
        """Check the input, run, check the output. Builds an expression; computes nothing."""
        return self.returns.check(self.run(FLOWS.check(flows), *args, **params))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.run.__name__}>"

    @cached_property
    def params(self) -> dict[str, inspect.Parameter]:
        """The function's parameters after `flows`; the CLI turns them into options."""
        _, *params = inspect.signature(self.run, eval_str=False).parameters.values()
        return {param.name: param for param in params}

    def accepted(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters of a run: the defaults, and what the measure takes of those given.

        A list becomes a tuple, as the measure declares it.
        """
        defaults = {
            key: param.default
            for key, param in self.params.items()
            if param.default is not inspect.Parameter.empty
        }
        taken = {key: value for key, value in given.items() if key in self.params}
        return {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in (defaults | taken).items()
        }

    @cached_property
    def goods(self) -> str:
        """The parameter that holds the codes measured, the first of its kind; "" without one."""
        return self.first("Goods")

    @cached_property
    def reporters(self) -> str:
        """The parameter that holds whose books are read, the first of its kind; "" without one."""
        return self.first("Reporters")

    def kind(self, name: str) -> str:
        """Return what a parameter holds, by the name of its type: "Countries", "Month", "int"."""
        return kind_of(self.params[name].annotation, getattr(self.run, "__globals__", {}))

    def of_kind(self, *kinds: str) -> tuple[str, ...]:
        """Return the parameters of some kinds, in the order of the signature."""
        return tuple(name for name in self.params if self.kind(name) in kinds)

    def first(self, kind: str) -> str:
        """Return the first parameter of a kind; "" without one."""
        return next(iter(self.of_kind(kind)), "")

    def lacking(self, given: Collection[str]) -> list[str]:
        """Return the parameters that are needed and not given; the goods are given by who runs."""
        return [
            name
            for name, param in self.params.items()
            if param.default is param.empty and name not in given and name != self.goods
        ]


@dataclass(frozen=True, slots=True)
class Estimated:
    """What an estimator found: rows in the columns of `schema.ESTIMATES`, and what they rest on.

    The first row is the effect; a row with a `period` is a point of its path.
    """

    rows: tuple[dict[str, Any], ...]
    statement: str


@dataclass(frozen=True, repr=False)
class Estimator(Measure[P]):
    """A pure function from flows to estimates with intervals, with its passport.

    Its parameters are words like those of a measure. Those of the kind `Goods` are the goods in
    question and the goods `controls` that they are compared with, where it has these.
    """

    noun: ClassVar[str] = "estimator"

    def __call__(self, flows: Table, *args: P.args, **params: P.kwargs) -> Estimated:
        """Check the input and estimate; unlike a measure it computes at once."""
        found: Any = self.run(FLOWS.check(flows), *args, **params)
        return Estimated(*found)


@dataclass(frozen=True, repr=False)
class Detector:
    """A search over all cells of a scan for one kind of change, with its passport.

    `run` takes `detect._legs.ScanLegs` and gives findings, unranked.
    """

    run: Callable[[Any], list[Finding]]
    reference: str

    def __call__(self, evidence: Any) -> list[Finding]:
        """Return the findings, the rarest first, those without a p-value last."""
        return sorted(self.run(evidence), key=_rarity)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.run.__name__}>"


def _rarity(found: Finding) -> tuple[bool, float, str, str]:
    return found.p_value is None, found.p_value or 0.0, *found.cell


def detector(*, reference: str) -> Callable[[Callable[[Any], list[Finding]]], Detector]:
    """Turn a function into a Detector. Registers nothing: the folder is the registry."""
    return lambda run: Detector(run, reference)


def measure(
    *, returns: TableSchema, reads: Callable[..., list[Reads]], reference: str
) -> Callable[[Callable[Concatenate[Table, P], Table]], Measure[P]]:
    """Turn a function into a Measure. Registers nothing: the folder is the registry.

    `reads` gets the parameters of a run by name, defaults included, and says which records it
    rests on: what is loaded, fetched, and known or not follows from that.
    """
    return lambda run: Measure(run, returns, reads, reference)


def estimator(
    *, reads: Callable[..., list[Reads]], reference: str
) -> Callable[[Callable[..., tuple[tuple[dict[str, Any], ...], str]]], Estimator[Any]]:
    """Turn a function into an Estimator. Registers nothing: the folder is the registry.

    `reads` is that of a measure; the function returns the rows and the statement.
    """
    return lambda run: Estimator(run, ESTIMATES, reads, reference)
