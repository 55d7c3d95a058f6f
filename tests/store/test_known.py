"""What a vintage speaks for, against rows and states written out by hand."""

from __future__ import annotations

import random

import duckdb
import pytest

from entrepot.schema import FLOWS
from entrepot.store.known import FACTS, Kind, columns, facts, kinds, told
from entrepot.store.manifests import Scope

KEYS = ("reporter", "period")


def kind(products=None, partners=None, **others):
    """A kind of slices with six-digit codes, with the given fields changed."""
    plain = {
        "products": None if products is None else frozenset(products),
        "partners": None if partners is None else frozenset(partners),
        "is_asked": False, "depths": (6,), "classifications": ("HS2022",),
        "areas": frozenset(), "has_world": False, "has_total": False, "bare": frozenset(),
        "torn": frozenset(), "has_secrets": False, "has_corrections": False,
    }  # fmt: skip
    return Kind(**{key: value for key, value in (plain | others).items()
                   if key in Kind.__dataclass_fields__})  # fmt: skip


def found(*cells):
    """Return the facts of one slice with these (partner, product, classification, status) cells."""
    plain = ("HS2022", "reported")
    rows = ", ".join(
        f"('DEU', date '2022-01-01', {str((*cell, *plain[len(cell) - 2 :]))[1:-1]})"
        for cell in cells
    )
    with duckdb.connect() as con:
        con.execute(f"""create table flows as from (values {rows})
            t(reporter, period, partner, product, classification, status)""")
        for name in {*FLOWS.names} - {"reporter", "period", "partner", "product",
                                      "classification", "status"}:  # fmt: skip
            con.execute(f"alter table flows add column {name} double")
        names = ", ".join(FACTS)
        (row,) = con.execute(f"select {names} from ({facts('flows', KEYS)})").fetchall()
    return dict(zip(FACTS, row, strict=True))


def test_depths_are_the_lengths_of_codes_and_zero_for_the_total():
    assert found(("KAZ", "TOTAL"), ("KAZ", "8542"), ("KAZ", "854231"))["depths"] == [0, 4, 6]


def test_a_code_without_the_finer_ones_of_its_neighbours_is_bare():
    assert found(("KAZ", "8471"), ("KAZ", "8542"), ("KAZ", "854231"))["bare"] == ["8471"]


def test_a_table_of_one_level_has_no_bare_codes():
    assert found(("KAZ", "8471"), ("KAZ", "8542"))["bare"] == []


def test_a_total_is_never_bare():
    assert found(("KAZ", "TOTAL"), ("KAZ", "854231"))["bare"] == []


def test_sums_of_countries_are_the_areas_among_the_partners():
    assert found(("KAZ", "854231"), ("WLD", "854231"), ("EU27", "854231"))["areas"] == [
        "EU27",
        "WLD",
    ]


def test_the_world_is_told_where_every_product_has_it():
    both = (("KAZ", "854231"), ("WLD", "854231"))
    assert found(*both)["has_world"]
    assert not found(*both, ("KAZ", "847130"))["has_world"]


def test_a_total_is_told_where_every_partner_has_it():
    both = (("KAZ", "854231"), ("KAZ", "TOTAL"))
    assert found(*both)["has_total"]
    assert not found(*both, ("RUS", "854231"))["has_total"]


def test_confidential_cells_are_counted():
    assert (
        found(("KAZ", "854231", "HS2022", "confidential"), ("RUS", "854231"))["confidential"] == 1
    )


CODES = ("TOTAL", "01", "84", "85", "8471", "8541", "8542", "010121", "847130", "854231", "854232",
         "85423110", "854231100", "8542311000", "854231100001")  # fmt: skip


