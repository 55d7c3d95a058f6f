"""Random world: monthly trade of four countries, with holes, for brute force to add up."""

from __future__ import annotations

import random
from datetime import date

from hypothesis import settings

FEW = settings(max_examples=6)
"""Each example is two queries or more; a rule of proportion needs few of them."""
GOODS = ("854231", "854232")
WHO = ("DEU", "FRA")
WHOM = ("KAZ", "RUS")


def random_world(seed, holes=True):
    """Monthly exports and imports with holes, as the changes that `flows` takes."""
    chance = random.Random(seed)
    changes = []
    for who in (*WHO, *WHOM):
        for flow in ("export", "import"):
            for year in (2019, 2020, 2021, 2022):
                for month in range(1, 13):
                    if holes and chance.random() < 0.05:
                        continue  # not published
                    made = [
                        {
                            "reporter": who,
                            "partner": whom,
                            "flow": flow,
                            "product": product,
                            "period": date(year, month, 1),
                            "value_usd": float(chance.randint(0, 1000)),
                            "valuation": "CIF" if flow == "import" else "FOB",
                        }
                        for whom in (*WHO, *WHOM)
                        if whom != who
                        for product in (*GOODS, "010121")
                        if chance.random() < 0.6
                    ]
                    changes += made or [
                        {
                            "reporter": who,
                            "partner": "WLD",
                            "flow": flow,
                            "product": "presence",
                            "period": date(year, month, 1),
                            "value_usd": 0.0,
                        }
                    ]
    return changes
