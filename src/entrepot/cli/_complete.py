"""What a shell offers after Tab: the names there are, read only when a shell asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from entrepot.errors import EntrepotError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from entrepot.contracts import Measure

    Choices = Callable[[], Iterable[str | tuple[str, str]]]
    Offer = Callable[[str], list[tuple[str, str]]]


def offer(choices: Choices, *, listed: bool = False) -> Offer:
    """Return the function that a parameter asks for its completions.

    Args:
        choices: What there is to choose from, each perhaps with a word of explanation.
        listed: Several stand in one word, with commas; the last of them is completed.
    """

    def complete(incomplete: str) -> list[tuple[str, str]]:
        head, comma, _last = incomplete.rpartition(",") if listed else ("", "", incomplete)
        try:
            found = [(one, "") if isinstance(one, str) else one for one in choices()]
        except (EntrepotError, OSError):  # a shell can show no error
            return []
        taken = head.split(",")
        return [(f"{head}{comma}{name}", said) for name, said in found if name not in taken]

    return complete


def named_places(*options: str, help: str) -> Any:  # noqa: A002 - as typer calls it
    """Return a parameter that takes countries and groups, and offers them."""
    return typer.Option(*options, help=help, autocompletion=offer(places, listed=True))


def measures() -> Iterable[tuple[str, str]]:
    """Every measure, and what it finds."""
    from entrepot.parts import measures

    return [(name, _first(part.run.__doc__)) for name, part in measures().items()]


def estimators() -> Iterable[tuple[str, str]]:
    """Every estimator, and what it finds."""
    from entrepot.parts import estimators

    return [(name, _first(part.run.__doc__)) for name, part in estimators().items()]


def detectors() -> Iterable[tuple[str, str]]:
    """Every detector, and what it finds."""
    from entrepot.parts import detectors

    return [(name, _first(part.run.__doc__)) for name, part in detectors().items()]


def sources() -> Iterable[tuple[str, str]]:
    """Every source, and its title."""
    from entrepot.parts import sources

    return [(name, part.title) for name, part in sources().items()]


def studies() -> Iterable[str]:
    """Every study that ships."""
    from entrepot.study.question import names

    return names()


def goods() -> Iterable[str]:
    """Every goods list that ships."""
    from entrepot.reference.goods import names

    return names()


def lists() -> Iterable[tuple[str, str]]:
    """Every list of reference, and its title."""
    from entrepot.reference import passports

    return [(name, title) for _kind, name, title, _rows, _path in passports.listing()]


def mappings() -> Iterable[str]:
    """Every mapping that ships."""
    from entrepot.parts import mappings

    return mappings()


def countries() -> Iterable[tuple[str, str]]:
    """Every country by its code."""
    from entrepot.reference import countries

    return [(code, countries.name(code)) for code in countries.table()]


def places() -> Iterable[tuple[str, str]]:
    """Every group, then every country."""
    from entrepot.reference import groups

    return [*((name, groups.title(name)) for name in groups.names()), *countries()]


def flows() -> Iterable[str]:
    """Every flow."""
    from entrepot.schema import FLOW

    return FLOW.allowed


def freqs() -> Iterable[tuple[str, str]]:
    """How often figures come."""
    return [("M", "months"), ("A", "years")]


def baskets() -> Iterable[str]:
    """How codes count in older HS revisions."""
    from entrepot.harmonise.products import BASKETS

    return BASKETS


def vintages() -> Iterable[tuple[str, str]]:
    """Every vintage of the store that the environment or the settings name."""
    from entrepot.config import existing_store, store_path
    from entrepot.store.vintages import Store

    return [
        (one.id, f"published {one.published}")
        for one in Store(store_path(existing_store(None))).vintages()
    ]


def of(measure: Measure[object], key: str) -> Offer | None:
    """Return what a measure's parameter offers, by what it holds; None where that is no choice."""
    columns = measure.returns.keys
    known: dict[str, Offer] = {
        "Reporters": offer(places, listed=True),
        "Countries": offer(places, listed=True),
        "Partners": offer(places, listed=True),
        "Country": offer(countries),
        "Goods": offer(goods),
        "Flow": offer(flows),
        "Freq": offer(freqs),
        "Columns": offer(lambda: columns, listed=True),
        "bool": offer(lambda: ("yes", "no")),
    }
    return known.get(measure.kind(key))


def _first(doc: str | None) -> str:
    return (doc or "").partition("\n")[0]
