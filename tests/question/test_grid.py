"""The grid against what it is made of, kind by kind, on random kinds; and a few by hand."""

from __future__ import annotations

import random

import numpy as np
import pytest

from entrepot.question.grid import COARSER, KNOWN, NATIONAL, PART, UNASKED, Grid
from entrepot.store.known import TOTAL
from support.kinds import PARTNERS, asked, drawn, kind, written

RANK = {"unasked": UNASKED, "coarser": COARSER, "part": PART, "national": NATIONAL, "known": KNOWN}


def codes_of(links, one, name):
    """The codes of a name in the revisions of a kind; in all of them where it has none of these."""
    written = {"HS2022" if told in ("HS2022", "CN2023") else told for told in one.classifications}
    own = {code for revision, code, other in links if other == name and revision in written}
    return own or {code for _revision, code, other in links if other == name}


@pytest.mark.parametrize("seed", range(60))
def test_a_name_is_known_as_the_least_known_of_its_codes(seed):
    chance = random.Random(seed)
    kinds, links = [drawn(chance) for _ in range(12)], asked(chance)
    grid = Grid(kinds, links)
    for place, one in enumerate(kinds):
        for at, name in enumerate(grid.names):
            told = min(RANK[one.product(code)] for code in codes_of(links, one, name))
            assert grid.states[place, at] == told, (one, name)


def everything(one):
    if one.products is not None:
        return PART if one.products else UNASKED
    if one.depths and max(one.depths) < 6:
        return COARSER
    return COARSER if any(len(code) < 6 for code in one.bare) else KNOWN


@pytest.mark.parametrize("seed", range(40))
def test_every_subheading_is_known_where_none_is_left_out(seed):
    chance = random.Random(seed)
    kinds = [drawn(chance) for _ in range(12)] + [kind(products=frozenset()), kind(depths=())]
    grid = Grid(kinds, None)
    assert grid.names == ("",)
    assert [row[0] for row in grid.states] == [everything(one) for one in kinds]


@pytest.mark.parametrize("seed", range(60))
def test_a_plain_signature_knows_the_same(seed):
    chance = random.Random(seed)
    pool = [drawn(chance) for _ in range(4)]
    kinds = [chance.choice(pool) for _ in range(4)] + [drawn(chance) for _ in range(6)]
    links = None if seed % 4 == 0 else asked(chance)
    grid = Grid(kinds, links)
    for _ in range(10):
        signature = tuple(sorted(chance.sample(range(len(kinds)), chance.randint(1, 4))))
        plain = grid.plain(signature)
        assert np.array_equal(grid.matrix(plain, PARTNERS), grid.matrix(signature, PARTNERS))
        assert np.array_equal(grid.matrix(plain, ()), grid.matrix(signature, ()))
        wide = [at for at, name in enumerate(grid.names) if len(name) < 6]
        assert list(grid.in_one_revision(plain)[wide]) == list(
            grid.in_one_revision(signature)[wide]
        )
        best = grid.states[[*signature]].max(axis=0)
        for at, name in enumerate(grid.names):
            if best[at] == PART:
                assert grid.under(plain, name) == grid.under(signature, name)


@pytest.mark.parametrize("code", ["854231100000", "854231", "8542"])
def test_kinds_that_differ_in_one_code_that_stands_alone_are_told_apart(code):
    alone = [frozenset[str](), *(frozenset({code[:size]}) for size in (2, 4, 6, 8, 10))]
    kinds = [kind(depths=(2, 4, 6, 8, 10, 12), bare=one) for one in alone]
    found = Grid(kinds, (("HS2022", code, code),)).states[:, 0]
    assert list(found) == [
        COARSER if any(len(one) < len(code) for one in bare) else KNOWN for bare in alone
    ]


def test_kinds_alike_share_a_signature_and_others_do_not():
    one, same = kind(), kind(has_total=True, classifications=("HS2017",))
    grid = Grid([one, same, kind(depths=(4,))], (("HS2022", "854231", "854231"),))
    assert grid.plain((1,)) == grid.plain((0,)) == grid.plain((0, 1)) == (0,)
    assert grid.plain((2,)) == (2,)


@pytest.mark.parametrize(
    ("kinds", "is_one", "is_doubled"),
    [
        ([written("HS2022")], True, False),
        ([written("HS2022"), written("CN2022")], True, False),
        ([written("HS2022"), written("HS2017")], False, True),
        ([written("HS2022", "HS2017"), written("HS2017")], True, True),
        ([written("HS2022"), written()], True, False),
        ([written("HS2022"), kind(products=frozenset({"8471"}), classifications=("HS2017",))],
         True, True),
        ([written("HS2022"), kind(products=frozenset({"854231"}), classifications=("HS2017",))],
         False, True),
    ],
)  # fmt: skip
def test_whether_one_revision_has_all_that_speak(kinds, is_one, is_doubled):
    links = (("HS2017", "8542", "8542"), ("HS2022", "8542", "8542"))
    grid, signature = Grid(kinds, links), tuple(range(len(kinds)))
    assert list(grid.in_one_revision(signature)) == [is_one]
    assert grid.is_doubled(signature) == is_doubled


@pytest.mark.parametrize(
    ("products", "name", "held"),
    [
        ({"854231", "8471"}, "8542", {"854231"}),
        ({"85423110", "854232"}, "8542", {"854231", "854232"}),
        ({"85423110"}, "854231", {"85423110"}),
        ({"854231", "85423110"}, "8542", {"854231"}),
        ({"8542", "854121"}, TOTAL, {"8542", "854121"}),
    ],
)
def test_what_is_held_of_a_part(products, name, held):
    one = kind(products=frozenset(products), is_asked=True, depths=(6,))
    assert Grid([one], (("HS2022", name, name),)).under((0,), name) == held


def test_of_all_goods_a_part_holds_the_subheadings_that_the_slice_shows():
    one = kind(products=frozenset({"8541", "854121", "854231"}), depths=(4, 6),
               bare=frozenset({"8541"}))  # fmt: skip
    assert Grid([one], None).under((0,), "") == {"854231"}


@pytest.mark.parametrize("seed", range(20))
def test_vintages_complete_each_other_partner_by_partner(seed):
    chance = random.Random(seed)
    kinds = [drawn(chance) for _ in range(6)]
    grid = Grid(kinds, asked(chance))
    signature = tuple(sorted(chance.sample(range(6), 3)))
    found = grid.matrix(signature, PARTNERS)
    alone = grid.matrix(signature, ())
    assert (found.shape, alone.shape) == ((3, len(grid.names)), (1, len(grid.names)))
    for name in range(len(grid.names)):
        for at, partner in enumerate(PARTNERS):
            told = [grid.states[p, name] for p in signature if kinds[p].partner(partner)]
            assert found[at, name] == max(told, default=UNASKED)
        told = [grid.states[place, name] for place in signature if kinds[place].partners is None]
        assert alone[0, name] == max(told, default=UNASKED)
