"""Letters: how labels are compared, whatever their case, accents, dots and little words."""

from __future__ import annotations

import re
import unicodedata

# Letters that Unicode does not take apart into a base and a mark.
_WHOLE = str.maketrans(
    {
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
    }
)
_APOSTROPHES = re.compile("['`\N{RIGHT SINGLE QUOTATION MARK}\N{LEFT SINGLE QUOTATION MARK}]")
_LITTLE = {"and", "of", "the"}
_SHORT = {
    "dem": "democratic",
    "is": "islands",
    "isd": "islands",
    "isds": "islands",
    "isl": "islands",
    "island": "islands",
    "rep": "republic",
    "rp": "republic",
    "st": "saint",
}


def plain(text: str) -> str:
    """Return the text in lower case and without accents: "Türkiye" is "turkiye"."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(mark for mark in apart if not unicodedata.combining(mark)).translate(_WHOLE)


def squeeze(text: str) -> str:
    """Return only the letters and digits of a text: "FT Turkey-5" is "ftturkey5"."""
    return "".join(mark for mark in plain(text) if mark.isalnum())


def words(text: str) -> tuple[str, ...]:
    """Return the words of a label, little ones dropped and short ones written out.

    "Congo, Dem. Rep. of the" is congo, democratic, republic.
    """
    found = re.findall(r"[^\W_]+", _APOSTROPHES.sub("", plain(text)))
    return tuple(_SHORT.get(word, word) for word in found if word not in _LITTLE)
