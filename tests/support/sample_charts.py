"""A small table for each chart, with something unknown and something that falls where it may be."""

from __future__ import annotations

from support.sample_briefs import CHANGE, MONTHLY
from support.scan_pages import FLOWS, SERIES

SAMPLES = {
    "bars": (
        ({"label": "Turkey", "value_usd": 3e6}, {"label": "China", "value_usd": None}),
        {},
    ),
    "change": (CHANGE.rows, CHANGE.options),
    "choices": (
        ({"label": "basket: stable", "value": 1.61}, {"label": "base: 2020", "value": None}),
        {"unit": "ratio", "chosen": 1.7},
    ),
    "corridors": (FLOWS, {}),
    "counterfactual": (SERIES, {"events": [{"date": "2022-02-24", "label": "1"}]}),
    "event_study": (
        (
            {"period": "2022-03", "estimate": 0.4, "ci_low": 0.1, "ci_high": 0.7},
            {"period": "2021-12", "estimate": 0.0, "ci_low": None, "ci_high": None},
        ),
        {"events": [{"date": "2022-02-24", "label": "Invasion of Ukraine"}]},
    ),
    "monthly": (MONTHLY.rows, MONTHLY.options),
}
