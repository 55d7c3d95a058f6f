"""Which part of a question can be answered: random slices against plain loops over cells."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from entrepot.harmonise.products import REVISIONS, revision_of
from entrepot.months import periods
from entrepot.question import gaps
from entrepot.question.grid import COARSER, NATIONAL, PART, UNASKED, Grid
from entrepot.question.known import LACKS, halves_of, known
from entrepot.question.slices import Slices
from entrepot.reads import Reads
from entrepot.reference import groups
from entrepot.store.known import SUBHEADING
from support.kinds import PARTNERS, asked, drawn, kind

DAYS = tuple(date(year, month, 1) for year in (2021, 2022) for month in (1, 2, 3))
NOW, BASE = ("2022-01", "2022-03"), ("2021-01", "2021-03")
WHO = ("DEU", "FRA", "TUR")
CODE = (("HS2022", "854231", "854231"),)


def cells(grid, halves, signature, partners):
    """The (partner, name) places of a slice that are known, and the state of every one."""
    matrix = grid.matrix(signature, partners)
    states = {place: int(matrix[place]) for place in product(*map(range, matrix.shape))}
    return {
        place
        for place, state in states.items()
        if state >= NATIONAL or (state == PART and grid.names[place[1]] in halves)
    }, states


class Oracle:
    """One read: its slots, each with what is known and how."""

    def __init__(self, read, slices, grid, halves):
        self.read, self.width = read, max(len(read.partners), 1)
        self.slots, self.states, self.signatures = {}, {}, set()
        for who in slices.asked(read):
            for day, signature in slices.found.get((who, read.flow), {}).items():
                if day in read.periods:
                    slot = (read.flow, who, day)
                    self.signatures.add(signature)
                    self.slots[slot], self.states[slot] = cells(
                        grid, halves, signature, read.partners
                    )

    def reached(self, partner, name):
        """The most that any slice knows of a partner and a name; none knows anything of none."""
        return max((one[partner, name] for one in self.states.values()), default=UNASKED)

    def of(self, name):
        """Every state in which a slice knows a name, of any partner."""
        return {one[p, name] for one in self.states.values() for p in range(self.width)}

    def knows(self, name):
        return {partner for known in self.slots.values() for partner, at in known if at == name}

    def whole(self, partners, names):
        if not partners or not names:
            return set()
        return {slot for slot, known in self.slots.items() if {*product(partners, names)} <= known}

    def comparable(self, whole):
        """The reporter-months that are whole in every window; in any, where windows differ."""
        windows = [periods(*span, self.read.freq) for span in (*self.read.now, *self.read.base)]
        rows = [[day] for day in self.read.periods]
        if len({len(one) for one in windows}) == 1:
            rows = [[one[at] for one in windows] for at in range(len(windows[0]))]
        flow = self.read.flow
        return sum(all((flow, who, day) in whole for day in days) for days in rows for who in WHO)


def candidates(sides, names):
    """The widest part of the question, then what each slice knows of it."""
    kept = {name for name in names if all(side.knows(name) for side in sides)}
    yield kept, [{p for name in kept for p in side.knows(name)} for side in sides]
    for at, side in enumerate(sides):
        for place in side.slots.values():
            own = {name for name in kept if any(told == name for _p, told in place)}
            partners = [{p for name in own for p in other.knows(name)} for other in sides]
            partners[at] = {
                p for p in range(side.width)
                if {(p, name) for name in own} <= place and any(told == p for told, _n in place)
            }  # fmt: skip
            yield own, partners


def score(sides, part):
    names, partners = part
    found = [
        len(names) * len(mine) * side.comparable(side.whole(mine, names))
        for side, mine in zip(sides, partners, strict=True)
    ]
    return sum(found) if all(found) else 0


def told(sides, part, grid, halves):
    """The gaps of a part, in order."""
    names, partners = part
    for side, mine in zip(sides, partners, strict=True):
        if not side.slots:
            continue
        who, read = sorted({slot[1] for slot in side.slots}), side.read
        asked = [
            any(side.reached(p, at) > UNASKED for at in range(len(grid.names)))
            for p in range(side.width)
        ]
        if not read.partners:
            if not asked[0]:
                yield gaps.everywhere(who, read.flow)
            continue
        gone = [p for p in range(side.width) if p not in mine]
        if never := [read.partners[p] for p in gone if not asked[p]]:
            yield gaps.partners(who, never, read.flow)
        if names and (seldom := [read.partners[p] for p in gone if asked[p]]):
            yield gaps.partners(who, seldom, read.flow, "not in all months")
    yield from goods(sides, names, grid, halves)


def goods(sides, names, grid, halves):
    published = [side for side in sides if side.slots]
    if not published:
        return
    every = range(len(grid.names))
    best = {
        at: min(max(side.reached(p, at) for p in range(side.width)) for side in published)
        for at in every
    }
    spoken = {place for side in published for one in side.signatures for place in one}
    is_held = {at: any(grid.states[place, at] > UNASKED for place in spoken) for at in every}
    is_any = any(one > UNASKED for one in best.values())
    reasons = {
        "not asked for": lambda at: best[at] == UNASKED and (is_any or not is_held[at]),
        "only coarser": lambda at: best[at] == COARSER,
        "not in all months": lambda at: best[at] >= PART and len(published) == len(sides),
    }
    for reason, is_so in reasons.items():
        if gone := [grid.names[at] for at in every if at not in names and is_so(at)]:
            yield gaps.goods(gone, len(every), reason)
    kept = {at: grid.names[at] for at in sorted(names)}
    yield from (gaps.half(name, halves[name]) for name in kept.values() if name in halves)
    if seen := [
        name for at, name in kept.items() if any(NATIONAL in side.of(at) for side in sides)
    ]:
        yield gaps.national(seen, len(names))
    if torn := [name for at, name in kept.items() if is_torn(published, grid, name, at)]:
        yield gaps.revisions(torn)


def is_torn(sides, grid, name, at):
    """Whether a slice gives a heading in two revisions, neither of which has all that speak."""
    for one in {one for side in sides for one in side.signatures}:
        speaking = [grid.kinds[place] for place in one if grid.states[place, at] > UNASKED]
        written = [{*map(revision_of, kind.classifications)} - {None} for kind in speaking]
        in_all = [all(not told or hs in told for told in written) for hs in REVISIONS]
        is_two = len({hs for place in one for c in grid.kinds[place].classifications
                      if (hs := revision_of(c))}) > 1  # fmt: skip
        if len(name) < SUBHEADING and is_two and not any(in_all):
            return True
    return False


def question(chance):
    """Reads of one or two sides, a year and the year before, or this year alone."""
    base = (BASE,) if chance.random() < 0.5 else ()
    if chance.random() < 0.1:
        base = (("2021-02", "2021-03"),)
    return [
        Reads(
            flow,
            tuple(chance.sample(WHO, chance.choice((0, 1, 3)))),
            tuple(chance.sample(PARTNERS, chance.randint(0, 3))),
            (NOW,),
            base,
        )
        for flow in ("export", "import")[: chance.randint(1, 2)]
    ]


def published(chance, kinds):
    """Slices of some months: most months of a book are of the same kinds."""
    found = {}
    for who, flow in product(WHO, ("export", "import")):
        usual = tuple(sorted(chance.sample(range(kinds), chance.randint(1, 2))))
        days = {}
        for day in DAYS:
            if chance.random() < 0.85:
                other = tuple(sorted(chance.sample(range(kinds), chance.randint(1, 3))))
                days[day] = usual if chance.random() < 0.7 else other
        if days and chance.random() < 0.85:
            found[who, flow] = days
    return Slices(found, dict.fromkeys(found, "own"))


@pytest.mark.parametrize("seed", range(200))
def test_the_widest_part_that_compares_most_cells_is_answered_and_the_rest_is_named(seed):
    chance = random.Random(seed)
    kinds = [drawn(chance) for _ in range(5)] + [kind()] * chance.choice((0, 0, 2))
    if chance.random() < 0.2:
        kinds = [replace(one, products=frozenset({"8541", "854232"})) for one in kinds]
    grid = Grid(kinds, None if chance.random() < 0.15 else asked(chance))
    slices, reads = published(chance, len(kinds)), question(chance)
    halves = halves_of(slices, grid)
    sides = [Oracle(read, slices, grid, halves) for read in reads]
    every = range(len(grid.names))
    parts = list(candidates(sides, every))
    found = known(reads, slices, grid, halves)

    gone = {flow: partners for flow, _who, partners in found.dropped}
    same = [
        part for part in parts
        if (grid.links is None or {grid.names[at] for at in part[0]} == {*found.names})
        and all(
            {side.read.partners[p] for p in range(len(side.read.partners)) if p not in mine}
            == {*gone.get(side.read.flow, ())}
            for side, mine in zip(sides, part[1], strict=True)
        )
    ]  # fmt: skip
    most = max(score(sides, part) for part in parts)
    assert same
    assert max(score(sides, part) for part in same) == most
    if score(sides, parts[0]) == most:
        assert parts[0] in same
        same = parts[:1]
    part = max(same, key=lambda one: score(sides, one))

    wholes = [side.whole(mine, part[0]) for side, mine in zip(sides, part[1], strict=True)]
    assert found.whole == frozenset().union(*wholes)
    assert {*found.lacks} == {slot for side in sides for slot in side.slots} - found.whole
    for side, mine in zip(sides, part[1], strict=True):
        for slot in side.slots.keys() & found.lacks.keys():
            chosen = [side.states[slot][place] for place in product(mine, part[0])]
            every_one = side.states[slot].values()
            assert found.lacks[slot] == LACKS[min(chosen or every_one)]
    assert found.limited == {
        (flow, who, day)
        for flow, who, day in found.whole
        if all(kinds[place].partners is not None for place in slices.found[who, flow][day])
    }
    assert list(found.gaps) == list(told(sides, part, grid, halves))
    assert all(who == read.reporters for read in reads for flow, who, _gone in found.dropped
               if flow == read.flow)  # fmt: skip


@pytest.mark.parametrize("seed", range(60))
def test_a_name_is_a_half_where_every_slice_that_knows_of_it_holds_the_same_codes(seed):
    chance = random.Random(seed)
    kinds = [drawn(chance) for _ in range(3)]
    grid = Grid(kinds, None if chance.random() < 0.2 else asked(chance))
    slices = published(chance, len(kinds))
    expected = {}
    for at, name in enumerate(grid.names):
        held = set()
        for one in slices.signatures:
            best = max(grid.states[place, at] for place in one)
            if best >= PART:
                held.add(grid.under(one, name) if best == PART else frozenset())
        if len(held) == 1 and held != {frozenset()}:
            expected[name] = held.pop()
    assert halves_of(slices, grid) == expected


def plain(*reads, unions=None, found=None):
    slices = Slices(found or {("DEU", "export"): {DAYS[3]: (0,)}}, {}, unions or {})
    return known(reads, slices, Grid([kind()], CODE), {})


def test_without_rows_to_count_whoever_published_is_whole():
    found = plain(Reads("export", now=(NOW,), is_counted=False))
    assert found.whole == {("export", "DEU", DAYS[3])}
    assert (found.names, found.lacks, found.gaps) == (("854231",), {}, ())


def test_what_is_optional_is_no_part_of_the_question():
    found = plain(Reads("export", now=(NOW,)), Reads("import", now=(NOW,), optional=True))
    assert found.whole == {("export", "DEU", DAYS[3])}
    beside = plain(Reads("export", now=(NOW,), is_counted=False, optional=True))
    assert beside.whole == frozenset()


def at(kinds, **slots):
    """German exports of some months, each known by some of the kinds."""
    days = {DAYS[int(name[1:])]: places for name, places in slots.items()}
    links = (*CODE, ("HS2022", "854232", "854232"))
    return Slices({("DEU", "export"): days}, {}), Grid(kinds, links)


RUSSIA = {"partners": frozenset({"RUS"})}


def test_of_a_slice_that_knows_one_partner_in_full_that_partner_counts():
    kinds = [kind(**RUSSIA), kind(products=frozenset({"854231"}))]
    slices, grid = at(kinds, m3=(0, 1))
    found = known([Reads("export", ("DEU",), ("KAZ", "RUS"), (NOW,))], slices, grid, {})
    assert found.names == ("854231", "854232")
    assert found.dropped == (("export", ("DEU",), ("KAZ",)),)
    assert found.whole == {("export", "DEU", DAYS[3])}


def test_one_cell_that_is_known_is_more_than_none():
    kinds = [kind(products=frozenset({"854231"}), **RUSSIA),
             kind(products=frozenset({"854232"}), partners=frozenset({"KAZ"}))]  # fmt: skip
    slices, grid = at(kinds, m3=(0,), m4=(1,))
    found = known([Reads("export", ("DEU",), ("KAZ", "RUS"), (NOW,))], slices, grid, {})
    assert found.names == ("854231",)
    assert found.whole == {("export", "DEU", DAYS[3])}


def test_a_union_left_out_beside_too_few_members_is_named_where_whoever_reports_is_asked():
    (gap,) = plain(Reads("export", now=(NOW,)), unions={"EU27": ("DEU",)}).gaps
    assert gap == gaps.union("EU27", ("DEU",))
    assert plain(Reads("export", ("DEU",), now=(NOW,)), unions={"EU27": ("DEU",)}).gaps == ()
    several = (Reads("export", ("DEU",), now=(NOW,)), Reads("export", now=(NOW,)))
    assert plain(*several, unions={"EU27": ("DEU",)}).gaps == (gap,)
    whole = groups.members("eu27")
    assert plain(Reads("export", now=(NOW,)), unions={"EU27": whole}).gaps == ()
    (same,) = plain(Reads("export", now=(NOW,), is_counted=False), unions={"EU27": ("DEU",)}).gaps
    assert same == gap


def test_an_answer_is_a_part_where_partners_goods_or_withheld_cells_lack():
    cases = {
        gaps.partners(("DEU",), ("RUS",), "export"): True,
        gaps.goods(("854231",), 2, "not asked for"): True,
        gaps.cells("confidential", 1, None, ("DEU",)): True,
        gaps.alone("8542", 1, 5.0): True,
        gaps.cells("correction", 1, -5.0, ("DEU",)): False,
        gaps.national(("854231",), 1): False,
        gaps.union("EU27", ("DEU",)): False,
    }
    for gap, is_part in cases.items():
        assert replace(plain(Reads("export", now=(NOW,))), gaps=(gap,)).is_part == is_part, gap
