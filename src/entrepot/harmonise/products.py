"""Products: national codes to HS subheadings, and a goods list to the codes of each revision."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import ibis
from ibis import _

from entrepot.errors import CoverageError
from entrepot.schema import FLOWS

if TYPE_CHECKING:
    from ibis.expr.types import StringColumn, Table

    from entrepot.reference.goods import GoodsList

Basket = Literal["as-listed", "stable", "bridged"]
BASKETS: tuple[Basket, ...] = ("as-listed", "stable", "bridged")
REVISIONS = ("HS2012", "HS2017", "HS2022")

PRESENCE = "presence"
"""Product of the rows that say a reporter published a month, whatever it traded in it."""


def hs_revision(classification: StringColumn) -> StringColumn:
    """Return the HS revision behind a classification.

    CN2021 is built on HS2017 by its year; a national classification names its own base, as
    GTIP2023-HS2022 does. Null where the base is unknown.
    """
    year = classification.substr(2, 4).try_cast("int64")
    stated = classification.re_extract("HS[0-9]{4}$", 0).nullif("")
    return ibis.cases(
        (~classification.startswith("CN"), stated),
        (year >= 2022, "HS2022"),
        (year >= 2017, "HS2017"),
        (year >= 2012, "HS2012"),
        (year >= 2007, "HS2007"),
        else_=None,
    )


def family(goods: GoodsList) -> dict[str, str]:
    """Return, per listed code, the name under which the bridged basket counts it.

    A predecessor that was divided among several listed codes (854150 into 854151 and 854159)
    cannot be told apart before the division, so all of them form one family, "854151+854159".
    Everything else is its own family.
    """
    sharing: dict[str, set[str]] = {}
    for revision in ("HS2017", "HS2012"):
        for code, (old, _kind) in goods.predecessors(revision).items():
            if old != code:
                sharing.setdefault(old, set()).add(code)
    names = {code: code for code in goods.codes}
    for codes in sharing.values():
        names |= dict.fromkeys(codes, "+".join(sorted(codes)))
    return names


def links(goods: GoodsList, basket: Basket) -> list[tuple[str, str, str]]:
    """Return what the basket counts: (HS revision, code in it, name it is counted under).

    *as-listed* takes the listed numbers in every revision: before 2022 the codes that HS2022
    created are a silent zero. *stable* takes the numbers that exist in HS2012, HS2017 and HS2022.
    *bridged* takes each code's substantive predecessor; where that is broader than the listed
    code (class `carved`: 852580, 854140) the baseline is overstated. The UN's conversion sheet is
    not used: it turns 854151 and 854159 into mobile phones (851712).
    """
    if basket != "bridged":
        codes = goods.codes if basket == "as-listed" else goods.stable
        return [(revision, code, code) for revision in REVISIONS for code in codes]
    names = family(goods)
    current = [(goods.classification, code, names[code]) for code in goods.codes]
    older = [
        (revision, old, names[code])
        for revision in ("HS2017", "HS2012")
        for code, (old, _kind) in goods.predecessors(revision).items()
    ]
    return sorted({*current, *older})


def match(flows: Table, goods: GoodsList, basket: Basket) -> Table:
    """Return the stored rows that the basket counts, with `hs` and `counted_as`.

    Rows of eight and more digits count under their subheading; where a publisher gives both for
    one cell the subheading wins, so that nothing is counted twice. One row per row of `flows`
    that counts; `hs` is the revision of its code, `counted_as` the basket's name for it.
    """
    counted = links(goods, basket)
    cell = ["source", "freq", "period", "reporter", "partner", "flow", "hs", "code"]
    coded = flows.filter(
        _.product.substr(0, 6).isin(sorted({code for _hs, code, _name in counted}))
    ).mutate(hs=hs_revision(_.classification), code=_.product.substr(0, 6))
    return (
        coded.mutate(counted_as=_counted_as(coded, counted))
        .filter(_.counted_as.notnull())
        .mutate(shortest=_.product.length().min().over(group_by=cell))
        .filter((_.shortest > 6) | (_.product.length() == 6))
        .drop("code", "shortest")
    )


def _counted_as(coded: Table, counted: list[tuple[str, str, str]]) -> StringColumn:
    """Return the basket's name for a row's code, null where the basket does not count it.

    Most codes count as themselves in every revision; only the others are written out one by one,
    which keeps the query a tenth as long.
    """
    links_of = {*counted}
    plain = [
        code
        for code in sorted({code for _hs, code, _name in counted})
        if all((revision, code, code) in links_of for revision in REVISIONS)
    ]
    others = [link for link in counted if link[1] not in plain]
    is_plain = coded.code.isin(plain) & coded.hs.isin(REVISIONS)
    itself = (
        ibis.ifelse(is_plain, coded.code, ibis.null("string")) if plain else ibis.null("string")
    )
    cases = [
        ((coded.hs == revision) & (coded.code == code), name) for revision, code, name in others
    ]
    return ibis.cases(*cases, else_=itself) if cases else itself


def select(flows: Table, slices: Table, goods: GoodsList, basket: Basket) -> Table:
    """Return the rows that the basket counts, and a presence row per slice.

    `product` becomes the name the basket counts it under and `classification` its HS revision. A
    presence row has the product "presence" and the value 0: it keeps a month without these goods
    apart from a month without data.

    Args:
        flows: Flows of one or more reporters, in any classification with a known HS base.
        slices: Who published what when, one row per source, reporter, freq, flow and period.
        goods: The list.
        basket: Which codes stand for it in older revisions.
    """
    counted = match(flows, goods, basket).mutate(product=_.counted_as, classification=_.hs)
    return counted.select(*FLOWS.names).union(presence(slices))


def presence(slices: Table) -> Table:
    """Return one flow per slice, of the product "presence" and the value 0."""
    filled = {
        "partner": "WLD",
        "classification": "none",
        "product": PRESENCE,
        "value_usd": 0.0,
        "status": "derived",
    }
    known = {"source", "freq", "period", "reporter", "flow"}
    rest = {
        column.name: ibis.literal(filled.get(column.name), column.type)
        for column in FLOWS.columns
        if column.name not in known
    }
    return slices.select(*known).mutate(**rest).select(*FLOWS.names)


def refuse_unbridged(classifications: list[str], basket: Basket) -> None:
    """Refuse classifications that the basket has no codes for.

    Raises:
        CoverageError: Some rows are in a revision before HS2012 or of unknown HS base.
    """
    known = re.compile(f"none|CN20(1[2-9]|[2-9][0-9])|(.*-)?({'|'.join(REVISIONS)})")
    if odd := sorted(name for name in {*classifications} if not known.fullmatch(name)):
        raise CoverageError(
            f"the {basket} basket has no codes for {', '.join(odd)}; it reaches back to HS2012: "
            "begin the windows later, or name the HS revision in the mapping, as in GTIP2023-HS2022"
        )
