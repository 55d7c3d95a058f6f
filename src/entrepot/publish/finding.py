"""Finding: what a scan found, as plain records that its pages are made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot.publish.mark import mark_of

if TYPE_CHECKING:
    from entrepot.findings import Finding, OriginShare, Placebo
    from entrepot.publish.brief import Breakdown, ListUsed, Picture, VintageUsed
    from entrepot.publish.mark import Mark


@dataclass(frozen=True, slots=True)
class Ranked:
    """One line of the ranking, with its place from 1 on and how it is shown.

    `finding`, `signals`, `origins` and `list` are those of `findings.RankedFinding`. `goods` is the
    product in words, `slug` names its page and its files. `has_page` is whether it was among the
    first of the ranking, of which pages are made.
    """

    place: int
    finding: Finding
    signals: tuple[Finding, ...]
    origins: tuple[OriginShare, ...]
    goods: str
    slug: str
    has_page: bool
    list: str = "route"

    @property
    def stands_out(self) -> bool:
        """Whether chance alone is an unlikely reason."""
        return self.finding.stands_out


@dataclass(frozen=True, slots=True)
class RowsUsed:
    """Stored rows behind one leg of a finding: one per leg, source and vintage.

    `rows` counts them over all months of the scan, `value_usd` adds those since its start.
    """

    leg: str
    source: str
    vintage: str
    rows: int
    value_usd: float


@dataclass(frozen=True, slots=True)
class FindingDetail:
    """Everything a page says about one finding.

    `events` are (number, date, what, source); the numbers are those on the picture.
    """

    entry: Ranked
    picture: Picture
    events: tuple[tuple[str, str, str, str], ...]
    rows: tuple[RowsUsed, ...]
    caveats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScanReport:
    """A whole scan: the question, the ranking, what was not tested, and what it rests on.

    `months` are the first and last month looked at, `since` where the window begins. `cells` counts
    the pairs of third country and listed product, tested or not. `list` is what the ranking is a
    list of, `unable` the detectors that cannot judge for want of the coalition's exports. `came_in`
    are the cells whose way on is not known, `arrivals` those of them that stand out as a table;
    `said` are sentences on what ties third countries to the destination; `placebos` is what other
    destinations give under the same look, and `elsewhere` that in a sentence, empty where none was
    asked for. `panel` is how many third countries, products (controls among them) and months the
    arrays have, and their bytes. `null` says what p-values rest on, `narrowed` to which third
    countries the pages are narrowed, if they are.
    """

    title: str
    question: str
    destination: str
    months: tuple[str, str]
    since: str
    entries: tuple[Ranked, ...]
    cells: int
    thirds: int
    pictures: tuple[Picture, ...]
    untested: Breakdown
    silent: Breakdown
    goods: ListUsed
    coalition: tuple[str, tuple[str, ...]]
    detectors: tuple[tuple[str, str], ...]
    vintages: tuple[VintageUsed, ...]
    synthetic: bool
    command: str
    as_of: str
    version: str
    list: str = "route"
    unable: tuple[str, ...] = ()
    null: str = ""
    narrowed: str = ""
    came_in: tuple[Ranked, ...] = ()
    arrivals: Breakdown | None = None
    said: tuple[str, ...] = ()
    elsewhere: str = ""
    placebos: tuple[Placebo, ...] = ()
    panel: tuple[int, int, int, int] = (0, 0, 0, 0)

    @property
    def mark(self) -> Mark:
        """What stands in every file and picture of the scan."""
        return mark_of(self.vintages, synthetic=self.synthetic, as_of=self.as_of)

    @property
    def rows(self) -> tuple[Ranked, ...]:
        """All that the files hold: the ranking, then what came in."""
        return *self.entries, *self.came_in

    @property
    def tested(self) -> tuple[Ranked, ...]:
        """The entries with a q-value: both legs could be judged."""
        return tuple(entry for entry in self.entries if entry.finding.q_value is not None)

    @property
    def found(self) -> tuple[Ranked, ...]:
        """The entries that stand out, in the order of the ranking."""
        return tuple(entry for entry in self.entries if entry.stands_out)

    @property
    def rising(self) -> tuple[Ranked, ...]:
        """The cells that came in and stand out: all a store of one side can say."""
        return tuple(entry for entry in self.came_in if entry.stands_out)

    @property
    def shown(self) -> tuple[Ranked, ...]:
        """The entries that have a page."""
        return tuple(entry for entry in self.entries if entry.has_page)
