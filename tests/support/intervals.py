"""Intervals: of excess trade in a demo world, beside what is diverted there."""

from __future__ import annotations

from entrepot.demo.places import HUBS, OTHERS
from entrepot.reference import goods
from support.planted import FORTY_FIVE, found, known

EVER_LISTED = tuple(
    {code for good in goods.load("chpl-2024-02").goods
     for code in (good.code, good.hs2017, good.hs2012)}
)  # fmt: skip
EXCESS = {"partners": ("RUS",), "products": FORTY_FIVE, "base": (2018, 2019, 2020, 2021),
          "listed": EVER_LISTED, "first": "2023-01", "last": "2023-10"}  # fmt: skip


def intervals():
    """Low end, what is diverted, excess and high end of each third country that has an interval.

    Diverted counts in the months that the country's row compares and the goods with a control.
    """
    asked = EXCESS | {"reporters": (*HUBS, *OTHERS)}
    rows = {row["reporter"]: row for row in found("excess_trade", by=("reporter",), **asked)}
    goods_of = {reporter: [""] for reporter in rows}
    for row in found("excess_trade", by=("reporter", "product"), **asked):
        if row["excess_usd"] is not None:
            goods_of[row["reporter"]].append(row["product"])
    compared = f"""select reporter, month(period) as month from pub
        where year(period) in {(*EXCESS["base"], 2023)} and month(period) < 11
        group by all having count(*) = 5"""
    made = {}
    for reporter, row in rows.items():
        ((usd,),) = known(f"""select coalesce(sum(planted), 0) from sent
            where x = '{reporter}' and m = 'RUS' and k in {(*goods_of[reporter], "")}
            and year(period) = 2023 and (x, month(period)) in ({compared})""")
        if row["excess_interval"] == "nine in ten":
            made[reporter] = (row["excess_low_usd"], usd, row["excess_usd"], row["excess_high_usd"])
    return made
