"""Measures of another package, with names of their own for everything that entrepot lets them name.

One annotates with types, as without `from __future__ import annotations`; one with text.
"""

from typing import Optional

import ibis
from ibis import _

from entrepot import reads  # noqa: TC001 (annotations name it)
from entrepot.contracts import measure
from entrepot.months import month, months_between, same_months
from entrepot.reads import BaseYears, Columns, Flow, Goods, Month, Reads, Window
from entrepot.reads import Partners as Receivers
from entrepot.reads import Reporters as Senders
from entrepot.schema import Column, TableSchema

SENDER = Column("sender", "string", "Who sold.", role="reporter")
BUYER = Column("buyer", "string", "Who bought.", role="partner")
WARE = Column("ware", "string", "What was sold.", role="product")
SOLD = Column("sold_usd", "float64", "Sold.", "USD", is_sum=True, adds_up=True, role="value")
BEFORE = Column(
    "sold_before_usd", "float64", "In the mean year.", "USD", is_sum=True, adds_up=True, role="base"
)
SWING = Column("swing_usd", "float64", "Sold less before.", "USD", adds_up=True, role="change")
TIMES = Column("times", "float64", "Sold over before.", unit="ratio", role="ratio")
BIGGEST = Column("biggest_usd", "float64", "The largest cell of all.", "USD")
WHEN_BIGGEST = Column("when_biggest", "string", "Its month.")

SWINGS = TableSchema(
    "swing", grain=(SENDER, BUYER, WARE), values=(SOLD, BEFORE, SWING, TIMES, BIGGEST, WHEN_BIGGEST)
)
PULSES = TableSchema(
    "pulse",
    grain=(Column("moment", "date", "The month."),),
    values=(
        Column("moved_usd", "float64", "Sold in it.", "USD", is_sum=True),
        Column("crates", "int64", "Rows of it."),
    ),
)
LANES = TableSchema(
    "lanes",
    grain=(Column("lane", "string", "From whom to whom."),),
    values=(
        Column("code", "float64", "Part of all lanes.", unit="share"),
        Column("laden_kg", "float64", "Mass.", unit="kg"),
    ),
)


def _swing_reads(*, senders, receivers, since, till, years_before, direction, **_others):
    now, years = (since, till), sorted({*years_before})
    return [Reads(direction, senders, receivers, (now,), tuple(same_months(now, years)))]


@measure(returns=SWINGS, reads=_swing_reads, reference="Invented for a test")
def swing(
    flows,
    *,
    senders: Senders,
    receivers: Receivers,
    wares: Goods,
    since: Month,
    till: Month,
    years_before: BaseYears,
    direction: Flow = "export",
    split: Columns = (),
):
    """Compare what was sold with the mean of earlier years.

    Args:
        senders: Who sold.
        receivers: Who bought.
        wares: What was sold.
        since: First month.
        till: Last month.
        years_before: Years compared with.
        direction: Whose books.
        split: Columns to break down by.
    """
    theirs = {"sender": "reporter", "buyer": "partner", "ware": "product"}
    days = [months_between(*span) for span in same_months((since, till), [*years_before])]
    now = _.period.isin(months_between(since, till))
    then = _.period.isin([day for window in days for day in window])
    kept = flows.filter(
        _.freq == "M",
        _.flow == direction,
        _.reporter.isin(senders),
        _.partner.isin(receivers),
        _.product.isin(wares),
        now | then,
    ).rename(theirs)
    sums = kept.aggregate(
        by=[*split],
        sold_usd=_.value_usd.sum(where=now).fill_null(0.0),
        sold_before_usd=_.value_usd.sum(where=then).fill_null(0.0) / len(years_before),
        biggest_usd=_.value_usd.max(),
        when_biggest=_.period.argmax(_.value_usd).strftime("%Y-%m"),
    )
    absent = {name: ibis.null("string") for name in theirs if name not in split}
    return sums.mutate(
        **absent,
        swing_usd=_.sold_usd - _.sold_before_usd,
        times=_.sold_usd / _.sold_before_usd.nullif(0.0),
    )


def _pulse_reads(*, who, whom, when, how, **_others):
    return [Reads(how or "export", who, whom, (tuple(when),))]


@measure(returns=PULSES, reads=_pulse_reads, reference="Invented for a test")
def pulse(
    flows,
    *,
    who: "reads.Reporters",
    whom: "Receivers",
    when: "Window",
    things: "reads.Goods" = (),
    how: Optional[Flow] = None,  # noqa: UP045
):
    """Give what was sold in each month."""
    first, last = map(month, when)
    kept = flows.filter(
        _.freq == "M",
        _.flow == (how or "export"),
        _.reporter.isin(who),
        _.partner.isin(whom),
        _.product.isin(things),
        _.period.between(first, last),
    )
    return kept.group_by(moment=_.period).agg(moved_usd=_.value_usd.sum(), crates=_.count())


@measure(returns=LANES, reads=_pulse_reads, reference="")
def lanes(flows, *, who: Senders, whom: Receivers, when: Window, how: "Flow | None" = None):
    first, last = map(month, when)
    kept = flows.filter(
        _.flow == (how or "export"), _.reporter.isin(who), _.partner.isin(whom),
        _.period.between(first, last),
    )  # fmt: skip
    found = kept.group_by(lane=_.reporter + "-" + _.partner).agg(
        usd=_.value_usd.sum(), laden_kg=_.net_mass_kg.sum()
    )
    return found.mutate(code=_.usd / _.usd.sum().over())
