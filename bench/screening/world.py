"""An invented list of 20,000 entries, from a seed: persons, companies and ships of five languages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from entrepot.screen.match._types import Entry

# Cyrillic first: the list and the planted party write it in Latin letters by different schools.
FIRST = """Александр Алексей Анатолий Андрей Антон Аркадий Артём Богдан Борис Вадим Валентин Валерий
Василий Виктор Виталий Владимир Владислав Вячеслав Геннадий Георгий Григорий Даниил Денис Дмитрий
Евгений Егор Иван Игорь Илья Кирилл Константин Леонид Максим Михаил Никита Николай Олег Павел Пётр
Роман Руслан Святослав Семён Сергей Станислав Степан Тимур Фёдор Эдуард Юрий Яков Ярослав Анна Елена
Екатерина Ирина Людмила Мария Наталья Ольга Светлана Татьяна Юлия""".split()
STEMS = """Абрам Агаф Алекс Анис Арсен Бабуш Баран Белоус Беля Бык Васил Виноград Воробь Гаврил
Голуб Горбач Григорь Гус Давыд Денис Дорофе Ег Ефим Жук Зайц Захар Зуб Иван Ильин Исае Калин Карп
Кисел Климен Козл Колесник Комар Кондрать Корол Котляр Кравц Кузнец Кулик Лаврент Лебед Логин Лукьян
Макар Мамонт Мартын Медвед Мельник Михайл Мороз Назар Некрас Никифор Новик Носк Орл Осип Павл Панкрат
Петр Пономар Поп Прохор Родион Рожк Рыбак Рябц Савель Сазон Селезн Сидор Смирн Собол Степан Суворк
Тарас Тимофе Тихон Трофим Уваж Устин Фадее Федот Филипп Харитон Хомяк Цветк Чебот Черныш Шапошник
Шевел Щербак Щук Юдин Якуш Ярослав""".split()
WORDS_RU = """Альфа Восток Вектор Гранит Импульс Каскад Квант Луч Маяк Микрон Орбита Полюс Радиус
Рубин Сигнал Сокол Спектр Топаз Факел Циклон Эталон Электрон Энергия Янтарь Ястреб Щит Химпром
Технология Приборостроение Станкостроение""".split()
SYLLABLES = (
    "ka ro mi ten sal vor dex lin tra po zan qui bel nor fi sta gem lux ar cor ven pra do".split()
)
SECTORS = """Trading Shipping Logistics Electronics Industries International Technology Holdings
Engineering Marine Petroleum Components Aviation Machinery Group Services Instruments Import Export
Chemicals Steel Investment Capital Consulting Supply""".split()
FORMS = {"RUS": ["LLC", "JSC", "OOO", "PJSC"], "CHN": ["Co., Ltd."], "HKG": ["Limited", "Co., Limited"],
         "ARE": ["FZE", "LLC", "DMCC"], "TUR": ["A.S.", "Ltd. Sti."], "IRN": ["Co.", "PJS"],
         "CYP": ["Limited"], "KAZ": ["TOO", "LLP"], "DEU": ["GmbH"]}  # fmt: skip
ARABIC = """Mohammed Ahmed Hassan Hussein Khalid Omar Mustafa Yousef Ibrahim Abdullah Saleh Mahmoud
Karim Faisal Rashid Nasser Jamal Tariq Walid Ziad Samir Bilal Hamza""".split()
ARABIC_LAST = """Haddad Najjar Khoury Masri Shami Baghdadi Tikriti Halabi Qasim Rahman Zahrani Otaibi
Dosari Hashimi Sayegh Mansour Sulaiman Jaber Fares Darwish""".split()
PINYIN = """Wei Fang Min Jing Lei Qiang Yang Chao Bo Jun Hua Ming Ping Gang Xin Tao Guo Hong Long Feng
Hai Bao Zhong Sheng Yuan Da Jin Dong Nan Xing Tian Yi Kai He""".split()
HAN = dict(
    zip(PINYIN, "伟芳敏静磊强洋超波军华明平刚鑫涛国红龙峰海宝中盛源达金东南兴天益凯和", strict=True)
)
SURNAMES = "Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo".split()
PLACES = [*FORMS]


@dataclass(frozen=True, slots=True)
class Made:
    """A name as it was made: how the list writes it, and what the party's own papers hold."""

    name: str
    kind: str
    country: str
    cyrillic: str = ""
    parts: tuple[str, ...] = ()


