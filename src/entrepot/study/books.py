"""Books: the rows a study rests on, selected once per basket, and what is missing from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ibis import _

from entrepot.errors import CoverageError
from entrepot.harmonise.products import (
    BASKETS,
    PRESENCE,
    Basket,
    links,
    match,
    refuse_unbridged,
    select,
)
from entrepot.harmonise.reporters import expand, one_source
from entrepot.measures._same_months import month, months_between
from entrepot.reference import goods as goods_lists
from entrepot.reference import groups

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from pathlib import Path

    from ibis.expr.types import Table

    from entrepot.reference.goods import GoodsList
    from entrepot.study.question import Study
    from entrepot.workspace import Workspace

GROUPED = ("reporters", "partners", "together")
SINGLE = ("destination", "exporter", "importer")
WINDOWS = ("late", "early", "before")


def params_of(study: Study) -> list[dict[str, Any]]:
    """Return the parameters of every measure run the study asks for, defaults filled in."""
    asked = [*study.figure, *study.breakdown, *study.picture]
    return [dict(study.params) | dict(item.params) for item in asked]


def window_years(params: dict[str, Any]) -> tuple[int, ...]:
    """Return the years in which the windows of a growth or period-to-date run begin."""
    now = month(params["first"]).year
    return tuple(sorted({now, *params.get("base", ()), *params.get("years", ())}))


def spans(params: dict[str, Any]) -> list[tuple[str, str]]:
    """Return every (first, last) month that a measure run looks at."""
    found = [tuple(params[name]) for name in WINDOWS if name in params]
    if "first" in params and not found:
        first, last = params["first"], params["last"]
        now = month(first).year
        for year in window_years(params):
            shifted = (_shift(first, year - now), _shift(last, year - now))
            found.append(shifted)
    return found


def _shift(text: str, years: int) -> str:
    return f"{int(text[:4]) + years}{text[4:]}"


@dataclass(frozen=True)
class Books:
    """The study's rows: one Ibis table per basket, materialised, with presence rows."""

    study: Study
    workspace: Workspace
    sources: Sequence[str] = ()
    goods: GoodsList = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "goods", goods_lists.load(self.study.goods))

    @cached_property
    def reporting(self) -> set[str]:
        """Reporters with any monthly slice in the store."""
        return {reporter for _source, reporter, _flow in self._slices}

    @cached_property
    def _slices(self) -> list[tuple[str, str, str]]:
        rows = (
            self.workspace.flows.filter(_.freq == "M")
            .select("source", "reporter", "flow")
            .distinct()
            .to_pyarrow()
            .to_pylist()
        )
        return [(row["source"], row["reporter"], row["flow"]) for row in rows]

    def countries(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the countries behind names of countries and groups, for partners."""
        return tuple(dict.fromkeys(code for name in names for code in groups.members(name)))

    def reporters(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return the reporters behind names: members, or the group where only it reports."""
        return expand(names, {name: groups.members(name) for name in names}, self.reporting)

    def resolve(self, params: dict[str, Any]) -> dict[str, Any]:
        """Return parameters with the names of groups replaced by their countries."""
        resolved = dict(params)
        for key in GROUPED:
            if key in resolved:
                look = self.reporters if key == "reporters" else self.countries
                resolved[key] = look(tuple(resolved[key]))
        return resolved

    @cached_property
    def flows(self) -> Table:
        """The raw rows that matter: reporters, partners and months that the study looks at."""
        asked = [self.resolve(params) for params in params_of(self.study)]
        days = [month(end) for params in asked for span in spans(params) for end in span]
        flows = self.workspace.flows.filter(_.freq == "M")
        who = self._everyone(asked)
        if who is not None:
            flows = flows.filter(_.reporter.isin(sorted(who)))
        slices = [piece for piece in self._slices if who is None or piece[1] in who]
        flows = one_source(flows, slices, self.sources or self.study.sources)
        return flows.filter(_.period.between(min(days), max(days))) if days else flows

    def _everyone(self, asked: list[dict[str, Any]]) -> set[str] | None:
        """Return all reporters the study needs; None means whoever reports."""
        found: set[str] = set()
        for params in asked:
            named = {*params.get("reporters", ())} | {
                params[key] for key in ("exporter", "importer") if key in params
            }
            if not named:
                return None
            found |= named
        return found

    @cached_property
    def baskets(self) -> dict[Basket, Table]:
        """The selected rows per basket, kept as tables of the session so each is read once."""
        kinds = self.flows.select("classification").distinct().to_pyarrow()["classification"]
        tables: dict[Basket, Table] = {}
        for basket in BASKETS:
            selected = select(self.flows, self.goods, basket)
            refuse_unbridged(kinds.to_pylist(), basket)
            name = f"basket_{basket.replace('-', '_')}"
            tables[basket] = self.workspace.con.create_table(name, selected, temp=True)
        return tables

    def products(self, basket: Basket) -> tuple[str, ...]:
        """Return the names under which the basket counts products."""
        return tuple(sorted({name for _hs, _code, name in links(self.goods, basket)}))

    def rows(self) -> Table:
        """Return the stored rows behind the headline basket, each with the name it counts under."""
        basket: Basket = self.study.basket  # type: ignore[assignment]
        return match(self.flows, self.goods, basket).drop("hs")

    @cached_property
    def present(self) -> dict[str, set[tuple[str, date]]]:
        """The reporter-months present, per flow."""
        rows = (
            self.baskets["as-listed"]
            .filter(_.product == PRESENCE)
            .select("flow", "reporter", "period")
            .distinct()
            .to_pyarrow()
            .to_pylist()
        )
        found: dict[str, set[tuple[str, date]]] = {}
        for row in rows:
            found.setdefault(row["flow"], set()).add((row["reporter"], row["period"]))
        return found

    @cached_property
    def traded(self) -> set[tuple[str, date]]:
        """The (product, month) pairs with a row in the study's own basket."""
        rows = (
            self.baskets[self.study.basket]  # type: ignore[index]
            .filter(_.product != PRESENCE)
            .select("product", "period")
            .distinct()
            .to_pyarrow()
        )
        return set(zip(rows["product"].to_pylist(), rows["period"].to_pylist(), strict=True))

    def codes_in(self, windows: Iterable[tuple[str, str]]) -> set[str]:
        """Return the products with any row in the windows, whoever the partner."""
        days = {day for first, last in windows for day in months_between(first, last)}
        return {product for product, day in self.traded if day in days}

    def refuse_empty(self) -> None:
        """Refuse a store without any vintage.

        Raises:
            CoverageError: Always then, with the next step.
        """
        if not self.workspace.snapshot.vintages:
            raise CoverageError(
                f"store {self.workspace.store.path}: nothing is known as of "
                f"{self.workspace.as_of or 'today'}; ingest files first, or drop --as-of"
            )

    def write_rows(self, path: Path) -> None:
        """Write the stored rows behind the headline basket as CSV, each with its vintage and file.

        One row per stored row that counts, sorted; `counted_as` is the listed code it counts for.
        """
        rows = self.rows().order_by(["reporter", "flow", "partner", "period", "product", "source"])
        rows.to_csv(path)
