"""Ties: what ties third countries to the destination, and what to others, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from entrepot.detect._routes import is_bound
from entrepot.publish import words
from entrepot.publish.lists import elsewhere
from entrepot.reference import countries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.publish.finding import Ranked
    from entrepot.scan.run import Scanned


def said(scanned: Scanned) -> tuple[str, ...]:
    """Return why no way on can be tied to the destination, in sentences; none where one can."""
    panel = scanned.panel
    to, since = countries.name(panel.scan.destination), panel.scan.since
    went = panel["onward_exports"][:, panel.is_listed, panel.since :]
    found = []
    if not np.nansum(went) > 0:
        found.append(
            f"No third country recorded exports of listed goods to {to} since "
            f"{words.months(since, since)}."
        )
    if panel.coalition and not is_bound(scanned.evidence):
        found.append(
            f"Nothing shows that controls keep listed goods from {to}: the coalition's own exports "
            "of them there did not fall by much, or there were none. So imports that a third "
            "country did not record, and its exports to others, are no way on to it."
        )
    return tuple(found)


def compared(scanned: Scanned, entries: Sequence[Ranked]) -> str:
    """Return in one sentence what the same look at other destinations found, beside the entries."""
    tested = [entry for entry in entries if entry.finding.q_value is not None]
    routes = sum(entry.stands_out for entry in tested)
    return elsewhere(scanned.placebos, scanned.panel.scan.destination, routes, len(tested))
