"""A question to a publisher, from the words of a command line."""

from __future__ import annotations

from entrepot.contracts import Query
from entrepot.errors import StudyError
from entrepot.months import months_between
from entrepot.reference import goods as goods_lists
from entrepot.reference import groups
from entrepot.schema import FLOW


def query(
    reporters: str, partners: str, goods: str, products: str, flows: str, first: str, last: str
) -> Query:
    """Return the query that the options mean.

    Raises:
        UnknownCodeError: A country, group or goods list does not exist.
        StudyError: A flow or a period is not one.
    """
    codes = goods_lists.load(goods).codes if goods else _listed(products)
    chosen = _listed(flows)
    if unknown := [flow for flow in chosen if flow not in FLOW.allowed]:
        raise StudyError(f"--flows: no flow {unknown[0]!r}; there are: {', '.join(FLOW.allowed)}")
    return Query(
        freq="A" if len(first) == 4 else "M",
        periods=_periods(first, last),
        reporters=_members(reporters),
        partners=_members(partners),
        flows=chosen,
        products=tuple(codes),
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))


def _members(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for name in _listed(text) for code in groups.members(name)))


def _periods(first: str, last: str) -> tuple[str, ...]:
    if len(first) == len(last) == 4 and first.isdigit() and last.isdigit():
        return tuple(str(year) for year in range(int(first), int(last) + 1))
    return tuple(f"{day:%Y-%m}" for day in months_between(first, last))
