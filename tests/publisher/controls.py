"""Controls: addresses of the server itself, to read its record and to change what it does."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from publisher.faults import KINDS, Faults, Script
from publisher.hosts import HOSTS
from publisher.reply import Reply, as_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from publisher.server import Publisher


def _log(server: Publisher, _params: dict[str, str]) -> Reply:
    return as_json(server.record.as_json())


def _reset(server: Publisher, _params: dict[str, str]) -> Reply:
    server.reset()
    return as_json({"reset": True})


def _faults(server: Publisher, params: dict[str, str]) -> Reply:
    """Replace the faults where parameters are given; answer those in force."""
    if params:
        try:
            server.faults = parse_faults(params)
        except ValueError as error:
            return as_json({"error": str(error)}, 400)
    now = server.faults
    scripts = [script._asdict() for script in now.scripts]
    return as_json({"shares": dict(now.shares), "scripts": scripts, "seed": now.seed})


def _revise(server: Publisher, params: dict[str, str]) -> Reply:
    try:
        day = date.fromisoformat(params["day"])
        server.world.revise(params["reporter"], params["period"], day)
    except (KeyError, ValueError) as error:
        return as_json(
            {"error": f"expected reporter=TUR&period=2023-01&day=2024-06-30: {error}"}, 400
        )
    return as_json({"revised": params})


def _today(server: Publisher, params: dict[str, str]) -> Reply:
    try:
        server.world.today = date.fromisoformat(params["day"]) if params.get("day") else None
    except ValueError as error:
        return as_json({"error": f"expected day=2024-06-30 or none: {error}"}, 400)
    return as_json({"today": str(server.world.today or "")})


def _help(_server: Publisher, _params: dict[str, str]) -> Reply:
    text = json.dumps({"publishers": sorted(HOSTS), "controls": sorted(CONTROLS), "faults": KINDS})
    return Reply(text.encode(), 200, {"Content-Type": "application/json"})


CONTROLS: dict[str, Callable[[Publisher, dict[str, str]], Reply]] = {
    "": _help,
    "_log": _log,
    "_reset": _reset,
    "_faults": _faults,
    "_revise": _revise,
    "_today": _today,
}


def parse_faults(settings: dict[str, str]) -> Faults:
    """Read faults as users write them: `429=0.1`, `seed=7`, `script=3:cut:preview,0:html`.

    Raises:
        ValueError: A name is no fault and no setting, or a value is no number.
    """
    known = [*KINDS, *SETTINGS, "script"]
    if unknown := sorted(settings.keys() - set(known)):
        raise ValueError(f"no fault or setting {', '.join(unknown)}; expected {', '.join(known)}")
    try:
        shares = {name: float(value) for name, value in settings.items() if name in KINDS}
        named = {n: SETTINGS[n](value) for n, value in settings.items() if n in SETTINGS}
        scripts = tuple(map(_script, filter(None, settings.get("script", "").split(","))))
    except ValueError:
        raise ValueError("expected numbers, as in 429=0.1, seed=7, script=3:cut:preview") from None
    return Faults(shares=shares, scripts=scripts, **named)


def _script(text: str) -> Script:
    nth, kind, match = (*text.split(":", 2), "", "")[:3]
    return Script(int(nth), kind, match)


SETTINGS: dict[str, Callable[[str], Any]] = {
    "seed": int,
    "most": int,
    "retry_after": float,
    "pause": float,
    "bomb": int,
    "elsewhere": str,
}
"""Fields of `Faults` that are numbers or text."""
