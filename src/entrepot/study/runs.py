"""Runs: what a study asks of each measure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from entrepot.workspace import measures, part

if TYPE_CHECKING:
    from collections.abc import Mapping

    from entrepot.contracts import Measure
    from entrepot.study.question import BreakdownAsked, Study

MONTHS = "monthly_series"
"""The measure whose rows a picture of months is drawn from."""


@dataclass(frozen=True)
class Run:
    """One run of a measure: its parameters as the study writes them, defaults included.

    The goods are left out: they are the study's basket.
    """

    measure: Measure[Any]
    params: dict[str, Any]

    def but(self, **others: Any) -> Run:
        """Return the run with other values of some parameters."""
        return run(self.measure, self.params | others)


def run(measure: Measure[Any], given: Mapping[str, Any]) -> Run:
    """Return the run of a measure that takes what it knows of the parameters given."""
    params = measure.accepted(given)
    return Run(measure, {key: value for key, value in params.items() if key != measure.goods})


def measure_of(asked: BreakdownAsked) -> str:
    """Return the measure that a breakdown is of: the one named, else the usual one of its kind."""
    usual = {"period": MONTHS, "year": "period_to_date"}
    return asked.measure or usual.get(asked.by, "growth")


def runs(study: Study) -> list[Run]:
    """Return every run that a study asks for, under every choice, one per series of a picture."""
    found = measures()
    asked: list[tuple[str, dict[str, Any]]] = []
    for block in study.figure:
        asked.append((block.measure, block.params))
        for choice, options in block.alternatives.items():
            asked += [(block.measure, block.params | {choice: option}) for option in options]
    for table in study.breakdown:
        every = table.series or {"": {}}
        asked += [(measure_of(table), table.params | own) for own in every.values()]
    for picture in study.picture:
        side = (study.params | picture.params).get("series_of", "partners")
        asked += [(MONTHS, picture.params | {side: names}) for names in picture.series.values()]
    return [run(part(found, "measure", name), study.params | own) for name, own in asked]
