"""Numbers as people write them: by the signs that the mapping declares, and by no others."""

from __future__ import annotations

from typing import Any

from entrepot.sources import _read

BLANKS = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"
APOSTROPHES = "'\N{RIGHT SINGLE QUOTATION MARK}"
GROUPS = {",": ",", ".": ".", " ": BLANKS, "'": APOSTROPHES, "indian": ","}
"""The characters that part groups of digits, by the mapping's word for them."""


def plain(text: str, how: dict[str, Any]) -> str:
    """Return SQL for a text's number, null where it is none by the mapping's signs.

    Groups have three digits; with `indian` the last has three and the others two.
    """
    decimal, thousands = str(how.get("decimal", ".")), how.get("thousands")
    if decimal == "." and thousands is None:
        return _read.plain(text)
    signs = GROUPS.get(str(thousands), "")
    digits = "[0-9]+"
    if thousands is not None:
        first, later = ("{1,2}", "[0-9]{2}") if thousands == "indian" else ("{1,3}", "[0-9]{3}")
        middle = f"([{signs}]{later})*[{signs}][0-9]{{3}}"
        digits = f"([0-9]+|[0-9]{first}{middle})"
    pattern = rf"-?({digits}(\{decimal}[0-9]*)?|\{decimal}[0-9]+)([eE][+-]?[0-9]+)?"
    number = f"translate({text}, {_read.quote(decimal + signs)}, '.')"
    return (
        f"case when regexp_full_match({text}, {_read.quote(pattern)}) "
        f"then try_cast({number} as double) end"
    )


def problem(key: str, text: str) -> str:
    """Return SQL for the sentence that says why a cell is no amount."""
    return f"""'{key} is ''' || {text} || case
        when regexp_matches({text}, '^-[0-9]') then '''; expected zero or more; a correction of '
            || 'earlier months cannot be told from trade: take these rows out of the file, or '
            || 'correct the months they belong to'
        else '''; expected a number; add it to missing under [format] '
            || 'in the mapping if it means no data, or correct decimal and thousands there' end"""
