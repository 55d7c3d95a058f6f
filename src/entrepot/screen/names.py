"""Names: what stays of a name in any script, case, order and way of writing it in Latin letters."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

LONGEST = 400
"""Letters of a name that are looked at; the longest on the lists that we read has 330."""

_CYRILLIC = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґўјљњћђџѓќәғқңөұүһ",
        "a b v g d e yo zh z i y k l m n o p r s t u f kh ts ch sh shch _ y _ e yu ya i yi ye g u "
        "j lj nj c dj dz g k a g k n o u u h".split(),
        strict=True,
    )
)
_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρσςτυφχψω",
        "a v g d e z i th i k l m n x o p r s s t y f ch ps o".split(),
        strict=True,
    )
)
# Arabic and Hebrew are written without most vowels: see `skeleton`.
_ARABIC = dict(
    zip(
        "ابتثجحخدذرزسشصضطظعغفقكلمنهويىةءأإآؤئپچژگکی",
        "a b t th j h kh d dh r z s sh s d t z a gh f q k l m n h w y a a _ a i a w y p ch zh g k "
        "y".split(),
        strict=True,
    )
)
_HEBREW = dict(
    zip(
        "אבגדהוזחטיכךלמםנןסעפףצץקרשת",
        "a b g d h v z h t y k k l m m n n s a p f ts ts k r sh t".split(),
        strict=True,
    )
)
_LATIN = {"ß": "ss", "æ": "ae", "ø": "o", "đ": "d", "ł": "l", "ı": "i", "þ": "th", "ð": "d",
          "œ": "oe", "ə": "a", "ŋ": "n"}  # fmt: skip
_LETTERS = str.maketrans(
    {
        letter: latin.replace("_", "")
        for table in (_CYRILLIC, _GREEK, _ARABIC, _HEBREW, _LATIN)
        for letter, latin in table.items()
    }
)
_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]+")
_WORD = re.compile(r"[a-z0-9]+|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]+|[^\W_]+")

FORMS = frozenset(
    """ab ag ao aps as asa bhd bv bvba co company corp corporation cv dmcc doo eood fz fzco fze fzc
    fzllc fze gk gmbh inc incorporated jsc kft kg kgaa kk llc llp lllp limited lp ltd ltda mbh mchj
    nv oao ood oy oyj ooo pao pjsc plc pt pte pty pvt private public pub qk rao sa sae sal saoc sas
    sarl sdn sia sl sp spa spol spoo sprl sro srl too tov uab ug zao zoo zrt ojsc cjsc ooob oaob
    mmc asc llp ltdsti sti sirketi anonim as ticaret sanayi ve the of and for und der die das et la
    le de del el y e i da do dos""".split()
)
"""Legal forms and little words: they say nothing of who it is."""
_SHORT = {"intl": "international", "mfg": "manufacturing", "natl": "national", "dev": "development",
          "engg": "engineering", "inds": "industries", "bros": "brothers", "technol": "technology",
          "inst": "institute", "univ": "university", "govt": "government", "assoc": "associates",
          "trdg": "trading", "shpg": "shipping", "svcs": "services", "mgmt": "management",
          "sci": "science", "intern": "international"}  # fmt: skip
"""English words that people cut short."""
_LONG_FORMS = re.compile(
    r"\b(obshchestvo s ogranichennoy otvetstvennostyu|(otkrytoe |zakrytoe |publichnoe )?"
    r"aktsionernoe obshchestvo|limited liability company|limited liability partnership|"
    r"((open|closed|public) )?joint stock company|tovarystvo z obmezhenoyu vidpovidalnistyu|"
    r"tovarishchestvo s ogranichennoy otvetstvennostyu|gesellschaft mit beschrankter haftung|"
    r"societe (anonyme|a responsabilite limitee)|sociedad anonima|anonim sirketi|limited sirketi|"
    r"free zone (company|establishment)|yougen gongsi)\b"
)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])|(?<=[A-Z]{2})(?=[A-Z][a-z])")
"""Where words were written together: AlfaTrading, OOOVostok."""
_DOTTED = re.compile(r"\b([a-z])\.(?=[a-z]\b)")
_FOLDS = [
    (re.compile(pattern), by)
    for pattern, by in (
        ("shch|sch|shh|sh", "S"), ("tsch|tch|ch|cz", "C"), ("zh", "Z"), ("kh|gh", "h"), ("ph", "f"),
        ("ck", "k"), ("ts|tz", "c"), ("dzh|dj|dsch", "j"), ("x", "ks"), ("q", "k"), ("w", "v"),
        ("ff$", "v"), ("[yij]u", "u"), ("[yij]a", "a"), ("[yij]e", "e"), ("[yij]o", "o"),
        ("ou|oo", "u"), ("ee", "i"), ("[yij]+", "i"), ("c(?=[aou]|$)", "k"), ("th", "t"),
        ("dh", "d"), (r"(.)\1+", r"\1"),
    )
]  # fmt: skip


def latin(text: str) -> str:
    """Return a text in lower case Latin letters, without accents and signs that no one sees.

    Letters of other scripts become Latin ones by one fixed table each; Chinese, Japanese and
    Korean stay as they are, for there the table would be a dictionary.
    """
    text = unicodedata.normalize("NFKC", text[:LONGEST]).casefold()
    if not text.isascii():
        seen = (c for c in text if unicodedata.category(c) not in ("Cf", "Cc", "Cs"))
        text = "".join(seen).translate(_LETTERS)
        plain = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in plain if not unicodedata.combining(c))
        text = unicodedata.normalize("NFC", text)  # puts Korean syllables together again
    return text


@lru_cache(1 << 16)
def words(text: str) -> tuple[str, ...]:
    """Return the words of a name that say who it is, in the order written.

    Legal forms are left out, unless nothing else is there; Chinese runs become pairs of signs.
    """
    plain = (
        latin(_HUMP.sub(" ", text[:LONGEST]))
        .replace("'", "")
        .replace("`", "")
        .replace("’", "")
        .replace('"', " ")
    )
    plain = _DOTTED.sub(r"\1", plain).replace("&", " ")
    found = [part for word in _WORD.findall(_LONG_FORMS.sub(" ", plain)) for part in _parts(word)]
    said = tuple(_SHORT.get(word, word) for word in found if word not in FORMS)
    return said or tuple(found)


def _parts(word: str) -> list[str]:
    if not _HAN.fullmatch(word) or len(word) < 3:
        return [word]
    return [word[at : at + 2] for at in range(len(word) - 1)]


@lru_cache(1 << 17)
def fold(word: str) -> str:
    """Return a word as it sounds, whichever way it was written in Latin letters.

    Sergei, Sergey and Sergej are one; so are Khimki and Himki, Yuri and Iuri, Zavod and Sawod not.
    """
    if not word.isascii() or word.isdigit():
        return word
    for pattern, by in _FOLDS:
        word = pattern.sub(by, word)
    return word


@lru_cache(1 << 17)
def skeleton(folded: str) -> str:
    """Return the consonants of a folded word: what Arabic writes of Mohammed, Muhammad, Mohamad."""
    return folded[:1] + re.sub("[aeiouh]", "", folded[1:])


def slack(size: int) -> int:
    """Return how many edits a word of this many letters may have: 0, 1 from four on, 2 from six."""
    return 0 if size < 4 else 1 if size < 6 else 2


@lru_cache(1 << 18)
def alike(one: str, other: str) -> float:
    """Return how alike two words are, from 0 to 1; 0 where they are two words.

    As written or as they sound, whichever is more: 1 - edits / letters of the longer one, where a
    swap of neighbours is one edit and `slack` of the shorter one the most. Equal consonants give at
    least 0.8.
    """
    here, there = fold(one), fold(other)
    if one == other or here == there:
        return 1.0
    if one.isdigit() or other.isdigit() or not (one.isascii() and other.isascii()):
        return 0.0
    found = max(_alike(one, other), _alike(here, there))
    if found < 0.8 and here[:1] == there[:1] and len(bone := skeleton(here)) > 2:
        return 0.8 if bone == skeleton(there) else found
    return found


def _alike(one: str, other: str) -> float:
    short, long = sorted((len(one), len(other)))
    most = slack(short)
    if long - short > most:
        return 0.0
    steps = edits(one, other, most)
    return 1 - steps / long if steps <= most else 0.0


def edits(one: str, other: str, most: int) -> int:
    """Return the edits between two words; more than `most` is `most` + 1 or more."""
    end = min(len(one), len(other))
    start = next((at for at in range(end) if one[at] != other[at]), end)
    one, other = one[start:], other[start:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    if not one or not other:
        return len(one) + len(other)
    before: list[int] = []
    last = list(range(len(other) + 1))
    for at, letter in enumerate(one, start=1):
        row = [at]
        for there, sign in enumerate(other, start=1):
            cost = min(last[there] + 1, row[-1] + 1, last[there - 1] + (letter != sign))
            if at > 1 < there and letter == other[there - 2] and sign == one[at - 2]:
                cost = min(cost, before[there - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
        before, last = last, row
    return last[-1]


_IDENTIFIER = re.compile(r"(?<![0-9A-Za-z])[A-Za-z]{0,5}[ -]?[0-9][0-9A-Za-z /-]{4,24}[0-9A-Za-z]")


def identifier(text: str) -> str:
    """Return a registration, tax, passport or ship number in one form, "" where it is none.

    One of fewer than six signs or five digits would meet others by chance.
    """
    bare = re.sub("[^0-9A-Z]", "", unicodedata.normalize("NFKC", text[:64]).upper())
    digits = sum(c.isdigit() for c in bare)
    return bare if len(bare) >= 6 and digits >= 5 and len(set(bare)) > 2 else ""


def identifiers(text: str) -> tuple[str, ...]:
    """Return the numbers written beside a name, as in "ALFA LLC, INN 7701234567"."""
    found = {identifier(part) for whole in _IDENTIFIER.findall(text[:LONGEST])
             for part in (whole, *re.findall("[0-9]{7,}", whole))}  # fmt: skip
    return tuple(sorted(one for one in found if one))