BGN = dict(zip("абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
               "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch _ y _ e yu ya".split(),
               strict=True))  # fmt: skip


def written(text: str, school: dict[str, str] = BGN) -> str:
    """Return Cyrillic in the Latin letters of a school, each word with its capital."""
    out = "".join(school.get(c, c) for c in text.casefold()).replace("_", "")
    return " ".join(word[:1].upper() + word[1:] for word in out.split())


def person(rng: np.random.Generator) -> Made:
    """Return a person: six in ten Russian, two Arabic, two Chinese."""
    draw = rng.random()
    if draw < 0.6:
        first, father = rng.choice(FIRST[:50]), rng.choice(FIRST[:50])
        last = rng.choice(STEMS) + rng.choice(["ов", "ев", "ин", "енко", "ский"])
        patron = father.rstrip("йьяа") + ("евич" if father[-1] in "йь" else "ович")
        text = f"{last} {first} {patron}"
        return Made(written(text), "person", "RUS", text, (last, first, patron))
    if draw < 0.8:
        parts = (rng.choice(ARABIC), rng.choice(ARABIC), f"al-{rng.choice(ARABIC_LAST)}")
        return Made(" ".join(parts), "person", str(rng.choice(["ARE", "IRN"])), "", parts)
    given = "".join([rng.choice(PINYIN), rng.choice(PINYIN).lower()])
    parts = (str(rng.choice(SURNAMES)), given)
    return Made(" ".join(parts), "person", "CHN", "", parts)


def company(rng: np.random.Generator) -> Made:
    """Return a company: a third Russian, a fifth Chinese, the rest coined words with a trade."""
    draw = rng.random()
    sector = " ".join(rng.choice(SECTORS, size=rng.integers(1, 3), replace=False))
    if draw < 0.35:
        stem = f"{rng.choice(WORDS_RU)}-{rng.choice(WORDS_RU)} {rng.choice(STEMS)}"
        stem += rng.choice(["ово", "ск", "инвест", "снаб", "маш", "торг", "строй"])
        form = str(rng.choice(FORMS["RUS"]))
        own = f"{written(stem.replace('-', ' '))} {sector if rng.random() < 0.5 else ''}".strip()
        return Made(f"{form} {own}", "organisation", "RUS", stem.replace("-", " "), (own, form))
    if draw < 0.55:
        parts = [*rng.choice(PINYIN, size=3)]
        own = f"{parts[0]}{parts[1].lower()} {parts[2]} {sector}"
        country = str(rng.choice(["CHN", "HKG"]))
        return Made(
            f"{own} {rng.choice(FORMS[country])}", "organisation", country, "", (own, *parts)
        )
    country = str(rng.choice(PLACES))
    coined = "".join(rng.choice(SYLLABLES, size=rng.integers(2, 5))).capitalize()
    more = "".join(rng.choice(SYLLABLES, size=2)).capitalize() + " " if rng.random() < 0.4 else ""
    own = f"{coined} {more}{sector}"
    return Made(f"{own} {rng.choice(FORMS[country])}", "organisation", country, "", (own,))


def ship(rng: np.random.Generator) -> Made:
    """Return a ship: one or two words."""
    words = [*rng.choice(["Ocean", "Sea", "Star", "Gulf", "Blue", "Golden", "Royal", "Silver"], size=1),
             "".join(rng.choice(SYLLABLES, size=3)).capitalize()]  # fmt: skip
    return Made(" ".join(words), "vessel", str(rng.choice(["CYP", "HKG", "ARE"])))


def listed(seed: int, count: int) -> tuple[list[Entry], list[Made]]:
    """Return a list's entries, and how each was made, at the same places."""
    rng = np.random.default_rng(seed)
    entries, made = [], []
    taken: set[str] = set()
    while len(made) < count:
        draw = rng.random()
        one = person(rng) if draw < 0.45 else company(rng) if draw < 0.95 else ship(rng)
        if one.name in taken:
            continue
        taken.add(one.name)
        number = str(rng.integers(10**9, 10**10))
        aliases = (one.cyrillic.upper(),) if one.cyrillic and rng.random() < 0.3 else ()
        entries.append(Entry("list", f"E{len(made)}", one.kind, (one.name, *aliases),
                             countries=(one.country,), identifiers=(number,)))  # fmt: skip
        made.append(one)
    return entries, made
