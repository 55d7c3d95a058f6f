"""Random questions to random stores, against a dictionary of the truth and an oracle of what is
known: an answer is the truth, a bound that holds it, or a refusal with a right reason.

`python tests/question/test_truth.py 2000 7` asks two thousand questions from seed 7 on."""

from __future__ import annotations

import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entrepot.workspace import Workspace
from question import stores
from question.asked import question
from question.paths import PATHS, SHOWN, Asked

SEEDS = (3, 302, 7)
QUESTIONS = {"measure": 10, "command": 3, "study": 3, "ask": 4}


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """Give a store by its seed, filled once, with its path."""
    made = {}

    def get(seed):
        if seed not in made:
            folder = tmp_path_factory.mktemp(f"truth-{seed}")
            made[seed] = filled(seed, folder), folder
        return made[seed]

    return get


def filled(seed, folder):
    """Return a random store after its files were taken in below a folder."""
    store = stores.make(seed)
    stores.fill(Workspace(folder / "store"), store, folder)
    return store


def asked_by(path, store, folder, number):
    """Return the question of a number that suits a path."""
    _ask, suits = PATHS[path]
    chance = random.Random(number)
    only = tuple(SHOWN) if path == "study" else ()
    while not suits(found := question(chance, store, only)):
        pass
    return Asked(store, folder / "store", found, folder)


@pytest.mark.parametrize("path", PATHS)
def test_an_answer_is_the_truth_a_bound_or_a_refusal_with_a_right_reason(path, stored):
    ask, _suits = PATHS[path]

    @settings(max_examples=QUESTIONS[path])
    @given(st.sampled_from(SEEDS), st.integers(0, 10**6))
    def every_answer_is_right(seed, number):
        store, folder = stored(seed)
        ask(asked_by(path, store, folder, number))

    every_answer_is_right()


def main(questions, seed):
    """Ask many questions, each store a dozen by every path; print what came and what failed."""
    counts, failed = Counter(), Counter()
    print(f"{questions} questions from seed {seed} on")
    while sum(counts.values()) < questions:
        with tempfile.TemporaryDirectory() as name:
            store = filled(seed, Path(name))
            for number in range(24):
                path = ("measure", "measure", "measure", "study", "command")[number % 5]
                asked = asked_by(path, store, Path(name), seed * 1000 + number)
                try:
                    counts[PATHS[path][0](asked)] += 1
                except Exception as error:
                    counts["failed"] += 1
                    line = " ".join(f"{type(error).__name__} {error}".split())[:700]
                    failed[asked.question.measure] += 1
                    print(f"seed {seed}, {path} {seed * 1000 + number}: {asked.question}\n  {line}",
                          flush=True)  # fmt: skip
        seed += 1
    print(dict(counts), f"next seed {seed}", dict(failed))
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
