"""Routes: what the statistics say of a product on the way to a country; nothing known is said so.

A scan's evidence, once for each state of the store, as one record per third country and product.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from entrepot import __version__, config
from entrepot.errors import CoverageError, EntrepotError
from entrepot.harmonise.products import family
from entrepot.scan.question import ScanQuestion
from entrepot.scan.untested import reasons
from entrepot.store import disk
from entrepot.store.vintages import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from entrepot.detect._panel import ScanPanel
    from entrepot.scan.run import Scanned
    from entrepot.workspace import Workspace

Month = tuple[str, float | None, float | None, float | None]
YEAR = 12
DRAWN = 24
"""Months before the scan's window that a picture shows."""
DESTINATION, SINCE = "RUS", "2022-03"


@dataclass(frozen=True, slots=True)
class Route:
    """What is known of one third country and product.

    `q_value` is the scan's, None where it could not judge, and `untested` says why. `explanation`
    is the finding's sentence, `first_month` when it began. `growth` is the coalition's recorded
    exports of the last twelve published months over the same months a year before, `mirror` what
    the country recorded of them over what was sent, both None where a month lacks on a side;
    `months` counts the published ones of the last twelve. `switch` is the sentence of a code that
    fell while another rose. `series` are the months in USD that a picture shows, as (month, sent,
    recorded on arrival, sent on), kept where the route stands out.
    """

    third: str
    product: str
    q_value: float | None = None
    explanation: str = ""
    first_month: str = ""
    place: int = 0
    untested: str = ""
    growth: float | None = None
    mirror: float | None = None
    months: int = 0
    switch: str = ""
    series: tuple[Month, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownRoutes:
    """All routes of one scan; `why_not` says why there are none, `command` gives them again."""

    cells: dict[tuple[str, str], Route]
    names: dict[str, str]
    destination: str
    command: str
    last_month: str = ""
    why_not: str = ""
    vintages: tuple[str, ...] = ()
    as_of: str = ""
    synthetic: bool = False

    def of(self, third: str, code: str) -> Route | None:
        """Return what is known of a code of six digits or more, None where nothing is."""
        return self.cells.get((third, self.names.get(code[:6], code[:6])))

    def switched(self, third: str, code: str) -> Route | None:
        """Return a listed code of the same heading that fell while another rose, if one did."""
        fit = [one for (country, product), one in self.cells.items()
               if country == third and product[:4] == code[:4] and one.switch]  # fmt: skip
        return min(fit, key=lambda one: one.product, default=None)


def routes(
    work: Workspace,
    *,
    goods: str = "chpl-2024-02",
    destination: str = DESTINATION,
    step: Callable[[str], None] = lambda _text: None,
) -> KnownRoutes:
    """Return what the store's flows say, from the cache if they were asked before.

    Args:
        work: The store, as of a day.
        goods: The goods list.
        destination: Where the goods may end.
        step: Takes what is being done now.
    """
    asked = ScanQuestion(destination, SINCE, goods)
    command = f"entrepot scan {asked.options()}"
    names = family(asked.listed)
    try:
        work.refuse_empty()
    except CoverageError as error:
        return KnownRoutes({}, names, destination, command, why_not=str(error))
    kept = _place(work, command)
    if (found := _kept(kept, names)) is not None:
        return found
    step("reading the statistics")
    day = work.day
    blank = KnownRoutes(
        {},
        names,
        destination,
        command,
        vintages=tuple(vintage.id for vintage in work.snapshot.vintages),
        as_of=day,
        synthetic=work.snapshot.is_synthetic,
    )
    try:
        scanned = work.scan(asked.scan(), placebos=0, step=step)
    except EntrepotError as error:
        return replace(blank, why_not=str(error))
    made = replace(
        blank,
        cells=_cells(scanned),
        command=f"{command} --as-of {day}",
        last_month=scanned.panel.months[-1],
    )
    _keep(kept, made)
    return made


def _cells(scanned: Scanned) -> dict[tuple[str, str], Route]:
    panel = scanned.panel
    legs = [panel[name] for name in ("coalition_exports", "reported_imports", "onward_exports")]
    sent, arrived, _onward = legs
    growth, mirror, months = _growth(sent), _ratio(arrived, sent), _months(sent)
    ranked = {row.finding.cell: (place, row) for place, row in enumerate(scanned.ranking, start=1)}
    why = reasons(scanned)
    found = {}
    for k in np.flatnonzero(panel.is_listed):
        for j, third in enumerate(panel.thirds):
            cell = (third, panel.products[k])
            place, row = ranked.get(cell, (0, None))
            signals = [s for s in row.signals if s.detector == "code_switch"] if row else []
            found[cell] = Route(
                *cell,
                q_value=row.finding.q_value if row else None,
                explanation=row.finding.explanation if row else "",
                first_month=(row.finding.first_month or "") if row else "",
                place=place,
                untested=why.get(cell, ""),
                growth=_number(growth[j, k]),
                mirror=_number(mirror[j, k]),
                months=int(months[j, k]),
                switch=next((s.explanation for s in signals if s.stands_out), ""),
                series=_series(panel, legs, j, int(k)) if row and row.finding.stands_out else (),
            )
    return found


def _series(panel: ScanPanel, legs: list[NDArray[np.float64]], j: int, k: int) -> tuple[Month, ...]:
    sent, arrived, onward = ([_number(value) for value in leg[j, k]] for leg in legs)
    every = zip(panel.months, sent, arrived, onward, strict=True)
    return tuple(every)[max(0, panel.since - DRAWN) :]


def _growth(sent: NDArray[np.float64]) -> NDArray[np.float64]:
    if sent.shape[2] < 2 * YEAR:
        return np.full(sent.shape[:2], np.nan)
    now, before = sent[:, :, -YEAR:], sent[:, :, -2 * YEAR : -YEAR]
    return _ratio(now, before)


def _ratio(over: NDArray[np.float64], under: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sum of the last year of one over that of another, of the months that both have."""
    over, under = over[:, :, -YEAR:], under[:, :, -YEAR:]
    both = np.isfinite(over) & np.isfinite(under)
    sums = [np.where(both, one, 0.0).sum(axis=2) for one in (over, under)]
    with np.errstate(all="ignore"):
        return np.where(both.any(axis=2) & (sums[1] > 0), sums[0] / sums[1], np.nan)


def _months(sent: NDArray[np.float64]) -> NDArray[np.int64]:
    counted: NDArray[np.int64] = np.isfinite(sent[:, :, -YEAR:]).sum(axis=2)
    return counted


def _number(value: float) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None


def _place(work: Workspace, command: str) -> Path:
    head, _tag = Store(work.store.path).head()
    told = [
        __version__,
        command,
        str(work.as_of),
        *sorted(head.vintages),
        str(work.store.path.resolve()),
    ]
    name = hashlib.sha256("\n".join(told).encode()).hexdigest()[:20]
    return config.cache_path() / "screen" / f"routes-{name}.json"


def _kept(path: Path, names: dict[str, str]) -> KnownRoutes | None:
    try:
        data: dict[str, Any] = json.loads(path.read_bytes())
        cells = [Route(**one) for one in data.pop("cells")]
        cells = [replace(c, series=tuple((m, a, b, d) for m, a, b, d in c.series)) for c in cells]
        vintages = tuple(data.pop("vintages"))
        return KnownRoutes(
            {(c.third, c.product): c for c in cells}, names, vintages=vintages, **data
        )
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _keep(path: Path, made: KnownRoutes) -> None:
    data = {k: getattr(made, k) for k in ("destination", "command", "last_month", "why_not",
                                          "vintages", "as_of", "synthetic")}  # fmt: skip
    data["cells"] = [asdict(one) for one in made.cells.values()]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        disk.replace(path, json.dumps(data).encode())
    except OSError:
        pass
