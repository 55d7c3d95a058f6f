"""Judge: an answer is the truth, a bound that holds it, or a refusal with a right reason."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date

import ibis
import pyarrow as pa

from entrepot.parts import measures
from entrepot.schema import FLOWS
from question import stores
from question.stores import COARSER, EVERYTHING, KNOWN, NATIONAL, PART, UNASKED

UNTOLD = {"cells", "world_usd", "world_change_usd", "world_basis", "origin_share"}
"""Columns that count stored rows, or stand beside the question."""


@dataclass(frozen=True)
class Question:
    """One question in canonical words: a measure, its parameters, the goods, sources and day."""

    measure: str
    params: tuple[tuple[str, object], ...]
    goods: tuple[str, ...]
    sources: tuple[str, ...] = ()
    day: date | None = None

    @property
    def given(self):
        """The parameters, with the codes under the measure's own name for them."""
        found = dict(self.params)
        goods = measures()[self.measure].goods
        return found | ({goods: self.goods} if goods and self.goods else {})

    @property
    def names(self):
        """What is counted: the codes asked for, those inside others left out."""
        if not self.goods:
            return (EVERYTHING,)
        return tuple(sorted(
            one for one in self.goods
            if not any(one.startswith(other) and one != other for other in self.goods)
        ))  # fmt: skip

    @property
    def reads(self):
        """The records it rests on, as the measure declares them."""
        return [read for read in self._declared if not read.optional]

    @property
    def beside(self):
        """Of which it asks besides only who published."""
        return [read for read in self._declared if read.optional and not read.is_counted]

    @property
    def _declared(self):
        found = measures()[self.measure]
        return found.reads(**found.accepted(self.given))


