"""Run: a scan again when the store has new vintages, and what changed since the last one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from entrepot import config
from entrepot.errors import StudyError
from entrepot.publish import feeds
from entrepot.publish.feeds import FeedItem
from entrepot.publish.writing import together
from entrepot.scan.answer import answer
from entrepot.study import question
from entrepot.watch import state
from entrepot.watch.changes import BARS, Change, cell_states, changes
from entrepot.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    from entrepot.publish.mark import Mark
    from entrepot.scan.question import ScanQuestion
    from entrepot.watch.state import State


ABOUT = f"Places to look, never who is guilty. {BARS[0].upper()}{BARS[1:]}."
"""What the feeds say of themselves."""


@dataclass(frozen=True, slots=True)
class News:
    """What a run brought: `is_first` without an earlier run, `is_quiet` without new vintages.

    `vintages` are those new since the last run; `mark` stands in everything written of it.
    """

    name: str
    state: State
    changes: tuple[Change, ...]
    vintages: tuple[str, ...]
    is_first: bool
    is_quiet: bool
    mark: Mark


def watch(
    name: str,
    asked: ScanQuestion | None,
    store: Path | None,
    *,
    as_of: date | None = None,
    out: Path | None = None,
    say: Callable[[str], None] = lambda _text: None,
    step: Callable[[str], None] = lambda _text: None,
) -> News:
    """Run a watch: scan if there are new vintages, compare, remember, write the feeds.

    Args:
        name: Of the watch; the state of its last run is STORE/watch/NAME.json.
        asked: The question; None takes that of the first run.
        store: The store's folder; None means the configured one.
        as_of: Only what was known on this day.
        out: Folder for feed.json and feed.xml; None writes neither.
        say: Takes lines of progress.
        step: Takes what is being done now, in a few words.

    Raises:
        EntrepotError: The first run lacks a question, a later one has another; or the store does
            not allow an answer. The state is as it was.
    """
    place = config.existing_store(store)
    path = state.path_of(place, name)
    last = state.read(path)
    chosen = _question(name, asked, last)
    work = Workspace(place, as_of=as_of)
    known, mark = work.snapshot.vintages, work.mark()
    ids = tuple(sorted(vintage.id for vintage in known))
    if last is not None and ids == last.vintages:
        news = News(name, last, (), (), is_first=False, is_quiet=True, mark=mark)
    else:
        say(f"{len(ids)} vintages, scanning")
        made = answer(chosen, place, as_of=as_of, placebos=0, say=say, step=step)
        found = cell_states(made.scanned)
        day = max((vintage.published.isoformat() for vintage in known), default="")
        news = _compared(name, last, state.State(chosen, day, ids, found), mark)
    if out is not None:
        _write(news, out)
    if not news.is_quiet:
        state.write(path, news.state)
    return news


def named(name: str) -> str:
    """Return the goods list of a study of that name; nothing where there is no such study."""
    return question.load(name).goods if name in question.names() else ""


def _question(name: str, asked: ScanQuestion | None, last: State | None) -> ScanQuestion:
    if last is None and asked is None:
        raise StudyError(
            f"watch {name}: no earlier run in the store; expected --destination and --since"
        )
    if last is not None and asked is not None and asked != last.asked:
        raise StudyError(
            f"watch {name}: it has asked {last.asked.options()!r} so far, found "
            f"{asked.options()!r}; give a new question a new name"
        )
    chosen = asked or (last.asked if last else None)
    assert chosen is not None
    return chosen


def _compared(name: str, last: State | None, run: State, mark: Mark) -> News:
    """Return what a run brought since the last one; its news come before the earlier."""
    changed = tuple(changes(last.cell_states if last else {}, run.cell_states))
    items = (*_items(name, changed, run.vintages, run.day), *(last.items if last else ()))
    return News(
        name,
        replace(run, items=items[: state.MOST]),
        changed,
        tuple(v for v in run.vintages if last is None or v not in last.vintages),
        is_first=last is None,
        is_quiet=False,
        mark=mark,
    )


def _items(
    name: str, changed: tuple[Change, ...], vintages: tuple[str, ...], day: str
) -> list[FeedItem]:
    known = hashlib.sha256("\n".join(vintages).encode()).hexdigest()
    return [
        FeedItem(
            id=feeds.urn("watch", name, known, item.kind, item.intermediary, item.product),
            title=item.title,
            text=item.text,
            day=day,
            tag=item.kind,
        )
        for item in changed
    ]


def title(name: str, last: State) -> str:
    """Return the title of the feeds of a watch."""
    return f"entrepot watch {name}: {last.asked.options()}"


def _write(news: News, out: Path) -> None:
    head, about, items = title(news.name, news.state), ABOUT, news.state.items
    with together(out, "the feeds") as folder:
        (folder / "feed.json").write_text(feeds.json_feed(head, about, items, news.mark), "utf-8")
        (folder / "feed.xml").write_text(
            feeds.atom(head, about, items, news.mark, day=news.state.day), "utf-8"
        )
