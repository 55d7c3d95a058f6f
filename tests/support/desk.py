"""Desk: a workspace that takes in the small tables which tests write."""

from __future__ import annotations

from entrepot.workspace import Workspace
from support.plain import OWN


class Desk(Workspace):
    """A workspace whose `take` knows the mapping of those tables."""

    def take(self, *paths, **options):
        return self.ingest("generic", paths, mapping=options.pop("mapping", OWN), **options)

    def cells(self):
        """Return value_usd by (reporter, partner, product, month) as known on the day."""
        rows = self.flows.to_pyarrow().to_pylist()
        keys = [
            (row["reporter"], row["partner"], row["product"], f"{row['period']:%Y-%m}")
            for row in rows
        ]
        assert len(set(keys)) == len(keys)
        return {key: row["value_usd"] for key, row in zip(keys, rows, strict=True)}
