"""Answer: a question run on a workspace, as rows, a sentence and everything behind them."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from entrepot import terms
from entrepot.ask import behind, fresh
from entrepot.ask.question import read
from entrepot.ask.study import study
from entrepot.errors import CoverageError
from entrepot.publish.mark import COLUMNS
from entrepot.study.answer import run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow as pa

    from entrepot.ask.question import Asked, Words
    from entrepot.publish.brief import Breakdown, Brief, Coverage, Picture
    from entrepot.study.books import Books
    from entrepot.study.question import Study
    from entrepot.workspace import Workspace

NAMED = {"partner": "partner", "reporter": "reporter", "product": "product"}


@dataclass(frozen=True, repr=False)
class Answer:
    """What is known of a question: the sentence, its rows, and what is missing from them.

    `print` shows it as `entrepot ask` does, a notebook as a page.
    """

    asked: Asked
    study: Study
    brief: Brief
    books: Books

    @property
    def sentence(self) -> str:
        """The answer in one plain sentence."""
        return self.brief.headline

    @property
    def coverage(self) -> Coverage:
        """What the sentence rests on."""
        return self.brief.figures[0].coverage

    @property
    def gaps(self) -> tuple[str, ...]:
        """What of the question is not known, in words; empty where everything is."""
        found = self.coverage
        return (*found.gaps, *(f"not published: {one}" for one in found.missing))

    @property
    def is_whole(self) -> bool:
        """Whether everything that was asked is known."""
        return not self.gaps

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The rows of the table, one per what is asked for, with what is missing and a mark."""
        told = {"known": "all" if self.is_whole else "part",
                "missing": "; ".join(self.gaps) or None}  # fmt: skip
        table = next(iter(self.brief.breakdowns), None)
        told |= self.brief.mark.to_dict()
        return [row | told for row in _tidy(table, self.asked)] if table else []

    def stored(self) -> pa.Table:
        """Return the stored rows behind the answer, with names beside codes, vintage and file."""
        return behind.stored(self.books)

    def to_arrow(self) -> pa.Table:
        """Return the rows as an Arrow table."""
        from entrepot.publish.export import arrow

        return arrow(self.rows)

    def to_pandas(self) -> Any:
        """Return the rows as a pandas frame, where pandas is installed."""
        return self.to_arrow().to_pandas()

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as plain data: sentence, rows, what is missing, figures, evidence."""
        whole = self.brief.to_dict()
        kept = ("question", "synthetic", "notice", "figures", "caveats", "evidence", "mark")
        return {
            "answer": self.sentence,
            "known": "all" if self.is_whole else "part",
            "missing": [*self.gaps],
            "rows": [{k: v for k, v in row.items() if k not in ("known", "missing", *COLUMNS)}
                     for row in self.rows],
            **{key: whole[key] for key in kept},
        }  # fmt: skip

    def __repr__(self) -> str:
        told = "SYNTHETIC: " if self.brief.synthetic else ""
        missing = f" Not known: {'; '.join(self.gaps)}." if self.gaps else ""
        return f"<Answer: {told}{self.sentence}{missing}>"

    def __str__(self) -> str:
        from entrepot.publish.text import brief_answer, plain

        return plain(lambda console: brief_answer(self.brief, console))

    def _repr_html_(self) -> str:
        return self.brief._repr_html_()


def prepare(words: Words, workspace: Workspace) -> tuple[Asked, Study]:
    """Return the question that words mean, and the study that answers it.

    Raises:
        EntrepotError: A word is not understood, or nothing is stored.
    """
    asked = read(words, workspace)
    return asked, study(asked)


def ask(
    words: Words,
    workspace: Workspace,
    *,
    prepared: tuple[Asked, Study] | None = None,
    place: Sequence[str] = (),
    is_plain: bool = False,
    begin: Callable[[tuple[Picture, ...]], None] = lambda _pictures: None,
) -> Answer:
    """Answer a question from what a workspace knows.

    Args:
        words: The question.
        workspace: The store and the day.
        prepared: What `prepare` made of it, if it was called.
        place: Options of the command that repeats it, as `--demo`.
        is_plain: Leave out the ranges of the figures and the rows behind each; a question whose
            sentence names a range has them all the same.
        begin: Takes the pictures as soon as their rows are known, so that drawing can begin.

    Raises:
        EntrepotError: A word is not understood, or nothing of what is asked is known.
    """
    asked, made = prepared or prepare(words, workspace)
    day = ["--as-of", f"{workspace.as_of}"] if workspace.as_of else []
    brief, books = run(
        made,
        workspace,
        command=command(asked, [*place, *day]),
        place=place,
        sources=asked.sources,
        may_be_blank=True,
        is_plain=is_plain and not asked.base,
        begin=begin,
    )
    if brief.headline == made.unanswered:
        raise CoverageError(f"ask: {_why(brief)}; {_next(asked)}")
    told = (*brief.caveats, *fresh.caveats(asked, brief, workspace))
    return Answer(asked, made, replace(brief, caveats=told), books)


def _why(brief: Brief) -> str:
    return next((one.because for one in brief.figures if one.because), brief.headline)


def _next(asked: Asked) -> str:
    if len(asked.base) and asked.view != "month":
        return "leave the comparison out with --base none, or fetch: add --save my.toml, then " \
            "`entrepot study fetch ./my.toml`"  # fmt: skip
    return "add --save my.toml, and `entrepot study fetch ./my.toml` gets what is lacking"


def command(asked: Asked, place: Sequence[str]) -> str:
    """Return the command that asks the same again."""
    sides = {"--from": asked.reporters, "--to": asked.partners}
    if asked.flow.endswith("import"):
        sides = {"--from": asked.partners, "--to": asked.reporters}
    words = ["entrepot", "ask", asked.goods]
    for option, names in sides.items():
        words += [option, ",".join("all" if name == terms.ALL else name for name in names)]
    if asked.flow != "export":
        words += ["--flow", asked.flow]
    words += ["--months", _window(asked)]
    words += ["--mirror"] if asked.view == "mirror" else []
    if asked.view in NAMED:
        words += ["--by", asked.view]
        words += [] if asked.base else ["--base", "none"]
    words += ["--base", ",".join(map(str, asked.base))] if asked.base else []
    words += ["--freq", "A"] if asked.freq == "A" else []
    words += ["--top", f"{asked.top}"] if asked.top else []
    words += ["--basket", asked.basket] if asked.basket != "as-listed" else []
    for source in asked.sources:
        words += ["--source", source]
    return shlex.join([*words, *place])


def _window(asked: Asked) -> str:
    first, last = asked.first, asked.last
    if (first[5:], last[5:]) == ("01", "12"):
        first, last = first[:4], last[:4]
    return first if first == last else f"{first}..{last}"


def _tidy(table: Breakdown, asked: Asked) -> list[dict[str, Any]]:
    """Return the rows of a table as records: codes, names, and one value a column."""
    keys = [key for key, _, _ in table.columns if key != "label"]
    if table.columns[0][1] in ("Month", "Year"):
        series = [key for key, _, unit in table.columns if unit == "USD"]
        named = series != ["value_usd"]
        return [
            {"period": row["code"]} | ({"series": key} if named else {})
            | {"value_usd": row[key]}
            | {name: row[name] for name in keys if name not in series}
            for key in series for row in table.rows
        ]  # fmt: skip
    values = [{key: row[key] for key in keys} for row in table.rows]
    if asked.view == "month":
        heads = [{"year": int(row["code"]), "months": row["label"]} for row in table.rows]
    else:
        by = asked.view
        heads = [
            {by: row["code"], f"{by}_name": row["label"].removeprefix(row["code"]).strip()}
            for row in table.rows
        ]
    return [head | value for head, value in zip(heads, values, strict=True)]
