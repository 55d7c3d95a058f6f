"""Files: a material from its publisher into the store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot import config
from entrepot.contracts import Query
from entrepot.fetch.planning import endpoint_of
from entrepot.fetch.session import session
from entrepot.ingest import refuse_mixed
from entrepot.store import materials

if TYPE_CHECKING:
    from entrepot.contracts import Request
    from entrepot.fetch.session import Progress
    from entrepot.materials._material import Material
    from entrepot.store.materials import Stored
    from entrepot.store.vintages import Store

EVERYTHING = Query("", ())
"""The requests of a material ask for the same files whatever the query."""


@dataclass(frozen=True, slots=True)
class Received:
    """One file of a material as the store has it; `is_new` is whether this run brought it."""

    stored: Stored
    is_new: bool


def material(store: Store, name: str, wanted: Material, watch: Progress) -> tuple[Received, ...]:
    """Fetch the files of a material, check them, and keep those the store does not hold.

    A file is of the day that it says, else of the day it was fetched.

    Raises:
        FetchError: A request was refused, or not answered; what was answered is kept.
        SourceError: A file is not what it should be; the store is unchanged.
        StoreError: The store cannot be written, or holds figures of another kind.
    """
    refuse_mixed(store, is_synthetic=bool(config.publisher()))
    endpoint = endpoint_of(name, wanted)
    requests = tuple(endpoint.requests(EVERYTHING, ()))
    held = {one.sha256 for one in materials.stored(store.path, name)}
    with session(store, name, endpoint, watch) as run:
        watch.planned(len(requests))
        kept = [(request, run.get(request, today_only=True)) for request in requests]
        days = [wanted.check(answer.path) or answer.at.date() for _request, answer in kept]
        stored = [
            materials.keep(
                store.path,
                answer.path,
                name=name,
                day=day,
                address=_address(request),
                publisher=wanted.publisher,
                licence=wanted.licence,
            )
            for (request, answer), day in zip(kept, days, strict=True)
        ]
        run.drop()
    return tuple(Received(one, one.sha256 not in held) for one in stored)


def _address(request: Request) -> str:
    """Where the file came from: the publisher's address, or that of the server in its place."""
    through = config.publisher()
    return f"{through}/{request.url.removeprefix('https://')}" if through else request.url
