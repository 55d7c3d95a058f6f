"""Terms: the words people use for places, goods, months and flows, turned into codes."""

from entrepot.terms.flows import flow, flows, freq
from entrepot.terms.goods import ALL_GOODS, all_goods, goods
from entrepot.terms.months import Window, month, months
from entrepot.terms.places import ALL, members, places

__all__ = [
    "ALL",
    "ALL_GOODS",
    "Window",
    "all_goods",
    "flow",
    "flows",
    "freq",
    "goods",
    "members",
    "month",
    "months",
    "places",
]
