"""Shapes: what the interface answers, as types, which its description is made of."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

Cell = str | int | float | bool | None
Row = dict[str, Cell]


class ProblemBody(BaseModel):
    """A refusal (RFC 9457): `detail` is the line that the command would print."""

    type: str
    title: str
    status: int
    detail: str
    kind: str = Field(description="The class of the error: see docs/reference/errors.md.")


class CountryBody(BaseModel):
    """A country by its codes."""

    code: str = Field(description="ISO 3166-1 alpha-3; XKX for Kosovo.")
    name: str
    iso2: str
    m49: str


class GroupBody(BaseModel):
    """A group of countries."""

    name: str
    title: str
    members: list[str]


class GoodsSummaryBody(BaseModel):
    """A goods list that ships."""

    name: str
    title: str
    published: str
    classification: str
    codes: int
    source: str


class GoodsBody(GoodsSummaryBody):
    """A goods list with its codes."""

    goods: list[Row]


class ProductBody(BaseModel):
    """A code, and the lists that have it."""

    code: str
    title: str
    lists: list[Row]


class ColumnBody(BaseModel):
    """A column of a measure's rows."""

    name: str
    type: str
    unit: str
    doc: str


class MeasureSummaryBody(BaseModel):
    """A measure, and what it finds."""

    name: str
    finds: str


class MeasureBody(MeasureSummaryBody):
    """A measure: formula, parameters, columns, source."""

    text: str
    reference: str
    parameters: list[Row]
    columns: list[ColumnBody]


class PageBody(BaseModel):
    """Rows from `offset` on; `next` is the address of those that follow."""

    total: int
    limit: int
    offset: int
    next: str | None
    rows: list[Row]


class KnownBody(BaseModel):
    """What an answer rests on."""

    synthetic: bool
    notice: str
    as_of: str
    vintages: list[str]
    command: str


class FlowsBody(PageBody, KnownBody):
    """The stored rows behind a question."""

    answer: str
    known: str
    missing: list[str]


class MeasureRowsBody(PageBody):
    """The rows of a measure, each with `known` and `missing`."""

    measure: str
    synthetic: bool
    as_of: str
    vintages: list[str]
    missing: list[str]


class AnswerBody(BaseModel):
    """An answer as `entrepot ask --format json` prints it."""

    answer: str
    known: str
    missing: list[str]
    rows: list[Row]
    question: str
    synthetic: bool
    notice: str
    figures: list[dict[str, Any]]
    caveats: list[str]
    evidence: dict[str, Any]


class FindingsBody(BaseModel):
    """A ranking, with the other detectors and the origins in each row."""

    headline: str
    total: int
    limit: int
    offset: int
    next: str | None
    synthetic: bool
    notice: str
    as_of: str
    vintages: list[str]
    command: str
    said: list[str]
    elsewhere: str
    placebos: list[Row]
    untested: list[Row]
    rows: list[dict[str, Any]]


class StudyBody(BaseModel):
    """A study that ships."""

    name: str
    title: str
    question: str
    goods: str
    figures: int
    claims: int


class BriefBody(BaseModel):
    """A brief as brief.json has it."""

    model_config = ConfigDict(extra="allow")

    study: str
    title: str
    question: str
    synthetic: bool
    notice: str
    headline: str
    figures: list[dict[str, Any]]
    claims: list[dict[str, Any]]
    evidence: dict[str, Any]


class SourceBody(BaseModel):
    """A publisher whose files can be read."""

    name: str
    title: str
    publisher: str
    url: str
    licence: str


class StatusBody(BaseModel):
    """What is stored of one reporter of one source."""

    source: str
    reporter: str
    freq: str
    periods: int
    stored_last: str
    stored_release: date
    speaks_for: str


class StandingBody(BaseModel):
    """What is stored, by source and reporter."""

    synthetic: bool
    rows: list[StatusBody]


class CalendarMonthBody(BaseModel):
    """One month of one reporter: see docs/how-to/releases.md."""

    source: str
    reporter: str
    month: str
    state: str = Field(description="published, due, late, silent or not known: see meanings.")
    published: date | None = Field(description="Day of the first vintage with the month.")
    vintage: str | None
    due: date | None = Field(description="When it usually is out; null where not known.")
    latest: date | None
    delay: int | None
    releases: int
    usual: int | None
    heard: date = Field(description="Day of the newest vintage of the source.")


class ReleasesBody(BaseModel):
    """The months of one reporter, counted."""

    source: str
    reporter: str
    newest: str
    published: date
    usual: int | None
    releases: int
    next: str | None
    due: date | None
    unheld: int
    late: int | None
    silent: int
    heard: date


class CalendarBody(BaseModel):
    """A page of the release calendar."""

    synthetic: bool
    mark: dict[str, str]
    meanings: dict[str, str]
    reporters: list[ReleasesBody]
    total: int
    limit: int
    offset: int
    next: str | None
    rows: list[CalendarMonthBody]


class RevisionBandBody(BaseModel):
    """How far months of one reporter moved that were read at one age."""

    source: str
    reporter: str
    age_first: int
    age_last: int | None
    cells: int
    moved: int
    releases: int
    low: float | None = Field(description="Quantile 0.1 of later over earlier; null if few.")
    median: float | None
    high: float | None


class ProfileBody(BaseModel):
    """The revision profile."""

    synthetic: bool
    mark: dict[str, str]
    fewest: int
    rows: list[RevisionBandBody]


class VintageSummaryBody(BaseModel):
    """A vintage."""

    id: str
    source: str
    publisher: str
    licence: str
    published: date
    rows: int
    files: int
    synthetic: bool


class VintageBody(VintageSummaryBody):
    """A vintage with its scope, files and hashes."""

    raw: list[Row]
    products: list[str] | None
    partners: list[str] | None
    rates: dict[str, str]
    version: str


class RevisionsBody(BaseModel):
    """What a vintage changed in an older one of its source."""

    old: str
    new: str
    added: int
    withdrawn: int
    changed: int
    change_usd: float
    only_old: int
    only_new: int
    cells: list[Row]


class HealthBody(BaseModel):
    """That the server runs."""

    status: str
