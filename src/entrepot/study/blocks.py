"""Blocks: what the TOML file of a study may say, and of which type each value is."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

Params = Annotated[
    dict[str, Any], Meta(description="Parameters of the measure, as its signature names them.")
]
Number = Annotated[int | float, Meta(extra={"expected": "a number"})]
Shown = Annotated[
    str,
    Meta(extra={"expected": 'its words in text; a key with a dot stands in quotes: "KAZ.ratio"'}),
]


class Block(Struct, frozen=True, forbid_unknown_fields=True):
    """A table of a study, which has the keys it is declared with and no other."""


class FigureBlock(Block, frozen=True):
    """One run of a measure, and which of its columns become figures."""

    name: Annotated[str, Meta(description="What claims and the headline call it.")]
    measure: Annotated[str, Meta(description="A measure: `entrepot measure list`.")]
    show: Annotated[
        dict[str, Shown],
        Meta(
            description='A column, or "KEY.column" where the measure gives a row per reporter = '
            "the plain words it is known by.",
        ),
    ]
    params: Params = {}
    alternatives: Annotated[
        dict[str, list[Any]],
        Meta(description="A parameter = its other choices, for the sensitivity."),
    ] = {}
    headline: Annotated[
        tuple[str, ...], Meta(description="The columns a reader should see first.")
    ] = ()
    per: Annotated[
        str, Meta(description='Adds the rows up, per value of a column or "all" of them.')
    ] = ""
    at_least: Annotated[
        bool,
        Meta(
            description="Passes over a row that leaves a sum open; where anything is missing the "
            "sum is at least its value."
        ),
    ] = False
    needs: Annotated[
        str,
        Meta(
            description="What a value takes beyond rows of the goods, for a reader who sees none."
        ),
    ] = ""


class DerivedBlock(Block, frozen=True):
    """A figure made from others, called "NAME.value": a sum, or a quotient."""

    name: str
    label: str
    add: Annotated[
        tuple[str, ...], Meta(description="The figures of a sum, which has their unit.")
    ] = ()
    divide: Annotated[tuple[str, ...], Meta(description="What is divided, and by what.")] = ()
    unit: Annotated[Literal["ratio", "share"], Meta(description="How to read a quotient.")] = (
        "ratio"
    )
    headline: bool = False


class ClaimBlock(Block, frozen=True):
    """A published sentence and the test it implies.

    Either `expect` with a relative `tolerance`, or `at_least` and `at_most`.
    """

    text: str
    figure: Annotated[str, Meta(description="A figure shown above: block.column.")]
    expect: Number | None = None
    tolerance: Number = 0.05
    at_least: Number | None = None
    at_most: Number | None = None
    coverage: Annotated[
        Number,
        Meta(description="The part of reporter-months that must be there for a verdict."),
    ] = 1.0
    source: str = ""
    reason: Annotated[str, Meta(description="Why this test stands for the sentence.")] = ""
    ids: Annotated[
        tuple[str, ...],
        Meta(description="Its rows in `entrepot reference show published_figures`."),
    ] = ()


class BreakdownBlock(Block, frozen=True):
    """A table of detail: a measure broken down by one column.

    By reporter, partner or product it is `growth` or `period_to_date`, by year the latter, and by
    period `monthly_series`.
    """

    name: str
    title: str
    by: Annotated[str, Meta(description="product, partner, reporter, year or period.")]
    params: Params = {}
    measure: str = ""
    note: str = ""
    each: Annotated[
        bool,
        Meta(
            description="Gives everyone asked for a row: 0 where it is known that nothing was "
            "recorded, null where it is not known."
        ),
    ] = False
    top: Annotated[
        int, Meta(ge=0, description="Keeps so many rows and adds the others up; 0 keeps all.")
    ] = 0
    series: Annotated[
        dict[str, dict[str, Any]],
        Meta(
            description="A column's title = the parameters of its own: by period, partner, "
            "reporter or product."
        ),
    ] = {}


class EstimateBlock(Block, frozen=True):
    """One run of an estimator on the study's goods: a table, and a picture where it has a path."""

    name: Annotated[str, Meta(description="What the headline calls it.")]
    title: str
    estimator: Annotated[str, Meta(description="An estimator: `entrepot estimate list`.")]
    params: Annotated[
        dict[str, Any], Meta(description="Parameters of the estimator, but for the goods.")
    ] = {}
    note: str = ""
    picture: Annotated[
        str, Meta(description="The title of the chart, which is drawn if it has one.")
    ] = ""
    reading: Annotated[str, Meta(description="How to read the chart.")] = ""
    alt: Annotated[str, Meta(description="What it shows, for who cannot see it.")] = ""
    options: Annotated[
        dict[str, Any], Meta(description="Options of the chart, as in a picture.")
    ] = {}


