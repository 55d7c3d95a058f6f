"""Findings: what a detector says of one cell, and one row of a scan's ranking, as records."""

from __future__ import annotations

from dataclasses import dataclass

BAR = 0.1
"""A finding stands out when its q-value is at most this: one in ten of such findings is chance."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers that a sentence and a row say of one cell, in USD and months.

    excess_usd = recorded_usd - expected_usd, all of the months published and with the season in;
    the ends of its 90% interval also hold what the unpublished months may. `before_usd` is what
    the same months of the year before held. `months_above` counts the months above their expected
    value, `months_published` those published in full, of `months_window`; `largest_month` holds
    the part `largest_share` of the excess. None where it is not known.
    """

    recorded_usd: float | None
    expected_usd: float | None
    excess_usd: float | None
    excess_low_usd: float | None
    excess_high_usd: float | None
    before_usd: float | None
    months_above: int | None
    months_published: int | None
    months_window: int
    largest_month: str | None
    largest_share: float | None


@dataclass(frozen=True, slots=True)
class Finding:
    """What one detector says of one third country, product and leg.

    Its fields are the columns of `schema.FINDINGS` in their order. Amounts are in USD since the
    scan's first month, `first_month` is written as 2022-05, and numbers are plain ones, not
    NumPy's. `origin` is null on a way out, `destination` on a way in.
    """

    detector: str
    origin: str | None
    intermediary: str
    destination: str | None
    product: str
    score: float
    p_value: float | None
    q_value: float | None
    recorded_usd: float | None
    expected_usd: float | None
    excess_usd: float | None
    excess_low_usd: float | None
    excess_high_usd: float | None
    before_usd: float | None
    months_above: int | None
    months_published: int | None
    months_window: int
    first_month: str | None
    explanation: str

    @property
    def cell(self) -> tuple[str, str]:
        """The third country and the product that it is about."""
        return self.intermediary, self.product

    @property
    def stands_out(self) -> bool:
        """Whether chance alone is an unlikely reason."""
        return self.q_value is not None and self.q_value <= BAR


@dataclass(frozen=True, slots=True)
class OriginShare:
    """What one coalition reporter recorded to a cell, in USD.

    `value_usd` since the scan's first month, `before_usd` in as many months at its earlier pace;
    `share` of all reporters' increase, from 0 to 1, null where none increased.
    """

    origin: str
    value_usd: float
    before_usd: float
    share: float | None


@dataclass(frozen=True, slots=True)
class Placebo:
    """What the scan's look at another destination, which no controls bind, gave.

    `cells` could be judged, `routes` of them stand out. Nothing shows that goods must reach it by
    detours, so what is found there is chance, or on a longer way.
    """

    destination: str
    cells: int
    routes: int


@dataclass(frozen=True, slots=True)
class RankedFinding:
    """One row of the ranking: a cell's finding of `diversion`, with what else is known of the cell.

    `signals` are the other detectors' findings of it, `origins` one row per coalition reporter
    with any trade, the largest first. `list` is what it is ranked among: "route", or "went-out"
    where nobody of the coalition reports and the finding is that of `went_out`.
    """

    finding: Finding
    signals: tuple[Finding, ...]
    origins: tuple[OriginShare, ...]
    list: str = "route"
