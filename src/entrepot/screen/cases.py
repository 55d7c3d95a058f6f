"""Cases: a page for each of the highest ranks, with the picture of its route, and a list of all."""

from __future__ import annotations

from contextlib import nullcontext
from functools import cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from entrepot.errors import visible
from entrepot.publish.brief import Picture
from entrepot.publish.drawing import WIDTHS, DrawingPool
from entrepot.publish.page import environment
from entrepot.reference import countries
from entrepot.screen.output import headline, notices

if TYPE_CHECKING:
    from pathlib import Path

    from jinja2 import Environment

    from entrepot.screen.output import Verdicts
    from entrepot.screen.routes import KnownRoutes, Route

LISTED = 500
"""Rows of the list on index.html; all are in the workbook."""


def write(
    found: Verdicts, folder: Path, about: dict[str, Any], known: KnownRoutes, *, most: int
) -> None:
    """Write index.html and a page for each of the highest-ranked cases.

    Rows with the same cells are one case and have one page. The same verdicts give the same bytes.
    """
    ranked = list(found.ranked(max(LISTED, most)))
    shown: dict[str, dict[str, Any]] = {}
    for data in ranked:
        if len(shown) < most and data["verdict"] != "pass":
            shown.setdefault(data["case"], data)
    pictures = {case: one for case, data in shown.items() if (one := _picture(data, known))}
    with DrawingPool(1) if pictures else nullcontext() as pool:
        if pool is not None:
            pool.start(pictures.values())
        for case, data in shown.items():
            drawn = (
                [Markup(pool.draw(pictures[case], width)) for width in WIDTHS]
                if pool and case in pictures
                else []
            )
            html = _pages().get_template("case.html").render(
                data=data, about=about, notices=notices(about), drawn=drawn,
                picture=pictures.get(case),
            )  # fmt: skip
            _put(folder / f"case-{case}.html", html)
    html = _pages().get_template("cases.html").render(
        rows=ranked[:LISTED], shown=shown, about=about, notices=notices(about),
        told=headline(found.counts), all=sum(found.counts.values()), most=LISTED,
    )  # fmt: skip
    _put(folder / "index.html", html)


def _put(path: Path, html: str) -> None:
    fresh = path.with_name(f".{path.name}")
    fresh.write_text(html, "utf-8", errors="replace")
    fresh.replace(path)


@cache
def _pages() -> Environment:
    pages = environment()
    pages.filters["visible"] = lambda text: visible(str(text))
    pages.globals["country"] = lambda code: countries.called(code) if code else ""
    return pages


def _picture(data: dict[str, Any], known: KnownRoutes) -> Picture | None:
    cells = [r["behind"]["cell"] for r in data["reasons"] if "cell" in r["behind"]]
    for cell in cells:
        third, _, product = cell.partition(" ")
        route = known.cells.get((third, product))
        if route and route.series:
            return _drawn(route, known)
    return None


def _drawn(route: Route, known: KnownRoutes) -> Picture:
    who, to = countries.name(route.third), countries.name(known.destination)
    into, onward = (
        f"The coalition's exports of {route.product} to {who}",
        f"{who}'s exports of it to {to}",
    )
    rows: list[dict[str, Any]] = []
    for place, panel in ((1, into), (3, onward)):
        for month in route.series:
            mirror = month[2] if place == 1 else None
            rows.append(
                {
                    "panel": panel,
                    "period": f"{month[0]}-01",
                    "value_usd": month[place],
                    "mirror_usd": mirror,
                }
            )
    known_panels = {row["panel"] for row in rows if row["value_usd"] is not None}
    return Picture(
        kind="counterfactual",
        title="What the statistics say of the route",
        reading="Monthly values; each panel has a scale of its own, and a gap is a month that was "
        "not published. They count all trade of the code, whoever traded.",
        alt=f"Line charts of monthly trade in {route.product} through {who} to {to}.",
        rows=tuple(row for row in rows if row["panel"] in known_panels),
        options={"events": [], "mirror": f"recorded by {who}"},
    )  # fmt: skip
