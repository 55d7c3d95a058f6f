"""Countries and products of a proposal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from entrepot.reference import countries, groups
from entrepot.sources.generic.country_codes import find
from entrepot.sources.generic.proposing import words as known
from entrepot.sources.generic.proposing.columns import bare
from entrepot.sources.generic.proposing.draft import NATIONAL

if TYPE_CHECKING:
    from entrepot.sources.generic.proposing.draft import Draft


def sides(f: Draft) -> None:
    """Find the columns of countries and how they write them."""
    codes = f.made.table("codes")
    for side in ("reporter", "partner"):
        if f.missing(side):
            found = f.columns.best(side) or (
                f.columns.only("partner") if side == "partner" else None
            )
            if found:
                f.given[side] = found
        if side in f.given:
            scheme, _share = f.columns.scheme(f.given[side])
            if scheme != "iso3":
                codes[side] = scheme
            unknown(f, side, scheme)


def unknown(f: Draft, side: str, scheme: str) -> None:
    """Totals are left out; what nobody knows is asked."""
    codes = countries.lookup(scheme)
    odd = [
        word
        for word in f.columns.every(f.given[side])
        if not (find(word) if scheme == "name" else word in codes or word.upper() in codes)
    ]
    totals = [word for word in odd if known.is_total(word)]
    if totals:
        f.leave_out(f.given[side], totals)
        f.made.guesses.append(
            f"rows of {', '.join(map(repr, totals))} in {f.given[side]!r} are sums of the "
            "others and are left out ([filter])"
        )
    left = [word for word in odd if word not in totals]
    if left:
        shown = ", ".join(map(repr, left[:10])) + (", ..." if len(left) > 10 else "")
        f.made.unknown[side] = left
        f.made.table("codes")[side] = {"scheme": scheme}
        f.made.asked[f"codes.{side}"] = (
            f"whom {f.given[side]!r} means by {shown}: write codes into the mapping (it has "
            f'a line for each), or --set "leave_out.{f.given[side]}=WORD"'
        )


def products(f: Draft) -> None:
    """Find the column of products."""
    if f.missing("product"):
        found = f.columns.best("product") or f.columns.only("product")
        if found:
            f.given["product"] = found


def classification(f: Draft) -> None:
    """Find which lengths of codes are HS and which the office's own."""
    product = f.given.get("product")
    if not product:
        return
    codes = [bare(word) for word in f.columns.every(product)]
    lengths = sorted({len(code) for code in codes if re.fullmatch(r"\d+", code)})
    whole = [n for n in lengths if n % 2 == 0 or (n - 1 not in lengths and n + 1 not in lengths)]
    lost = [n for n in lengths if n % 2 and n + 1 in lengths]
    if lost:
        f.format.setdefault("pad_products", lost[-1] + 1)
        f.made.guesses.append(f"codes of {lost[-1]} digits lost a leading zero (pad_products)")
    rules = {str(n): "HS" for n in whole if n <= 6 and n % 2 == 0}
    name = national(f, product)
    rule = "CN{year}" if name == "CN" else f"{name}{{year}}-HS"
    rules |= {str(n): rule for n in whole if n > 6}
    if long := [n for n in whole if n > 6]:
        f.made.guesses.append(
            f"codes of {', '.join(map(str, long))} digits are {name} on the HS in force in "
            "their year ([classification])"
        )
    if len(whole) > 1:
        f.made.guesses.append(
            f"codes have {', '.join(map(str, whole))} digits: if the short ones are sums of "
            "the long ones, take them out of the file"
        )
    f.made.mapping["classification"] = rules or {"6": "HS"}


def national(f: Draft, product: str) -> str:
    """Return the name of an office's own nomenclature."""
    words = known.words(product)
    for word, name in (
        ("gtip", "GTIP"),
        ("tnved", "TNVED"),
        ("тн вэд", "TNVED"),
        ("тнвэд", "TNVED"),
    ):
        if word in words:
            return name
    reporter = f.constants.get("reporter", "")
    is_eu = reporter and reporter in groups.members("eu27")
    return "CN" if is_eu else NATIONAL.get(reporter, "NATIONAL")