class Case:
    """A question beside its store: what the oracle says of every cell it needs."""

    def __init__(self, store, question):
        self.store, self.question = store, question
        self.reads, self.day = question.reads, question.day
        self.freq = self.reads[0].freq
        self.days = [day for read in self.reads for day in read.periods]
        self.loose = any(not read.reporters for read in self.reads)
        self.ambiguous = []
        self.source = {}
        for read in self.reads:
            for who in self.reporters(read):
                self._choose(who, read)
        self.wanted = {
            (read.flow, who, day)
            for read in self.reads
            for who in (read.reporters or {*self.reporters(read)} - {*read.partners[:1]})
            for day in read.periods
        }

    def reporters(self, read):
        """Return whose books a read needs."""
        if read.reporters:
            return tuple(dict.fromkeys(read.reporters))
        found = {
            who for who in (*stores.REPORTERS, stores.UNION)
            if self.question_sources(who, read.flow)
        }  # fmt: skip
        present = {
            who for who in (*stores.REPORTERS, stores.UNION)
            for one in self.reads if self.question_sources(who, one.flow)
        }  # fmt: skip
        if present & {*stores.MEMBERS}:
            found -= {stores.UNION}
        return tuple(sorted(found))

    def question_sources(self, who, flow):
        """Return the sources that may be used for a reporter."""
        held = self.store.sources(who, flow, self.freq, self.days, self.day)
        return held & {*self.question.sources} if self.question.sources else held

    def _choose(self, who, read):
        held = self.question_sources(who, read.flow)
        if self.question.sources:
            held = {next(one for one in self.question.sources if one in held)} if held else held
        if len(held) > 1:
            able = {
                source for source in held
                for other in self.reads if other.flow == read.flow
                for cell in self._cells(other, who, source, other.periods)
                if cell not in (None, UNASKED)
            }  # fmt: skip
            if len(able) != 1:
                self.ambiguous.append((who, read.flow))
                return
            held = able
        for source in held:
            self.source[who, read.flow] = source

    def _cells(self, read, who, source, days):
        for day in days:
            key = (who, self.freq, read.flow, day)
            for partner in self.everyone(read):
                for name in self.question.names:
                    yield self.store.state(key, source, partner, name, self.day)

    def state(self, flow, who, day, partner, name):
        """Say what is known of one cell; None where the month is not published."""
        source = self.source.get((who, flow))
        if source is None:
            return None
        return self.store.state((who, self.freq, flow, day), source, partner, name, self.day)

    def everyone(self, read):
        """Return the partners that a read needs; the world stands for all of them."""
        return read.partners or (stores.EVERYONE,)

    def needed(self):
        """Give the state of every cell that a whole answer needs."""
        for read in self.reads:
            who = read.reporters or {*self.reporters(read)} - {*read.partners[:1]}
            for one in who:
                for day in read.periods:
                    if not read.is_counted:
                        source = self.source.get((one, read.flow))
                        key = (one, self.freq, read.flow, day)
                        yield (source and self.store.published(key, source, self.day)) or None
                        continue
                    for partner in self.everyone(read):
                        for name in self.question.names:
                            yield self.state(read.flow, one, day, partner, name)

    def is_doubled(self):
        """Whether any slice that is looked at says a cell twice, and not the same."""
        return any(
            stores.doubled(self.store, [(who, self.freq, flow, day) for day in self.days],
                           source, self.day)
            for (who, flow), source in self.source.items()
        )  # fmt: skip

    def has_secrets(self):
        """Whether any slice looked at withholds a value."""
        return any(
            status == "confidential"
            for (who, flow), source in self.source.items()
            for day in self.days
            for key in [(who, self.freq, flow, day)]
            for one in self.store.living(key, source, self.day)
            for _usd, status in one.rows[key].values()
        )

    def is_torn(self):
        """Whether no revision of the HS is that of all that speak for some slice looked at."""
        written = [
            [{hs for _partner, _product, hs in one.rows[key]} for one in living]
            for (who, flow), source in self.source.items()
            for day in self.days
            for key in [(who, self.freq, flow, day)]
            if (living := self.store.living(key, source, self.day))
        ]
        return any(not set.intersection(*each) for each in written)

    def amount(self, flow, who, day, partner, name):
        """Return the truth of a cell, or of the part of it that is held; raise if it is unknown."""
        key, truth = (who, self.freq, flow, day), self.store.truth(self.day)
        state = self.state(flow, who, day, partner, name)
        if state == KNOWN:
            return stores.value(truth, key, partner, name)
        assert state in (PART, NATIONAL), (
            f"counted {who} {flow} {partner} {name} {day}, which is {state}"
        )
        held = self.store.held(key, self.source[who, flow], partner, name, self.day)
        return sum(stores.value(truth, key, partner, leaf) for leaf in held)

    def table(self, known):
        """Return the truth of what an answer says it counts, as flows."""
        rows = []
        dropped = [(flow, {*who}, {*gone}) for flow, who, gone in known.dropped]
        names = [EVERYTHING] if self.question.names == (EVERYTHING,) else known.names
        for flow, who, day in sorted(known.whole):
            for read in self.reads:
                if read.flow != flow or (read.reporters and who not in read.reporters):
                    continue
                if day not in read.periods or not read.is_counted:
                    continue
                for partner in read.partners or stores.PARTNERS:
                    if partner == who or any(
                        flow == f and partner in gone and (not whose or who in whose)
                        for f, whose, gone in dropped
                    ):
                        continue
                    rows += [
                        (flow, who, day, partner, code, usd)
                        for name in names
                        for code, usd in self._amounts(flow, who, day, partner, name)
                        if usd
                    ]
            partner = "_LIMITED" if (flow, who, day) in known.limited else "WLD"
            rows.append((flow, who, day, partner, "presence", 0.0))
        rows += [
            (flow, who, day, "WLD", "presence", 0.0)
            for (who, flow), source in self.source.items()
            for read in self.question.beside
            if read.flow == flow and (not read.reporters or who in read.reporters)
            for day in {*read.periods} - {*self.days}
            if self.store.published((who, self.freq, flow, day), source, self.day)
        ]
        return flows(dict.fromkeys(rows), self.freq)

    def _amounts(self, flow, who, day, partner, name):
        if name != EVERYTHING:
            return [(name, self.amount(flow, who, day, partner, name))]
        state = self.state(flow, who, day, partner, name)
        key, truth = (who, self.freq, flow, day), self.store.truth(self.day)
        codes = {leaf[:6] for leaf in stores.LEAVES}
        if state == PART:
            held = self.store.held(key, self.source[who, flow], partner, name, self.day)
            codes &= {leaf[:6] for leaf in held}
        else:
            assert state == KNOWN, f"counted everything of {who} {flow} {day}, which is {state}"
        return [(code, stores.value(truth, key, partner, code)) for code in sorted(codes)]


def flows(rows, freq):
    """Return rows of (flow, reporter, day, partner, product, usd) as a table of flows."""
    schema = FLOWS.arrow
    table = pa.Table.from_pylist(
        [
            dict.fromkeys(schema.names)
            | {
                "source": "own", "freq": freq, "period": day, "reporter": who,
                "partner": partner, "flow": flow, "product": product, "value_usd": usd,
                "valuation": "CIF" if flow == "import" else "FOB",
                "classification": "none" if product == "presence" else "HS2022",
                "status": "reported", "vintage": "v", "file": "f",
            }
            for flow, who, day, partner, product, usd in rows
        ],
        schema=schema,
    )  # fmt: skip
    return ibis.memtable(table, schema=FLOWS.ibis)