class TallyBlock(Block, frozen=True):
    """How many rows of a figure block pass a bar, as words for the headline: "five of six"."""

    name: str
    figure: str
    column: str
    at_least: Number | None = None
    at_most: Number | None = None


class PictureBlock(Block, frozen=True):
    """A chart: "monthly" takes `series` or a breakdown by period, others a breakdown in `of`.

    "multiples" takes what "monthly" takes, "mirror" a breakdown by period with two series, "heat"
    one with several columns of dollars, "corridor_map" one by partner or reporter.
    """

    kind: Annotated[
        str,
        Meta(description="monthly, multiples, mirror, change, bars, heat or corridor_map."),
    ]
    title: str
    reading: Annotated[str, Meta(description="How to read it.")]
    alt: Annotated[str, Meta(description="What it shows, for who cannot see it.")]
    series: Annotated[
        dict[str, list[str]], Meta(description="A line's title = its countries or groups.")
    ] = {}
    of: Annotated[str, Meta(description="The name of the breakdown it draws.")] = ""
    top: Annotated[int, Meta(ge=0, description="How many rows it draws; 0 draws all.")] = 0
    params: Params = {}
    options: Annotated[
        dict[str, Any], Meta(description="Options of the chart, and `mark`: a day = its words.")
    ] = {}


class Written(Block, frozen=True, kw_only=True):
    """A question: goods, countries, windows, figures, and published claims to check."""

    title: str
    question: str
    goods: Annotated[
        str,
        Meta(
            description='A list, a tier of one as "tier:1", codes as "8542.31, 8471", the path of '
            'a CSV, or "all-goods" for the published totals.'
        ),
    ]
    headline: Annotated[
        str, Meta(description="The sentence; {block.column} stands for a figure in words.")
    ]
    unanswered: Annotated[str, Meta(description="The sentence where the figures are not known.")]
    basket: Annotated[
        Literal["as-listed", "stable", "bridged"],
        Meta(description="How codes count in older HS revisions."),
    ] = "as-listed"
    codes: Annotated[tuple[str, ...], Meta(description="A part of a goods list.")] = ()
    sources: Annotated[
        tuple[str, ...],
        Meta(
            description="Which sources to take where several hold a reporter.",
            extra={"expected": 'a list of names of sources, such as ["comtrade"]'},
        ),
    ] = ()
    params: Annotated[
        dict[str, Any], Meta(description="Parameters of every measure below that takes them.")
    ] = {}
    caveats: Annotated[tuple[str, ...], Meta(description="What the study does not show.")] = ()
    figure: tuple[FigureBlock, ...] = ()
    derived: tuple[DerivedBlock, ...] = ()
    tally: tuple[TallyBlock, ...] = ()
    claim: tuple[ClaimBlock, ...] = ()
    breakdown: tuple[BreakdownBlock, ...] = ()
    estimate: tuple[EstimateBlock, ...] = ()
    picture: tuple[PictureBlock, ...] = ()
