"""Words: the parameters of a measure from what people type, by what each parameter holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from entrepot import terms
from entrepot.errors import StudyError
from entrepot.question.sources import expand, refuse_overlap, unions
from entrepot.reads import PLACES
from entrepot.reference import countries, groups
from entrepot.reference._files import near

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import date

    from entrepot.contracts import Measure
    from entrepot.reference.goods import GoodsList

LISTED = "listed"
"""What people write for the own day of each good of a list."""
Books = tuple[str, str, str]
"""A freq, a flow and a reporter."""


@dataclass(frozen=True, slots=True)
class Wording:
    """Parameters of a run as the measure takes them, and the goods; None is every subheading."""

    params: dict[str, Any]
    goods: GoodsList | None


def read(
    name: str, measure: Measure[Any], given: Mapping[str, Any], *, newest: date | None = None
) -> Wording:
    """Return the parameters that words mean.

    Args:
        name: The measure's name, for what is said.
        measure: What is to be run.
        given: Words or values by parameter; `goods` and `months` may stand for the parameters that
            hold these.
        newest: The newest month known, which "last-12" counts back from.

    Raises:
        StudyError: There is no such parameter, one is missing, or a value is none of its kind.
        UnknownCodeError: A country, a group or goods are unknown.
    """
    given = dict(given)
    params: dict[str, Any] = {}
    goods: GoodsList | None = None
    if "goods" in given and "goods" not in measure.params and measure.goods:
        given[measure.goods] = given.pop("goods")
    if "months" in given and "months" not in measure.params:
        given |= _window(name, measure, given.pop("months"), newest)
    _refuse_unknown(name, measure, given)
    for key, value in given.items():
        if value is None and measure.params[key].default is None:
            continue
        if key == measure.goods:
            goods = terms.goods(value) if value not in ((), "") else None
            continue
        params[key] = _value(name, measure, key, value)
    return Wording(measure.accepted(params), goods)


def _window(name: str, measure: Measure[Any], words: Any, newest: date | None) -> dict[str, str]:
    months = [key for key in measure.params if measure.kind(key) == "Month"]
    windows = [key for key in measure.params if measure.kind(key) == "Window"]
    found = terms.months(str(words), newest=newest)
    if len(months) >= 2:
        return dict(zip(months, (found.first, found.last), strict=False))
    if windows:
        return {windows[0]: f"{found.first}..{found.last}"}
    raise StudyError(f"{measure.noun} {name}: takes no months; it has: {', '.join(measure.params)}")


def _refuse_unknown(name: str, measure: Measure[Any], given: Mapping[str, Any]) -> None:
    if unknown := sorted(given.keys() - measure.params.keys()):
        option = unknown[0].replace("_", "-")
        known = [key.replace("_", "-") for key in measure.params]
        raise StudyError(
            f"{measure.noun} {name}: no option --{option}; {near(option, known)}; it has: "
            f"{', '.join(f'--{key}' for key in known)}"
        )
    needed = [key for key, param in measure.params.items() if param.default is param.empty]
    if absent := [key for key in needed if key not in given]:
        option = absent[0].replace("_", "-")
        raise StudyError(
            f"{measure.noun} {name}: needs --{option} as well ({example(measure.kind(absent[0]))})"
        )


def example(kind: str) -> str:
    """Return what a value of a kind looks like, in words."""
    return {
        "Reporters": "countries or groups, as TUR,KAZ or eu27",
        "Partners": "countries or groups, as Russia,ft-turkey-5",
        "Countries": "countries or groups, as Russia,ft-turkey-5",
        "Country": "one country, as Kazakhstan",
        "Goods": "codes or a list, as 8542.31 or chpl-2023-09",
        "Month": "a month, as 2022-01",
        "Since": "a month, as 2022-03, or listed: each good's own day",
        "Names": "words, as importer-month,product-month",
        "Window": "a window, as 2022-01..2022-09",
        "Flow": "export or import",
        "Freq": "M or A",
        "Years": "years, as 2020,2021",
        "BaseYears": "years, as 2020,2021",
        "tuple[int, ...]": "whole numbers, as 2020,2021",
        "tuple[str, ...]": "words with commas",
        "int": "a whole number",
        "float": "a number",
        "bool": "yes or no",
        "str": "a word",
        "Columns": "columns, as partner or product",
    }.get(kind, "a value")


def _value(name: str, measure: Measure[Any], key: str, value: Any) -> Any:
    """Read one value by what its parameter holds; values that are no text stay as they are."""
    kind = measure.kind(key)
    if not isinstance(value, str) and kind not in _BY_KIND:
        return value
    reader = _BY_KIND.get(kind)
    try:
        return value if reader is None else reader(value, measure)
    except ValueError:
        raise StudyError(
            f"{measure.noun} {name}: --{key.replace('_', '-')} {value!r} is no "
            f"{kind}; expected {example(kind)}"
        ) from None


def _places(value: str | Sequence[str], _measure: Measure[Any]) -> tuple[str, ...]:
    return terms.places(value) if value else ()


def everywhere() -> tuple[str, ...]:
    """Return every partner there is: countries, and places that no country's code stands for."""
    areas = [code for code, row in countries.areas().items()
             if row["kind"] not in countries.AGGREGATES]  # fmt: skip
    return (*countries.table(), *areas)


