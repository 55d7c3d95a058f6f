"""Places: checked against every row of the project's own lists, and by hand on people's words."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.errors import UnknownCodeError
from entrepot.reference import countries, groups
from entrepot.terms import ALL, members, places

TABLE = countries.table()
CANONICAL = [*TABLE, *groups.names(), "WLD"]

WORDS = """
ARE uae|Emirates|U Arab Emts|U.A.E.|united arab emirates
BOL Bolivia|Plurinational State of Bolivia
CIV Ivory Coast|Côte d'Ivoire|cote d`ivoire|Cote dIvoire
COD DR Congo|Democratic Republic of the Congo|Congo, Dem. Rep.|Congo (Kinshasa)|drc
COG Republic of the Congo|Congo, Rep.|Congo-Brazzaville
CPV Cape Verde|Cabo Verde
CZE Czech Republic|Czechia
DEU Germany|Federal Republic of Germany
GBR UK|U.K.|Great Britain|Britain|United Kingdom of Great Britain and Northern Ireland
GEO Georgia
GIN Guinea
GNB Guinea Bissau|Guinea-Bissau|guineabissau
HKG Hong Kong|Hong Kong SAR|Hong Kong, China|China, Hong Kong SAR|Hongkong
IRL Ireland|Republic of Ireland
IRN Iran|Islamic Republic of Iran|Iran, Islamic Rep.
KGZ Kirghizia|Kyrgyz Republic|Kyrgyzstan
KOR South Korea|Korea Rep|Republic of Korea|Korea, Republic of|Korea, South|S. Korea|ROK
LAO Laos|Lao PDR|Lao People's Democratic Republic
MAC Macao|Macau|Macao SAR
MDA Moldova|Republic of Moldova|Moldavia
MKD Macedonia|North Macedonia|FYROM|the former Yugoslav Republic of Macedonia
MMR Burma|Myanmar
NLD Holland|the Netherlands|Kingdom of the Netherlands
PRK North Korea|Dem. People's Rep. of Korea|DPRK
PSE Palestine|State of Palestine
RUS Russia|Russian Federation|RUSSIAN FED.
SWZ Swaziland|Eswatini
SYR Syria|Syrian Arab Republic
TLS East Timor|Timor-Leste
TUR Turkey|Türkiye|Turkiye|TÜRKİYE|Republic of Turkiye
TWN Taiwan|Chinese Taipei|Taiwan, Province of China
TZA Tanzania|United Republic of Tanzania
USA US|USA|U.S.|u.s.a.|United States|United States of America|America
VAT Vatican|Holy See|Vatican City
VEN Venezuela|Bolivarian Republic of Venezuela
VNM Vietnam|Viet Nam|Socialist Republic of Viet Nam
XKX Kosovo|xk
WLD World|wld
"""
SPELT = [
    (row.split(" ", 1)[0], word)
    for row in WORDS.strip().splitlines()
    for word in row.split(" ", 1)[1].split("|")
]


def bare(text):
    """The text without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def refused(words, **options):
    """The one line with which words are refused; nothing where they are understood."""
    try:
        places(words, **options)
    except UnknownCodeError as error:
        line = str(error)
    else:
        return ""
    assert len(line.splitlines()) == 1
    assert len(line) <= 300
    return line


@pytest.mark.parametrize("code", TABLE)
def test_every_country_is_understood_by_its_codes_and_its_name(code):
    row = TABLE[code]
    number = {row["m49"], row["m49"].lstrip("0")} - {""}
    for word in (code, row["iso2"], row["name"], f" {row['name']}  ", *number):
        for form in (word, word.lower(), word.upper(), bare(word)):
            assert places(form) == (code,), form


@pytest.mark.parametrize(("code", "word"), SPELT)
def test_the_usual_other_names_are_understood(code, word):
    for form in (word, word.lower(), word.upper(), bare(word)):
        assert places(form) == (code,)


@pytest.mark.parametrize("name", groups.names())
def test_every_group_is_understood_however_its_parts_are_joined(name):
    for form in (name, name.upper(), name.replace("-", " "), name.replace("-", "_")):
        assert places(form) == (name,)
    assert members(name) == groups.members(name)


@pytest.mark.parametrize("area", countries.areas())
def test_every_area_is_understood_by_its_code_and_the_union_is_the_group(area):
    expected = "eu27" if area == "EU27" else area
    assert places(area) == places(area.lower()) == (expected,)


