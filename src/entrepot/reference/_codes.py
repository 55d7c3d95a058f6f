"""Codes: the digits of a code of goods, however people write them."""

from __future__ import annotations

import re

from entrepot.errors import UnknownCodeError
from entrepot.reference._files import shown

_GROUPS = re.compile(r"[0-9]+(?:[ .]+[0-9]+)*")
_LONGEST = 12


def digits(text: str) -> str:
    """Return the digits of a code with or without dots and blanks: "8542.31" is 854231.

    Chapters, headings and subheadings of the HS have 2, 4 and 6 digits; national codes 8 to 12.

    Raises:
        UnknownCodeError: It is no code; the message names it and has no prefix.
    """
    line = " ".join(text.split())
    if not _GROUPS.fullmatch(line):
        raise UnknownCodeError(
            f"{shown(text)} is no code of goods, expected 2 to 12 digits such as 854231 or 8542.31"
        )
    groups = re.split("[ .]+", line)
    if _is_several(line, groups):
        raise UnknownCodeError(
            f"{shown(text)} reads as more than one code; put commas between codes"
        )
    code = "".join(groups)
    if problem := _problem(code):
        raise UnknownCodeError(f"{shown(text)} {problem}")
    return code


def _is_several(line: str, groups: list[str]) -> bool:
    """Whether what stands after a dot or blank is too long to go on with the same code.

    Only American codes have a group of four there, and after a dot: 8542.31.0001.
    """
    most = 4 if " " not in line and len("".join(groups[:-1])) >= 6 else 3
    return any(len(group) > most for group in groups[1:])


def _problem(code: str) -> str:
    if len(code) in (1, 3, 5, 7):
        return (
            f"has {len(code)} digit{'s' if len(code) > 1 else ''}, a leading zero was lost or a "
            "digit is missing; write it in full, such as 854231"
        )
    if len(code) > _LONGEST:
        return f"has {len(code)} digits, expected 2 to {_LONGEST}; put commas between codes"
    # 77 is reserved; 98 and 99 are for national use, which only national codes say.
    if len(code) <= 6 and (not "01" <= code[:2] <= "97" or code[:2] == "77"):
        return f"is in chapter {code[:2]}, expected a chapter of the HS: 01 to 97, without 77"
    return ""
