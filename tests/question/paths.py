"""Every path by which a question is answered, as one function each that asks and judges."""

from __future__ import annotations

import json
import math

import pytest

from entrepot.errors import EntrepotError
from entrepot.parts import measures
from entrepot.study import load
from entrepot.study.answer import run as answer_study
from entrepot.study.runs import run as run_of
from entrepot.workspace import Workspace
from question.judge import WITHHELD, Case, check, is_right, reference, same
from question.stores import KNOWN, TOTAL
from support.commandline import run


def measured(asked):
    """Ask `Workspace.measure`; return its answer, or the line with which it refuses."""
    question = asked.question
    try:
        return asked.work.measure(question.measure, sources=question.sources, **question.given)
    except EntrepotError as error:
        return str(error)


def by_measure(asked):
    """The Python face."""
    return check(asked.store, asked.question, measured(asked))


def by_command(asked):
    """The command line: the same rows, lines and refusals, and nothing printed beside them."""
    question, expected = asked.question, measured(asked)
    words = []
    for key, value in question.given.items():
        if value in ((), None, ""):
            continue
        many = isinstance(value, tuple)
        words += [f"--{key.replace('_', '-')}", ",".join(map(str, value)) if many else value]
    for source in question.sources:
        words += ["--source", source]
    if question.day:
        words += ["--as-of", question.day]
    done = run(
        "measure", "run", question.measure, *words, "--store", asked.work.store.path,
        "--format", "json", check=False,
    )  # fmt: skip
    if isinstance(expected, str):
        assert done.returncode == 1
        assert done.stdout == ""
        assert expected in done.stderr
        return "refused"
    assert done.returncode == 0, done.stderr
    rows = [json.loads(json.dumps(row, default=str)) for row in expected.records()]
    assert same(json.loads(done.stdout or "[]"), rows, untold=())
    assert all(gap in done.stderr for gap in expected.missing)
    return check(asked.store, question, expected)


SHOWN = {
    "growth": ("value_usd", "base_usd", "change_usd", "ratio"),
    "mirror_pair": ("export_usd", "import_usd"),
    "concentration": ("total_usd", "hhi"),
}
"""Measures that a study can ask for with one row, and columns to show of it."""


def suits_study(question):
    """Whether the question can stand in a study: one row, of subheadings or all goods."""
    return (
        question.measure in SHOWN
        and not question.given.get("by")
        and (question.names == (TOTAL,) or all(len(code) == 6 for code in question.names))
    )


def by_study(asked):
    """A study with one figure: its values, bounds and what its coverage says is missing."""
    question, case = asked.question, Case(asked.store, asked.question)
    study = load(str(_write(asked)))
    try:
        brief, books = answer_study(study, asked.work, sources=question.sources)
    except EntrepotError as error:
        return check(asked.store, question, str(error))
    (block,) = study.figure
    known = books.known(run_of(measures()[question.measure], study.params | block.params))
    rows = reference(case, known)
    states = {*case.needed()}
    for figure in brief.figures:
        column = next(one for one in measures()[question.measure].returns.columns
                      if one.name == figure.name.partition(".")[2])  # fmt: skip
        told = (*figure.coverage.gaps, *figure.coverage.missing)
        for text in told:
            assert is_right(case, text), f"wrong reason {text!r} of {states}"
        if not told:
            assert states <= {KNOWN}, f"no gap is stated, and yet {states}"
        truth = rows[0][column.name] if rows else None
        if figure.value is None:  # where no row of the goods is held a study gives no figure
            is_withheld = any(word in text for text in told for word in WITHHELD)
            assert not truth or is_withheld or not figure.coverage.codes_present
            assert figure.because
            continue
        if any(word in text for text in told for word in WITHHELD):
            assert figure.coverage.is_part
            assert not column.is_sum or figure.value <= truth + 1e-6
        else:
            assert math.isclose(figure.value, truth, rel_tol=1e-9, abs_tol=1e-6)
        is_part = figure.coverage.is_part
        assert figure.bound == (("at least" if column.is_sum else "of the known part")
                                if is_part else "")  # fmt: skip
    return "study"


def _write(asked):
    """Write the question as a study beside a list of its goods."""
    question, folder = asked.question, asked.folder
    goods = "all-goods"
    if question.names != (TOTAL,):
        path = folder / "goods.csv"
        path.write_text("code\n" + "\n".join(question.names) + "\n", "utf-8")
        goods = str(path)
    params = {key: value for key, value in question.given.items() if key != "products"}
    lines = [f"{key} = {json.dumps(value)}" for key, value in params.items()]
    shown = [f'{name} = "{name}"' for name in SHOWN[question.measure]]
    path = folder / "asked.toml"
    path.write_text("\n".join([
        'title = "t"', 'question = "q"', f'goods = "{goods}"', 'headline = "h"',
        'unanswered = "u"', "[params]", *lines, "[[figure]]", 'name = "x"',
        f'measure = "{question.measure}"', "[figure.show]", *shown,
    ]) + "\n", "utf-8")  # fmt: skip
    return path


def suits_ask(question):
    """`ask` by month, of reporters with partners."""
    given = question.given
    return question.measure == "monthly_series" and given.get("freq", "M") == "M"


def by_ask(asked):
    """A question without a file: month by month what the measure gives, or refused as it is."""
    question, expected = asked.question, measured(asked)
    given = question.given
    words = {
        "reporter": ",".join(given["reporters"]), "partner": ",".join(given["partners"]),
        "flow": given["flow"], "months": f"{given['first']}..{given['last']}", "by": "month",
        "freq": given.get("freq", "M"),
        "sources": question.sources,
    }  # fmt: skip
    try:
        found = asked.work.ask(",".join(question.goods), **words)
    except EntrepotError:
        assert isinstance(expected, str)
        return "refused"
    assert not isinstance(expected, str), f"ask answers what is refused: {expected}"
    here = {row["period"]: row["value_usd"] for row in found.rows}
    there = {f"{row['period']:%Y-%m}": row["series_usd"] for row in expected.rows}
    assert here == pytest.approx(there)
    assert found.is_whole == expected.is_whole
    return check(asked.store, question, expected)


PATHS = {
    "measure": (by_measure, lambda _question: True),
    "command": (by_command, lambda question: question.given.get("world") != ""),
    "study": (by_study, suits_study),
    "ask": (by_ask, suits_ask),
}
"""Each way to ask, and which questions it can take; a scan's cells stand in `test_scan_cells`, and
the server gives what a study does."""


class Asked:
    """A question on its way: the store, the workspace as of its day, a folder to write in."""

    def __init__(self, store, path, question, folder):
        self.store, self.question, self.folder = store, question, folder
        self.work = Workspace(path, as_of=question.day)