def _country(value: str, _measure: Measure[Any]) -> str:
    if not value:
        return value
    (name, *others) = terms.places(value)
    if others or len(groups.members(name)) > 1:
        raise StudyError(f"{value!r} is {len(groups.members(name))} countries; expected one")
    return groups.members(name)[0]


def _window_of(value: str | Sequence[str], _measure: Measure[Any]) -> tuple[str, str]:
    if not isinstance(value, str) and len(value) == 2:
        return terms.month(value[0]), terms.month(value[1])
    text = value if isinstance(value, str) else "..".join(value)
    first, comma, last = text.partition(",")
    if comma:
        return terms.month(first), terms.month(last)
    found = terms.months(text)
    return found.first, found.last


def _columns(value: str | Sequence[str], measure: Measure[Any]) -> tuple[str, ...]:
    words = value.split(",") if isinstance(value, str) else value
    names = tuple(word.strip() for word in words if word.strip())
    if odd := [one for one in names if one not in measure.returns.keys]:
        raise StudyError(
            f"--by {odd[0]}: no such column; expected {', '.join(measure.returns.keys)}"
        )
    return names


def _years(value: str | Sequence[int], _measure: Measure[Any]) -> tuple[int, ...]:
    if not isinstance(value, str):
        return tuple(value) if not isinstance(value, int) else (value,)
    years: list[int] = []
    for word in value.replace("-", "..").split(","):
        first, dots, last = word.strip().partition("..")
        years += range(int(first), int(last) + 1) if dots else [int(first)]
    return tuple(years)


def _since(value: str, _measure: Measure[Any]) -> str:
    return LISTED if value.strip().lower() == LISTED else terms.month(value)


def _names(value: str | Sequence[str], _measure: Measure[Any]) -> tuple[str, ...]:
    words = value.split(",") if isinstance(value, str) else value
    return tuple(word.strip().lower() for word in words if word.strip())


def _bool(value: str | bool, _measure: Measure[Any]) -> bool:
    if isinstance(value, bool):
        return value
    told = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
    return told[value.lower()] if value.lower() in told else bool(int(value))


_BY_KIND: dict[str, Callable[[Any, Measure[Any]], Any]] = {
    **dict.fromkeys(("Reporters", *PLACES), _places),
    "Country": _country,
    "Goods": lambda value, _measure: terms.goods(value).codes,
    "Since": _since,
    "Names": _names,
    "Month": lambda value, _measure: terms.month(value),
    "Window": _window_of,
    "Flow": lambda value, _measure: terms.flow(value),
    "Freq": lambda value, _measure: terms.freq(value),
    "Columns": _columns,
    **dict.fromkeys(("Years", "BaseYears", "tuple[int, ...]"), _years),
    "tuple[str, ...]": lambda value, _measure: (
        tuple(one.strip() for one in value.split(",") if one.strip())
        if isinstance(value, str)
        else tuple(value)
    ),
    "int": lambda value, _measure: int(value),
    "float": lambda value, _measure: float(value),
    "bool": _bool,
}


def resolved(
    measure: Measure[Any], params: Mapping[str, Any], books: Collection[Books]
) -> dict[str, Any]:
    """Return parameters with the names of groups replaced by their countries.

    Where none of a group's members reports and the group itself does, it stands as one reporter.
    "ALL" is every partner there is, and everyone who reports the flow to others.

    Args:
        measure: What takes the parameters.
        params: Names of countries and groups, as `read` gives them.
        books: Who reports which flow how often, anywhere in the store.
    """
    found = dict(params)
    for key in params.keys() & measure.of_kind(*PLACES):
        names = _several(params[key])
        codes = (code for name in names for code in groups.members(name))
        found[key] = everywhere() if terms.ALL in names else tuple(dict.fromkeys(codes))
    reporting = {who for _freq, _flow, who in books}
    for key in params.keys() & measure.of_kind("Reporters"):
        names = _several(params[key])
        everyone = terms.ALL in names
        found[key] = _whoever(measure, found, key, books) if everyone else expand(names, reporting)
        refuse_overlap(found[key])
    return found


def _several(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _whoever(
    measure: Measure[Any], params: Mapping[str, Any], key: str, books: Collection[Books]
) -> tuple[str, ...]:
    """Return everyone who reports the flow to others; no union beside its members.

    What a measure reads of one marked reporter says which flow that is, how often, and with whom.
    """
    reads = measure.reads(**{**params, key: (terms.ALL,)})
    own = [read for read in reads if terms.ALL in read.reporters and not read.optional]
    asked = {(read.freq, read.flow) for read in own}
    who = {reporter for freq, flow, reporter in books if (freq, flow) in asked}
    alone = {partner for read in own if len(read.partners) == 1 for partner in read.partners}
    return tuple(sorted(who - unions(who).keys() - alone))
