"""The words by which offices name columns, flows, units and totals, in the languages of the routes."""

from __future__ import annotations

import re
from functools import cache

from entrepot.sources._generic_months import fold

COLUMNS = {
    "period": "period | time period | time | date | ref period | yearmonth | year month | date of data"
    " | период | отчетный период | период отчета | дата | donem | tarih | 时间 | 日期 | 数据年月 | 年月"
    " | zeitraum | berichtszeitraum | periode | periodo | fecha | ժամանակաշրջան | кезең | davr | sana",
    "year": "year | reference year | год | yil | 年 | 年份 | 年度 | jahr | annee | ano | տարի | жыл | წელი",
    "month": "month | месяц | ay | 月 | 月份 | monat | mois | mes | ամիս | ай | oy | თვე",
    "reporter": "reporter | reporting country | reporter iso | declarant | reporter name"
    " | отчитывающаяся страна | raporlayan ulke | berichtsland",
    "partner": "partner | partner country | partner name | country | country name | trading partner"
    " | counterpart | destination | country of destination | origin | country of origin | country code"
    " | trading partner code | partner code | страна | страна партнер | страна назначения | код страны"
    " | страна происхождения | контрагент | наименование страны | strana | ulke | ulke adi | ulke kodu"
    " | 贸易伙伴名称 | 贸易伙伴 | 贸易伙伴编码 | 国别 | 国家 | land | partnerland | bestimmungsland"
    " | pays | pays partenaire | pais | pais socio | երկիր | ел | елдер | mamlakat | davlat | ქვეყანა"
    " | өлкө",
    "flow": "flow | trade flow | flow desc | direction | trade type | napr | направление | поток"
    " | направление перемещения | тип операции | экспорт импорт | akis | ticaret akisi | 进出口 | 贸易方向"
    " | verkehrsrichtung | richtung | flux | flujo | հոսք | export import",
    "product": "hs | hs code | hscode | hs6 | hs8 | hs4 | code | commodity code | product code | product"
    " | tariff code | itc hs code | itchs code | tnved | tn ved | код тнвэд | код тн вэд | тн вэд | тнвэд"
    " | код товара | код тн вэд еаэс | тн вэд еаэс | код | gtip | gtip kodu | gtip no | hs kodu | hs6 kodu"
    " | 商品编码 | 商品代码 | hs编码 | 税号 | warennummer | code nc | code sh | position | partida"
    " | codigo | codigo sa | ապրանքի կոդ | атг аа կոդ | ԱՏԳ ԱԱ | ատգ աա կոդ | тауар коды | сэқ тн коды"
    " | tif tn kodi | tovar kodi | sk kodi | კოდი | hs commodity code | subheading",
    "value": "value | trade value | statistical value | value usd | usd | amount | us dollar | us dollars"
    " | стоимость | статистическая стоимость | сумма | stoim | стоимость товара | стат стоимость"
    " | deger | tutar | dolar | deger dolar | usd deger | 美元 | 人民币 | 金额 | 价值 | wert"
    " | statistischer wert | valeur | valor | արժեք | құны | qiymati | qiymat | ღირებულება | наркы"
    " | rmb | baha",
    "net_mass_kg": "net mass | net weight | netweight | weight | kg | kgs | kilo | net mass kg"
    " | вес нетто | масса нетто | вес | масса | нетто | netto | вес кг | масса кг | agirlik | net agirlik"
    " | 净重 | 重量 | 千克 | eigenmasse | gewicht | masse | masse nette | peso | peso neto | քաշ"
    " | զտաքաշ | салмағы | netto vazn | вес тонн | масса тонн | tonnes | tons | тонн | წონა",
    "quantity": "quantity | qty | supplementary quantity | количество | кол во | kol | доп количество"
    " | miktar | miktar 1 | 数量 | 第一数量 | menge | besondere masseinheit | quantite | cantidad | քանակ"
    " | саны | miqdori | рაოდენობა",
    "quantity_unit": "unit | quantity unit | unit of quantity | units | edizm | ед изм | единица измерения"
    " | единица | olcu birimi | birim | olcu adi | 单位 | 第一计量单位 | 计量单位 | einheit | unite"
    " | unidad | չափման միավոր | өлшем бірлігі | olchov birligi",
    "text": "commodity | description | commodity name | product name | goods | product description"
    " | commodity description | наименование товара | наименование | описание | товар | gtip adi"
    " | gtip aciklama | madde adi | 商品名称 | 商品 | bezeichnung | warenbezeichnung | libelle"
    " | descripcion | անվանում | тауар атауы | tovar nomi | name | no | sr no | s no | row | sira",
}
"""Words of a column's name, in small letters without accents; `text` is what says nothing new."""
FLOWS = {
    "export": "export | exports | exp | x | e | эк | э | экспорт | вывоз | ihracat | 出口 | ausfuhr"
    " | ausfuhren | exportation | exportations | exportacion | exportaciones | արտահանում | eksport"
    " | ექსპორტი",
    "import": "import | imports | imp | m | i | им | и | импорт | ввоз | ithalat | 进口 | einfuhr"
    " | einfuhren | importation | importations | importacion | importaciones | ներմուծում | იმპორტი",
    "re-export": "re export | re exports | reexport | реэкспорт | 复出口 | rx",
    "re-import": "re import | re imports | reimport | реимпорт | 复进口 | rm",
}
TOTALS = (
    "total | totals | grand total | all countries | всего | итого | все страны | toplam | genel toplam"
    " | 总值 | 合计 | 总计 | insgesamt | gesamt | ensemble | ընդամենը | барлығы | жами | jami | სულ"
    " | всего по странам | бардыгы"
)
CURRENCIES = {
    "USD": r"\busd\b|us ?\$|\$|u\.s\. dollar|dollar|долл|доллар|dolar|美元|դոլար|დოლარ|\bабд\b|abd dolari",
    "EUR": r"\beur\b|\beuros?\b|€|евро|欧元|\bavro\b",
    "CNY": r"\brmb\b|\bcny\b|yuan|人民币|юан",
    "RUB": r"\brub\b|руб",
    "TRY": r"\btry\b|\btl\b|lira",
    "INR": r"\binr\b|rupee|₹|\brs\b",
    "KZT": r"\bkzt\b|тенге",
    "KGS": r"\bkgs som\b|\bсом(ов)?\b",
    "AMD": r"\bamd\b|драм|դրամ",
    "GEL": r"\bgel\b|лари|ლარი",
}
SCALES = {
    10_000_000: r"\bcrores?\b",
    1_000_000: r"million|\bmln\b|млн|milyon|百万|millionen|մլն|მლნ",
    100_000: r"\blakhs?\b|\blacs?\b",
    10_000: "万",
    1000: r"thousand|\bthous\b|тыс|\bbin\b|千(?!克)|tausend|milliers|\bmiles\b|հազ|мың|\bming\b|ათას|"
    r"[' ]000\b|миң",
}
TONNES = r"\btonnes?\b|\btons?\b|\bmt\b|тонн|吨|տոննա|ტონა|тонна"
MISSING = ("", "..", "...", "…", "-", "–", "—", ":", "NA", "N/A", "NaN", "nan", "x", "null")  # noqa: RUF001