def by_hand(cells):
    """The facts of a slice's cells, from plain sets."""
    codes = {code for _who, code, *_rest in cells} - {"TOTAL"}
    finest = max(map(len, codes), default=0)
    whose = {who: {code for other, code, *_rest in cells if other == who} for who, *_rest in cells}
    above = {code for code in codes if any(one[: len(code)] == code != one for one in codes)}
    return {
        "depths": sorted({len(code) for code in codes} | ({0} if len(codes) < len(
            {code for _who, code, *_rest in cells}) else set())),
        "classifications": sorted({one[2] for one in cells}),
        "areas": sorted({"WLD", "EU27"} & whose.keys()),
        "has_world": {code for _who, code, *_rest in cells} == whose.get("WLD", set()),
        "has_total": all("TOTAL" in told for told in whose.values()),
        "bare": sorted(code for code in codes - above if len(code) < finest),
        "torn": sorted({
            code for told in whose.values() for code in told & above
            if len(code) < 6 and not any(one[: len(code)] == code != one for one in told)
        }),
        "confidential": sum(one[3] == "confidential" for one in cells),
        "corrections": sum(one[3] == "correction" for one in cells),
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(60))
def test_the_facts_of_random_slices_are_those_of_plain_sets(seed):
    chance = random.Random(seed)
    codes = chance.sample(CODES, chance.randint(1, 7))
    places = [(who, code) for who in ("KAZ", "RUS", "WLD", "EU27") for code in codes]
    cells = [
        (*place, chance.choice(("HS2017", "HS2022")),
         chance.choice(("reported", "reported", "confidential", "correction")))
        for place in chance.sample(places, chance.randint(1, len(places)))
    ]  # fmt: skip
    assert found(*cells) == by_hand(cells)


def test_kinds_are_the_scopes_and_facts_of_the_live_slices():
    scopes = [Scope(declared=True), Scope(("8542",), ("KAZ",), declared=True, asked=True)]
    plain = (1, [0, 6], ["CN2022"], ["WLD"], True, False, ["85"], ["84"], 2, 0)
    rows = [
        ("a", "DEU", *plain),
        ("b", "DEU", *plain[:-2], 7, 0),  # the same kind: any number of confidential cells
        ("b", "FRA", 0, None, None, None, None, None, None, None, None, None),
        ("c", "FRA", *plain[:4], False, True, None, None, 0, 3),
        ("d", "FRA", 0, [4], [], [], False, False, [], [], 0, 0),  # not live
    ]
    with duckdb.connect() as con:
        con.execute("""create table slices (vintage varchar, reporter varchar, scope bigint,
            depths integer[], classifications varchar[], areas varchar[], has_world boolean,
            has_total boolean, bare varchar[], torn varchar[], confidential bigint,
            corrections bigint, source varchar default 'own', freq varchar default 'M',
            flow varchar default 'export', period date default '2022-01-01')""")
        names = ", ".join(("vintage", "reporter", "scope", *FACTS))
        con.executemany(f"insert into slices ({names}) values ({', '.join('?' * 12)})", rows)
        con.execute("create table live as from slices where vintage <> 'd'")
        made = kinds(con, scopes)
        numbers = con.execute("select kind from kinds order by kind").fetchall()
    listed = {
        "products": ("8542",), "partners": ("KAZ",), "is_asked": True, "depths": (0, 6),
        "classifications": ("CN2022",), "areas": frozenset({"WLD"}),
    }  # fmt: skip
    stands = {"bare": frozenset({"85"}), "torn": frozenset({"84"})}
    assert {*made} == {
        kind(**listed, **stands, has_world=True, has_secrets=True),
        kind(depths=(), classifications=()),
        kind(**listed, has_total=True, has_corrections=True),
    }
    assert numbers == [(0,), (1,), (2,)]


@pytest.mark.parametrize(
    ("told_kinds", "expected"),
    [
        ([kind()], "all codes of up to 6 digits; all partners"),
        ([kind(depths=(0,))], "all codes; all partners"),
        ([kind(depths=())], "all codes; all partners"),
        ([kind(["854231"], ["KAZ", "RUS"], depths=(4, 8))],
         "1 code of up to 8 digits; 2 partners"),
        ([kind(["854231"], ["KAZ"]), kind(["854231", "8471"], ["RUS"])],
         "2 codes of up to 6 digits; 2 partners"),
        ([kind(["854231"], ["KAZ"]), kind()], "all codes of up to 6 digits; all partners"),
    ],
)  # fmt: skip
def test_what_is_known_of_a_reporter_is_told_of_its_newest_period(told_kinds, expected):
    places = [*range(1, len(told_kinds) + 1)]
    with duckdb.connect() as con:
        con.execute("""create table flows_known (source varchar, reporter varchar, freq varchar,
            flow varchar, period date, kinds bigint[])""")
        con.executemany(
            "insert into flows_known values ('own', ?, 'M', ?, ?, ?)",
            [("DEU", "export", "2022-01-01", [0]), ("DEU", "export", "2022-02-01", places[:1]),
             ("DEU", "import", "2022-02-01", places), ("FRA", "export", "2022-01-01", [0])],
        )  # fmt: skip
        found = told(con, "flows", [kind(["010121"], ["TUR"]), *told_kinds])
    assert found == {
        ("own", "DEU", "M"): expected,
        ("own", "FRA", "M"): "1 code of up to 6 digits; 1 partner",
    }


