"""Present: slices that count, as tables of the session, each made once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from entrepot.harmonise.products import presence

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend
    from ibis.expr.types import Table

    from entrepot.question.known import Slot
    from entrepot.question.slices import Slices


@dataclass
class Present:
    """The tables of slices that runs have asked for; `<name>_rows` holds their presence rows."""

    con: Backend
    slices: Slices
    freq: str
    _names: dict[tuple[frozenset[Slot], frozenset[Slot]], str] = field(default_factory=dict)

    @cached_property
    def published(self) -> frozenset[Slot]:
        """Every slice that anybody published."""
        found = self.slices.found.items()
        return frozenset((flow, who, day) for (who, flow), days in found for day in days)

    def table(self, slots: frozenset[Slot]) -> Table:
        """Return slices as a table."""
        return self.con.table(self.name(slots))

    def name(self, slots: frozenset[Slot], limited: frozenset[Slot] = frozenset()) -> str:
        """Return the name of a table of slices; `limited` do not speak for every partner."""
        name = self._names.get((slots, limited))
        if name is None:
            name = self._names[slots, limited] = f"present_{len(self._names)}"
            self._make(name, slots, limited)
        return name

    def _make(self, name: str, slots: frozenset[Slot], limited: frozenset[Slot]) -> None:
        rows = sorted(slots)
        columns: dict[str, list[Any]] = {
            "source": [self.slices.source[who, flow] for flow, who, _day in rows],
            "reporter": [who for _flow, who, _day in rows],
            "freq": [self.freq] * len(rows),
            "flow": [flow for flow, _who, _day in rows],
            "period": [day for _flow, _who, day in rows],
            "is_limited": [slot in limited for slot in rows],
        }
        kinds = [pa.string()] * 4 + [pa.date32(), pa.bool_()]
        arrays = [pa.array(c, kind) for c, kind in zip(columns.values(), kinds, strict=True)]
        con = self.con.con
        con.register("entrepot_present", pa.table(arrays, names=list(columns)))
        con.execute(f"create or replace temp table {name} as from entrepot_present")
        con.unregister("entrepot_present")
        markers = self.con.compile(presence(self.con.table(name)))
        con.execute(f"create or replace temp table {name}_rows as {markers}")