def reference(case, known):
    """Run the measure on the truth of what an answer says it counts."""
    found = measures()[case.question.measure]
    given = found.accepted(case.question.given)
    if found.goods and case.question.goods:
        given[found.goods] = case.question.names
    table = found(case.table(known), **given)
    rows = table.order_by(list(found.returns.keys)).to_pyarrow().to_pylist()
    if not known.is_part:
        return rows
    sums = {column.name for column in found.returns.values if column.is_sum}
    lacks = {gap.side for gap in known.gaps}
    return [
        row if lacks == {"goods"} and row.get("product")
        else {name: None if name in sums and value == 0 else value for name, value in row.items()}
        for row in rows
    ]  # fmt: skip


def same(found, expected, untold=UNTOLD):
    """Whether rows agree in every column that is told."""
    if len(found) != len(expected):
        return False
    return all(
        _alike(row[name], other[name])
        for row, other in zip(found, expected, strict=True)
        for name in other
        if name not in untold
    )


def no_more(outcome, expected):
    """Whether every sum is at most the truth: what is held in one of two revisions."""
    returns = measures()[outcome.name].returns
    sums = [one.name for one in returns.values if one.is_sum and one.name not in UNTOLD]
    truth = {tuple(row[key] for key in returns.keys): row for row in expected}
    return all(
        not row[name]
        or row[name] <= (truth[tuple(row[key] for key in returns.keys)][name] or 0) + 1e-6
        for row in outcome.rows
        for name in sums
    )


def _alike(one, other):
    if isinstance(one, float) and isinstance(other, float | int):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-6)
    if isinstance(one, str):  # whether it reports later shows in slices beside the question
        return one == other or one.replace("not yet", "silent") == other
    return one == other


WITHHELD = ("in two revisions", "confidential")
"""Words of gaps in cells that are known otherwise: the answer is a bound."""
REASONS = (
    ("never asked for", {UNASKED}),
    ("for some partners only", {UNASKED}),
    ("broader code", {COARSER}),
    ("of the national codes that the files hold", {NATIONAL}),
    ("in part", {PART, UNASKED, COARSER}),
    (" held", {PART, UNASKED}),
    ("reports as one", None),
    ("nobody published", None),
    ("ask with --freq A", None),
    ("holds nothing of what is needed", None),
)


def is_right(case, text):
    """Whether a stated reason is one that the oracle sees somewhere in the question."""
    states = {*case.needed()}
    if "not held in every month" in text or "not held for all goods" in text:
        return len(states) > 1 or PART in states  # not the same part in every month
    if "in two revisions" in text:
        return case.is_torn()
    if "confidential" in text:
        return case.has_secrets()
    if "nothing to set beside it" in text:
        return bool(states & {KNOWN, NATIONAL}) and len(states) > 1
    for words, right in REASONS:
        if words in text:
            return right is None or bool(states & right)
    return None in states  # months by name: not published


def check(store, question, outcome):
    """Fail where an answer is not the truth, no bound and no rightful refusal.

    `outcome` is an `Measured`, or the text of a refusal.
    """
    case = Case(store, question)
    states = {*case.needed()}
    is_all = bool(states) and states <= {KNOWN, True}
    if isinstance(outcome, str):
        if "in 2 sources" in outcome:
            assert case.ambiguous, f"refused for two sources: {outcome}"
        elif "stands twice" in outcome:
            assert case.is_doubled(), f"refused as twice: {outcome}"
        elif "hold none of the goods" in outcome:  # a study gives no figure of nothing
            assert is_all
        else:
            is_withheld = "confidential" in outcome and case.has_secrets()
            assert is_withheld or not is_all, f"refused what is known: {outcome}"
            told = re.split("nothing of this is known: |figures: ", outcome)[-1]
            told = re.split(r"; (?:and \d+ more|the store holds|get what|`entrepot)", told)[0]
            told = re.sub("^(not known|too little is published; missing): ", "", told)
            for text in told.split("; "):
                assert is_right(case, text), f"wrong reason {text!r} of {states}"
        return "refused"
    assert not case.ambiguous, f"added two sources of {case.ambiguous}"
    gaps = [
        text
        for text in outcome.missing
        if "reports as one" not in text
        and not any(word in text and is_right(case, text) for word in WITHHELD)
    ]
    if is_all:
        assert not gaps, f"all is known, yet missing: {outcome.missing}"
    if not outcome.missing:
        assert states <= {KNOWN, True}, f"no gap is stated, and yet {states - {KNOWN}}"
    for text in outcome.missing:
        assert is_right(case, text), f"wrong reason {text!r} of {states}"
    expected = reference(case, outcome.known)
    if any(word in text for text in outcome.missing for word in WITHHELD):
        assert outcome.is_part
        assert no_more(outcome, expected), f"\nfound {outcome.rows}\ntruth {expected}"
        return "part"
    assert same(list(outcome.rows), expected), f"\nfound {outcome.rows}\ntruth {expected}"
    return "part" if outcome.is_part else "gaps" if outcome.missing else "whole"