def test_facts_that_files_lack_are_null():
    assert columns(FACTS) == ", ".join(FACTS)
    with duckdb.connect() as con:
        con.execute("create table slices as select true as has_world, 'a' as vintage")
        (row,) = con.execute(f"select {columns(['has_world', 'vintage'])} from slices").fetchall()
    assert row == tuple(True if name == "has_world" else None for name in FACTS)


WHOLE = kind()
LISTED = kind(["854231", "847130"])
MIXED = kind(["8542", "854231"], depths=(4,))


@pytest.mark.parametrize(
    ("who", "code", "state"),
    [
        (WHOLE, "854231", "known"),
        (WHOLE, "8542", "known"),
        (WHOLE, "85423110", "coarser"),
        (kind(depths=()), "85423110", "known"),
        (kind(depths=(4, 6), bare=frozenset({"8542"})), "854231", "coarser"),
        (kind(depths=(4, 6), bare=frozenset({"8542"})), "8542", "known"),
        (kind(depths=(4, 6), bare=frozenset({"8542"})), "854121", "known"),
        (kind(depths=(2, 6), bare=frozenset({"85"})), "854231", "coarser"),
        (kind(depths=(0,)), "854231", "coarser"),
        (WHOLE, "TOTAL", "known"),
        (LISTED, "854231", "known"),
        (LISTED, "854232", "unasked"),
        (LISTED, "8542", "part"),
        (LISTED, "85423110", "coarser"),
        (LISTED, "TOTAL", "part"),
        (kind([]), "TOTAL", "unasked"),
        (kind(["85423110"]), "854231", "national"),
        (kind(["85423110"]), "85423110", "known"),
        (kind(["85423110"], is_asked=True), "854231", "part"),
        (kind(["85423110", "854231"]), "854231", "known"),
        (kind(["8542"]), "854231", "coarser"),
        (kind(["85"]), "854231", "coarser"),
        (kind(["85423110", "8542"], depths=(4,)), "854231", "coarser"),
        (kind(["85423110", "8542"], depths=(4, 8)), "854231", "national"),
        (kind(["85423110"], depths=(4,)), "854231", "national"),
        (kind(["854231"]), "85", "part"),
        (MIXED, "854231", "coarser"),
        (MIXED, "8542", "known"),
        (kind(["8542", "854231"], depths=(4, 6)), "854231", "known"),
        (kind(["8542", "854231"], depths=(4, 6), bare=frozenset({"8542"})), "854231", "coarser"),
        (kind(["8542", "854231"], depths=()), "854231", "known"),
        (kind(["TOTAL", "854231"], depths=(0,)), "854231", "coarser"),
        (kind(["8471", "854231"], depths=(4,)), "854231", "known"),
        (kind(["TOTAL", "854231"], depths=(0, 6), has_total=True), "TOTAL", "known"),
        (kind(["TOTAL", "854231"], depths=(6,)), "TOTAL", "part"),
    ],
)
def test_how_a_vintage_speaks_for_a_product(who, code, state):
    assert who.product(code) == state


@pytest.mark.parametrize(
    ("who", "code", "is_spoken_for"),
    [
        (kind(), "KAZ", True),
        (kind(), "WLD", True),
        (kind(), "EU27", False),
        (kind(areas=frozenset({"EU27"})), "EU27", True),
        (kind(partners=["KAZ"]), "KAZ", True),
        (kind(partners=["KAZ"]), "RUS", False),
        (kind(partners=["KAZ"]), "WLD", False),
        (kind(partners=["KAZ", "WLD"]), "WLD", False),
        (kind(partners=["KAZ", "WLD"], has_world=True), "WLD", True),
    ],
)
def test_how_a_vintage_speaks_for_a_partner(who, code, is_spoken_for):
    assert who.partner(code) is is_spoken_for


def test_the_codes_under_a_code_are_those_of_the_scope():
    assert kind(["854231", "85423110", "847130"]).under("8542") == {"854231", "85423110"}
    assert kind(["854231"]).under("854231") == frozenset()
    assert kind().under("8542") == kind().under("TOTAL") == frozenset()
    assert kind(["854231", "8471", "TOTAL"]).under("TOTAL") == {"854231", "8471"}
