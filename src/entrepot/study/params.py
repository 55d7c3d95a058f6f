"""Params: the parameters of a study's runs, each of the type that its measure declares."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Meta

from entrepot.errors import StudyError, UnknownCodeError
from entrepot.reference import groups
from entrepot.schema import FLOW, FREQ
from entrepot.study.faults import fault
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
KINDS: dict[str, Any] = {
    "Reporters": Places,
    "Countries": Places,
    "Country": Annotated[str, _said('one country, such as "KAZ"')],
    "Goods": Annotated[tuple[str, ...], _said('a list of codes, such as ["854231"]')],
    "Month": Month,
    "Window": Annotated[
        tuple[Month, Month], _said('its first and last month, such as ["2022-01", "2022-09"]')
    ],
    "Flow": Literal[FLOW.allowed],
    "Freq": Literal[FREQ.allowed],
    "tuple[int, ...]": Annotated[tuple[Year, ...], _said("a list of years, such as [2021]")],
    "Columns": Annotated[tuple[str, ...], _said('a list of columns, such as ["partner"]')],
    "int": int,
    "float": float,
    "bool": bool,
    "str": str,
}
"""What each kind of parameter takes in a study; `question.words` reads the same from people."""
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
YEARS = ("year", "base")
PLACES = ("Reporters", "Countries", "Country")


@dataclass(frozen=True)
class Asked:
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
        given: dict[str, tuple[Path, Any]] = {}
        for number, (path, layer) in enumerate(self.layers):
            for key, value in layer.items():
                if key in known:
                    given[key] = (*path, key), value
                elif number:
                    raise self._fault(
                        (*path, key),
                        f"{self.where}: parameter {key!r} does not exist{likely(key, known)}; "
                        f"there are: {', '.join(known)}",
                    )
        for key, (path, value) in given.items():
            self.value(key, value, path)
        for key, param in known.items():
            if param.default is param.empty and key not in given and key != self.measure.goods:
                raise self._fault(
                    self.layers[-1][0],
                    f"{self.where}: {self.measure.run.__name__} needs {key!r} as well; give it "
                    "here or under [params]",
                )

    def value(self, key: str, value: Any, path: Path) -> None:
        """Check one value of a parameter.

        Raises:
            StudyError: It is of another type, or the goods, which stand at the top of a study.
            UnknownCodeError: A country or group is in none of our lists.
        """
        where = f"[params] {key}" if path == ("params", key) else f"{self.where}: {key}"
        if key == self.measure.goods:
            raise self._fault(path, f"{where} are the study's goods; write goods = at its top")
        kind = self.measure.kind(key)
        try:
            convert(value, Year if kind == "int" and key in YEARS else KINDS.get(kind, Any), path)
            if kind in ("Month", "Window"):
                _months(value if kind == "Window" else [value], KINDS[kind], path)
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
