"""Sources: what a publisher is: the questions it takes, its endpoints, and the files it gives.

A source is pure functions: they write the requests, judge the answers and read the files. The
network lives in one other file, so a connector is tested with files and no mocks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from duckdb import DuckDBPyConnection, DuckDBPyRelation


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
