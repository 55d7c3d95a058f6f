"""The names of months, as statistical offices write them."""

from __future__ import annotations

import unicodedata
from functools import cache

NAMES = {
    "English": "january february march april may june july august september october november "
    "december",
    "English, short": "jan feb mar apr may jun jul aug sep oct nov dec",
    "English, other": "- - - - - - - - sept - - -",
    "Russian": "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
    "Russian, of": "января февраля марта апреля мая июня июля августа сентября октября ноября "
    "декабря",
    "Russian, short": "янв фев мар апр май июн июл авг сен окт ноя дек",
    "Russian, other": "- февр - - - - - - сент - нояб -",
    "Turkish": "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
    "Turkish, short": "oca şub mar nis may haz tem ağu eyl eki kas ara",
    "Armenian": "հունվար փետրվար մարտ ապրիլ մայիս հունիս հուլիս օգոստոս սեպտեմբեր հոկտեմբեր "
    "նոյեմբեր դեկտեմբեր",
    "Georgian": "იანვარი თებერვალი მარტი აპრილი მაისი ივნისი ივლისი აგვისტო სექტემბერი ოქტომბერი "
    "ნოემბერი დეკემბერი",
    "Kazakh": "қаңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан",
    "Uzbek": "yanvar fevral mart aprel may iyun iyul avgust sentabr oktabr noyabr dekabr",
    "Uzbek, other": "- - - - - - - - sentyabr oktyabr - -",
    "Uzbek, Cyrillic": "январ феврал март апрел май июн июл август сентабр октабр ноябр декабр",
    "German": "januar februar märz april mai juni juli august september oktober november dezember",
    "German, short": "jan feb mär apr mai jun jul aug sep okt nov dez",
    "German, other": "jänner feber maerz - - - - - sept - - -",
    "French": "janvier février mars avril mai juin juillet août septembre octobre novembre "
    "décembre",
    "French, short": "janv févr mars avr mai juin juil août sept oct nov déc",
    "Spanish": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
    "diciembre",
    "Spanish, short": "ene feb mar abr may jun jul ago sep oct nov dic",
    "Spanish, other": "- - - - - - - - setiembre - - -",
}
NOISE = (
    "г", "гг", "год", "года", "yil", "yili", "yıl", "yılı", "ж", "жыл", "жылғы", "жылы",
    "թ", "թվական", "წ", "წელი", "de", "del",
)  # fmt: skip
"""Words for "year" and "of" that stand beside a month and a year."""


def fold(text: str) -> str:
    """Return text as names are compared: in small letters, without accents."""
    parts = unicodedata.normalize("NFD", text.lower())
    bare = "".join(sign for sign in parts if unicodedata.category(sign) != "Mn")
    return unicodedata.normalize("NFC", bare).replace("ı", "i")


@cache
def months() -> dict[str, int]:
    """Return folded name -> month."""
    found: dict[str, int] = {}
    for names in NAMES.values():
        for number, name in enumerate(names.split(), start=1):
            if name != "-" and found.setdefault(fold(name), number) != number:
                raise ValueError(f"{name} names two months")
    return found
