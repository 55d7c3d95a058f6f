"""Marks: what detectors and rules say of a world, held against what was planted in it."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

import ibis
import numpy as np

from detection import peers, score
from detection.world import make
from entrepot.detect._panel import Scan
from entrepot.errors import EntrepotError
from entrepot.harmonise.products import links
from entrepot.parts import detectors as registered
from entrepot.reference import goods
from entrepot.scan.run import scan

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow as pa
    from ibis.expr.types import Table

    from detection._plan import Bools, Floats
    from detection.peers import Rated
    from detection.world import World
    from entrepot.findings import Finding

GOODS = "chpl-2024-02"
LEGS = (" (in)", " (out)")
WHOLE = ("diversion", "ghost_trade")
"""Detectors that look at one thing a cell; the others look at both legs."""
Q = 0.1
ALARMS_A_MONTH = 1
RUNS = (2, 5, 11)
"""Months after `since` whose ends see a run, besides the last month of the world."""


def findings(world: World) -> dict[str, list[Finding]]:
    """Return detector -> findings, one per third country and listed product tested.

    The only place that touches `entrepot.detect`. A detector that looks at both legs counts as two,
    and codes that share a predecessor share a finding.
    """
    flows, question, collect = asking(world)
    listed = world.question.listed
    found: dict[str, list[Finding]] = {
        name + leg: [] for name in registered() for leg in ([""] if name in WHOLE else LEGS)
    }
    for name, rows in scan(flows, question, collect, registered()).findings.items():
        for row in rows:
            leg = "" if name in WHOLE else LEGS[row.origin is None]
            for code in row.product.split("+"):
                if code in listed:
                    found[name + leg].append(replace(row, product=code))
    return found


def asking(world: World) -> tuple[Table, Scan, Callable[[Table], pa.Table]]:
    """Return the flows of a world, what is asked of them, and what evaluates an expression."""
    asked = world.question
    con = ibis.duckdb.connect()
    con.con.register("arrived", world.flows)
    con.con.execute("create table flows as from arrived")
    codes = tuple(links(goods.load(GOODS), "bridged"))
    question = Scan(asked.destination, f"{asked.since:%Y-%m}", asked.coalition, codes, asked.thirds)

    def collect(table: Table) -> pa.Table:
        return con.con.execute(con.compile(table)).to_arrow_table()

    return con.table("flows"), question, collect


@dataclass(frozen=True, slots=True)
class Alarms:
    """What one detector or rule says of every cell (thirds, listed); null where it says nothing."""

    score: Floats
    flagged: Bools
    p_value: Floats | None = None
    low: Floats | None = None
    high: Floats | None = None


@dataclass(frozen=True, slots=True)
class Truth:
    """The planted truth as arrays over cells (thirds, listed): which, how much, since when.

    `kinds` and `decoys` give the cells of each kind; a decoy that also carries diversion is none.
    `passed_on` are the second countries of longer routes.
    """

    true: Bools
    passed_on: Bools
    usd: Floats
    start: dict[tuple[int, int], date]
    kinds: dict[str, Bools]
    decoys: dict[str, Bools]


@dataclass(frozen=True, slots=True)
class Marks:
    """What one detector or rule scores in one world, overall and by kind."""

    seed: int
    values: dict[str, float]
    alone: dict[str, float] = field(default_factory=dict)
    kinds: dict[str, float] = field(default_factory=dict)
    decoys: dict[str, float] = field(default_factory=dict)


def truth(world: World) -> Truth:
    """Lay the truth of a world out over its cells."""
    ask = world.question
    shape = (len(ask.thirds), len(ask.listed))
    row = {name: place for place, name in enumerate(ask.thirds)}
    column = {name: place for place, name in enumerate(ask.listed)}
    true, passed_on, usd = np.zeros(shape, bool), np.zeros(shape, bool), np.zeros(shape)
    start: dict[tuple[int, int], date] = {}
    real: dict[str, Bools] = {}
    false: dict[str, Bools] = {}
    for one in world.truth.to_pylist():
        cell = row[one["intermediary"]], column[one["product"]]
        kinds = real if one["is_diversion"] else false
        kinds.setdefault(one["kind"], np.zeros(shape, dtype=bool))[cell] = True
        if one["is_diversion"]:
            true[cell] = True
            passed_on[cell] |= one["hop"] > 1
            usd[cell] += one["diverted_usd"]
            start[cell] = min(one["first_month"], start.get(cell, date.max))
    return Truth(
        true=true,
        passed_on=passed_on,
        usd=usd,
        start=start,
        kinds=real,
        decoys={kind: cells & ~true for kind, cells in false.items()},
    )


def laid_out(found: list[Finding], world: World) -> Alarms:
    """Lay findings out over the cells.

    Raises:
        EntrepotError: A finding is of no cell of the question, or one cell has two.
    """
    ask = world.question
    names = ("score", "p_value", "q_value", "excess_low_usd", "excess_high_usd")
    table = np.full((len(names), len(ask.thirds), len(ask.listed)), np.nan)
    seen: set[tuple[str, str]] = set()
    for one in found:
        cell = one.cell
        if cell in seen or cell[0] not in ask.thirds or cell[1] not in ask.listed:
            raise EntrepotError(
                f"detection benchmark: found {cell} of {one.detector}, expected each third "
                "country and listed product of the question once; sum or map it in `findings`"
            )
        seen.add(cell)
        place = ask.thirds.index(cell[0]), ask.listed.index(cell[1])
        table[:, *place] = [
            np.nan if (told := getattr(one, name)) is None else told for name in names
        ]
    level, p_value, q_value, low, high = table
    return Alarms(np.nan_to_num(level, nan=-np.inf), q_value < Q, p_value, low, high)


def mark(alarms: Alarms, real: Truth, months: int) -> dict[str, float]:
    """Score alarms against the truth; `months` is how long the watch lasted."""
    flat, true = alarms.score.ravel(), real.true.ravel()
    precision = score.precision(alarms.flagged, real.true)
    recall = score.recall(alarms.flagged, real.true)
    marks = {
        "ap": score.average_precision(flat, true),
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / (precision + recall) if precision + recall > 0 else 0.0,
        "alarms": float(alarms.flagged.sum()),
        "budget": score.recall_at_false_alarms(flat, true, ALARMS_A_MONTH * months),
        "chance": float(true.mean()),
    }
    if alarms.low is not None and alarms.high is not None:
        hit = real.true & alarms.flagged
        first = real.true & ~real.passed_on
        sides = (alarms.low, alarms.high, real.usd)
        marks["cover_all"] = score.coverage(*(side[real.true] for side in sides))
        marks["cover_first"] = score.coverage(*(side[first] for side in sides))
        marks["cover_found"] = score.coverage(*(side[hit] for side in sides))
    return marks


def calibration(alarms: Alarms) -> dict[str, float]:
    """Return of a placebo world the shares of small p-values, and how many cells are flagged."""
    if alarms.p_value is None:
        return {}
    known = alarms.p_value[~np.isnan(alarms.p_value)]
    small = {f"p{level:g}": float((known < level).mean()) for level in (0.05, 0.01)}
    return (small if len(known) else {}) | {"false": float(alarms.flagged.sum())}


def ends(world: World) -> list[date]:
    """Return the months after whose end the world is looked at, first days."""
    since = world.question.since
    months = [since.year * 12 + since.month - 1 + later for later in RUNS]
    return [*(date(m // 12, m % 12 + 1, 1) for m in months), world.question.until]


def delays(world: World, real: Truth, flagged: Sequence[Bools]) -> dict[str, float]:
    """Return the share found in any run and the median days until then."""
    last = [day.replace(day=monthrange(day.year, day.month)[1]) for day in ends(world)]
    cells = sorted(real.start)
    runs = [np.array([flags[cell] for cell in cells]) for flags in flagged]
    share, days = score.days_to_detection([real.start[cell] for cell in cells], last, runs)
    return {"ever": share, "days": days}


def alone(alarms: Alarms, real: Truth) -> dict[str, float]:
    """Return the average precision for each kind of diversion, cells of other kinds left out.

    A detector made for one kind is judged by it here.
    """
    found = {}
    for kind, cells in real.kinds.items():
        asked = cells | ~real.true
        found[kind] = score.average_precision(alarms.score[asked], cells[asked])
    return found


def shares(alarms: Alarms, cells: dict[str, Bools]) -> dict[str, float]:
    """Return the share of each kind's cells that are flagged."""
    return {kind: score.recall(alarms.flagged, of) for kind, of in cells.items()}


