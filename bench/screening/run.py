"""How well do matchers find listed parties, and how often do they cry wolf?

Run as `python bench/screening/run.py --out docs/explanation/screening-benchmark.md`, where
`make screen` has installed what nomenklatura needs; without it ours alone is run.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

from entrepot.screen.lists import stored
from entrepot.screen.parties import ASK
from screening import plant, world
from screening.engines import engines

THRESHOLDS = (0.5, 0.6, 0.7, 0.75, 0.78, 0.8, 0.82, 0.85, 0.88, 0.9, 0.92, 0.95, 0.98)
FLOOR = 0.4
REAL = ("as listed", "other legal form", "typo", "two typos", "words swapped", "written together",
        "wrong country")  # fmt: skip


def scored(engine, parties):
    """Return per party its best score, whether that entry is the right one, and the seconds."""
    found, start = [], time.process_time()
    for one in parties:
        hits = engine.match(one.party, least=FLOOR, most=5)
        best = hits[0].score if hits else 0.0
        right = max((h.score for h in hits if h.entry.id == one.entry), default=0.0)
        found.append((one.kind, bool(one.entry), best, right))
    return found, time.process_time() - start


def rates(found, threshold):
    """Precision and recall: a party counts as found if its own entry is among the hits."""
    listed = [row for row in found if row[1]]
    hit = sum(right >= threshold for *_rest, right in listed)
    flagged = sum(best >= threshold for _k, _l, best, _r in found)
    return (hit / flagged if flagged else float("nan")), hit / len(listed)


def by_kind(found, threshold):
    rows = defaultdict(list)
    for kind, is_listed, best, right in found:
        rows[kind].append((right if is_listed else best) >= threshold)
    return {kind: float(np.mean(flags)) for kind, flags in rows.items()}


def best_threshold(found):
    """The threshold with the highest recall at a precision of .90 or more."""
    fit = [(rates(found, t)[1], t) for t in THRESHOLDS if rates(found, t)[0] >= 0.9]
    return max(fit)[1] if fit else THRESHOLDS[-1]


def page(results, count, parties, told):
    names = [name for name, *_ in results]
    lines = [HEAD.format(count=count, listed=sum(bool(p.entry) for p in parties),
                         clean=sum(not p.entry for p in parties), ask=ASK)]  # fmt: skip
    lines += ["## By threshold", "", "Precision / recall over all planted parties.", ""]
    lines += [f"| from | {' | '.join(names)} |", "|---|" + "---|" * len(names)]
    for t in THRESHOLDS:
        cells = ["{:.3f} / {:.3f}".format(*rates(found, t)) for _n, found, *_ in results]
        lines.append(f"| {t:g} | {' | '.join(cells)} |")
    chosen = [best_threshold(found) for _n, found, *_ in results]
    lines += ["", "## At each one's best threshold", "",
              "The threshold with the most recall at a precision of .90 or more, and parties a "
              "second on one core of the machine that wrote this.", ""]  # fmt: skip
    lines += [
        "| matcher | from | precision | recall | parties a second and core |",
        "|---|---|---|---|---|",
    ]
    for (name, found, seconds, _h), t in zip(results, chosen, strict=True):
        p, r = rates(found, t)
        lines.append(f"| {name} | {t:g} | {p:.3f} | {r:.3f} | {len(found) / seconds:,.0f} |")
    lines += ["", "## By what was done to the name", "", "Recall at that threshold.", ""]
    lines += [f"| kind | {' | '.join(names)} |", "|---|" + "---|" * len(names)]
    kinds = [by_kind(found, t) for (_n, found, *_), t in zip(results, chosen, strict=True)]
    for kind in plant.KINDS:
        lines.append(f"| {kind} | " + " | ".join(f"{one[kind]:.2f}" for one in kinds) + " |")
    better = [
        f"{kind} ({names[best]} {kinds[best][kind]:.2f}, ours {kinds[0][kind]:.2f})"
        for kind in plant.KINDS
        for best in [max(range(len(kinds)), key=lambda at, kind=kind: (kinds[at][kind], -at))]
        if best
    ]
    lines += ["", f"Another does better at: {'; '.join(better) or 'none of them'}."]
    lines += ["", "## Where names alone do not reach", ""]
    lines += ["Not in the figures above: what no comparison of letters can know. Recall.", ""]
    lines += [f"| kind | {' | '.join(names)} |", "|---|" + "---|" * len(names)]
    beyond = [by_kind(h, t) for (*_x, h), t in zip(results, chosen, strict=True)]
    for kind in plant.HARD:
        lines.append(f"| {kind} | " + " | ".join(f"{one[kind]:.2f}" for one in beyond) + " |")
    lines += [
        "",
        "## False alarms",
        "",
        "Part of the parties that are on no list and are flagged.",
        "",
    ]
    lines += [f"| kind | {' | '.join(names)} |", "|---|" + "---|" * len(names)]
    for kind in plant.NOT_LISTED:
        lines.append(f"| {kind} | " + " | ".join(f"{one[kind]:.3f}" for one in kinds) + " |")
    return "\n".join([*lines, "", *([told] if told else []), LOSES])


def real(asked):
    """The same on lists that are stored: parties of true entries, and invented ones beside them."""
    lists = stored.held(asked.store)
    entries = list(stored.entries(lists))
    made = [world.Made(e.name, e.kind, (e.countries or ("",))[0]) for e in entries]
    parties = plant.planted(entries, made, asked.seed, asked.each, REAL)
    rng = np.random.default_rng(asked.seed)
    for _one in range(asked.each * len(REAL)):
        one = world.person(rng) if rng.random() < 0.4 else world.company(rng)
        parties.append(plant.Planted(plant.Party(one.name, one.country), "invented name"))
    results = [(e.name, *scored(e, parties)) for e in engines(entries, asked.only)]
    names = [name for name, *_ in results]
    lines = [f"## On true lists: {len(entries):,} entries", "",
             ", ".join(f"{one.publisher} ({one.file}, {one.published})" for one in lists)
             + ". Parties are true entries, changed in the ways that need no knowledge of their "
             "language, and as many invented names. Precision / recall.", ""]  # fmt: skip
    lines += [f"| from | {' | '.join(names)} |", "|---|" + "---|" * len(names)]
    for t in THRESHOLDS:
        cells = ["{:.3f} / {:.3f}".format(*rates(found, t)) for _n, found, _s in results]
        lines.append(f"| {t:g} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


HEAD = """# How well the matchers find parties on a list

