"""Feeds: new vintages, and the news of each watch of the store, as Atom and JSON Feed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response

from entrepot.api.answering import LONG, is_known, missing, page_of_refusal, sent, tag_of
from entrepot.api.jobs import JobResult, Refused, job
from entrepot.errors import EntrepotError
from entrepot.publish import feeds, words
from entrepot.watch import state
from entrepot.watch.run import ABOUT, title

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.api.answers import KeptAnswers
    from entrepot.api.desk import Desk

router = APIRouter()
MEDIA = {"json": "application/feed+json", "xml": "application/atom+xml"}
VINTAGES = "vintages"
"""The feed that every store has; a watch of that name has none here."""
MOST = 100
"""Vintages in their feed, the newest first."""
NAME = re.compile(r"([a-z0-9][a-z0-9._-]*)\.(json|xml)")


@router.get("/feeds/{file}", include_in_schema=False)
async def feed(request: Request, file: str) -> Response:
    """Show the feed of the vintages, or of a watch by its name."""
    answers: KeptAnswers = request.app.state.answers
    named = NAME.fullmatch(file)
    name, kind = named.groups() if named else ("", "")
    path = state.path_of(answers.store, name) if name and name != VINTAGES else None
    if not name or (path is not None and not path.is_file()):
        line = f"feeds: no feed {file[:80]!r}; /feeds/vintages.xml is one, and each watch has one"
        return page_of_refusal(missing(line))
    # A watch runs after the vintages came, so its news are newer than the state of the store.
    stamp = path.stat().st_mtime_ns if path else 0
    now = answers.state()
    tag = tag_of(f"{now} {stamp}", request)
    if is_known(request, tag):
        return Response(status_code=304, headers={"etag": tag})
    work = job(written, "a feed", name=name, kind=kind, stamp=stamp)
    made = await answers.get(work, now, LONG)
    if made is None or isinstance(made, Refused):
        return page_of_refusal(made or Refused("feeds: not there yet; ask again", "Slow", 503))
    return sent(made, tag)


def written(desk: Desk, *, name: str, kind: str, stamp: int) -> JobResult:  # noqa: ARG001 - a key
    """Return a feed; `stamp` tells one run of a watch from another."""
    mark = desk.workspace.mark()
    if name == VINTAGES:
        head, about, items = "entrepot: new vintages", "What publishers brought.", _vintages(desk)
        day = max((item.day for item in items), default="1970-01-01")
    else:
        last = state.read(state.path_of(desk.store, name))
        if last is None:
            raise EntrepotError(f"feeds: the watch {name} has not run")
        head, about, items, day = title(name, last), ABOUT, [*last.items], last.day
    if kind == "json":
        text = feeds.json_feed(head, about, items, mark)
    else:
        text = feeds.atom(head, about, items, mark, day=day)
    return JobResult(text.encode(), f"{MEDIA[kind]}; charset=utf-8")


def watches(store: Path) -> list[str]:
    """Return the watches of a store that have a feed, by name."""
    return sorted(path.stem for path in (store / "watch").glob("*.json")
                  if NAME.fullmatch(path.name) and path.stem != VINTAGES)  # fmt: skip


def _vintages(desk: Desk) -> list[feeds.FeedItem]:
    known = desk.workspace.store.vintages()[::-1][:MOST]
    return [
        feeds.FeedItem(
            id=feeds.urn("vintage", one.id),
            title=f"{one.publisher}: published {one.published}",
            text=f"{words.count(one.rows, 'row')}, {words.count(len(one.raw), 'file')}: {one.id}.",
            day=f"{one.published}",
            tag=one.source,
        )
        for one in known
    ]
