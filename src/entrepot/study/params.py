"""Params: the parameters of a study's runs, each of the type that its measure declares."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Meta

from entrepot.errors import StudyError, UnknownCodeError
from entrepot.question.words import LISTED, example
from entrepot.reference import groups
from entrepot.reference._files import near
from entrepot.schema import FLOW, FREQ
from entrepot.study.faults import fault
from entrepot.study.runs import words_of
from entrepot.terms import ALL
from entrepot.typed import Misfit, convert, cut, expected_of, likely, written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.contracts import Measure
    from entrepot.study.question import Study
    from entrepot.typed import Path


def _said(expected: str) -> Meta:
    return Meta(extra={"expected": expected})


Month = Annotated[str, _said('a month, such as "2022-01"')]
Year = Annotated[int, Meta(ge=1900, le=2100), _said("a year, such as 2021")]
Places = Annotated[tuple[str, ...], _said('a list of countries or groups, such as ["TUR", "eu27"]')]
Years = Annotated[tuple[Year, ...], _said("a list of years, such as [2021]")]
Codes = Annotated[str | tuple[str, ...], _said('a list of goods, or codes, such as ["854231"]')]
"""Goods that an estimate compares with, which `question.words` reads."""
KINDS: dict[str, Any] = {
    "Reporters": Places,
    "Countries": Places,
    "Partners": Places,
    "Country": Annotated[str, _said('one country, such as "KAZ"')],
    "Goods": Annotated[tuple[str, ...], _said('a list of codes, such as ["854231"]')],
    "Month": Month,
    "Window": Annotated[
        tuple[Month, Month], _said('its first and last month, such as ["2022-01", "2022-09"]')
    ],
    "Flow": Literal[FLOW.allowed],
    "Freq": Literal[FREQ.allowed],
    **dict.fromkeys(("Years", "BaseYears", "tuple[int, ...]"), Years),
    "Since": Annotated[str, _said('a month, such as "2022-03", or "listed"')],
    "Names": Annotated[str | tuple[str, ...], _said("a word or a list of words")],
    "Columns": Annotated[tuple[str, ...], _said('a list of columns, such as ["partner"]')],
    "int": int,
    "float": float,
    "bool": bool,
    "str": str,
}
"""What each kind of parameter takes in a study; `question.words` reads the same from people."""
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
YEARS = ("year", "base")
PLACES = ("Reporters", "Countries", "Partners", "Country")


@dataclass(frozen=True)
class RunParams:
    """What one run of a study gives a measure.

    `where` is what its block is called. `layers` are its parameters and the way to each table of
    them, from those of the whole study, which other measures may be meant to take, to its own,
    which go before.
    """

    study: Study
    where: str
    measure: Measure[Any]
    layers: Sequence[tuple[Path, Mapping[str, Any]]]

    def check(self) -> None:
        """Refuse a parameter that is unknown, missing, or of another type than it takes.

        Raises:
            StudyError: With the line, and what was expected there.
            UnknownCodeError: A country or group is in none of our lists.
        """
        known = self.measure.params
        given: dict[str, list[tuple[str, Path, Any]]] = {}
        for number, (path, layer) in enumerate(self.layers):
            if not number:
                for name, words in words_of(self.measure, layer).items():
                    given[name] = [(word, (*path, word), layer[word]) for word in words]
            for key, value in layer.items():
                if key in known:
                    given[key] = [(key, (*path, key), value)]
                elif number:
                    raise self._fault(
                        (*path, key),
                        f"{self.where}: parameter {key!r} does not exist; {near(key, [*known])}; "
                        f"there are: {', '.join(known)}",
                    )
        for key, parts in given.items():
            # The two ends of a window are a month each.
            kind = "Month" if len(parts) > 1 else ""
            for word, path, value in parts:
                self.value(key, value, path, word, kind)
        if lacking := self.measure.lacking(given):
            raise self._fault(
                self.layers[-1][0],
                f"{self.where} does not say {lacking[0]} ({example(self.measure.kind(lacking[0]))})"
                "; write it under its params or under [params]",
            )

    def value(self, key: str, value: Any, path: Path, word: str = "", kind: str = "") -> None:
        """Check one value of a parameter.

        Args:
            key: The parameter.
            value: What the study gives it.
            path: Where it stands.
            word: What the study calls it, if that is another name.
            kind: What it holds, if that is a part of what the parameter does.

        Raises:
            StudyError: It is of another type, or the goods, which stand at the top of a study.
            UnknownCodeError: A country or group is in none of our lists.
        """
        where = f"[params] {word or key}" if path[0] == "params" else f"{self.where}: {word or key}"
        if key == self.measure.goods:
            raise self._fault(path, f"{where} are the study's goods; write goods = at its top")
        kind = kind or self.measure.kind(key)
        try:
            convert(value, self._type(key, kind), path)
            if kind in ("Month", "Window"):
                _months(value if kind == "Window" else [value], KINDS[kind], path)
            if kind == "Since" and value != LISTED:
                _months([value], KINDS[kind], path)
        except Misfit as found:
            told = f"{where} is {cut(written(value))}; expected {found.expected}"
            raise self._fault(found.spot, told) from None
        if kind in PLACES:
            self._places(where, (value,) if isinstance(value, str) else value, path)
        grain = self.measure.returns.keys
        if kind == "Columns" and (odd := [one for one in value if one not in grain]):
            raise self._fault(
                path,
                f"{where}: column {odd[0]!r} does not exist{likely(odd[0], grain)}; there are: "
                f"{', '.join(grain)}",
            )

    def _type(self, key: str, kind: str) -> Any:
        if kind == "int" and key in YEARS:
            return Year
        if kind == "Goods" and self.measure.noun == "estimator":
            return Codes
        return KINDS.get(kind, Any)

    def _places(self, where: str, names: Sequence[str], path: Path) -> None:
        for name in names:
            try:
                if name not in ("", ALL):
                    groups.members(name)
            except UnknownCodeError as error:
                told = self._fault(path, f"{where}: {error}")
                raise UnknownCodeError(str(told)) from None

    def _fault(self, path: Path, text: str) -> StudyError:
        return fault(self.study.name, self.study.lines, path, text)


def _months(words: Sequence[str], kind: Any, path: Path) -> None:
    if not all(MONTH.fullmatch(word) for word in words):
        raise Misfit(path, expected=expected_of(kind), spot=path)
