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
    "corridor_map": (
        (
            {"start": "DEU", "finish": "KAZ", "leg": "in", "value_usd": 4e6},
            {"start": "KAZ", "finish": "RUS", "leg": "out", "value_usd": 2e6},
            {"start": "KGZ", "finish": "RUS", "leg": "out", "value_usd": None},
        ),
        {},
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
    "heat": (
        (
            {"row": "Kazakhstan", "column": "854231", "value_usd": 9e6},
            {"row": "Kazakhstan", "column": "854232", "value_usd": 0.0},
            {"row": "Armenia", "column": "854231", "value_usd": -1e6},
        ),
        {},
    ),
    "mirror": (
        tuple(
            {"period": f"2022-0{month}-01", "sent_usd": sent, "came_usd": came}
            for month, sent, came in ((1, 10.0, 11.0), (2, None, 5.0), (3, 20.0, None))
        ),
        {"exporter": "Germany", "importer": "Kazakhstan"},
    ),
    "multiples": (MONTHLY.rows, {key: MONTHLY.options[key] for key in ("events", "windows")}),
    "monthly": (MONTHLY.rows, MONTHLY.options),
}