<!-- Written by bench/screening/run.py; run it again instead of editing. -->

A list of {count:,} entries is invented from a seed: persons, companies and ships with Russian,
Arabic, Chinese, Turkish and coined names, a third of the Russian ones in Cyrillic too. {listed:,}
parties are taken from it and written as other papers write them; {clean:,} are not on it, and
three quarters of those share a name or words with an entry. Half and half: in a desk's day a
thousand parties are clean for each that is not, so look at the false alarms too. Edit distance is
1 - edits / letters against every name. nomenklatura is the comparison inside yente (logic-v1 is
yente's default, logic-v2 its successor) over the fifteen entries that our index finds; yente finds
them with Elasticsearch, which is not run here. Ours asks from {ask:g} on.

The names are ours. They show how a matcher fails, not how often names are hidden.
"""
LOSES = """## What we lose

- A name in Chinese signs is found only where the list has the signs too: there is no dictionary
  of readings.
- A word that was translated (Ticaret for Trading) counts as another word.
- A company that took a new name is found by its number, or not at all.
- Two people of one name are told apart by nothing here: a verdict asks, it does not stop, where a
  first and a last name is all that meets and no country confirms it.
"""


def main():
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--entries", type=int, default=20_000)
    given.add_argument("--each", type=int, default=100)
    given.add_argument("--seed", type=int, default=1)
    given.add_argument("--only", default="", help="engines whose names begin so")
    given.add_argument("--store", type=Path, help="a store with true lists, for a table more")
    given.add_argument("--out", type=Path)
    asked = given.parse_args()
    entries, made = world.listed(asked.seed, asked.entries)
    parties = plant.planted(entries, made, asked.seed, asked.each, plant.KINDS)
    parties += plant.others(made, asked.seed, asked.each * len(plant.KINDS) // 4)
    hard = plant.planted(entries, made, asked.seed, asked.each, plant.HARD)
    told = "" if asked.store is None else real(asked)
    results = []
    for engine in engines(entries, asked.only):
        found, seconds = scored(engine, parties)
        results.append((engine.name, found, seconds, scored(engine, hard)[0]))
        print(engine.name, f"{len(parties) / seconds:.0f} a second", flush=True)
    text = page(results, len(entries), parties, told)
    print(text) if asked.out is None else asked.out.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