def rules(world: World) -> dict[str, Alarms]:
    """Return "rule | variant" -> alarms of the peers."""
    rated: dict[str, dict[str, Rated]] = peers.rate(peers.panel(world))
    return {
        f"{rule} | {variant}": Alarms(one.score, one.flagged)
        for rule, variants in rated.items()
        for variant, one in variants.items()
    }


def detectors(world: World) -> dict[str, Alarms]:
    """Return detector -> alarms."""
    return {name: laid_out(found, world) for name, found in findings(world).items()}


def one_seed(
    seed: int, *, short: bool, suppliers: tuple[int, int], lumps: float
) -> dict[str, Marks]:
    """Make a world and score everything in it; short leaves earlier runs and the placebo world."""
    world, runs = make(seed, suppliers=suppliers, lumps=lumps), (rules, detectors)
    real = truth(world)
    watch = ends(world)[-1:] if short else ends(world)
    known = [world] if short else [*(world.known(day) for day in watch[:-1]), world]
    said = [{name: a for run in runs for name, a in run(one).items()} for one in known]
    quiet = None if short else make(seed, effect=False, suppliers=suppliers, lumps=lumps)
    calm = detectors(quiet) if quiet else {}
    since, until = world.question.since, world.question.until
    months = (until.year - since.year) * 12 + until.month - since.month + 1
    marks = {}
    for name, alarms in said[-1].items():
        values = mark(alarms, real, months)
        if not short:
            values |= delays(world, real, [one[name].flagged for one in said])
        if name in calm:
            values |= calibration(calm[name])
        marks[name] = Marks(
            seed,
            values,
            alone(alarms, real),
            shares(alarms, real.kinds),
            shares(alarms, real.decoys),
        )
    return marks
