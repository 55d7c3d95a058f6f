"""Random small stores beside the truth: a plain dictionary, and an oracle of what is known.

The oracle knows only what the program promises: a vintage speaks for the products and partners of
its scope in its slices, a newer one hides the rows of an older one in its scope, and a missing row
is no trade only where somebody speaks for it at a depth that would show it.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

LEAVES = (
    "847130000000",
    "854121000000",
    "854231100000",
    "854231100010",
    "854231900000",
    "854232110000",
)
"""Everything that is traded, at the finest depth there is."""
CODES = (
    *("84", "85", "8471", "8541", "8542", "847130", "854121", "854231", "854232"),
    *("85423110", "85423190", "854231100010", "854239", "85423211"),
)
"""What may be asked for; nobody trades 854239."""
REPORTERS = ("DEU", "FRA", "TUR", "KAZ")
PARTNERS = ("DEU", "KAZ", "RUS", "TUR")
FLOWS = ("export", "import")
MONTHS = tuple(date(year, month, 1) for year in (2021, 2022) for month in range(1, 13))
YEARS = (date(2021, 1, 1), date(2022, 1, 1))
UNION, MEMBERS = "EU27", ("DEU", "FRA")
TOTAL, WORLD = "TOTAL", "WLD"
EVERYTHING, EVERYONE = "*", "everyone"
"""A question without goods: every subheading there is; and one without partners."""

UNASKED, COARSER, PART, KNOWN = "never asked for", "broader code", "in part", "known"
NATIONAL = "national codes"
RANK = {UNASKED: 0, COARSER: 1, PART: 2, NATIONAL: 3, KNOWN: 4}


def mapping(name):
    """Return the mapping of a table of the office `name`."""
    own = ("freq", "period", "reporter", "partner", "flow", "product", "value", "status")
    return {
        "name": name,
        "publisher": "An office",
        "columns": {key: key for key in own} | {"classification": "hs"},
        "constants": {"currency": "USD"},
        "valuation": {"import": "CIF", "export": "FOB"},
    }


@dataclass
class Vintage:
    """One file: its rows by slice, what it speaks for, and the truth from its day on."""

    source: str
    day: date
    word: str | None
    rows: dict  # slice -> {(partner, product, classification): (value, status)}
    truth: dict
    products: frozenset | None = None
    partners: frozenset | None = None

    def scoped(self):
        """Take as scope what was seen, unless the file is said to be whole."""
        if self.word != "whole":
            cells = [cell for rows in self.rows.values() for cell in rows]
            self.products = frozenset(product for _partner, product, _hs in cells)
            self.partners = frozenset(partner for partner, _product, _hs in cells)
        return self

    def hides(self, partner, product):
        """Whether an older row lies in the scope."""
        return (self.products is None or product in self.products) and (
            self.partners is None or partner in self.partners
        )

    def covers(self, other):
        """Whether all that another speaks for lies in the scope."""
        return all(
            mine is None or (theirs is not None and theirs <= mine)
            for mine, theirs in ((self.products, other.products), (self.partners, other.partners))
        )

    def speaks(self, key, partner, code):
        """Say how it speaks for a partner and a code in one of its slices."""
        if self.partners is not None and partner not in {*self.partners, EVERYONE}:
            return UNASKED
        if partner == EVERYONE and self.partners is not None:
            return UNASKED
        if partner == WORLD and self.partners is not None:
            seen = {product for _partner, product, _hs in self.rows[key]}
            told = {product for whom, product, _hs in self.rows[key] if whom == WORLD}
            if seen != told:
                return UNASKED
        listed = self.products
        if code == EVERYTHING:
            if listed is not None:
                return PART if listed else UNASKED
            return COARSER if self.is_shallow(key, "0" * 6) or self.has_bare(key) else KNOWN
        if listed is None:
            return COARSER if code != TOTAL and self.is_shallow(key, code) else KNOWN
        if code == TOTAL:
            seen = {partner for partner, _product, _hs in self.rows[key]}
            told = {partner for partner, product, _hs in self.rows[key] if product == TOTAL}
            return KNOWN if code in listed and seen == told else PART
        above = [one for one in listed if code.startswith(one) and one != code]
        if code in listed:
            return COARSER if above and self.is_shallow(key, code) else KNOWN
        if any(one.startswith(code) for one in listed):
            sizes = {0 if one == TOTAL else len(one) for _p, one, _hs in self.rows[key]}
            if above and max(sizes) < len(code):
                return COARSER
            return NATIONAL if len(code) >= 6 else PART
        return COARSER if above else UNASKED

    def has_bare(self, key):
        """Whether a code of the slice above the subheadings stands without finer ones."""
        seen = {product for _partner, product, _hs in self.rows[key]} - {TOTAL}
        return any(
            len(one) < 6 and not any(other.startswith(one) and other != one for other in seen)
            for one in seen
        )

    def is_shallow(self, key, code):
        """Whether the slice holds no code as fine, or one above that stands without finer ones."""
        seen = {product for _partner, product, _hs in self.rows[key]}
        sizes = {0 if one == TOTAL else len(one) for one in seen}
        if max(sizes) < len(code):
            return True
        return any(
            code.startswith(one) and one != code and len(one) < max(sizes)
            and not any(other.startswith(one) and other != one for other in seen)
            for one in seen
        )  # fmt: skip


@dataclass
class Store:
    """The vintages in the order of their days, and what kinds of trouble they hold."""

    seed: int
    vintages: list[Vintage]
    kinds: set = field(default_factory=set)

    def known(self, day=None):
        """Return the vintages known on a day, oldest first."""
        return [one for one in self.vintages if day is None or one.day <= day]

    def truth(self, day=None):
        """Return what was traded, as known by the newest of them."""
        found = self.known(day)
        return found[-1].truth if found else {}

    def sources(self, reporter, flow, freq, days, day=None):
        """Return who published anything of a reporter between the first and last of some days."""
        return {
            one.source
            for one in self.known(day)
            for r, q, f, period in one.rows
            if (r, q, f) == (reporter, freq, flow) and min(days) <= period <= max(days)
        }

    def published(self, key, source, day=None):
        """Whether any vintage of a source has the slice."""
        return any(key in one.rows for one in self.known(day) if one.source == source)

    def living(self, key, source, day=None):
        """Return the vintages that speak for a slice and are not covered by a newer one."""
        having = [one for one in self.known(day) if one.source == source and key in one.rows]
        return [
            one for at, one in enumerate(having)
            if not any(newer.covers(one) for newer in having[at + 1 :])
        ]  # fmt: skip

    def held(self, key, source, partner, code, day=None):
        """Return the leaves under a code known in part that limited scopes speak for."""
        living = [
            one for one in self.living(key, source, day)
            if one.speaks(key, partner, code) in (PART, NATIONAL)
        ]  # fmt: skip
        if code == TOTAL and any((partner, TOTAL, hs) in one.rows[key]
                                 for one in living for hs in ("HS2017", "HS2022")):  # fmt: skip
            return {*LEAVES}
        head = "" if code in (TOTAL, EVERYTHING) else code
        codes = {
            one for vintage in living for one in vintage.products or ()
            if one.startswith(head) and one not in (TOTAL, head)
            and vintage.speaks(key, partner, one) == KNOWN
        }  # fmt: skip
        return {leaf for leaf in LEAVES if any(leaf.startswith(one) for one in codes)}

    def state(self, key, source, partner, code, day=None):
        """Say how the living vintages together speak for one cell; None if nothing is published."""
        said = [one.speaks(key, partner, code) for one in self.living(key, source, day)]
        return max(said, key=RANK.get) if said else None


def value(truth, key, partner, code):
    """Return what was really traded: the sum over the leaves under a code."""
    reporter, freq, flow, period = key
    whom = PARTNERS if partner == WORLD else (partner,)
    months = [period] if freq == "M" else [date(period.year, m, 1) for m in range(1, 13)]
    who = MEMBERS if reporter == UNION else (reporter,)
    return float(sum(
        truth.get((one, flow, other, leaf, month), 0)
        for one in who for other in whom for month in months
        for leaf in LEAVES if code == TOTAL or leaf.startswith(code)
    ))  # fmt: skip


def make(seed):
    """Return a random store: the same for the same seed."""
    chance = random.Random(seed)
    base = {
        (r, f, p, leaf, month): chance.randint(1, 900)
        for r in REPORTERS for f in FLOWS for p in PARTNERS if p != r
        for leaf in LEAVES for month in MONTHS if chance.random() < 0.4
    }  # fmt: skip
    store = Store(seed, [])
    maker = _Maker(chance, store, base)
    silent = {
        (r, f, month) for r in REPORTERS for f in FLOWS for month in MONTHS
        if chance.random() < chance.choice((0, 0, 0.1))
    }  # fmt: skip
    maker.silent = silent
    first = chance.choice(("whole", "whole", "part", "seen"))
    maker.add("own", chance.sample(REPORTERS, chance.randint(2, 4)), word=first)
    for _ in range(chance.randint(1, 3)):
        word = chance.choice(("whole", "part", "part"))
        maker.add("own", chance.sample(REPORTERS, chance.randint(1, 3)), word=word, revise=True)
    if chance.random() < 0.5:
        maker.add(
            "own", chance.sample(REPORTERS, 2), word=chance.choice(("whole", "part")), freq="A"
        )
    if chance.random() < 0.35:
        maker.add("other", [chance.choice(REPORTERS)], word=chance.choice(("whole", "part")))
        store.kinds.add("two sources")
    if chance.random() < 0.35:
        maker.add("own", [UNION], word="whole")
        store.kinds.add("union")
    return store


@dataclass
class _Maker:
    chance: random.Random
    store: Store
    truth: dict
    silent: set = field(default_factory=set)
    day: date = date(2023, 1, 10)

    def add(self, source, reporters, *, word, freq="M", revise=False):
        """Publish one more vintage; in it some cells may be other than they were."""
        chance = self.chance
        part = word == "part"
        grain = chance.choice((4, 6, 6)) if part else 2
        units = sorted({leaf[:grain] for leaf in LEAVES})
        chosen = set(chance.sample(units, chance.randint(1, len(units) - 1))) if part else {*units}
        leaves = [leaf for leaf in LEAVES if leaf[:grain] in chosen]
        whom = (
            chance.sample(PARTNERS, chance.randint(1, 3))
            if part and chance.random() < 0.6
            else PARTNERS
        )
        flows = FLOWS if chance.random() < 0.6 else (chance.choice(FLOWS),)
        days = self._days(freq)
        depths = [d for d in (2, 4, 6, 8, 12) if d >= max(grain, 4 if not part else 0)]
        usual = tuple(sorted(chance.sample(depths, chance.choice((1, 1, 2)))))
        style = {
            "world": chance.random() < 0.4 and whom == PARTNERS,
            "total": chance.random() < 0.3 and not part,
            "leaves": leaves, "whom": whom, "depths": depths, "usual": usual,
            "change": chance.choice((0, 0, 0.15)),
            "bare": chance.random() < 0.15 and not part and max(usual) >= 6,
            "secret": {
                (partner, leaf) for partner in whom for leaf in leaves if chance.random() < 0.1
            } if chance.random() < 0.2 else set(),
            "revisions": ("HS2022",) if chance.random() < 0.85 else ("HS2017", "HS2022"),
        }  # fmt: skip
        keys = [
            (r, freq, f, day) for r in reporters for f in flows for day in days
            if freq == "A" or (r, f, day) not in self.silent
        ]  # fmt: skip
        if not keys:
            return
        shape = {key: self._shape(style) for key in keys}
        truth = dict(self.truth)
        if revise and not style["bare"]:
            self._revise(truth, keys, shape, style, chance)
        rows = {key: self._rows(truth, key, shape[key], style) for key in keys}
        rows = {key: cells for key, cells in rows.items() if cells}
        if not rows:
            return
        self.truth = truth
        self.day += timedelta(days=chance.randint(1, 40))
        told = None if word == "seen" else word
        vintage = Vintage(source, self.day, told, rows, truth).scoped()
        self.store.vintages.append(vintage)

    def _days(self, freq):
        if freq == "A":
            return YEARS
        if self.chance.random() < 0.7:
            return MONTHS
        at = self.chance.randint(0, 12)
        return MONTHS[at : at + self.chance.randint(6, 12)]

    def _shape(self, style):
        """Return the depths of one slice: most as usual."""
        if self.chance.random() < style["change"]:
            return (self.chance.choice(style["depths"]),)
        return style["usual"]

    def _revise(self, truth, keys, shape, style, chance):
        """Change or withdraw cells where no older row of another depth would stay."""
        seen = Counter()
        for key in keys:
            for partner, product, _hs in self._rows(truth, key, shape[key], style):
                seen[product] += 1
                seen[partner] += 1
        for key in keys:
            reporter, _freq, flow, month = key
            older = [
                product for one in self.store.vintages if one.source == "own"
                for _partner, product, _hs in one.rows.get(key, ())
            ]  # fmt: skip
            alike = {len(product) for product in older if product != TOTAL} <= {*shape[key]}
            plain = TOTAL not in older and not any(
                partner == WORLD for one in self.store.vintages
                for partner, _product, _hs in one.rows.get(key, ())
            )  # fmt: skip
            revised = {hs for one in self.store.vintages for _p, _c, hs in one.rows.get(key, ())}
            if not (alike and plain and revised <= {*style["revisions"]}):
                continue
            for leaf in style["leaves"]:
                for partner in style["whom"]:
                    cell = (reporter, flow, partner, leaf, month)
                    if truth.get(cell) and chance.random() < 0.1:
                        codes = [leaf[:d] for d in shape[key]]
                        if chance.random() < 0.5 and all(seen[c] > 5 for c in (*codes, partner)):
                            usd = truth.pop(cell)
                            if not self._rows(truth, key, shape[key], style):
                                truth[cell] = usd  # no file can say that a slice has no row
                                continue
                            for code in (*codes, partner):
                                seen[code] -= 1
                        else:
                            truth[cell] = chance.randint(1, 900)

    def _rows(self, truth, key, depths, style):
        """Return what the office prints of a slice."""
        found = {}
        reporter = key[0]
        whom = [one for one in style["whom"] if one != reporter]
        for partner in (*whom, *([WORLD] if style["world"] else [])):
            for revision in style["revisions"]:
                for code in self._codes(depths, style):
                    usd = value(truth, key, partner, code)
                    if usd and self._is_secret(partner, code, style):
                        found[partner, code, revision] = (0.0, "confidential")
                    elif usd:
                        found[partner, code, revision] = (usd, "reported")
        return found

    def _is_secret(self, partner, code, style):
        """Whether the office withholds a code: headings and totals it prints."""
        return len(code) >= 6 and any(
            partner == whom and leaf.startswith(code) for whom, leaf in style["secret"]
        )

    def _codes(self, depths, style):
        codes = {leaf[:d] for leaf in style["leaves"] for d in depths}
        if style["bare"]:  # the office prints chapter 84 by heading only
            codes = {c for c in codes if not c.startswith("84")} | {
                leaf[:4] for leaf in style["leaves"] if leaf.startswith("84")
            }
        return sorted(codes | ({TOTAL} if style["total"] else set()))


def fill(workspace, store, folder):
    """Take every vintage in, as its office's file."""
    names = ("freq", "period", "reporter", "partner", "flow", "product", "hs", "value", "status")
    for at, one in enumerate(store.vintages):
        lines = [",".join(names)]
        for (reporter, freq, flow, period), cells in one.rows.items():
            when = f"{period:%Y}" if freq == "A" else f"{period:%Y-%m}"
            for (partner, product, hs), (usd, status) in cells.items():
                lines.append(
                    f"{freq},{when},{reporter},{partner},{flow},{product},{hs},{usd},{status}"
                )
        path = folder / f"{store.seed}-{at}.csv"
        path.write_text("\n".join(lines) + "\n", "utf-8")
        workspace.ingest(
            "generic", [path], mapping=mapping(one.source), published=one.day, scope=one.word
        )


def doubled(store, keys, source, day=None):
    """Whether the rows of some slices say one cell twice, in two revisions or depths."""
    for key in keys:
        sums = defaultdict(lambda: defaultdict(float))
        for one in store.known(day):
            if one.source != source:
                continue
            for (partner, product, hs), (usd, _status) in one.rows.get(key, {}).items():
                if len(product) >= 6:
                    sums[partner, product[:6]][hs, len(product)] += usd
        if any(len({*found.values()}) > 1 for found in sums.values()):
            return True
    return False
