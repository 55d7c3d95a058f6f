"""Periods as people write them, as SQL: a month or a year, or the reason why it is neither."""

from __future__ import annotations

import re

from entrepot.sources import _read
from entrepot.sources.generic.month_names import NOISE, fold, months

YEAR = "(?:19|20)[0-9]{2}"
PLAIN = f"{YEAR}-(0[1-9]|1[0-2])"
BLANK = r"[\s\x{00a0}\x{202f}]+"
DASH = "[-\N{EN DASH}\N{EM DASH}~]"
_WORD = r"\p{L}+"
_SEPARATORS = r"[-/.,'’ ]+"
_NUMERALS = (
    # pattern of the whole folded text, group of the year, group of the month
    (f"({YEAR})[-/ .]?([0-9]{{2}})", 1, 2),
    (f"({YEAR})[-/ ]([0-9])", 1, 2),
    (f"({YEAR})[- ]?m[- ]?([0-9]{{1,2}})", 1, 2),
    (f"({YEAR})[年 ] ?([0-9]{{1,2}})月份?", 1, 2),
    (f"([0-9]{{1,2}})[-/. ]({YEAR})", 2, 1),
    (f"({YEAR})-([0-9]{{2}})-[0-9]{{2}}([ t].*)?", 1, 2),
    (f"({YEAR})([0-9]{{2}})[0-9]{{2}}", 1, 2),
    (f"[0-9]{{2}}\\.([0-9]{{2}})\\.({YEAR})", 2, 1),
)
"""2023.1 is not among them: a spreadsheet makes it of 2023.10."""
_RANGES = (
    (f"({YEAR})[/. ]?0?1 ?{DASH} ?(?:{YEAR}[-/. ]?)?([0-9]{{1,2}})", 1, 2),
    (f"({YEAR})-01 {DASH} {YEAR}-([0-9]{{2}})", 1, 2),
    (f"({YEAR})[年 ] ?1月? ?{DASH} ?([0-9]{{1,2}})月份?", 1, 2),
    (f"0?1 ?{DASH} ?([0-9]{{1,2}})[./ ]({YEAR})", 2, 1),
)
"""From January to a month."""
_REASONS = (
    (r"(^|[^\p{L}])q ?[1-4]|[1-4] ?q|кварт|кв\.|quart|ceyrek|季度|trimest", "a quarter"),
    (r"(^|[^\p{L}])w ?[0-9]{1,2}|week|недел|hafta|周", "a week"),
    (rf"(^|[^\p{{L}}])fy|^{YEAR} ?[-/–] ?{YEAR}$", "a fiscal or double year"),
    (
        rf"(^|[^0-9])[0-9]{{1,2}}月? ?{DASH} ?[0-9]{{1,2}}(月|[^0-9]|$)|\p{{L}}{{3,}}\.? ?{DASH} ?"
        rf"\p{{L}}{{3,}}|^{YEAR}[0-9]{{2}}{DASH}|{YEAR}.*{DASH}.*{YEAR}",
        "a range of months; if each figure is the sum since January, write cumulative = true "
        "under [format]",
    ),
    (f"^{YEAR}$", "a year"),
)


def odd(period: str) -> str:
    """Return SQL for a text that is no plain month (2023-01), folded; null where it is one."""
    bare = f"replace(strip_accents(lower({period})), 'ı', 'i')"
    text = f"trim(regexp_replace({bare}, '{BLANK}', ' ', 'g'))"
    return f"case when not regexp_full_match({period}, '{PLAIN}') then {text} end"


def month(period: str, text: str, *, cumulative: bool) -> str:
    """Return SQL for a month as 2023-01-01, null where the text is none; `text` is its `odd`.

    With `cumulative` a range from January stands for its last month, and a day is only read if it
    is the first or one of the last: 2023-01-06 may mean January to June.
    """
    cases = (*(_RANGES if cumulative else ()), *_NUMERALS)
    if cumulative:
        day = f"{YEAR}-[0-9]{{2}}-(0[2-9]|1[0-9]|2[0-7])"
        stop = f"when regexp_full_match({text}, '{day}') then null"
    else:
        stop = ""
    whens = " ".join(
        f"when regexp_full_match({text}, {_read.quote(pattern)}) then "
        f"{_joined(_group(text, pattern, y), _group(text, pattern, m))}"
        for pattern, y, m in cases
    )
    return f"""case when {text} is null then {period} || '-01' {stop} {whens}
        else {_named(text, cumulative)} end"""


