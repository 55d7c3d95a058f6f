"""Assistants: the interface as tools of the Model Context Protocol, read only, over stdio.

A tool asks an address of the interface in this process, so that it takes the same words, refuses
with the same line and says the same of what is missing.
"""

from __future__ import annotations

import json
from datetime import date
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Any

import anyio
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import Field

from entrepot import __version__
from entrepot.api.looks import address
from entrepot.api.queries import LONG, SHORT
from entrepot.api.static.asking import get
from entrepot.publish import cite
from entrepot.publish.mark import Mark

if TYPE_CHECKING:
    from entrepot.api.static.asking import Asgi

ROWS = 100
"""Rows of one answer; what was left out is counted."""
MOST = 100_000
"""Bytes of one answer, written as JSON; rows are left out until it fits."""
INSTRUCTIONS = (
    "Official trade statistics of one store: who recorded which exports and imports of listed "
    "goods, with whom, when, and as known on which day. Every answer says what is not known: a sum "
    "beside a gap is 'at least'. Give `cite` with every figure. Where `notice` says SYNTHETIC the "
    "figures are invented: say so with each. Aggregates show where to look, never who is guilty; "
    "they name no firm. A refusal says what to ask instead; do not fill it with a figure of your "
    "own."
)
Word = Annotated[str, Field(max_length=SHORT)]
Goods = Annotated[
    str, Field(max_length=LONG, description="HS codes as 8542.31, a list as chpl-2024-02, tier:1.")
]
Months = Annotated[
    str, Field(max_length=SHORT, description="2022, 2022-01..2022-09, 2022Q1; last-12 if empty.")
]
Day = Annotated[date | None, Field(description="Only what was known on this day.")]
Country = Annotated[str, Field(max_length=SHORT, description="A country: its name or code.")]
READS = ToolAnnotations(read_only_hint=True, open_world_hint=False, idempotent_hint=True)


class Asker:
    """Asks an application one thing at a time, off the loop that speaks the protocol."""

    def __init__(self, app: Asgi) -> None:
        self._app, self._lock = app, Lock()

    async def get(self, path: str, *names: str, **query: Any) -> dict[str, Any]:
        """Return the JSON of an address as a field `content`, where it is a list.

        Raises:
            ToolError: With the line that the command would print.
        """
        return await anyio.to_thread.run_sync(self._get, address(path, *names, **query))

    def _get(self, where: str) -> dict[str, Any]:
        with self._lock:
            found = get(self._app, where)
        told = json.loads(found.body)
        if found.status != 200:
            raise ToolError(told["detail"])
        return told if isinstance(told, dict) else {"rows": told}

    async def marked(
        self, title: str, told: dict[str, Any], command: str, as_of: date | None
    ) -> dict[str, Any]:
        """Return an answer with its mark, a line to cite it, and as many rows as it may have."""
        mark = told.pop("mark", None) or await self.mark(as_of)
        line = cite.text(title, Mark(**mark), __version__, command)
        return fitting({**told, **mark, "command": command, "cite": line})

    async def mark(self, as_of: date | None) -> dict[str, str]:
        """Return the mark of everything that is known on a day."""
        told = await self.get("/api/calendar", limit=1, as_of=as_of)
        mark: dict[str, str] = told["mark"]
        return mark


