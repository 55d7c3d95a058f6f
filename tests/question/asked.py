"""Random questions in canonical words, of a kind that each measure takes."""

from __future__ import annotations

from question.judge import Question
from question.stores import CODES, PARTNERS, REPORTERS, TOTAL

MEASURES = (
    *("growth", "period_to_date", "monthly_series", "supplier_share", "concentration"),
    *("mirror_pair", "coverage", "economically_critical", "red_flag", "mass_balance"),
    *("route_share", "monthly_pace", "mirror_gap"),
)
WINDOWS = (("2022-01", "2022-03"), ("2022-02", "2022-02"), ("2022-04", "2022-09"),
           ("2022-01", "2022-12"), ("2022-11", "2022-12"))  # fmt: skip


def some(chance, pool, most=3):
    """Return one to a few of a pool."""
    return tuple(chance.sample(pool, chance.randint(1, min(most, len(pool)))))


def question(chance, store, only=()):
    """Return a random question about a store."""
    name = chance.choice(only or MEASURES)
    window = chance.choice(WINDOWS)
    freq = "M"
    if name in ("growth", "period_to_date", "monthly_series", "supplier_share", "concentration",
                "mirror_pair", "coverage") and chance.random() < 0.2:  # fmt: skip
        freq, window = "A", ("2022-01", "2022-12")
    params = globals()[f"_{name}"](chance, window, freq)
    goods = (TOTAL,) if chance.random() < 0.12 else some(chance, CODES)
    if name in ("economically_critical", "mirror_gap") and chance.random() < 0.3:
        goods = ()
    if name == "coverage":
        goods = ()
    sources = chance.choice(((), (), ("own",), ("other", "own")))
    days = [one.day for one in store.vintages]
    day = chance.choice(days) if chance.random() < 0.2 else None
    return Question(name, tuple(params.items()), goods, sources, day)


def _who(chance, window, freq):
    return {
        "reporters": some(chance, REPORTERS),
        "partners": some(chance, PARTNERS) if chance.random() < 0.85 else ("WLD",),
        "first": window[0], "last": window[1],
        "flow": chance.choice(("export", "export", "import")), "freq": freq,
    }  # fmt: skip


def _by(chance):
    return {"by": chance.choice(((), (), ("partner",), ("reporter",), ("product",)))}


def _growth(chance, window, freq):
    return _who(chance, window, freq) | {"base": (2021,)} | _by(chance)


def _period_to_date(chance, window, freq):
    return (
        _who(chance, window, freq) | {"years": chance.choice(((2022,), (2021, 2022)))} | _by(chance)
    )


def _monthly_series(chance, window, freq):
    return _who(chance, window, freq)


def _supplier_share(chance, window, freq):
    return {
        "destination": chance.choice(PARTNERS), "first": window[0], "last": window[1],
        "together": chance.choice(((), ("DEU", "FRA"))), "freq": freq,
        "reporters": chance.choice(((), some(chance, REPORTERS))),
    }  # fmt: skip


def _concentration(chance, window, freq):
    return _supplier_share(chance, window, freq) | {"by": chance.choice(((), ("product",)))}


def _mirror_pair(chance, window, freq):
    exporter, importer = chance.sample(("DEU", "TUR", "KAZ"), 2)
    return {
        "exporter": exporter, "importer": importer, "first": window[0], "last": window[1],
        "freq": freq,
    }  # fmt: skip


def _coverage(chance, window, freq):
    return {
        "reporters": some(chance, REPORTERS), "first": window[0], "last": window[1],
        "flow": chance.choice(("export", "import")), "freq": freq,
    }  # fmt: skip


def _economically_critical(chance, window, freq):
    del window, freq
    return {
        "reporters": some(chance, REPORTERS), "partners": some(chance, PARTNERS),
        "year": 2022, "base": (2021,), "threshold_usd": 500.0,
    }  # fmt: skip


def _red_flag(chance, window, freq):
    del window, freq
    return {
        "reporters": some(chance, REPORTERS), "destination": chance.choice(PARTNERS),
        "year": 2022, "base": 2021, "multiple": 1.5, "world": chance.choice(("WLD", "")),
    }  # fmt: skip


def _mass_balance(chance, window, freq):
    del window, freq
    first, last = chance.choice((("2022-01", "2022-03"), ("2022-02", "2022-06")))
    return {
        "third": chance.choice(("KAZ", "TUR")), "coalition": ("DEU", "FRA")[: chance.randint(1, 2)],
        "destination": "RUS", "first": first, "last": last, "base": (2021,),
        "books": chance.choice(("importer", "exporter")), "lag": chance.choice((0, 2, 3)),
    }  # fmt: skip


def _route_share(chance, window, freq):
    del freq
    return {
        "destination": chance.choice(PARTNERS), "reporters": some(chance, ("TUR", "KAZ"), 2),
        "first": window[0], "last": window[1], "base": (2021,),
        "together": chance.choice(((), ("DEU", "FRA"))),
    }  # fmt: skip


def _monthly_pace(chance, window, freq):
    del freq
    who = _who(chance, window, "M")
    return {key: who[key] for key in ("reporters", "partners", "flow")} | {
        "late": window, "early": ("2021-07", "2021-12"), "before": ("2021-01", "2021-03"),
    }  # fmt: skip


def _mirror_gap(chance, window, freq):
    del freq
    return {
        "window": window, "base": chance.choice((None, ("2021-01", "2021-12"))),
        "exporters": some(chance, ("DEU", "TUR", "FRA")),
        "importers": some(chance, ("KAZ", "TUR"), 2),
    }  # fmt: skip
