"""Product codes as SQL: six digits are HS, what follows is the office's own, of any length."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.sources import _read

if TYPE_CHECKING:
    from collections.abc import Callable

    from entrepot.sources.generic.mapping import Layout

    Problem = Callable[..., str]

CODE = "TOTAL|(0[1-9]|[1-9][0-9])([0-9]{2}|[0-9]{4,12})?"
LETTERS = "[0-9]{2}[0-9A-Z]{6}"
"""CN codes with letters stand for trade published without its detail: 8500SS00."""
SIGNS = ". \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"
"""What stands between the digits of a code; a spreadsheet's apostrophe stands before them only."""


def code(layout: Layout) -> str:
    """Return SQL for the code as text, before it is checked: bare digits, padded where asked."""
    bare = f"""ltrim(product, {_read.quote("'")})"""
    text = f"translate({bare}, {_read.quote(SIGNS)}, '')"
    if separator := layout.format.get("product_separator"):
        text = f"replace({text}, {_read.quote(str(separator))}, '')"
    # 8.542310 is a number with its thousands, or 08.54 without its zero: nothing says which.
    torn = f"regexp_matches({bare}, '^[0-9]([0-9]{{2}})*[{SIGNS}]')"
    if layout.format.get("pad_products"):
        torn = "false"
    # A number in scientific form would pass for a CN code with letters.
    text = f"""case when regexp_full_match(product, '[0-9]*') then product
        when contains(product, '.') and contains(product, 'E') then product
        when {torn} then product else {text} end"""
    if width := layout.format.get("pad_products"):
        padded = f"lpad({text}, {int(width)}, '0')"
        text = f"""case when length({text}) < {int(width)}
            and regexp_full_match({padded}, '{_read.LOST_ZERO}')
            and (length({text}) % 2 = 1 or {text}[:2] in ('00', '98', '99'))
            then {padded} else {text} end"""
    return text


def product(layout: Layout, problem: Problem) -> str:
    """Return SQL for the checked code, over rows that have it as `digits`."""
    stop = problem(
        "unknown product {digits!r}; expected TOTAL or digits that begin with a chapter; correct "
        "the file, or product_separator under [format] in the mapping"
    )
    known = f"regexp_full_match(digits, '{CODE}|{LETTERS}')"
    width = layout.format.get("pad_products")
    odd = f"length(digits) % 2 = 1 and {_doubtful(layout)}"
    short = ""
    if width and "" in layout.classification:
        short = f"when length(digits) < {int(width)} and {known} and digits <> 'TOTAL' " + (
            f"and length(digits) % 2 = 0 then {_padding(problem, int(width))}"
        )
    return f"""case when {odd} and regexp_full_match(digits, '[0-9]+') then {_lost(problem)}
        {short} when {known} then digits else {stop} end"""


def classification(layout: Layout, rule: Callable[[str], str], problem: Problem) -> str:
    """Return SQL for the nomenclature by the code's length."""
    rules = layout.classification
    if "" in rules:
        return rule(rules[""])
    width = int(layout.format.get("pad_products", 0))
    whens = ""
    for length, given in rules.items():
        test = "digits = 'TOTAL'" if length == "TOTAL" else f"length(digits) = {int(length)}"
        if width == int(length if length.isdigit() else 0) > 6 and str(width - 1) not in rules:
            test = f"length(digits) in ({width - 1}, {width})"
        is_code = "" if length != "5" else " and digits <> 'TOTAL'"
        whens += f" when {test}{is_code} then {rule(given)}"
    stop = problem(
        "product {digits:without code} has no classification; "
        f"expected a code length of {', '.join(rules)}; add a line for its length under "
        "[classification] in the mapping"
    )
    # A code that is no code at all is refused by `product`, which knows why.
    known = f"regexp_full_match(digits, '{CODE}|{LETTERS}')"
    doubtful = f"length(digits) % 2 = 1 and {_doubtful(layout)}"
    return f"case {whens} else case when {known} and not ({doubtful}) then {stop} end end"


def _doubtful(layout: Layout) -> str:
    """Whether a code of odd length may have lost a zero, and no rule says that it is whole."""
    own = [int(key) for key in layout.classification if key.isdigit()]
    told = f" and length(digits) not in ({', '.join(map(str, own))})" if own else ""
    return f"(length(digits) < 6 or regexp_full_match('0' || digits, '{_read.LOST_ZERO}')){told}"


def _lost(problem: Problem) -> str:
    width = "case when length(digits) < 6 then '6 (or 8)' else (length(digits) + 1)::varchar end"
    lost = _read.told(
        ", so a leading zero was lost; write pad_products = {width} under [format] in the mapping",
        width=width,
    )
    whole = _read.told(
        ', or {length} = "NAME{{year}}" under [classification] if codes have that length',
        length="length(digits)",
    )
    other = _read.told(
        "; a zero before it makes heading {heading}, which no HS has: correct the code in the file",
        heading="('0' || digits)[:4]",
    )
    return problem(
        "product {digits} has {length} digits; expected an even number{advice}",
        length="length(digits)",
        advice=f"case when not regexp_full_match('0' || digits, '{_read.LOST_ZERO}') then {other} "
        f"when length(digits) > 6 then {lost} || {whole} else {lost} end",
    )


def _padding(problem: Problem, width: int) -> str:
    return problem(
        f"product {{digits}} has {{length}} digits; expected {width}, as pad_products says: zeros "
        "before it would make another chapter; remove it from the file, or state its length under "
        "[classification] in the mapping",
        length="length(digits)",
    )