def fitting(told: dict[str, Any]) -> dict[str, Any]:
    """Return an answer with at most `ROWS` rows and `MOST` bytes, and how many were left out.

    Raises:
        ToolError: It is too large without any row.
    """
    rows = told.get("rows", [])
    kept = rows[:ROWS]
    while len(json.dumps({**told, "rows": kept}, default=str)) > MOST:
        if not kept:
            raise ToolError(
                "mcp: the answer is too large; ask for fewer months, goods or countries"
            )
        kept = kept[: len(kept) // 2]
    if "rows" not in told:
        return told
    return {**told, "rows": kept, "rows_left_out": max(told.get("total", 0), len(rows)) - len(kept)}


def server(app: Asgi) -> MCPServer[Any]:
    """Return the server of the protocol for an application of one store.

    Args:
        app: See `app.create`.
    """
    made: MCPServer[Any] = MCPServer(
        "entrepot", version=__version__, instructions=INSTRUCTIONS, log_level="WARNING"
    )
    asker = Asker(app)
    _questions(made, asker)
    _store(made, asker)
    return made


def _questions(made: MCPServer[Any], asker: Asker) -> None:
    """Add the tools that compute."""

    async def asked(goods: str, as_of: date | None, **words: Any) -> dict[str, Any]:
        told = await asker.get("/api/ask", goods=goods, as_of=as_of, **words)
        evidence = told["evidence"]
        kept = {key: told[key] for key in ("answer", "known", "missing", "rows", "caveats", "mark",
                                           "synthetic")}  # fmt: skip
        kept["vintages"] = vintages_of(evidence)
        return await asker.marked(told["answer"], kept, evidence["command"], as_of)

    @made.tool(annotations=READS)
    async def ask(
        goods: Goods,
        from_: Annotated[Word, Field(description="Who sends: countries, groups, all.")] = "",
        to: Annotated[Word, Field(description="Who gets it: countries, groups, world, all.")] = "",
        months: Months = "",
        by: Annotated[Word, Field(description="month, reporter, partner or product.")] = "",
        base: Annotated[Word, Field(description="Same months of 2021, before, none.")] = "",
        flow: Annotated[Word, Field(description="export, import, re-export, re-import.")] = "",
        as_of: Day = None,
    ) -> dict[str, Any]:
        """Answer one question from the recorded trade, as `entrepot ask` does."""
        words = {"from_": from_, "to": to, "months": months, "by": by, "base": base, "flow": flow}
        return await asked(goods, as_of, **words)

    @made.tool(annotations=READS)
    async def corridor(
        goods: Goods, from_: Country, to: Country, months: Months = "", as_of: Day = None
    ) -> dict[str, Any]:
        """Show both books of a corridor side by side: what one sent, what the other got."""
        return await asked(goods, as_of, from_=from_, to=to, months=months, mirror="true")

    @made.tool(annotations=READS)
    async def country(
        goods: Goods, name: Country, months: Months = "", as_of: Day = None
    ) -> dict[str, Any]:
        """Show what exporters sent to a country, and what it says it sent on."""
        into = await asked(goods, as_of, from_="all", to=name, months=months, by="reporter")
        out = await _or_refused(asked(goods, as_of, from_=name, to="all", months=months,
                                      by="partner"))  # fmt: skip
        told = {"came_in": into, "went_out": out}
        mark = {key: into[key] for key in ("notice", "publisher", "as_of", "licence")}
        return fitting({**told, **mark, "cite": into["cite"]})

    @made.tool(annotations=READS)
    async def findings(
        destination: Country,
        since: Annotated[Word, Field(description="First month of the window, as 2022-03.")],
        goods: Goods = "",
        coalition: Annotated[Word, Field(description="Whose goods: countries or groups.")] = "",
        through: Annotated[Word, Field(description="Only these third countries.")] = "",
        limit: Annotated[int, Field(ge=1, le=ROWS)] = 20,
        as_of: Day = None,
    ) -> dict[str, Any]:
        """Rank third countries and goods where trade stands out, as `entrepot scan` does.

        This takes minutes the first time. A finding is a place to look, never a proof.
        """
        told = await asker.get(
            "/api/findings", destination=destination, since=since, goods=goods,
            coalition=coalition, through=through, limit=limit, as_of=as_of,
        )  # fmt: skip
        return await asker.marked(told["headline"], told, told["command"], as_of)

    @made.tool(annotations=READS)
    async def brief(study: Word, as_of: Day = None) -> dict[str, Any]:
        """Answer a study that ships: headline, figures with their ranges, claims with verdicts."""
        told = await asker.get("/api/studies", study, "brief", as_of=as_of)
        kept = {key: told[key] for key in ("title", "headline", "question", "claims", "caveats",
                                           "notice", "mark", "synthetic")}  # fmt: skip
        kept["figures"] = [{key: value for key, value in one.items() if key != "evidence"}
                           for one in told["figures"]]  # fmt: skip
        kept["vintages"] = vintages_of(told["evidence"])
        return await asker.marked(told["headline"], kept, told["evidence"]["command"], as_of)


def _store(made: MCPServer[Any], asker: Asker) -> None:
    """Add the tools that say what is there."""

    async def listed(
        title: str, command: str, path: str, as_of: date | None, **query: Any
    ) -> dict[str, Any]:
        told = await asker.get(path, as_of=as_of, **query)
        return await asker.marked(title, told, command, as_of)

    @made.tool(annotations=READS)
    async def studies() -> dict[str, Any]:
        """List the studies that `brief` answers."""
        return fitting(await asker.get("/api/studies"))

    @made.tool(annotations=READS)
    async def coverage(
        reporter: Annotated[Word, Field(description="ISO 3166-1 alpha-3; all if empty.")] = "",
        as_of: Day = None,
    ) -> dict[str, Any]:
        """Say what is known: per source and reporter how far, how fine and for which goods."""
        told = await asker.get("/api/status", as_of=as_of)
        told["rows"] = [row for row in told["rows"] if not reporter or row["reporter"] == reporter]
        if reporter and not told["rows"]:
            raise ToolError(f"coverage: nothing is held of {reporter!r}; write a code such as TUR")
        return await asker.marked("What is stored", told, "entrepot source status --offline", as_of)

    @made.tool(annotations=READS)
    async def vintages(as_of: Day = None) -> dict[str, Any]:
        """List the vintages: what was published by whom, when, on which terms."""
        return await listed("The vintages", "entrepot vintage list", "/api/vintages", as_of)

    @made.tool(annotations=READS)
    async def calendar(reporter: Word = "", as_of: Day = None) -> dict[str, Any]:
        """Say when months of reporters came out, what is due, late, silent or not known."""
        told = await asker.get("/api/calendar", reporter=reporter, as_of=as_of, limit=1)
        told["rows"] = told.pop("reporters")
        for key in ("total", "limit", "offset", "next"):
            del told[key]
        return await asker.marked("The release calendar", told, "entrepot vintage calendar", as_of)

    @made.tool(annotations=READS)
    async def revisions(reporter: Word = "", as_of: Day = None) -> dict[str, Any]:
        """Say how far months of reporters still move, by the age at which they are read."""
        command = "entrepot vintage revisions"
        return await listed("How far months still move", command, "/api/revisions", as_of,
                            reporter=reporter)  # fmt: skip


async def _or_refused(answer: Any) -> dict[str, Any]:
    """Return an answer, or the line that refuses it where another part of the page stands."""
    try:
        told: dict[str, Any] = await answer
    except ToolError as error:
        return {"refused": str(error)}
    return told


def vintages_of(evidence: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the vintages behind an answer, without their files."""
    names = ("vintage", "publisher", "published", "licence")
    return [{name: one[name] for name in names} for one in evidence["vintages"]]
