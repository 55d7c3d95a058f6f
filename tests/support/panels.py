"""Panels built from arrays, noise in which nothing happened, and one detector run on them."""

from __future__ import annotations

import importlib
from dataclasses import replace

import numpy as np

from entrepot.detect._legs import ScanLegs
from entrepot.detect._panel import SERIES, Scan, ScanPanel

THIRDS = tuple(
    "ARE ARM AZE BLR CHN EGY GEO HKG IND ISR KAZ KGZ MAR MDA MNG SRB TJK TUR UZB VNM".split()
)
DETECTORS = "break_date code_switch diversion ghost_trade new_corridor surge unit_value".split()


def months(count, year=2018):
    return tuple(f"{year + i // 12}-{i % 12 + 1:02d}" for i in range(count))


def codes(count, heading=4):
    """Six-digit codes, `heading` of them in each heading."""
    return tuple(f"{8501 + i // heading}{10 + i % heading}" for i in range(count))


def panel_of(sent, *, since, listed=None, products=None, links=(), **series):
    """A panel of the given arrays; series not given are unpublished, every fourth code listed."""
    sent = np.asarray(sent, dtype=float)
    thirds, count, length = sent.shape
    products = products or codes(count)
    is_listed = np.arange(count) % 4 == 0 if listed is None else np.isin(range(count), listed)
    names = [
        (f"HS{year}", products[k], products[k])
        for k in np.flatnonzero(is_listed)
        for year in (2017, 2022)
    ]
    data = {name: np.full(sent.shape, np.nan) for name in SERIES}
    data |= {name: np.asarray(values, dtype=float) for name, values in series.items()}
    data["coalition_exports"] = sent
    data["coalition_exports_priced"] = series.get("coalition_exports_priced", sent)
    data["onward_exports_priced"] = series.get("onward_exports_priced", data["onward_exports"])
    data["all_exports"] = series.get("all_exports", sent)
    scan = Scan("RUS", months(length)[since], ("DEU",), (*names, *links))
    return ScanPanel(
        scan=scan,
        thirds=THIRDS[:thirds],
        products=tuple(products),
        months=months(length),
        is_listed=is_listed,
        data=data,
        direct=bound(sent.shape[1:], since),
        coalition=("DEU",),
        **origins(sent, since),
        **one_supplier(data, is_listed),
        unlisted=int((~is_listed).sum()),
    )


def bound(shape, since):
    """Exports to the destination itself that fell to a tenth: controls keep it from the goods."""
    direct = np.full(shape, 1e6)
    direct[:, since:] = 1e5
    return direct


def one_supplier(data, is_listed):
    """The coalition's exports as those of its one reporter."""
    names = ("coalition_exports", "coalition_exports_kg", "reported_imports")
    return {
        "suppliers": ("DEU",),
        "by_supplier": tuple(data[name][None][:, :, is_listed].copy() for name in names),
    }


def shipped(rng, shape, rate=0.0):
    """Lumpy trade: a Poisson number of shipments a month, of lognormal value."""
    thirds, products, length = shape
    pace = rng.normal(rate, 0.7, (thirds, 1, 1)) + rng.normal(0, 0.7, (1, products, 1))
    size = rng.lognormal(10, 1, (1, products, 1))
    count = rng.poisson(np.exp(pace + rng.normal(0, 0.5, (thirds, products, 1))), shape)
    return count * size * rng.lognormal(0, 0.3, (thirds, products, length))


def noise(seed, shape=(20, 60, 60), since=48, rate=0.0):
    """A panel in which every series only fluctuates; the fixed draws of a seed."""
    rng = np.random.default_rng(seed)
    sent, other, out = (shipped(rng, shape, r) for r in (rate, rate - 1, rate - 1))

    def like(values, spread):
        return values * rng.lognormal(0, spread, shape)

    price = rng.lognormal(3, 1, (1, shape[1], 1))
    return panel_of(
        sent,
        since=since,
        coalition_exports_kg=like(sent / price, 0.2),
        all_exports=sent + other,
        reported_imports=like(sent * 1.06, 0.1),
        all_reported_imports=like((sent + other) * 1.06, 0.1),
        onward_exports=out,
        onward_exports_kg=like(out / price, 0.2),
        other_exports=shipped(rng, shape, rate),
    )


def changed(panel, **series):
    """The panel with some series replaced, and with them what rests on them."""
    for name in ("coalition_exports", "onward_exports"):
        if name in series:
            series = {f"{name}_priced": series[name]} | series
    of = origins(series["coalition_exports"], panel.since) if "coalition_exports" in series else {}
    data = panel.data | series
    return replace(panel, data=data, **of, **one_supplier(data, panel.is_listed))


def books_alone(panel):
    """The panel as it is where nobody of the coalition reports."""
    theirs = [name for name in SERIES if name.startswith(("coalition", "all_exports"))]
    blank = {name: np.full_like(panel.data[name], np.nan) for name in theirs}
    return replace(
        panel,
        data=panel.data | blank,
        direct=np.full_like(panel.direct, np.nan),
        coalition=(),
        by_origin=panel.by_origin[:0],
        present=panel.present[:0],
        suppliers=(),
        by_supplier=tuple(one[:0] for one in panel.by_supplier),
    )


def origins(sent, since):
    """What one reporter recorded before and since, and in which months it did."""
    parts = [np.nansum(part, axis=2) for part in (sent[..., :since], sent[..., since:])]
    seen = np.isfinite(sent).any(axis=(0, 1))
    return {"by_origin": np.stack(parts, axis=-1)[None], "present": seen[None]}


def run(name, panel):
    """What a detector finds at the panel's own date."""
    part = getattr(importlib.import_module(f"entrepot.detect.{name}"), name)
    with np.errstate(all="ignore"):
        return part(ScanLegs(panel, panel.since, panel.length))


def finding(rows, third, product, *, leg="in"):
    """The one finding of a cell and leg."""
    (row,) = [
        row
        for row in rows
        if (row.intermediary, row.product) == (third, product)
        and (row.destination is None) == (leg == "in")
    ]
    return row


def false_alarms(name, seeds, level=0.05, tested=None, **how):
    """The share of tested cells with a p-value at most `level` where nothing happened.

    `tested` gives their number for a panel where a detector lists only some of what it tests.
    """
    alarms = count = 0
    for seed in seeds:
        panel = noise(seed, **how)
        rows = run(name, panel)
        alarms += sum(row.p_value <= level for row in rows if row.p_value is not None)
        count += len(rows) if tested is None else tested(panel)
    return alarms / count
