"""Runs: what a study asks of each measure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from entrepot.parts import measures, part

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from entrepot.contracts import Measure
    from entrepot.study.question import BreakdownBlock, PictureBlock, Study

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


WORDS = {
    "reporters": "Reporters",
    "partners": "Partners",
    "base": "BaseYears",
    "flow": "Flow",
    "freq": "Freq",
}
"""What a study may say once for every measure, and the kind of parameter that it means."""
ENDS = ("first", "last")
"""The months that a study may give once: both months of a measure, or its one window."""


def run(measure: Measure[Any], given: Mapping[str, Any]) -> Run:
    """Return the run of a measure that takes what it knows of the parameters given.

    The words of a study stand for the one parameter of their kind, whatever a measure calls it;
    a parameter given by its own name goes before them.
    """
    params = measure.accepted({**meant(measure, given), **given})
    return Run(measure, {key: value for key, value in params.items() if key != measure.goods})


def meant(measure: Measure[Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that a study's words mean where a measure has others for them."""
    return {
        name: given[words[0]] if len(words) == 1 else tuple(given[word] for word in words)
        for name, words in words_of(measure, given).items()
    }


def words_of(measure: Measure[Any], given: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return the words of a study that stand for parameters of another name, by parameter."""
    found: dict[str, tuple[str, ...]] = {}
    for word, kind in WORDS.items():
        names = measure.of_kind(kind)
        if word in given and word not in measure.params and len(names) == 1:
            found[names[0]] = (word,)
    months, windows = measure.of_kind("Month"), measure.of_kind("Window")
    if len(months) == len(ENDS):
        ends = zip(ENDS, months, strict=True)
        found |= {name: (word,) for word, name in ends
                  if word in given and word not in measure.params}  # fmt: skip
    elif not months and len(windows) == 1 and all(word in given for word in ENDS):
        found[windows[0]] = ENDS
    return found


def measure_of(asked: BreakdownBlock) -> str:
    """Return the measure that a breakdown is of: the one named, else the usual one of its kind."""
    usual = {"period": MONTHS, "year": "period_to_date"}
    return asked.measure or usual.get(asked.by, "growth")


def broken(table: BreakdownBlock) -> list[tuple[str, dict[str, Any]]]:
    """Return the measure and the parameters of each run of a breakdown, one per series."""
    every = table.series or {"": {}}
    return [(measure_of(table), table.params | own) for own in every.values()]


def drawn(study: Study, picture: PictureBlock) -> dict[str, dict[str, Any]]:
    """Return the parameters of each series of a picture of months, by its name."""
    side = (study.params | picture.params).get("series_of", "partners")
    return {name: picture.params | {side: whom} for name, whom in picture.series.items()}


def runs(study: Study) -> list[Run]:
    """Return every run that a study asks for, under every choice, one per series of a picture."""
    found = measures()
    asked: list[tuple[str, dict[str, Any]]] = []
    for block in study.figure:
        asked.append((block.measure, block.params))
        for choice, options in block.alternatives.items():
            asked += [(block.measure, block.params | {choice: option}) for option in options]
    for table in study.breakdown:
        asked += broken(table)
    for picture in study.picture:
        asked += [(MONTHS, own) for own in drawn(study, picture).values()]
    return [run(part(found, "measure", name), study.params | own) for name, own in asked]
