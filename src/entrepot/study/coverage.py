"""Coverage: what a measure run needed, what of it the store has, and the rest by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.months import months_between
from entrepot.publish.brief import Coverage
from entrepot.question.missing import expected, missing, name_windows, ranges

if TYPE_CHECKING:
    from entrepot.reads import Reads
    from entrepot.study.books import Books
    from entrepot.study.runs import Run


def cover(books: Books, *runs: Run) -> Coverage:
    """Return the reporter-months and codes behind one run of a measure, or behind several.

    A reporter-month is expected for every reporter and month of every window a run looks at, and
    present when the store knows all of it that the run counts. What several runs need is counted
    once.
    """
    each = [(run, _required(books, run)) for run in runs]
    known = [books.known(run) for run in runs]
    wanted = {slot for _run, reads in each for slot in expected(reads, books.selection.slices)}
    whole = frozenset[Any]().union(*(one.whole for one in known))
    lacks = {slot: why for one in known for slot, why in one.lacks.items() if slot not in whole}
    sides = [
        (books.codes_in(reads, base=False), books.codes_in(reads, base=True))
        for _run, reads in each
    ]
    return Coverage(
        months=_months([reads for _run, reads in each]),
        reporter_months_expected=len(wanted),
        reporter_months_present=len(wanted & whole),
        missing=missing(wanted, whole, lacks),
        codes_listed=len(books.goods.codes),
        codes_present=len({code for here, there in sides for code in here | there}),
        codes_one_side=tuple(
            sorted({code for (here, there), (_run, reads) in zip(sides, each, strict=True)
                    if any(read.base for read in reads) for code in here ^ there})
        ),
        gaps=tuple(dict.fromkeys(gap.text for one in known for gap in one.gaps)),
        is_part=any(one.is_part for one in known),
    )  # fmt: skip


def _required(books: Books, run: Run) -> tuple[Reads, ...]:
    return tuple(read for read in books.reads(run) if not read.optional)


def _months(runs: list[tuple[Reads, ...]]) -> str:
    """Name the windows of one run; of several, all their months together."""
    if not any(runs):
        return ""
    if len(runs) == 1:
        return name_windows(list(runs[0][0].spans))
    first = [read for reads in runs for read in reads[:1]]
    looked_at = {day for read in first for span in read.spans for day in months_between(*span)}
    return ranges(tuple(sorted(looked_at)))
