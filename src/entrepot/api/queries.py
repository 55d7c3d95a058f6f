"""Queries: the parameters of an address, as the command line has them as options."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from entrepot.ask import Words
from entrepot.errors import StudyError
from entrepot.scan.question import COALITION, GOODS, ScanQuestion

LONG, SHORT = 4000, 300
"""Letters of a list of codes, and of any other words."""
PAGE, MOST = 100, 10_000
"""Rows of a page of JSON, unless more are asked for; and the most there can be."""

Short = Annotated[str, Field(max_length=SHORT)]
Day = Annotated[
    date | None, Field(description="Only what was known on this day, as 2024-05-31.", alias="as_of")
]
Sources = Annotated[
    list[Short],
    Field(max_length=20, description="Source to use where several hold a reporter; repeatable."),
]


class DayQuery(BaseModel):
    """Parameters of an address: none but these, each once; an empty one is left out."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, frozen=True)

    as_of: Day = None

    @model_validator(mode="before")
    @classmethod
    def refuse(cls, given: Any) -> Any:
        """Leave out what is empty, and refuse the name of a file."""
        if not isinstance(given, dict):
            return given
        kept = {key: value for key, value in given.items() if value not in ("", [""])}
        for value in kept.values():
            for word in value if isinstance(value, list) else (value,):
                refuse_files(word)
        return kept


def refuse_files(word: Any) -> None:
    """Refuse words that would be read as the path of a file: the server reads none.

    Raises:
        StudyError: They would.
    """
    if isinstance(word, str) and any(end in word.lower() for end in (".csv", ".toml")):
        raise StudyError("serve: reads no files of yours; write codes or the name of a list")


class AskQuery(DayQuery):
    """A question in the words of `entrepot ask`: see docs/how-to/words.md."""

    goods: Annotated[
        str,
        Field(
            max_length=LONG,
            description="HS codes as 8542.31, a list as chpl-2023-09, tier:1, or all.",
        ),
    ] = ""
    sender: Annotated[
        Short, Field(alias="from", description="Who sends: countries, groups, all.")
    ] = ""
    receiver: Annotated[
        Short, Field(alias="to", description="Who gets it: countries, groups, world or all.")
    ] = ""
    reporter: Annotated[Short, Field(alias="of", description="Whose books, in place of from.")] = ""
    partner: Annotated[Short, Field(description="Trade with whom, beside of.")] = ""
    flow: Annotated[Short, Field(description="export, import, re-export or re-import.")] = ""
    months: Annotated[
        Short, Field(description="2022, 2022-01..2022-09, 2022Q1; last-12 if left out.")
    ] = ""
    by: Annotated[Short, Field(description="One row per month, reporter, partner or product.")] = ""
    base: Annotated[
        Short, Field(description="Compare with the same months of 2021, 2019-2021, before, none.")
    ] = ""
    mirror: Annotated[bool, Field(description="Both books, side by side.")] = False
    freq: Annotated[Short, Field(description="M or A; months if any are held.")] = ""
    top: Annotated[int, Field(le=MOST, description="Keep so many rows, and add the others up.")] = 0
    basket: Annotated[
        Short, Field(description="Codes in older HS revisions: as-listed, stable, bridged.")
    ] = "as-listed"
    source: Sources = []

    def words(self) -> Words:
        """Return the question as `entrepot ask` takes it."""
        return Words(
            goods=self.goods, sender=self.sender, receiver=self.receiver, reporter=self.reporter,
            partner=self.partner, flow=self.flow, months=self.months, by=self.by, base=self.base,
            mirror=self.mirror, freq=self.freq, top=self.top, basket=self.basket,
            sources=tuple(self.source),
        )  # fmt: skip


class FormQuery(BaseModel):
    """In which form an answer comes."""

    format: Annotated[str, Field(max_length=20, description="In place of the header Accept.")] = ""


class AskedFor(AskQuery, FormQuery):
    """A question, and the form of its answer."""


class PageQuery(FormQuery):
    """A part of the rows: for JSON alone, the other forms have all of them."""

    limit: Annotated[int, Field(ge=1, le=MOST)] = PAGE
    offset: Annotated[int, Field(ge=0, le=100_000_000)] = 0


class FlowsQuery(AskQuery, PageQuery):
    """A question, and which of its rows."""


class ScanQuery(DayQuery):
    """A scan in the words of `entrepot scan`."""

    destination: Annotated[Short, Field(description="Where the goods may end: one country.")] = (
        "Russia"
    )
    since: Annotated[Short, Field(description="First month of the window.")] = "2022-03"
    goods: Annotated[str, Field(max_length=LONG)] = GOODS
    coalition: Annotated[Short, Field(description="Whose goods: countries or groups.")] = COALITION
    first: Annotated[Short, Field(description="First month of the past.")] = ""
    last: Annotated[Short, Field(description="Last month of the window.")] = ""
    through: Annotated[Short, Field(description="Show only these third countries.")] = ""
    source: Annotated[Short, Field(description="Which source where several hold one.")] = ""

    def asked(self) -> ScanQuestion:
        """Return the question as `entrepot scan` takes it."""
        return ScanQuestion(
            self.destination, self.since, self.goods, self.coalition, self.first or None,
            self.last or None, self.through or None, self.source or None,
        )  # fmt: skip


class FindingsQuery(ScanQuery, PageQuery):
    """A scan, and which of its rows; where to and since when must be said."""

    destination: Annotated[Short, Field(description="Where the goods may end: one country.")]
    since: Annotated[Short, Field(description="First month of the window.")]


class PlaceQuery(DayQuery):
    """What a page of a country, a corridor or a product is about."""

    goods: Annotated[str, Field(max_length=LONG)] = GOODS
    months: Short = ""
    source: Sources = []


class SearchQuery(DayQuery):
    """What is looked for."""

    q: Annotated[str, Field(max_length=SHORT)] = ""
