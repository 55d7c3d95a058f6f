"""Names: by hand, and edits against a table of all distances."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.screen.match._types import Entry, Party
from entrepot.screen.match.plain import Plain
from entrepot.screen.names import alike, edits, identifier, identifiers, latin, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Щукин", "Shchukin"), ("Sergej", "Sergey"), ("Юрий", "Iouri"), ("Muhammad", "Mohamed"),
        ("Schukow", "Zhukov"), ("Aleksandr", "Alexander"),
    ],
)  # fmt: skip
def test_ways_of_writing_one_name_are_alike(one, other):
    [first], [second] = words(one), words(other)
    assert alike(first, second) >= 0.65


def test_legal_forms_and_order_of_scripts_do_not_count():
    assert words("\u041e\u041e\u041e «Вектор-Юг»") == words("Vektor-Yug LLC")
    assert words("Limited Liability Company Alfa") == ("alfa",)
    assert words("Ltd.") == ("ltd",)  # nothing else is left of it


def test_signs_that_no_one_sees_change_nothing():
    assert words("Al\u200bfa \u202eTrading\u202c") == words("Alfa Trading")
    assert latin("\uff21\uff2c\uff26\uff21") == "alfa"


def slow(one, other):
    """Optimal string alignment distance, by its definition."""
    d = np.zeros((len(one) + 1, len(other) + 1), dtype=int)
    d[:, 0], d[0] = range(len(one) + 1), range(len(other) + 1)
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            cost = one[i - 1] != other[j - 1]
            d[i, j] = min(d[i - 1, j] + 1, d[i, j - 1] + 1, d[i - 1, j - 1] + cost)
            if i > 1 < j and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                d[i, j] = min(d[i, j], d[i - 2, j - 2] + 1)
    return int(d[-1, -1])


@given(st.text("abc", max_size=7), st.text("abc", max_size=7))
def test_edits_are_those_of_the_definition(one, other):
    assert edits(one, other, 20) == slow(one, other)


def test_numbers_are_read_from_beside_a_name():
    assert identifiers("ALFA LLC, INN 7701234567") == ("7701234567", "INN7701234567")
    assert identifier("1234") == ""
    assert identifier("000000") == ""


ENTRIES = [
    Entry("a", "1", "person", ("Ivanov Petr Sergeevich",), countries=("RUS",)),
    Entry("a", "2", "organisation", ("OOO Vostok Signal Trading",), identifiers=("7701234567",)),
    Entry("a", "3", "vessel", ("Paris",)),
    *(Entry("a", str(n), "organisation", (f"Trading {word}",)) for n, word in enumerate(
        ("Alfa", "Beta", "Gamma", "Delta", "Omega", "Sigma"), start=10)),
]  # fmt: skip


def test_the_best_entry_is_found_however_it_is_written():
    plain = Plain(ENTRIES)
    for name in (
        "Иванов Пётр",
        "IVANOV, Pyotr Sergeyevich",
        "Petr S. Ivanow",
        "IvanovPetr Sergeevich",
    ):
        assert plain.match(Party(name))[0].entry.id == "1"
        assert plain.match(Party(name))[0].score > 0.8
    assert plain.match(Party("Vostok-Signal Ltd"))[0].entry.id == "2"


def test_a_number_finds_a_company_under_another_name():
    [hit, *_] = Plain(ENTRIES).match(Party("Zapad Group", identifiers=("7701234567",)))
    assert (hit.entry.id, hit.score, hit.by) == ("2", 1.0, "number")


def test_one_common_word_or_one_like_word_is_no_match():
    plain = Plain(ENTRIES)
    assert all(hit.score < 0.82 for hit in plain.match(Party("Siemens Trading")))
    assert all(hit.score < 0.82 for hit in plain.match(Party("Parmis SA")))


def test_matches_do_not_depend_on_the_order_of_the_list():
    names = [Party(name) for name in ("Trading Alpha", "Vostok Trading", "Petr Ivanov")]
    one, other = Plain(ENTRIES), Plain(ENTRIES[::-1])
    for party in names:
        assert one.match(party) == other.match(party)
