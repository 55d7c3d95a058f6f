"""Countries: who a publisher's code or label stands for.

Our code is ISO 3166-1 alpha-3 for a country (XKX for Kosovo), and a code of `areas.csv` for what
is not a country: the world, the European Union as one reporter, areas not specified, ship stores,
states of the past. A code that could mean two places resolves to neither.
"""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from entrepot.errors import RegistryError, UnknownCodeError
from entrepot.reference._files import near, records
from entrepot.reference._letters import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SCHEMES = ("iso3", "iso2", "m49", "comtrade", "comext", "eurostat_label", "census", "name")
AGGREGATES = ("world", "aggregate")
_CURLY = "\N{RIGHT SINGLE QUOTATION MARK}"


@cache
def table() -> Mapping[str, Mapping[str, str]]:
    """Return one row per country, by ISO3, with how each publisher writes it."""
    return MappingProxyType({row["iso3"]: MappingProxyType(row) for row in records("countries")})


@cache
def areas() -> Mapping[str, Mapping[str, str]]:
    """Return one row per code that is not a country, by our code.

    `kind` is world or aggregate (sums of countries, never to be added to them), unspecified,
    special or historic. `part_of` names a code that may include the row.
    """
    return MappingProxyType({row["area"]: MappingProxyType(row) for row in records("areas")})


def name(code: str) -> str:
    """Return the short English name of a country or area.

    Raises:
        UnknownCodeError: The code is neither.
    """
    row = table().get(code) or areas().get(code)
    if row is None:
        known = [*table(), *areas()]
        raise UnknownCodeError(
            f"countries: no country or area {code!r}, expected ISO alpha-3; {near(code, known)}"
        )
    return row["name"]


def called(code: str) -> str:
    """Return a country's or area's name with its code: "Kazakhstan KAZ".

    Raises:
        UnknownCodeError: The code is neither.
    """
    return f"{name(code)} {code}"


def is_aggregate(code: str) -> bool:
    """Whether the code sums other codes, so that it must never be added to them.

    Raises:
        UnknownCodeError: The code is neither a country nor an area.
    """
    name(code)
    area = areas().get(code)
    return area is not None and area["kind"] in AGGREGATES


def code(iso3: str, scheme: str) -> str:
    """Return how a scheme writes a country or area: `code("USA", "comtrade")` is "842".

    Raises:
        UnknownCodeError: The country is unknown, or the scheme has no code of its own for it.
        RegistryError: The scheme is unknown.
    """
    _check_scheme(scheme)
    name(iso3)
    row = table().get(iso3) or dict(areas()[iso3]) | {"iso3": iso3, "iso2": "", "m49": ""}
    if not row[scheme]:
        why = f": {row['note']}" if row["note"] else ""
        raise UnknownCodeError(
            f"countries: {scheme} has no code of its own for {iso3} ({row['name']}){why}"
        )
    return row[scheme]


def lookup(scheme: str) -> dict[str, str]:
    """Return a publisher's code or label -> our code, countries and areas together.

    `m49` accepts "051" and "51". `name` accepts aliases ("Russian Federation"); `eurostat_label`
    accepts them too, beside the labels of the Data Browser and of the Comext dictionary.

    Raises:
        RegistryError: The scheme is unknown.
    """
    _check_scheme(scheme)
    return dict(_lookup(scheme))


def find(label: str) -> str | None:
    """Return our code of a name, whatever its case, accents, dots and order of words.

    For labels of files that write names in their own way ("KOREA RP", "U ARAB EMTS"); codes are
    not read. None for a label that is unknown or has several meanings, such as "Congo".
    """
    found = meanings(label)
    return found[0] if len(found) == 1 else None


def meanings(label: str, *, any_order: bool = True) -> tuple[str, ...]:
    """Return every code that a name may stand for, sorted; none if it is unknown.

    Args:
        label: The name.
        any_order: Whether "Korea, South" is looked for as "South Korea" too.
    """
    parts = words(label)
    found = _by_name().get("".join(parts), ())
    return found or (any_order and _by_name().get(" ".join(sorted(parts)))) or ()


@cache
def _by_name() -> Mapping[str, tuple[str, ...]]:
    """The meanings of each name, by its words run together and by its words in text order."""
    found: dict[str, set[str]] = {}
    unclear = ((r["alias"], r["code"]) for r in records("aliases") if r["scheme"] == "unclear")
    for label, ours in (*_labels("name"), *unclear):
        parts = words(label)
        for key in ("".join(parts), " ".join(sorted(parts))):
            found.setdefault(key, set()).add(ours)
    return MappingProxyType({key: tuple(sorted(codes)) for key, codes in found.items()})


@cache
def _lookup(scheme: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for label, ours in _labels(scheme):
        if found.setdefault(label, ours) != ours:
            raise RegistryError(
                f"countries: {scheme} {label!r} stands for {found[label]} and {ours}; "
                "remove one from countries.csv, areas.csv or aliases.csv"
            )
    if scheme == "eurostat_label":  # what Eurostat itself means by a label goes first
        found = {**_lookup("name"), **found}
    return MappingProxyType(found)


def _labels(scheme: str) -> Iterator[tuple[str, str]]:
    for ours, row in (*table().items(), *areas().items()):
        label = ours if scheme == "iso3" else row.get(scheme)
        if not label:
            continue
        yield label, ours
        if scheme == "m49":
            yield label.lstrip("0"), ours
        if _CURLY in label:  # the Data Browser prints curly apostrophes, other tools straight ones
            yield label.replace(_CURLY, "'"), ours
    for row in records("aliases"):
        if row["scheme"] == scheme:
            yield row["alias"], row["code"]


def _check_scheme(scheme: str) -> None:
    if scheme not in SCHEMES:
        raise RegistryError(f"countries: no scheme {scheme!r}; {near(scheme, SCHEMES)}")