@pytest.mark.parametrize(
    "word", ["EU", "e.u.", "EU27", "eu27", "EU-27", "eu 27", "European Union", "the european union"]
)
def test_the_european_union_is_the_group_and_its_members_are_27(word):
    assert places(word) == ("eu27",)
    assert len(members(word)) == 27


def test_a_group_is_understood_by_its_title():
    assert places("Eurasian Economic Union; the G7") == ("eaeu", "g7")
    assert places("FT Turkey 5") == ("ft-turkey-5",)


@pytest.mark.parametrize("word", ["all", "ALL", "everyone", "all countries"])
def test_all_is_everyone_and_not_the_world(word):
    assert places(word) == members(word) == (ALL,)
    assert places("world") != (ALL,)


def test_all_stands_alone():
    assert refused("all, TUR") == (
        "country: all is everyone already; leave it out, or leave out the others"
    )


def test_places_keep_their_order_and_come_once():
    assert places("uzbekistan; TUR,Turkey ,, 051,eu27; Uzbekistan") == ("UZB", "TUR", "ARM", "eu27")
    assert places(["TUR, KAZ", "Korea, Republic of"]) == ("TUR", "KAZ", "KOR")
    assert places("") == places([]) == ()
    assert members("EU, DEU, TUR") == (*groups.members("eu27"), "TUR")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Korea, Republic of, Turkey", ("KOR", "TUR")),
        ("Turkey, Congo, Dem. Rep., Kazakhstan", ("TUR", "COD", "KAZ")),
        ("Bonaire, Sint Eustatius and Saba", ("BES",)),
        ("Bonaire, Sint Eustatius, and Saba", ("BES",)),
        ("Saint Helena, Ascension and Tristan da Cunha, Peru", ("SHN", "PER")),
        ("Iran, Islamic Republic of, Syria", ("IRN", "SYR")),
        ("Hong Kong, China", ("HKG",)),
        ("Turkey; Hong Kong, China", ("TUR", "HKG")),
        ("Hong Kong; China", ("HKG", "CHN")),
        ("China, Hong Kong", ("CHN", "HKG")),
        ("HKG, CHN", ("HKG", "CHN")),
    ],
)
def test_a_name_with_a_comma_is_one_place(words, expected):
    assert places(words) == expected


def test_a_name_with_a_comma_in_a_list_is_refused_where_its_parts_are_places_too():
    assert refused("Turkey, Hong Kong, China") == (
        "country: 'Hong Kong, China' in a list may be one place, Hong Kong (HKG), or 2: HKG, CHN; "
        "write the codes"
    )


@pytest.mark.parametrize(
    ("word", "meanings"),
    [
        ("Korea", "South Korea (KOR) or North Korea (PRK)"),
        ("congo", "Democratic Republic of the Congo (COD) or Republic of the Congo (COG)"),
        ("Virgin Is.", "British Virgin Islands (VGB) or United States Virgin Islands (VIR)"),
    ],
)
def test_an_unclear_word_is_refused_with_its_meanings(word, meanings):
    assert f"may be {meanings}; write which" in refused(word)


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("kirgistan", "did you mean Kyrgyzstan (KGZ)?"),
        ("Uzbekstan", "did you mean Uzbekistan (UZB)?"),
        ("KAZZ", "did you mean Kazakhstan (KAZ)?"),
        ("ft-turkey-6", "did you mean ft-turkey-5?"),
        ("Turkey and Kazakhstan", "write commas between places"),
        ("842", "UN Comtrade has it for United States (USA)"),
        ("Atlantis of the deep", "write a name or code such as Turkey or TUR"),
        ("\N{SNOWMAN}", "write a name or code"),
    ],
)
def test_an_unknown_word_is_named_with_what_is_near_or_understood(word, hint):
    line = refused(word, what="--partner")
    assert line.startswith("--partner: ")
    assert repr(word) in line
    assert hint in line


@given(st.text(min_size=1).filter(lambda text: any(mark.isalnum() for mark in text)))
def test_whatever_is_not_understood_is_refused_in_one_line(text):
    line = refused(text)
    assert not line or any(step in line for step in ("write", "did you mean", "leave"))


@given(st.sampled_from(CANONICAL), st.data())
def test_a_canonical_name_survives_case_blanks_and_dots(name, data):
    letters = [letter for letter in name if letter.isalnum()]
    joints = st.sampled_from(["", " ", ".", "-", "  ", ". "])
    drawn = "".join(
        data.draw(st.sampled_from([letter.upper(), letter.lower()])) + data.draw(joints)
        for letter in letters
    )
    assert places(f" {drawn}") == (name,)
