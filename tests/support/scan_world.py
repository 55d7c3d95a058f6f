"""A small world of monthly trade with one route and one ghost planted, as the flows of a scan."""

from __future__ import annotations

from datetime import date

import numpy as np

from entrepot.scan.question import ScanQuestion
from support.once import once
from support.plain import OWN

COALITION = ("DEU", "JPN", "USA")
THIRDS = tuple("ARM AZE BRA EGY GEO IND KAZ KGZ MAR MDA MNG SRB TJK UZB VNM ZAF".split())
LISTED = tuple("848210 852691 853221 853690 854121 854160 854231 854232".split())
FREE = ("392690", "732690", "840734", "841391", "848180", "850131", "853710", "870899")
MONTHS = tuple(f"{y}-{m:02d}" for y in range(2018, 2023) for m in range(1, 13))
SINCE = "2022-03"
ROUTE, GHOST = ("KGZ", "854232"), ("KAZ", "854231")
ASKED = ScanQuestion("RUS", SINCE, coalition=",".join(COALITION))


def rows(last="2022-12", planted=True):
    """Rows of a table in the layout of `support.plain.OWN`, up to a month."""
    rng = np.random.default_rng(7)
    made = [
        (month, who, "RUS", "X", product, 4e4 if planted and month >= SINCE else 4e5)
        for month in MONTHS if month <= last for who in COALITION for product in LISTED
    ]  # fmt: skip
    for third in THIRDS:
        for product in (*LISTED, *FREE):
            level = 1e5 * np.exp(rng.normal(0, 0.4))
            for month in MONTHS:
                noise = np.exp(rng.normal(0, 0.15, 2 * len(COALITION) + 1))
                if month > last:
                    continue
                is_late = planted and month >= SINCE
                grown = 8 if is_late and (third, product) in (ROUTE, GHOST) else 1
                kept = 8 if is_late and (third, product) == ROUTE else 1
                for place, who in enumerate(COALITION):
                    sent = level * noise[place] * (grown if who != "USA" else 1)
                    came = level * noise[place] * 1.06 * (kept if who != "USA" else 1)
                    made.append((month, who, third, "X", product, sent))
                    made.append((month, third, who, "M", product, came))
                onward = level * 0.5 * noise[-1] * (12 if kept > 1 else 1)
                made.append((month, third, "RUS", "X", product, onward))
                made.append((month, third, "TUR", "X", product, level))
    return made


def ingest(desk, folder, name, published, *, alone=False, synthetic=False, **options):
    """Take a world into a workspace as one vintage; `alone` keeps third countries' exports."""
    path = folder / name
    made = [row for row in rows(**options) if not alone or (row[1] in THIRDS and row[3] == "X")]
    lines = [f"{','.join(map(str, row[:-1]))},{row[-1]:.2f}" for row in made]
    path.write_text("month,reporter,partner,flow,product,value\n" + "\n".join(lines) + "\n")
    desk.ingest(
        "generic", [path], mapping=OWN, published=published, scope="whole", synthetic=synthetic
    )


def stored(factory):
    """Return a store of two vintages: one up to May 2022 without news, one to December with.

    It is made once per test run: read it, and link to its vintages where a command writes.
    """
    return once(factory, "scanworld", _fill) / "store"


def _fill(folder):
    from entrepot.workspace import Workspace

    desk = Workspace(folder / "store")
    ingest(desk, folder, "a.csv", date(2022, 7, 1), last="2022-05", planted=False)
    ingest(desk, folder, "b.csv", date(2023, 2, 1))
