"""Question: a study as its TOML file states it, checked before anything runs."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from entrepot.errors import StudyError

DEFAULT = "eu-to-central-asia-2022"


@dataclass(frozen=True, slots=True)
class FigureAsked:
    """One run of a measure, and which of its columns become figures.

    `show` maps a column, or "KEY.column" where the measure gives a row per reporter, to the plain
    words it is known by. `alternatives` maps a parameter to other choices for the sensitivity.
    `headline` lists the columns a reader should see first. `per` adds the measure's rows up, per
    value of one of its columns or "all" of them. With `at_least` a row that leaves a sum open is
    passed over, and where anything is missing the sum is at least its value. `needs` says what a
    value takes beyond rows of the goods; a reader sees it where there is none.
    """

    name: str
    measure: str
    show: dict[str, str]
    params: dict[str, Any] = field(default_factory=dict)
    alternatives: dict[str, list[Any]] = field(default_factory=dict)
    headline: tuple[str, ...] = ()
    per: str = ""
    at_least: bool = False
    needs: str = ""


@dataclass(frozen=True, slots=True)
class DerivedAsked:
    """A figure made from others, called "NAME.value": a sum, or a quotient.

    `add` lists the figures of a sum, which has their unit. `divide` names what is divided and by
    what; `unit` then says how to read it, as "ratio" or "share".
    """

    name: str
    label: str
    add: tuple[str, ...] = ()
    divide: tuple[str, ...] = ()
    unit: str = "ratio"
    headline: bool = False


@dataclass(frozen=True, slots=True)
class ClaimAsked:
    """A published sentence and the test it implies.

    Either `expect` with a relative `tolerance`, or `at_least` and `at_most`. `coverage` is the
    part of reporter-months that must be there before a verdict is given. `reason` says why this
    test stands for the sentence; `ids` names it in the list of published figures.
    """

    text: str
    figure: str
    expect: float | None = None
    tolerance: float = 0.05
    at_least: float | None = None
    at_most: float | None = None
    coverage: float = 1.0
    source: str = ""
    reason: str = ""
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BreakdownAsked:
    """A table of detail: a measure broken down by one column.

    By reporter, partner or product it is `growth` or `period_to_date`, by year the latter, and by
    period `monthly_series` with a column per entry of `series`, which holds its own parameters.
    With `each` every country or code asked for has its row: 0 where it is known that nothing was
    recorded, null where it is not known. `top` keeps so many rows and adds the others up.
    """

    name: str
    title: str
    by: str
    params: dict[str, Any] = field(default_factory=dict)
    measure: str = ""
    note: str = ""
    each: bool = False
    top: int = 0
    series: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EstimateAsked:
    """One run of an estimator on the study's goods: a table, and a picture where it has a path.

    `params` are its parameters, but for the goods. `picture` is the title of the chart, which is
    drawn if it has one; `reading`, `alt` and `options` are as in a picture.
    """

    name: str
    title: str
    estimator: str
    params: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    picture: str = ""
    reading: str = ""
    alt: str = ""
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TallyAsked:
    """How many rows of a figure block pass a bar, as words for the headline: "five of six"."""

    name: str
    figure: str
    column: str
    at_least: float | None = None
    at_most: float | None = None


@dataclass(frozen=True, slots=True)
class PictureAsked:
    """A chart: "monthly" takes `series`, or the name of a breakdown by period in `of`.

    "change" and "bars" take the name of another breakdown, and draw its first `top` rows.
    """

    kind: str
    title: str
    reading: str
    alt: str
    series: dict[str, list[str]] = field(default_factory=dict)
    of: str = ""
    top: int = 0
    params: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, repr=False)
class Study:
    """A question: goods, countries, windows, figures, and published claims to check.

    `goods` are words as `terms.goods` reads them: a list, a tier of one, codes, the path of a CSV,
    or "all-goods" for the published totals. `codes` narrows a list.
    """

    name: str
    title: str
    question: str
    goods: str
    headline: str
    unanswered: str
    basket: str = "as-listed"
    codes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    params: dict[str, Any] = field(default_factory=dict)
    caveats: tuple[str, ...] = ()
    figure: tuple[FigureAsked, ...] = ()
    derived: tuple[DerivedAsked, ...] = ()
    tally: tuple[TallyAsked, ...] = ()
    claim: tuple[ClaimAsked, ...] = ()
    breakdown: tuple[BreakdownAsked, ...] = ()
    estimate: tuple[EstimateAsked, ...] = ()
    picture: tuple[PictureAsked, ...] = ()

    @classmethod
    def load(cls, name: str) -> Study:
        """Read a study by name, or from a path that ends in .toml: see `load`."""
        return load(name)

    def __repr__(self) -> str:
        return f"<Study {self.name}: {self.question}>"


T = TypeVar("T")


def names() -> tuple[str, ...]:
    """Return the studies that ship, the default first."""
    found = sorted(
        path.name.removesuffix(".toml")
        for path in files("entrepot.studies").iterdir()
        if path.name.endswith(".toml")
    )
    return tuple(sorted(found, key=lambda name: name != DEFAULT))


def load(name: str) -> Study:
    """Read a study by name, or from a path that ends in .toml.

    Raises:
        StudyError: There is no such study, or it has a key that means nothing.
    """
    if name.endswith(".toml"):
        path = Path(name)
        if not path.is_file():
            raise StudyError(f"study {name}: no such file; `entrepot study list` names those here")
        text, stem = path.read_text("utf-8"), path.stem
    elif name in names():
        text, stem = files("entrepot.studies").joinpath(f"{name}.toml").read_text("utf-8"), name
    else:
        near = get_close_matches(name, names(), n=1) or names()
        raise StudyError(
            f"no study is called {name!r}; did you mean {near[0]}? There are: {', '.join(names())};"
            " a file of your own is named by a path that ends in .toml"
        )
    try:
        return _study(stem, tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise StudyError(f"study {name}: not valid TOML: {error}") from None


def _study(name: str, data: dict[str, Any]) -> Study:
    kinds: dict[str, type] = {
        "figure": FigureAsked,
        "derived": DerivedAsked,
        "tally": TallyAsked,
        "claim": ClaimAsked,
        "breakdown": BreakdownAsked,
        "estimate": EstimateAsked,
        "picture": PictureAsked,
    }
    for key, kind in kinds.items():
        data[key] = tuple(_record(name, key, kind, row) for row in data.get(key, []))
    study = _record(name, "study", Study, {"name": name} | data)
    shown = {f"{asked.name}.{column}" for asked in study.figure for column in asked.show}
    for derived in study.derived:
        _refuse_odd(name, derived, shown)
        shown.add(f"{derived.name}.value")
    for claim in study.claim:
        if claim.figure not in shown:
            raise StudyError(
                f"study {name}: the claim {claim.text!r} asks for figure {claim.figure!r}, which "
                f"no [[figure]] shows; shown are: {', '.join(sorted(shown))}"
            )
    return study


def _refuse_odd(study: str, derived: DerivedAsked, shown: set[str]) -> None:
    """Refuse a derived figure that is neither a sum nor a quotient of figures before it."""
    if bool(derived.add) == bool(derived.divide) or len(derived.divide) not in (0, 2):
        raise StudyError(
            f"study {study}: [[derived]] {derived.name} has {len(derived.add)} figures to add and "
            f"{len(derived.divide)} to divide; give either some to add or two to divide"
        )
    if unknown := sorted({*derived.add, *derived.divide} - shown):
        raise StudyError(
            f"study {study}: [[derived]] {derived.name} uses {unknown[0]!r}, which no block before "
            f"it shows; shown are: {', '.join(sorted(shown))}"
        )


def _record(study: str, section: str, kind: type[T], data: dict[str, Any]) -> T:
    known = {item.name for item in fields(kind)}  # type: ignore[arg-type]
    if unknown := data.keys() - known:
        raise StudyError(
            f"study {study}: [{section}] has the unknown key {min(unknown)!r}; "
            f"known are: {', '.join(sorted(known - {'name'} if section == 'study' else known))}"
        )
    lists = {
        key: tuple(value) if isinstance(value, list) and key != "alternatives" else value
        for key, value in data.items()
    }
    try:
        return kind(**lists)
    except TypeError as error:
        raise StudyError(f"study {study}: [{section}] is incomplete: {error}") from None
