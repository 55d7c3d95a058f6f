"""Report: the benchmark's page, with the bars it set itself and which of them are missed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from detection.run import Marks

STATED = 0.90
"""The rate at which an interval of `excess_usd` is meant to hold the truth."""
COLUMNS = {
    "ap": "average precision",
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
    "alarms": "alarms",
    "budget": "recall at 1 false alarm a month",
    "ever": "found in any run",
    "days": "days, median",
}
TRUST = {
    "ks": "KS distance",
    "ks_p": "KS p, no decoys",
    "ks_p_all": "KS p, all cells",
    "false": "alarms on placebo",
    "cover_all": "coverage, all planted",
    "cover_first": "coverage, first countries",
    "cover_found": "coverage, found",
}
INTRO = """# How well the detectors find what was planted

<!-- Written by bench/detection/run.py; run it again instead of editing. -->

Each world is invented from a seed. Eight suppliers, 55 third countries and one destination trade 50
listed and more than 80 unlisted products by month from 2016 to 2023. From a month on, six to ten of
a hundred listed cells of the 24 nearer countries carry diversion: through the books, past them
(ghost), or over a second country. Around them stand decoys: real demand that surges, home-made
goods, new suppliers of goods that never saw the coalition, prices, changed labels. Books are
silent, late, name the origin instead of the sender, change numbers and have never agreed for some
pairs.

A cell is a third country and a listed product. Each figure is the mean over {count} seeds, with the
lowest and highest in brackets. Precision and recall of a detector are at q < 0.1, of a rule at its
own threshold. Of every rule the variant with the best average precision is shown. A random order
has an average precision of about {chance:.2f}. Days count from the first month of a route to the
end of the month of the first run that flags it; runs see what is published 3, 6 and 12 months after
the break and at the end.

The worlds are ours. They show how a method fails, not how often diversion happens, and a score here
says nothing about a country.
"""

BARS = """A placebo world is the same world without its routes. The p-value of `diversion` asks how
often both legs move where at most one of them has a reason to, and a decoy is such a cell: the bar
counts all cells. Among cells without any reason alone p comes out a little too large, see "KS p, no
decoys". Coverage counts the planted cells that `diversion` flags; of all planted cells it is lower
because the second country of a longer route received nothing straight from the coalition, which is
what the interval is of.
"""


def page(marks: dict[str, list[Marks]]) -> str:
    """Return the page in Markdown: scores, trust, kinds, decoys and bars."""
    runs = next(iter(marks.values()))
    chance = float(np.mean([one.values["chance"] for one in runs]))
    parts = [INTRO.format(count=len(runs), chance=chance), "## Scores\n", _table(marks, COLUMNS)]
    tested = {name: all_ for name, all_ in marks.items() if "cover_all" in all_[0].values}
    if tested:
        parts += ["\n## Trust in the numbers\n", _table(tested, TRUST)]
    parts += ["\n## Average precision, by kind of diversion\n", _shares(marks, "alone")]
    parts += ["\n## Share found, by kind of diversion\n", _shares(marks, "kinds")]
    parts += ["\n## Share flagged by mistake, by kind of decoy\n", _shares(marks, "decoys")]
    if "diversion" in marks:
        parts += ["\n## Bars\n", BARS, bars(marks)]
    return "\n".join(parts) + "\n"


def _table(marks: dict[str, list[Marks]], columns: dict[str, str]) -> str:
    shown = {key: title for key, title in columns.items() if _any(marks, key)}
    lines = [f"| | {' | '.join(shown.values())} |", "|---|" + "---:|" * len(shown)]
    for name, runs in marks.items():
        cells = [_range([one.values.get(key, float("nan")) for one in runs]) for key in shown]
        lines.append(f"| {name.replace(' | ', ': ')} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _any(marks: dict[str, list[Marks]], key: str) -> bool:
    return any(key in one.values for runs in marks.values() for one in runs)


def _shares(marks: dict[str, list[Marks]], which: str) -> str:
    kinds = sorted(
        {kind for runs in marks.values() for one in runs for kind in getattr(one, which)}
    )
    lines = [f"| | {' | '.join(kinds)} |", "|---|" + "---:|" * len(kinds)]
    for name, runs in marks.items():
        cells = [
            _range([getattr(one, which).get(kind, float("nan")) for one in runs]) for kind in kinds
        ]
        lines.append(f"| {name.replace(' | ', ': ')} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _range(values: Iterable[float]) -> str:
    """Return mean and range; nulls are left out and a value without any is a dash."""
    known = [value for value in values if not np.isnan(value)]
    if not known:
        return "-"
    form = ".0f" if max(known) > 10 else ".2f"
    if len(known) == 1:
        return f"{known[0]:{form}}"
    return f"{np.mean(known):{form}} ({min(known):{form}}-{max(known):{form}})"


def bars(marks: dict[str, list[Marks]]) -> str:
    """Return each bar the benchmark set, what was measured, and whether it is met."""

    def mean(name: str, key: str) -> float:
        known = [
            one.values[key] for one in marks[name] if not np.isnan(one.values.get(key, np.nan))
        ]
        return float(np.mean(known)) if known else float("nan")

    rules = {name: mean(name, "ap") for name in marks if " | " in name}
    peer = max(rules, key=lambda name: rules[name])
    lead = mean("diversion", "ap") - rules[peer]
    false = 1 - mean("diversion", "precision")
    placebo = [one.values.get("ks_p_all", float("nan")) for one in marks["diversion"]]
    uniform = (
        float(np.mean([p >= 0.05 for p in placebo])) if not np.isnan(placebo).any() else np.nan
    )
    off = abs(mean("diversion", "cover_found") - STATED)
    rows = (
        (
            f"average precision above the best rule ({peer.split(' | ')[0]})",
            ">= 0.15",
            lead,
            lead >= 0.15,
        ),
        ("false share at q < 0.1", "<= 0.15", false, false <= 0.15),
        ("placebo worlds whose p-values pass KS at 5%", ">= 0.9", uniform, uniform >= 0.9),
        (f"distance of coverage from {STATED}", "<= 0.05", off, off <= 0.05),
    )
    lines = ["| `diversion` | bar | measured | |", "|---|---|---:|---|"]
    for text, bar, value, met in rows:
        word = "not measured" if np.isnan(value) else "met" if met else "**missed**"
        lines.append(f"| {text} | {bar} | {value:.2f} | {word} |")
    return "\n".join(lines)