def words(name: str) -> str:
    """Return a column's name as words: folded, without what stands between them."""
    return " ".join(re.findall(r"[^\W_]+", fold(name)))


@cache
def _of(kind: str) -> dict[str, str]:
    lists = {"column": COLUMNS, "flow": FLOWS, "total": {"total": TOTALS}}[kind]
    return {words(word): key for key, text in lists.items() for word in text.split("|")}


def field(name: str) -> tuple[str, int]:
    """Return the field that a column's name means and how sure that is: 3, 2, 1, or 0 for none."""
    known, given = _of("column"), words(name)
    if given in known:
        return known[given], 3
    inside = sorted(
        (word for word in known if len(word) > 1 and _stands_in(word, given)), key=len, reverse=True
    )
    return (known[inside[0]], 2 if len(inside[0]) > 3 else 1) if inside else ("", 0)


def flow(text: str) -> str | None:
    """Return the flow that a word in a cell means."""
    return _of("flow").get(words(text))


def flow_in(text: str) -> str | None:
    """Return the one flow that a title names; None for none or several."""
    given = words(text)
    found = {ours for word, ours in _of("flow").items() if len(word) > 2 and _stands_in(word, given)}
    if len(found) > 1:
        found -= {ours.removeprefix("re-") for ours in found if ours.startswith("re-")}
    return found.pop() if len(found) == 1 else None


def is_total(text: str) -> bool:
    """Whether a cell names the sum of the others."""
    return words(text) in _of("total")


def currency(text: str) -> str | None:
    """Return the one currency that a text names; None for none or several."""
    found = [code for code, pattern in CURRENCIES.items() if re.search(pattern, fold(text))]
    return found[0] if len(found) == 1 else None


def scale(text: str) -> int:
    """Return the factor that a text names, such as thousands."""
    bare = re.sub(r"['\s]+", " ", fold(text))
    return next((factor for factor, p in SCALES.items() if re.search(p, bare)), 1)


def is_tonnes(text: str) -> bool:
    """Whether a text names tonnes."""
    return bool(re.search(TONNES, fold(text)))


def known(text: str) -> int:
    """Count the known words in a text: what tells one encoding from another."""
    lists = (_of("column"), _of("flow"), _of("total"))
    cells = [words(cell) for cell in re.split(r"[,;\t|\n]", text)]
    return sum(any(cell in one for one in lists) for cell in cells if len(cell) > 1)


def _stands_in(word: str, text: str) -> bool:
    if re.search(r"[\u4e00-\u9fff]", word):
        return word in text
    return f" {word} " in f" {text} "
