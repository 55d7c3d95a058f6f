"""Yente: a running matcher of OpenSanctions, by its address.

https://www.opensanctions.org/docs/yente: POST /match/DATASET with queries of FollowTheMoney. What
it knows is its own lists and days, not the store's: a verdict says so, and may differ on another
day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from entrepot.errors import FetchError
from entrepot.reference import countries
from entrepot.screen.lists import _rows
from entrepot.screen.match._types import Hit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.screen.match._types import Party

DATASET = "default"
SECONDS = 30.0
LARGEST = 4_000_000


class Yente:
    """The matcher of a yente.

    Args:
        address: Where it runs, as http://localhost:8000; a path names another dataset.
        transport: What carries requests; tests pass their own.

    Raises:
        FetchError: The address is none.
    """

    def __init__(self, address: str, transport: httpx.BaseTransport | None = None) -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise FetchError(f"yente: {address!r} is no address; expected http://localhost:8000")
        dataset = parts.path.strip("/").removeprefix("match/") or DATASET
        self.name = f"yente at {parts.netloc}"
        self._path = f"{parts.scheme}://{parts.netloc}/match/{dataset}"
        self._client = httpx.Client(timeout=SECONDS, transport=transport, follow_redirects=False)

    def match(self, party: Party, *, least: float = 0.0, most: int = 5) -> Sequence[Hit]:
        """Return the entries that a party may be: see `Matcher.match`.

        Raises:
            FetchError: It does not answer, or not as yente does.
        """
        given: dict[str, list[str]] = {"name": [party.name]}
        if party.country:
            given["country"] = [countries.table()[party.country]["iso2"].lower()]
        if party.identifiers:
            given["registrationNumber"] = [*party.identifiers]
        body = {"queries": {"q": {"schema": "LegalEntity", "properties": given}}}
        bounds: dict[str, float] = {"limit": most, "threshold": least, "cutoff": least}
        try:
            answer = self._client.post(self._path, json=body, params=bounds)
            if answer.status_code != 200 or len(answer.content) > LARGEST:
                raise FetchError(
                    f"yente: {self._path} answered {answer.status_code}; is it running?"
                )
            results = answer.json()["responses"]["q"]["results"]
            found = [_hit(one) for one in results]
        except httpx.HTTPError as error:
            raise FetchError(f"yente: {self._path} does not answer ({error}); start it") from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise FetchError(
                f"yente: {self._path} answers otherwise than yente ({error!r})"
            ) from None
        fit = [hit for hit in found if hit.score >= least]
        return sorted(fit, key=lambda h: (-h.score, h.entry.list, h.entry.id))[:most]


def _hit(one: dict[str, Any]) -> Hit:
    given = one["properties"]
    made = _rows.entry(
        ",".join(sorted(one.get("datasets", ()))) or "yente",
        str(one["id"]),
        _rows.kind(str(one["schema"])),
        [str(one["caption"]), *given.get("name", ())],
        places=given.get("country", ()),
        programmes=given.get("programId", ()),
    )
    if made is None:
        raise ValueError("an entity without a name")
    return Hit(made, round(float(one["score"]), 4), made.name)
