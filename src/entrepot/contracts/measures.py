"""Measures: what a measure, an estimator and a detector are.

A measure is one pure function from an Ibis table to an Ibis table; nothing is computed until the
caller asks.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Concatenate, Generic, ParamSpec

from entrepot.reads import kind_of
from entrepot.schema import ESTIMATES, FLOWS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from ibis.expr.types import Table

    from entrepot.findings import Finding
    from entrepot.reads import Reads
    from entrepot.schema import TableSchema

P = ParamSpec("P")


@dataclass(frozen=True, repr=False)
class Measure(Generic[P]):
    """A pure function from flows to a table, with its passport."""

    run: Callable[Concatenate[Table, P], Table]
    returns: TableSchema
    reads: Callable[..., list[Reads]]
    reference: str
    noun: ClassVar[str] = "measure"

    def __call__(self, flows: Table, *args: P.args, **params: P.kwargs) -> Table:
        """Check the input, run, check the output. Builds an expression; computes nothing."""
        return self.returns.check(self.run(FLOWS.check(flows), *args, **params))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.run.__name__}>"

    @cached_property
    def params(self) -> dict[str, inspect.Parameter]:
        """The function's parameters after `flows`; the CLI turns them into options."""
        _, *params = inspect.signature(self.run, eval_str=False).parameters.values()
        return {param.name: param for param in params}

    def accepted(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters of a run: the defaults, and what the measure takes of those given.

        A list becomes a tuple, as the measure declares it.
        """
        defaults = {
            key: param.default
            for key, param in self.params.items()
            if param.default is not inspect.Parameter.empty
        }
        taken = {key: value for key, value in given.items() if key in self.params}
        return {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in (defaults | taken).items()
        }

    @cached_property
    def goods(self) -> str:
        """The parameter that holds the codes measured, the first of its kind; "" without one."""
        return self.first("Goods")

    @cached_property
    def reporters(self) -> str:
        """The parameter that holds whose books are read, the first of its kind; "" without one."""
        return self.first("Reporters")

    def kind(self, name: str) -> str:
        """Return what a parameter holds, by the name of its type: "Countries", "Month", "int"."""
        return kind_of(self.params[name].annotation, getattr(self.run, "__globals__", {}))

    def of_kind(self, *kinds: str) -> tuple[str, ...]:
        """Return the parameters of some kinds, in the order of the signature."""
        return tuple(name for name in self.params if self.kind(name) in kinds)

    def first(self, kind: str) -> str:
        """Return the first parameter of a kind; "" without one."""
        return next(iter(self.of_kind(kind)), "")

    def lacking(self, given: Collection[str]) -> list[str]:
        """Return the parameters that are needed and not given; the goods are given by who runs."""
        return [
            name
            for name, param in self.params.items()
            if param.default is param.empty and name not in given and name != self.goods
        ]


@dataclass(frozen=True, slots=True)
class Estimated:
    """What an estimator found: rows in the columns of `schema.ESTIMATES`, and what they rest on.

    The first row is the effect; a row with a `period` is a point of its path.
    """

    rows: tuple[dict[str, Any], ...]
    statement: str


@dataclass(frozen=True, repr=False)
class Estimator(Measure[P]):
    """A pure function from flows to estimates with intervals, with its passport.

    Its parameters are words like those of a measure. Those of the kind `Goods` are the goods in
    question and the goods `controls` that they are compared with, where it has these.
    """

    noun: ClassVar[str] = "estimator"

    def __call__(self, flows: Table, *args: P.args, **params: P.kwargs) -> Estimated:
        """Check the input and estimate; unlike a measure it computes at once."""
        found: Any = self.run(FLOWS.check(flows), *args, **params)
        return Estimated(*found)


@dataclass(frozen=True, repr=False)
class Detector:
    """A search over all cells of a scan for one kind of change, with its passport.

    `run` takes `detect._legs.ScanLegs` and gives findings, unranked. `alone` says that it can judge
    third countries' own books where nobody of the coalition reports; `stands_in_for` names the
    detector in whose place a scan runs it, where that one cannot judge.
    """

    run: Callable[[Any], list[Finding]]
    reference: str
    alone: bool = False
    stands_in_for: str = ""

    def __call__(self, evidence: Any) -> list[Finding]:
        """Return the findings, the rarest first, those without a p-value last."""
        return sorted(self.run(evidence), key=_rarity)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.run.__name__}>"


def _rarity(found: Finding) -> tuple[bool, float, str, str]:
    return found.p_value is None, found.p_value or 0.0, *found.cell


def detector(
    *, reference: str, alone: bool = False, stands_in_for: str = ""
) -> Callable[[Callable[[Any], list[Finding]]], Detector]:
    """Turn a function into a Detector. Registers nothing: the folder is the registry."""
    return lambda run: Detector(run, reference, alone, stands_in_for)


def measure(
    *, returns: TableSchema, reads: Callable[..., list[Reads]], reference: str
) -> Callable[[Callable[Concatenate[Table, P], Table]], Measure[P]]:
    """Turn a function into a Measure. Registers nothing: the folder is the registry.

    `reads` gets the parameters of a run by name, defaults included, and says which records it
    rests on: what is loaded, fetched, and known or not follows from that.
    """
    return lambda run: Measure(run, returns, reads, reference)


def estimator(
    *, reads: Callable[..., list[Reads]], reference: str
) -> Callable[[Callable[..., tuple[tuple[dict[str, Any], ...], str]]], Estimator[Any]]:
    """Turn a function into an Estimator. Registers nothing: the folder is the registry.

    `reads` is that of a measure; the function returns the rows and the statement.
    """
    return lambda run: Estimator(run, ESTIMATES, reads, reference)
