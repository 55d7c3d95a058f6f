"""The rules of a mapping: nomenclature by code length, valuation by flow, words for words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from entrepot.schema import FLOW, FREQ, STATUS, VALUATION
from entrepot.typed import likely

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from entrepot.errors import SourceError

    Fail = Callable[[str, tuple[str | int, ...]], SourceError]

SCHEMES = ("iso3", "iso2", "m49", "comtrade", "comext", "eurostat_label", "name")
ALLOWED = {
    "freq": FREQ.allowed,
    "flow": FLOW.allowed,
    "valuation": VALUATION.allowed,
    "status": STATUS.allowed,
    "mass_status": ("reported", "estimated"),
}


def check_codes(codes: Mapping[str, Any], fail: Fail) -> None:
    """Refuse a scheme of countries that does not exist."""
    for key in ("reporter", "partner"):
        value = codes.get(key, "iso3")
        scheme = value.get("scheme", "iso3") if isinstance(value, dict) else value
        if scheme not in SCHEMES:
            raise fail(
                f"mapping code {key!r} is {scheme!r}; expected one of {', '.join(SCHEMES)}, or a "
                f"table of their codes and ours{likely(scheme, SCHEMES)}",
                ("codes", key) + (("scheme",) if isinstance(value, dict) else ()),
            )


def check_format(how: Mapping[str, Any], fail: Fail) -> None:
    """Refuse signs that cannot be told apart."""
    decimal, thousands = how.get("decimal", "."), how.get("thousands")
    if (thousands or "").replace("indian", ",") == decimal:
        raise fail(
            f"mapping gives {decimal!r} as decimal and as thousands; expected two signs; "
            "correct one under [format]",
            ("format", "thousands"),
        )
    if (sign := how.get("delimiter", ",")) in '"\r\n':
        raise fail(
            f"mapping key 'format.delimiter' is {sign!r}; expected one sign, such as ;",
            ("format", "delimiter"),
        )


def classification(given: object, has_column: bool, fail: Fail) -> dict[str, str]:
    """Return rules by code length; the key "" is for every code."""
    rules = {"": given} if isinstance(given, str) else {k: str(v) for k, v in dict(given).items()}  # type: ignore[call-overload]
    if not rules and not has_column:
        raise fail(
            "mapping says nothing of 'classification'; write classification = \"HS2017\", or "
            '[classification] with a rule per code length (6 = "HS2017", 8 = "CN{year}")',
            (),
        )
    for key, rule in rules.items():
        if not (key in ("", "TOTAL") or key.isdigit()) or not is_classification(
            rule.replace("{year}", "2022")
        ):
            raise fail(
                f"mapping classification {key or 'rule'} = {rule!r} is unknown; expected a "
                'code length and HS, HS2017, "CN{year}" or another name with its year',
                ("classification", key),
            )
    return rules


def valuation(given: object, has_column: bool, fail: Fail) -> dict[str, str]:
    """Return rules by flow; the key "" is for every flow."""
    rules = {"": given} if isinstance(given, str) else dict(given)  # type: ignore[call-overload]
    if not rules and not has_column:
        raise fail(
            "mapping says nothing of 'valuation'; write [valuation] with "
            'import = "CIF" and export = "FOB", as the publisher states',
            (),
        )
    return rules


def is_classification(name: str) -> bool:
    """Whether a nomenclature's name can be understood: HS of a known year, or letters and a year.

    "HS" alone stands for the revision the EU used in the year of the row. A national nomenclature
    may name the HS revision its codes begin with: GTIP2023-HS2022, or GTIP2023-HS for that of the
    year.
    """
    if name.startswith("HS"):
        return name == "HS" or name[2:] in ("1992", "1996", "2002", "2007", "2012", "2017", "2022")
    national, _dash, base = name.partition("-")
    is_national = bool(re.fullmatch(r"[A-Z]{2,8}[0-9]{4}", national))
    return is_national and (not base or is_classification(base))
