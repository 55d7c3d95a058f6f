"""Brief: the answer to a study, as plain records that every output is made from."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Bound = Literal["", "at least", "of the known part"]
"""How a value stands to what was asked: it is that, at least that, or that of a part."""
Verdict = Literal["reproduced", "not reproduced", "not checkable"]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a figure rests on: reporter-months expected, present and missing, and codes.

    `missing` names what is absent, in words ("KAZ 2023-09"). `codes_listed` counts the goods list,
    `codes_present` those with at least one row behind the figure. `codes_one_side` names codes
    that exist on only one side of a comparison, so that a switch is never read as growth. `gaps`
    says in words which partners or goods of the question the store does not know; with `is_part`
    a sum is at least its value, and everything else is of the part that is known.
    """

    months: str
    reporter_months_expected: int
    reporter_months_present: int
    missing: tuple[str, ...] = ()
    codes_listed: int = 0
    codes_present: int = 0
    codes_one_side: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    is_part: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether every expected reporter-month is there."""
        return self.reporter_months_present == self.reporter_months_expected

    @property
    def is_whole(self) -> bool:
        """Whether everything that was asked is known."""
        return self.is_complete and self.reporter_months_expected > 0 and not self.gaps


@dataclass(frozen=True, slots=True)
class Variant:
    """The same figure under another choice: `choice` ("basket"), `option` ("bridged"), `value`."""

    choice: str
    option: str
    value: float | None


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with everything needed to defend it.

    `name` is what claims refer to ("window.base_usd"); `label` is plain words. `unit` is "USD",
    "ratio", "share", "count" or another that the measure names. `value` is null when it cannot be
    computed, and `because` then says why. `low` and `high` span `sensitivity`. `cells` counts the
    stored cells summed, null where the measure does not. `headline` marks the two to four figures
    that a reader should see first. `bound` says how the value stands to the question where the
    store knows only a part of it.
    """

    name: str
    label: str
    value: float | None
    unit: str
    basket: str
    coverage: Coverage
    sensitivity: tuple[Variant, ...] = ()
    low: float | None = None
    high: float | None = None
    cells: int | None = 0
    because: str = ""
    headline: bool = False
    bound: Bound = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """A published sentence checked against a figure.

    `expected` is the test in words ("158,000,000 within 5%", "below 1"). `found` is the figure's
    value. `because` explains a verdict other than reproduced.
    """

    text: str
    figure: str
    expected: str
    found: float | None
    unit: str
    verdict: Verdict
    because: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Breakdown:
    """One table of detail, such as code by code: `columns` are (key, label, unit)."""

    name: str
    title: str
    columns: tuple[tuple[str, str, str], ...]
    rows: tuple[dict[str, Any], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """One chart: `kind` names a file in `publish/charts`, `rows` are its long-form data.

    `reading` is one sentence on how to read it; `alt` describes it for those who cannot see it.
    """

    kind: str
    title: str
    reading: str
    alt: str
    rows: tuple[dict[str, Any], ...]
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VintageUsed:
    """One vintage behind the brief and the raw files it was read from (name, sha256, bytes)."""

    vintage: str
    source: str
    publisher: str
    published: str
    rows: int
    files: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class ListUsed:
    """One goods list behind the brief, with its codes."""

    name: str
    title: str
    source: str = ""
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is needed to rebuild the brief: command, day, versions, lists, vintages, rates."""

    command: str
    as_of: str
    version: str
    lists: tuple[ListUsed, ...]
    rates: str
    vintages: tuple[VintageUsed, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Brief:
    """A study's answer. `notice` is the first line when the figures are not the user's own.

    `print` shows it as a terminal does, a notebook as its page.
    """

    study: str
    title: str
    question: str
    synthetic: bool
    notice: str
    headline: str
    figures: tuple[Figure, ...]
    claims: tuple[Claim, ...]
    breakdowns: tuple[Breakdown, ...]
    pictures: tuple[Picture, ...]
    caveats: tuple[str, ...]
    evidence: Evidence

    def to_dict(self) -> dict[str, Any]:
        """Return the brief as plain data, in the order of its fields."""
        return asdict(self)

    def __repr__(self) -> str:
        told = "SYNTHETIC: " if self.synthetic else ""
        return f"<Brief {self.study}: {told}{self.headline}>"

    def __str__(self) -> str:
        from entrepot.publish.text import plain, show

        return plain(lambda console: show(self, console))

    def _repr_html_(self) -> str:
        from entrepot.publish.page import fragment

        return fragment(self)
