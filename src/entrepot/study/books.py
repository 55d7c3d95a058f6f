"""Books: the rows a study rests on, selected once per basket, and what is missing from them."""

from __future__ import annotations

import errno
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import duckdb
from ibis import _

from entrepot.contracts import COUNTRIES
from entrepot.errors import CoverageError, StudyError
from entrepot.harmonise.products import (
    BASKETS,
    PRESENCE,
    Basket,
    links,
    match,
    presence,
    refuse_unbridged,
    select,
)
from entrepot.harmonise.reporters import expand, one_source
from entrepot.measures._same_months import month, months_between
from entrepot.reference import groups
from entrepot.study.listed import ALL_GOODS, listed
from entrepot.study.runs import params_of, spans, tail

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from pathlib import Path

    from ibis.expr.types import Table

    from entrepot.contracts import Measure
    from entrepot.reference.goods import GoodsList
    from entrepot.study.question import Study
    from entrepot.workspace import Workspace

Row = dict[str, Any]


@dataclass(frozen=True)
class Books:
    """The study's rows: one Ibis table per basket, materialised, with presence rows."""

    study: Study
    workspace: Workspace
    sources: Sequence[str] = ()
    _runs: dict[str, dict[Basket, list[Row]]] = field(default_factory=dict, init=False)

    @cached_property
    def goods(self) -> GoodsList:
        """The study's goods list, or the codes of it that the study asks for."""
        return listed(self.study)

    @cached_property
    def reporting(self) -> set[str]:
        """Reporters with any monthly slice in the store."""
        return {reporter for _source, reporter, _flow in self._slices}

    @cached_property
    def _slices(self) -> list[tuple[str, str, str]]:
        monthly = self.workspace.slices.filter(_.freq == "M")
        rows = self.workspace.rows(monthly.select("source", "reporter", "flow").distinct())
        return [(row["source"], row["reporter"], row["flow"]) for row in rows]

    def countries(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the countries behind names of countries and groups, for partners."""
        return tuple(dict.fromkeys(code for name in names for code in groups.members(name)))

    def reporters(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return the reporters behind names: members, or the group where only it reports."""
        return expand(names, {name: groups.members(name) for name in names}, self.reporting)

    def resolve(self, params: dict[str, Any]) -> dict[str, Any]:
        """Return parameters with the names of groups replaced by their countries."""
        resolved = {
            key: tuple(value) if isinstance(value, list) else value for key, value in params.items()
        }
        for key in COUNTRIES:
            if key in resolved:
                look = self.reporters if key == "reporters" else self.countries
                resolved[key] = look(tuple(resolved[key]))
        return resolved

    @cached_property
    def _asked(self) -> list[dict[str, Any]]:
        return [self.resolve(params) for params in params_of(self.study)]

    def _relevant(self, table: Table) -> Table:
        """Keep the reporters and months the study looks at, of one source per reporter."""
        days = [month(end) for params in self._asked for span in spans(params) for end in span]
        days += [day for params in self._asked for day in tail(params)]
        who = self._everyone(self._asked)
        monthly = table.filter(_.freq == "M", _.period.between(min(days), max(days)))
        if who is not None:
            monthly = monthly.filter(_.reporter.isin(sorted(who)))
        slices = [piece for piece in self._slices if who is None or piece[1] in who]
        return one_source(monthly, slices, self.sources or self.study.sources)

    def _everyone(self, asked: list[dict[str, Any]]) -> set[str] | None:
        """Return all reporters the study needs; None means whoever reports."""
        found: set[str] = set()
        for params in asked:
            named = {*params.get("reporters", ())} | {
                params[key] for key in ("exporter", "importer") if key in params
            }
            if "importers" in params:
                sides = params["exporters"], params["importers"]
                # With a lag, what anyone sent tells which goods were booked under another partner.
                named = {*sides[0], *sides[1]} if all(sides) and "lag" not in params else set()
            if not named:
                return None
            found |= named
        return found

    @cached_property
    def _listed(self) -> Table:
        """The stored rows of any basket's codes, from one scan of the store."""
        codes = {code for basket in BASKETS for _hs, code, _name in links(self.goods, basket)}
        flows = self._relevant(self.workspace.flows)
        listed = flows.filter(_.product.substr(0, 6).isin(sorted(codes)))
        return self.workspace.keep("listed", listed)

    @cached_property
    def _published(self) -> Table:
        """Who published what when, of those the study looks at.

        Whoever publishes a month publishes its total, so of all goods the totals are what tells.
        """
        if self.study.goods == ALL_GOODS:
            keys = ("source", "reporter", "freq", "flow", "period")
            return self.workspace.keep("published", self._listed.select(*keys).distinct())
        return self.workspace.keep("published", self._relevant(self.workspace.slices))

    @cached_property
    def baskets(self) -> dict[Basket, str]:
        """The names of the session's tables with each basket's rows."""
        kinds = self.workspace.rows(self._listed.select("classification").distinct())
        names: dict[Basket, str] = {}
        for basket in BASKETS:
            if self.study.goods != ALL_GOODS:
                refuse_unbridged([row["classification"] for row in kinds], basket)
            names[basket] = f"basket_{basket.replace('-', '_')}"
            self.workspace.keep(names[basket], self._selected(basket))
        return names

    def _selected(self, basket: Basket) -> Table:
        if self.study.goods == ALL_GOODS:
            return self._listed.union(presence(self._published))
        return select(self._listed, self._published, self.goods, basket)

    @property
    def own(self) -> Table:
        """The selected rows of the study's own basket."""
        return self.workspace.con.table(self.baskets[self.basket])

    @cached_property
    def basket(self) -> Basket:
        """The study's own basket.

        Raises:
            StudyError: There is no such basket.
        """
        for basket in BASKETS:
            if basket == self.study.basket:
                return basket
        raise StudyError(
            f"study {self.study.name}: no basket is called {self.study.basket!r}; "
            f"there are: {', '.join(BASKETS)}"
        )

    @cached_property
    def _open(self) -> Table:
        """The table that measures are written against; `run` points it at one basket or another."""
        self._point(self.basket)
        return self.workspace.con.table("books")

    def _point(self, basket: Basket) -> None:
        self.workspace.con.con.execute(
            f"create or replace temp view books as from {self.baskets[basket]}"
        )

    def run(self, measure: Measure[Any], params: dict[str, Any]) -> dict[Basket, list[Row]]:
        """Return a measure's rows under every basket.

        The expression is written once and its SQL runs against each basket in turn: writing it
        costs ten times more than running it.
        """
        key = f"{measure!r} {sorted(params.items())}"
        if key not in self._runs:
            resolved = self.resolve(params)
            table = measure(self._open, products=self.products, **resolved)
            query = self.workspace.con.compile(table)
            self._runs[key] = {}
            for basket in BASKETS:
                self._point(basket)
                found = self.workspace.con.con.execute(query).to_arrow_table().to_pylist()
                self._runs[key][basket] = found
        return self._runs[key]

    @cached_property
    def products(self) -> tuple[str, ...]:
        """Every name under which any basket counts products; a basket's rows have its own only."""
        names = {name for basket in BASKETS for _hs, _code, name in links(self.goods, basket)}
        return tuple(sorted(names))

    def rows(self) -> Table:
        """Return the stored rows behind the headline basket, each with the name it counts under."""
        if self.study.goods == ALL_GOODS:
            return self._listed.mutate(counted_as=_.product)
        return match(self._listed, self.goods, self.basket).drop("hs")

    @cached_property
    def present(self) -> dict[str, set[tuple[str, date]]]:
        """The reporter-months present, per flow."""
        rows = self.workspace.rows(self._published.select("flow", "reporter", "period"))
        found: dict[str, set[tuple[str, date]]] = {}
        for row in rows:
            found.setdefault(row["flow"], set()).add((row["reporter"], row["period"]))
        return found

    @cached_property
    def traded(self) -> set[tuple[str, date]]:
        """The (product, month) pairs with a row in the study's own basket."""
        traded = self.own.filter(_.product != PRESENCE)
        rows = self.workspace.rows(traded.select("product", "period").distinct())
        return {(row["product"], row["period"]) for row in rows}

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

        Raises:
            OSError: The file cannot be written.
        """
        rows = self.rows().order_by(["reporter", "flow", "partner", "period", "product", "source"])
        con = self.workspace.con
        found = con.con.execute(con.compile(rows)).to_arrow_table()
        try:
            with duckdb.connect() as fresh:  # the workspace's own writes nowhere
                fresh.from_arrow(found).write_csv(str(path))
        except duckdb.IOException as error:
            raise OSError(errno.EIO, str(error).rsplit(":", 1)[-1].strip()) from None
