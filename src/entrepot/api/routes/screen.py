"""Screen: verdicts on shipments that are sent, with a token; nothing of them is kept."""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from entrepot.api.answering import LONG, problem
from entrepot.api.jobs import JobResult, Refused, job
from entrepot.api.shapes import ProblemBody
from entrepot.publish.export import dump

if TYPE_CHECKING:
    from entrepot.api.answers import KeptAnswers
    from entrepot.api.desk import Desk

router = APIRouter(tags=["screen"])
MOST = 500
"""Rows of one request; a file is for the command."""


UNTRUSTED: dict[int | str, dict[str, Any]] = {
    status: {"model": ProblemBody, "content": {"application/problem+json": {}}}
    for status in (401, 403, 413)
}
"""What the guard answers before the route is reached."""


class ScreenQuery(BaseModel):
    """Rows of shipments or payments, their keys named as columns are."""

    rows: list[dict[str, str | int | float | bool | None]] = Field(min_length=1, max_length=MOST)


class ScreenBody(BaseModel):
    """A verdict a row, in the order of the rows, with what all of them rest on."""

    verdicts: list[dict[str, Any]]
    as_of: str
    lists: list[str]
    notice: str


@router.post("/screen", response_model=ScreenBody, responses=UNTRUSTED)
async def screen(request: Request, asked: ScreenQuery) -> Response:
    """Give every row a verdict with its reasons, as `entrepot screen` does.

    Needs `Authorization: Bearer TOKEN`, the one in ENTREPOT_SERVE_KEY of the server.
    """
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in asked.rows)
    today = datetime.now(tz=UTC).date().isoformat()
    answers: KeptAnswers = request.app.state.answers
    work = job(screened, "the verdicts", lane="slow", lines=lines, today=today)
    outcome = await answers.get(work, answers.state(), LONG)
    if outcome is None or isinstance(outcome, Refused):
        late = Refused("serve: the verdicts are not there yet; ask again", "Slow", 503)
        return problem(outcome or late)
    return Response(outcome.body, media_type=outcome.media, headers={"cache-control": "no-store"})


def screened(desk: Desk, *, lines: str, today: str) -> JobResult:
    """Return the verdicts on some rows."""
    from entrepot.screen.answer import setting
    from entrepot.screen.columns import ShipmentLayout
    from entrepot.screen.output import record
    from entrepot.screen.records import NOTICE
    from entrepot.screen.run import base, judge
    from entrepot.screen.shipments import ShipmentFile

    given = setting(datetime.fromisoformat(today).date(), "chpl-2024-02", "RUS", "plain")
    work = desk.workspace
    shared = desk.keep("table", ("screen", today), lambda: base(work, given))
    with tempfile.TemporaryDirectory(dir=desk.spool) as folder:
        path = Path(folder) / "rows.jsonl"
        path.write_text(lines, "utf-8", errors="replace")
        file = ShipmentFile(path, ShipmentLayout({}))
        judging = judge(shared, work, file, given)
        found = [record(judging.verdict(one), today) for one in file.shipments()]
    body = {
        "verdicts": found,
        "as_of": today,
        "lists": [one.id for one in shared[0].lists],
        "notice": NOTICE,
    }
    return JobResult(dump(body).encode(), "application/json")
