"""Products: national codes to HS subheadings, and a goods list to the codes of each revision."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import ibis
from ibis import _

from entrepot.errors import CoverageError
from entrepot.schema import FLOWS

if TYPE_CHECKING:
    from collections.abc import Collection

    from ibis.expr.types import StringColumn, Table

    from entrepot.reference.goods import GoodsList

Basket = Literal["as-listed", "stable", "bridged"]
BASKETS: tuple[Basket, ...] = ("as-listed", "stable", "bridged")
REVISIONS = ("HS2012", "HS2017", "HS2022")

SUBHEADING = 6
CELL = ("source", "freq", "period", "reporter", "partner", "flow")

LIMITED = "_LIMITED"
"""Partner of such a row where some partners were never asked for."""
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


def revision_of(classification: str) -> str | None:
    """Return the HS revision behind a classification's name, as `hs_revision` does of rows."""
    if classification.startswith("CN"):
        year = int(classification[2:6])
        return next((f"HS{start}" for start in (2022, 2017, 2012, 2007) if year >= start), None)
    found = re.search(r"HS[0-9]{4}$", classification)
    return found.group() if found else None


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
    not used: it turns 854151 and 854159 into mobile phones (851712). A list in an older revision
    keeps its numbers in the later ones.
    """
    if basket != "bridged":
        codes = goods.codes if basket == "as-listed" else goods.stable
        return [(revision, code, code) for revision in REVISIONS for code in codes]
    names = family(goods)
    # A list in an older revision says nothing of later ones: its numbers stand there as listed.
    listed_in = goods.classification
    later = [hs for hs in REVISIONS if listed_in in REVISIONS and hs >= listed_in] or [listed_in]
    current = [(hs, code, names[code]) for hs in later for code in goods.codes]
    older = [
        (revision, old, names[code])
        for revision in ("HS2017", "HS2012")
        for code, (old, _kind) in goods.predecessors(revision).items()
    ]
    loose = [(revision, code, code) for revision in REVISIONS for code in goods.codes
             if not is_subheading(code)]  # fmt: skip
    return sorted({*current, *older, *loose})


def is_subheading(code: str) -> bool:
    """Whether a code is one of the HS's six digits, which revisions renumber."""
    return len(code) == SUBHEADING and code.isdigit()


def coded(flows: Table, codes: Collection[str]) -> Table:
    """Keep the rows of these codes and of finer ones, with the `code` that each lies under.

    Codes may have any length, and none may lie under another.
    """
    sizes = sorted({len(code) for code in codes})
    at = {size: sorted(code for code in codes if len(code) == size) for size in sizes}
    parts = {size: _.product.substr(0, size) for size in sizes}
    kept = flows.filter(ibis.or_(*(parts[size].isin(at[size]) for size in sizes)))
    if len(sizes) == 1:
        return kept.mutate(code=parts[sizes[0]])
    cases = [(parts[size].isin(at[size]), parts[size]) for size in sizes]
    return kept.mutate(code=ibis.cases(*cases))


def one_level(rows: Table, *, below: int = SUBHEADING) -> Table:
    """Keep one level of codes per cell, so that nothing counts twice.

    A row of a code counts and those under it do not: a chapter before its headings, a heading
    before its subheadings, a subheading before national codes. National codes of two lengths say
    the same goods twice, in two nomenclatures: the shorter ones count.

    Args:
        rows: Flows with their `code`.
        below: The shortest code asked for.
    """
    size = _.product.length()
    for level in [level for level in (2, 4) if level >= below]:
        inside = [*CELL, "code", _.product.substr(0, level)]
        rows = rows.mutate(stands=(size == level).max().over(group_by=inside)).filter(
            ~_.stands | (size <= level)
        )
        rows = rows.drop("stands")
    # A heading or chapter is a stem of its own.
    stem = [*CELL, "code", _.product.substr(0, SUBHEADING)]
    rows = rows.mutate(shortest=size.min().over(group_by=stem)).filter(size == _.shortest)
    return rows.drop("shortest")


def match(flows: Table, goods: GoodsList, basket: Basket, *, is_mixed: bool = True) -> Table:
    """Return the stored rows that the basket counts, with `hs` and `counted_as`.

    Rows of finer codes count under the code that is asked for; where a publisher gives several
    levels for one cell the highest one counts, see `one_level`. One row per row of `flows` that
    counts; `hs` is the revision of its code, `counted_as` the basket's name for it.

    Args:
        flows: Flows of any classification with a known HS base.
        goods: The list.
        basket: Which codes stand for it in older revisions.
        is_mixed: Whether any slice holds codes of several levels; False spares the look.
    """
    counted = links(goods, basket)
    codes = {code for _hs, code, _name in counted}
    if not codes:
        none = ibis.null("string")
        return flows.limit(0).mutate(hs=none, counted_as=none)
    kept = coded(flows, codes).mutate(hs=hs_revision(_.classification))
    kept = kept.mutate(counted_as=_counted_as(kept, counted)).filter(_.counted_as.notnull())
    if is_mixed:
        kept = one_level(kept, below=min(map(len, codes)))
    return kept.drop("code")


def _counted_as(rows: Table, counted: list[tuple[str, str, str]]) -> StringColumn:
    """Return the basket's name for a row's code, null where the basket does not count it.

    Most codes count as themselves in every revision; only the others are written out one by one,
    which keeps the query a tenth as long. A code that is no subheading counts as itself.
    """
    links_of = {*counted}
    plain = [
        code
        for code in sorted({code for _hs, code, _name in counted})
        if all((revision, code, code) in links_of for revision in REVISIONS)
    ]
    others = [(hs, code, name) for hs, code, name in counted if code not in plain]
    is_plain = rows.code.isin(plain) & rows.hs.isin(REVISIONS)
    loose = [code for code in plain if not is_subheading(code)]
    if loose:
        is_plain |= rows.code.isin(loose)
    itself = ibis.ifelse(is_plain, rows.code, ibis.null("string")) if plain else ibis.null("string")
    cases = [((rows.hs == revision) & (rows.code == code), name) for revision, code, name in others]
    return ibis.cases(*cases, else_=itself) if cases else itself


def presence(slices: Table) -> Table:
    """Return one flow per slice, of the product "presence" and the value 0.

    It keeps a month without these goods apart from a month without data. Its partner is the world,
    or `LIMITED` where `is_limited` says that the slice does not speak for every partner.
    """
    filled = {
        "classification": "none",
        "product": PRESENCE,
        "value_usd": 0.0,
        "status": "derived",
    }
    known = {"source", "freq", "period", "reporter", "flow"}
    rest = {
        column.name: ibis.literal(filled.get(column.name), column.type)
        for column in FLOWS.columns
        if column.name not in {*known, "partner"}
    }
    partner = ibis.ifelse(_.is_limited, LIMITED, "WLD")
    return slices.select(*known, partner=partner).mutate(**rest).select(*FLOWS.names)


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
