"""Brief: the answer to a study, as plain records that every output is made from."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from entrepot.publish.mark import mark_of

if TYPE_CHECKING:
    from entrepot.publish.mark import Mark

Bound = Literal["", "at least", "of the known part"]
"""How a value stands to what was asked: it is that, at least that, or that of a part."""
Verdict = Literal[
    "reproduced", "depends", "not reproduced", "not checkable",
    "arithmetic agrees", "arithmetic differs",
]  # fmt: skip
"""What a claim is: as published under every choice shown, under some only, under none, or it cannot
be said. Of an invented world only the arithmetic is told."""


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
class FigureEvidence:
    """What one figure was made from: its measure, its filter in words, and its own rows.

    `windows` are (months, stored rows), so that two years compared are counted apart. `files` are
    (vintage, beginning of the file's sha256), `rows` counts the stored rows, and `first` are the
    first of them in the order of brief.csv, where `figures` names the figure. `command` gives the
    number again.
    """

    measure: str
    filter: tuple[tuple[str, str], ...]
    windows: tuple[tuple[str, int], ...]
    files: tuple[tuple[str, str], ...]
    rows: int
    command: str
    first: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with everything needed to defend it.

    `name` is what claims refer to ("window.base_usd"); `label` is plain words. `unit` is "USD",
    "ratio", "share", "count" or another that the measure names. `value` is null when it cannot be
    computed, and `because` then says why. `low` and `high` span `sensitivity`. `headline` marks the
    two to four figures that a reader should see first. `bound` says how the value stands to the
    question where the store knows only a part of it. `evidence` is what it was made from.
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
    because: str = ""
    headline: bool = False
    bound: Bound = ""
    evidence: FigureEvidence | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A published sentence checked against a figure.

    `expected` is the test in words ("158,000,000 within 5%", "below 1"). `found` is the figure's
    value. `depends_on` names the choices under some options of which the test fails, or holds
    alone. `because` explains a verdict other than reproduced.
    """

    text: str
    figure: str
    expected: str
    found: float | None
    unit: str
    verdict: Verdict
    because: str = ""
    source: str = ""
    depends_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Breakdown:
    """One table of detail, such as code by code: `columns` are (key, label, unit).

    `evidence` is what its numbers were made from, all rows of the table together.
    """

    name: str
    title: str
    columns: tuple[tuple[str, str, str], ...]
    rows: tuple[dict[str, Any], ...]
    note: str = ""
    evidence: FigureEvidence | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """One chart: `kind` names a file in `publish/charts`, `rows` are its long-form data.

    `reading` is one sentence on how to read it; `alt` describes it for those who cannot see it.
    `mark` is the line that stands in the drawing itself: see `mark.Mark`.
    """

    kind: str
    title: str
    reading: str
    alt: str
    rows: tuple[dict[str, Any], ...]
    options: dict[str, Any] = field(default_factory=dict)
    mark: str = ""


@dataclass(frozen=True, slots=True)
class VintageUsed:
    """One vintage behind the brief and the raw files it was read from (name, sha256, bytes)."""

    vintage: str
    source: str
    publisher: str
    published: str
    rows: int
    files: tuple[dict[str, Any], ...]
    licence: str = ""


@dataclass(frozen=True, slots=True)
class ListUsed:
    """One goods list behind the brief, with its codes."""

    name: str
    title: str
    source: str = ""
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is needed to rebuild the brief: command, day, versions, lists, vintages, rates.

    `as_of` is the day that was asked for, or "today"; `day` the one on which the figures stand: the
    day asked for, or that of the last publication known.
    """

    command: str
    as_of: str
    version: str
    lists: tuple[ListUsed, ...]
    rates: str
    vintages: tuple[VintageUsed, ...]
    day: str = ""

    def mark(self, *, synthetic: bool) -> Mark:
        """Return what stands in every file and picture made from it."""
        return mark_of(self.vintages, synthetic=synthetic, as_of=self.day)


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

    @property
    def mark(self) -> Mark:
        """What stands in every file and picture of the brief."""
        return self.evidence.mark(synthetic=self.synthetic)

    def to_dict(self) -> dict[str, Any]:
        """Return the brief as plain data, in the order of its fields; its mark comes last.

        Stored rows are left out: brief.csv holds them all.
        """
        found = asdict(self) | {"mark": self.mark.to_dict()}
        for one in (*found["figures"], *found["breakdowns"]):
            if one["evidence"]:
                del one["evidence"]["first"]
        return found

    def __repr__(self) -> str:
        told = "SYNTHETIC: " if self.synthetic else ""
        return f"<Brief {self.study}: {told}{self.headline}>"

    def __str__(self) -> str:
        from entrepot.publish.text import plain, show

        return plain(lambda console: show(self, console))

    def _repr_html_(self) -> str:
        from entrepot.publish.page import fragment

        return fragment(self)
