"""Present: slices that count, as tables of the session, each made once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from entrepot.harmonise.products import presence
from entrepot.store import small

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from entrepot.engine import Engine
    from entrepot.question.part import Slot
    from entrepot.question.slices import Slices
    from entrepot.question.tables import Tables
    from entrepot.store.small import Columns

SLOTS = "entrepot_present"


@dataclass
class Present:
    """The tables of slices that runs have asked for; `<name>_rows` holds their presence rows."""

    engine: Engine
    slices: Slices
    freq: str
    tables: Tables
    _names: dict[tuple[frozenset[Slot], frozenset[Slot]], str] = field(default_factory=dict)

    @cached_property
    def published(self) -> frozenset[Slot]:
        """Every slice that anybody published."""
        found = self.slices.found.items()
        return frozenset((flow, who, day) for (who, flow), days in found for day in days)

    def table(self, slots: frozenset[Slot]) -> Table:
        """Return slices as a table."""
        return self.engine.table(self.name(slots))

    def name(self, slots: frozenset[Slot], limited: frozenset[Slot] = frozenset()) -> str:
        """Return the name of a table of slices; `limited` do not speak for every partner."""
        name = self._names.get((slots, limited))
        if name is None:
            name = self._make(f"present_{len(self._names)}", slots, limited)
            self._names[slots, limited] = name
        return name

    def _make(self, name: str, slots: frozenset[Slot], limited: frozenset[Slot]) -> str:
        rows = sorted(slots)
        columns: Columns = {
            "source": ("varchar", [self.slices.source[who, flow] for flow, who, _day in rows]),
            "reporter": ("varchar", [who for _flow, who, _day in rows]),
            "freq": ("varchar", [self.freq] * len(rows)),
            "flow": ("varchar", [flow for flow, _who, _day in rows]),
            "period": ("date", [day for _flow, _who, day in rows]),
            "is_limited": ("boolean", [slot in limited for slot in rows]),
        }
        small.table(self.engine.own.con, SLOTS, columns)
        self.tables.told(f"{name}_rows", self._markers)
        return self.tables.told(name, f"from {SLOTS}")

    @cached_property
    def _markers(self) -> str:
        """The query of the presence rows of the slices in `SLOTS`: written once."""
        own = self.engine.own
        return str(own.compile(presence(own.table(SLOTS))))
