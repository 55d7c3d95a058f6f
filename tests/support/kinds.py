"""Kinds: what vintages may speak for, plain or drawn at random, and questions of them."""

from __future__ import annotations

from entrepot.store.known import TOTAL, Kind

CODES = ("84", "8471", "847130", "84713000", "85", "8541", "854121", "8542", "854231", "85423110",
         "854231100000", "854232")  # fmt: skip
PARTNERS = ("KAZ", "RUS", "WLD")


def kind(**others):
    plain = {
        "products": None, "partners": None, "is_asked": False, "depths": (6,),
        "classifications": ("HS2022",), "areas": frozenset(), "has_world": False,
        "has_total": False, "bare": frozenset(), "torn": frozenset(), "has_secrets": False,
        "has_corrections": False,
    }  # fmt: skip
    return Kind(**(plain | others))


def drawn(chance):
    """A random kind."""
    some = chance.random() < 0.6
    depths = tuple(sorted(chance.sample((2, 4, 6, 8, 12), chance.randint(1, 3))))
    return kind(
        products=frozenset(chance.sample(CODES, chance.randint(1, 5))) if some else None,
        partners=frozenset(chance.sample(PARTNERS, 2)) if chance.random() < 0.4 else None,
        is_asked=chance.random() < 0.3,
        depths=depths,
        classifications=tuple(chance.sample(("HS2017", "HS2022", "CN2023"), chance.randint(1, 2))),
        has_world=chance.random() < 0.5,
        has_total=chance.random() < 0.3,
        bare=frozenset(chance.sample(CODES[:8], chance.choice((0, 0, 1, 2)))),
    )


def asked(chance):
    """Links of a few names, some of two codes, some other codes in an older revision."""
    found = []
    for name in chance.sample((*CODES, TOTAL), chance.randint(1, 4)):
        codes = {name} | ({chance.choice(CODES)} if chance.random() < 0.3 else set())
        for revision in ("HS2017", "HS2022"):
            if revision == "HS2022" or chance.random() < 0.7:
                found += [(revision, code, name) for code in codes]
            else:
                found.append((revision, chance.choice(CODES), name))
    return tuple(found)


def written(*names):
    return kind(classifications=names)