def year(period: str) -> str:
    """Return SQL for a year as 2023-01-01, null where the text is none."""
    pattern = f"{YEAR}(-01-01([ T].*)?)?"
    return f"case when regexp_full_match({period}, '{pattern}') then {period}[:4] || '-01-01' end"


def reason(text: str) -> str:
    """Return SQL for what an odd text is that is no month, with a blank before it, or nothing."""
    whens = " ".join(
        f"when regexp_matches({text}, {_read.quote(pattern)}) then ' ({why})'"
        for pattern, why in _REASONS
    )
    fiscal = f"""when regexp_full_match({text}, '{YEAR}[-/][0-9]{{2}}')
        and (cast({text}[:4] as integer) + 1) % 100 = cast({text}[6:] as integer)
        then ' (a fiscal year)'"""
    return f"case {fiscal} {whens} else '' end"


def pair(year_text: str, month_text: str) -> str:
    """Return SQL for one text of a year and a month that stand in two columns."""
    return f"""case when regexp_full_match({month_text}, '0?[1-9]|1[0-2]')
        then {year_text} || '-' || lpad({month_text}, 2, '0')
        else {year_text} || ' ' || {month_text} end"""


def is_fiscal(text: str) -> bool:
    """Whether a text could be a fiscal year: 2010-11."""
    found = re.fullmatch(r"((?:19|20)\d\d)[-/](\d\d)", text)
    return bool(found) and (int(found[1]) + 1) % 100 == int(found[2])  # type: ignore[index]


def _group(text: str, pattern: str, number: int) -> str:
    return f"regexp_extract({text}, {_read.quote(f'^(?:{pattern})$')}, {number})"


def _joined(year_text: str, month_text: str) -> str:
    """A date's text; a month that does not exist gives none."""
    number = f"cast({month_text} as integer)"
    return (
        f"case when {number} between 1 and 12 "
        f"then {year_text} || '-' || lpad({month_text}, 2, '0') || '-01' end"
    )


def _named(text: str, cumulative: bool) -> str:
    """A month by its name, beside a year of four digits, or before one of two: Jan-23."""
    full = f"regexp_extract({text}, '(?:^|[^0-9])({YEAR})(?:[^0-9]|$)', 1)"
    rest = f"replace({text}, {full}, ' ')"
    noise = "|".join(re.escape(fold(word)) for word in NOISE)
    words = f"regexp_replace(' ' || {rest} || ' ', '{_quoted(_SEPARATORS)}', '  ', 'g')"
    if cumulative:
        first = "|".join(name for name, number in months().items() if number == 1)
        start = rf"(?:^| )(?:{first})\.? ?{DASH} ?({_WORD})"
        rest = f"regexp_replace({rest}, '{start}', ' \\1')"
        words = f"regexp_replace(' ' || {rest} || ' ', '{_quoted(_SEPARATORS)}', '  ', 'g')"
    words = f"trim(regexp_replace({words}, ' ({noise}) ', ' ', 'g'))"
    short = f"^({_WORD})[-. /''’]+([0-9]{{2}})$"
    century = (
        f"case when regexp_extract({text}, '{short}', 2) >= '88' then '19' else '20' end "
        f"|| regexp_extract({text}, '{short}', 2)"
    )
    return f"""case when {full} <> '' then {full} || '-' || {_month_of(words)} || '-01'
        when regexp_full_match({text}, '{short[1:-1]}') then {century} || '-' ||
            {_month_of(f"regexp_extract({text}, '{short}', 1)")} || '-01' end"""


def _month_of(word: str) -> str:
    """A month's two digits, null for another word: one text is planned faster than a map."""
    names = _read.quote("".join(f" {name}:{number:02}" for name, number in months().items()))
    place = f"instr({names}, ' ' || {word} || ':')"
    return f"case when {place} > 0 then substr({names}, {place} + length({word}) + 2, 2) end"


def _quoted(pattern: str) -> str:
    return pattern.replace("'", "''")
