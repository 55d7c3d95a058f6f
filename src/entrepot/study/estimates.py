"""Estimates: the estimators that a study runs, as tables with their intervals and as pictures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from entrepot.errors import EntrepotError, StudyError
from entrepot.parts import estimators, part
from entrepot.publish import words
from entrepot.publish.brief import Breakdown
from entrepot.question.estimate import estimate, picture
from entrepot.question.words import read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from entrepot.contracts import Estimator
    from entrepot.publish.brief import Picture
    from entrepot.question.estimate import Estimate
    from entrepot.study.books import Books
    from entrepot.study.question import EstimateBlock, Study

COLUMNS = (
    ("label", "Estimate", ""),
    ("estimate", "Coefficient", "coefficient"),
    ("ci_low", "95% from", "coefficient"),
    ("ci_high", "to", "coefficient"),
    ("factor", "Times", "coefficient"),
    ("p_value", "p", "p"),
    ("observations", "N", "count"),
    ("clusters", "Clusters", "count"),
)
NOT_ESTIMATED = "Not estimated"


@dataclass(frozen=True, slots=True)
class Made:
    """An estimate as a brief shows it; `found` is None where it could not be made."""

    table: Breakdown
    picture: Picture | None
    found: Estimate | None

    @property
    def effect(self) -> dict[str, Any]:
        """The row of the effect; empty where there is none."""
        return self.found.rows[0] if self.found else {}


def given(study: Study, asked: EstimateBlock, estimator: Estimator[Any]) -> dict[str, Any]:
    """Return the parameters of an estimate: the study's that it takes, and its own."""
    shared = {key: value for key, value in study.params.items() if key in estimator.params}
    return {**shared, **asked.params, estimator.goods: study.goods}


def make(asked: EstimateBlock, books: Books) -> Made:
    """Run an estimator on the study's goods, on a connection of its own.

    What the store or the data do not allow is the table's one row, with the reason.

    Raises:
        StudyError: A parameter is missing, or its value is none of its kind.
    """
    found = part(estimators(), "estimator", asked.estimator)
    desk = books.workspace.again()
    params = given(books.study, asked, found)
    wording = read(asked.estimator, found, params, newest=desk.newest)
    try:
        made = estimate(
            *(desk.engine, desk.snapshot, asked.estimator, found),
            replace(wording, goods=books.goods),
            sources=books.sources or books.study.sources,
            basket=books.basket,
        )
    except StudyError:
        raise
    except EntrepotError as error:
        empty = dict.fromkeys((key for key, _label, _unit in COLUMNS), None)
        row = {**empty, "label": NOT_ESTIMATED, "code": ""}
        note = f"{error}.".replace("..", ".")
        return Made(Breakdown(asked.name, asked.title, COLUMNS, (row,), note), None, None)
    table = Breakdown(asked.name, asked.title, COLUMNS, tuple(_rows(made)), _note(asked, made))
    drawn = (
        picture(made, asked.picture, asked.reading, asked.alt, **asked.options)
        if asked.picture
        else None
    )
    return Made(table, drawn, made)


def _rows(made: Estimate) -> list[dict[str, Any]]:
    return [
        {
            "label": f"{row['period']:%Y-%m}" if row["period"] else row["effect"],
            "code": f"{row['period']:%Y-%m}" if row["period"] else "",
            **{key: value for key, value in row.items() if key not in ("effect", "period")},
        }
        for row in made.rows
    ]


def _note(asked: EstimateBlock, made: Estimate) -> str:
    """Say what the numbers rest on, how their errors are made, and what the tests say."""
    effect = made.rows[0]
    goods, others = made.compared
    compared = f" beside {words.count(others)} others" if others else ""
    told = [
        asked.note,
        f"Standard errors: {effect['convention']}.",
        f"Rests on {words.count(goods)} of the codes{compared}; {made.statement}.",
        _test("Other importers in their place", effect, "placebo_p", "placebo_sets", "set"),
        _test("Other signs of the importers' scores", effect, "bootstrap_p", "bootstrap_draws",
              "pattern"),
        _trend(effect["pretrend_p"]),
        f"Not known, and left out: {'; '.join(made.missing)}." if made.missing else "",
    ]  # fmt: skip
    return " ".join(filter(None, told))


def _test(who: str, effect: Mapping[str, Any], p: str, tried: str, noun: str) -> str:
    return (
        f"{who}: p = {words.figure(effect[p], 'p')}, and never below "
        f"{words.figure(1 / effect[tried], 'p')} with {words.count(effect[tried], noun)}."
    )


def _trend(p: float | None) -> str:
    if p is None:
        return ""
    if p < 0.05:
        return (
            f"The periods before were not alike (p = {words.figure(p, 'p')}), so that this is no "
            "effect of what came after."
        )
    return f"The periods before do not differ by more than chance (p = {words.figure(p, 'p')})."
