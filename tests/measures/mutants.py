"""Mutants: break each line of a measure's arithmetic once, and see one of its tests die.

Run as `python tests/measures/mutants.py [-j 2] [--list] [MODULE ...]`; no module means all. It
prints the mutants that no test tells from the code, and counts. Each mutant is a fork of one warm
process that runs the module's tests up to the first failure; no file is changed.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib.abc
import importlib.util
import os
import resource
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
MEASURES = TESTS.parent / "src" / "entrepot" / "measures"
HELPERS = {
    "_mirror": ("mirror_gap", "ghost_trade", "reporter_reliability"),
    "_same_months": ("growth", "period_to_date", "coverage", "unit_value", "supplier_share"),
    "_slots": ("ghost_trade", "coverage_weight", "importer_pattern", "red_flag", "route_share"),
}
"""Which measures' tests speak for a module that has none of its own."""
SHARED = ("test_examples", "test_invariance")
"""Tests that run every measure; of them only the cases that bear its name are run."""
SECONDS = 90
"""Seconds of processor time after which a mutant is stopped: it runs on and on, which shows."""

COMPARISONS = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
"""The nearest wrong one: a test that sees `>=` for `>` sees `<` as well."""
OPERATIONS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Add,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
METHODS = {
    "sum": "max",
    "min": "max",
    "max": "min",
    "mean": "max",
    "median": "max",
    "nunique": "count",
    "isin": "notin",
    "notin": "isin",
    "notnull": "isnull",
    "isnull": "notnull",
    "greatest": "least",
    "least": "greatest",
    "left_join": "inner_join",
    "inner_join": "left_join",
    "semi_join": "anti_join",
}
DROPPED = (
    "fill_null",
    "nullif",
    "distinct",
    "abs",
    "ln",
    "exp",
    "cast",
    "over",
    "filter",
    "having",
)
"""Calls that are replaced by what they are called on."""


def variants(node):
    """Yield (what was broken, broken node) for one node of the tree."""
    if isinstance(node, ast.Compare):
        for place, op in enumerate(node.ops):
            if other := COMPARISONS.get(type(op)):
                yield (
                    other.__name__,
                    _with(node, ops=[*node.ops[:place], other(), *node.ops[place + 1 :]]),
                )
    elif isinstance(node, ast.BinOp | ast.BoolOp) and type(node.op) in OPERATIONS:
        if not (isinstance(node, ast.BinOp) and _is_text(node.left, node.right)):
            other = OPERATIONS[type(node.op)]
            yield other.__name__, _with(node, op=other())
    elif isinstance(node, ast.UnaryOp):
        yield "without " + type(node.op).__name__, node.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield "flipped", _with(node, value=not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield "one more", _with(node, value=node.value + 1)
    elif isinstance(node, ast.IfExp):
        yield "branches swapped", _with(node, body=node.orelse, orelse=node.body)
    elif isinstance(node, ast.If | ast.While) and isinstance(node.test, ast.Name | ast.NamedExpr):
        yield "negated", _with(node, test=ast.UnaryOp(ast.Not(), node.test))
    elif isinstance(node, ast.Call):
        yield from _calls(node)


def _calls(node):
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in METHODS and isinstance(node.func, ast.Attribute):
        yield METHODS[name], _with(node, func=_with(node.func, attr=METHODS[name]))
    elif name in METHODS and name in ("greatest", "least"):
        yield METHODS[name], _with(node, func=ast.Name(METHODS[name], ast.Load()))
    is_parted = name == "filter" and len(node.args) > 1
    if name in DROPPED and isinstance(node.func, ast.Attribute) and not is_parted:
        yield f"without {name}", node.func.value
    if is_parted:
        for place in range(len(node.args)):
            kept = [arg for n, arg in enumerate(node.args) if n != place]
            yield f"without condition {place + 1}", _with(node, args=kept)
    if name in ("ifelse", "coalesce", "between") and len(node.args) > 1:
        *most, one, other = node.args
        yield "swapped", _with(node, args=[*most, other, one])
    for place, word in enumerate(node.keywords):
        if word.arg in ("where", "group_by"):
            kept = [other for n, other in enumerate(node.keywords) if n != place]
            yield f"without {word.arg}", _with(node, keywords=kept)
    if name == "len" and isinstance(node.args[0], ast.Set):
        yield "without set", _with(node, args=[ast.List(node.args[0].elts, ast.Load())])


def _with(node, **changes):
    other = copy.copy(node)
    for name, value in changes.items():
        setattr(other, name, value)
    return other


def _is_text(*nodes):
    return any(isinstance(n, ast.JoinedStr) or isinstance(getattr(n, "value", None), str)
               for n in nodes)  # fmt: skip


def _places(tree):
    """Yield the parent, field and place of every node of a function that may hold arithmetic."""

    def walk(node):
        for name, value in ast.iter_fields(node):
            if name in ("decorator_list", "annotation", "returns", "exc"):
                continue
            many = isinstance(value, list)
            for place, child in enumerate(value if many else [value]):
                if isinstance(child, ast.AST):
                    yield node, name, place if many else None, child
                    yield from walk(child)

    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield from walk(node)


def mutants(module):
    """Return (line, what was broken, code) of every mutant of a module."""
    tree = ast.parse((MEASURES / f"{module}.py").read_text("utf-8"))
    made = []
    for parent, name, place, child in list(_places(tree)):
        if isinstance(parent, ast.Slice):
            continue
        for what, other in variants(child):
            held = getattr(parent, name)
            if place is None:
                setattr(parent, name, other)
            else:
                held[place] = other
            text = ast.unparse(ast.fix_missing_locations(tree))
            if place is None:
                setattr(parent, name, held)
            else:
                held[place] = child
            shown = ast.unparse(child).split("\n")[0]
            made.append((child.lineno, f"{shown[-70:]} -> {what}", text))
    return made


class Broken(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from the text given instead of from its file."""

    def __init__(self, module, text):
        self.name, self.text = f"entrepot.measures.{module}", text
        self.path = str(MEASURES / f"{module}.py")

    def find_spec(self, name, _path, _target=None):
        if name == self.name:
            return importlib.util.spec_from_loader(name, self, origin=self.path)
        return None

    def exec_module(self, module):
        exec(compile(self.text, self.path, "exec"), module.__dict__)


def tests_of(module):
    """Return the test files that speak for a module, its own first, and the words of the shared."""
    names = HELPERS.get(module, (module,))
    own = [TESTS / "measures" / f"test_{name}.py" for name in names]
    return [str(path) for path in own], names


def survivors(module, made, at_once):
    """Return the mutants with which every test of the module passes."""
    alive, running, waiting = [], {}, list(made)
    while waiting or running:
        while waiting and len(running) < at_once:
            mutant = waiting.pop(0)
            # Forked from the main thread: a child of another one may inherit a lock that is held.
            child = os.fork()
            if child == 0:
                os._exit(_run(module, mutant[2]))
            running[child] = mutant
        child, status = os.wait()
        mutant = running.pop(child)
        code = os.waitstatus_to_exitcode(status)
        if code < 0:
            print(f"{module}:{mutant[0]}: {mutant[1]}: stopped by signal {-code}", flush=True)
        if code == 0:
            alive.append(mutant)
    return sorted(alive)


def _run(module, text):
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    sys.meta_path.insert(0, Broken(module, text))
    import pytest

    own, names = tests_of(module)
    plain = [
        "-x",
        "-q",
        "-p",
        "no:cacheprovider",
        "-W",
        "ignore::pytest.PytestAssertRewriteWarning",
    ]
    code = int(pytest.main([*plain, *own]))
    shared = [str(path) for name in SHARED if (path := TESTS / "measures" / f"{name}.py").exists()]
    if code == 0 and shared:
        code = int(pytest.main([*plain, *shared, "-k", " or ".join(names)]))
    return code


def main():
    """Print the survivors of the modules asked for, and how many were made."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("modules", nargs="*")
    parser.add_argument("-j", type=int, default=1, help="mutants at a time")
    parser.add_argument("--list", action="store_true", help="print the mutants and run none")
    asked = parser.parse_args()
    every = sorted(p.stem for p in MEASURES.glob("*.py") if p.stem != "__init__")
    _warm()
    total = left = 0
    for module in asked.modules or every:
        made = mutants(module)
        if asked.list:
            alive = made
        else:
            whole = (MEASURES / f"{module}.py").read_text("utf-8")
            if not survivors(module, [(0, "unbroken", whole)], 1):
                sys.exit(f"{module}: its tests fail without any mutant; mend them first")
            alive = survivors(module, made, asked.j)
        for line, what, _text in alive:
            print(f"{module}:{line}: {what}", flush=True)
        print(f"{module}: {len(made)} made, {len(alive)} alive", flush=True)
        total, left = total + len(made), left + len(alive)
    print(f"all: {total} made, {left} alive")


def _warm():
    """Load what every run needs, but none of the measures and no connection, which has threads."""
    sys.path.insert(0, str(TESTS))
    os.chdir(TESTS.parent)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    import hypothesis.strategies  # noqa: F401
    import ibis
    import pandas  # noqa: F401
    import pytest  # noqa: F401

    import entrepot.reference.countries  # noqa: F401
    from entrepot.contracts import Measure  # noqa: F401
    from entrepot.schema import FLOWS

    table = ibis.table(FLOWS.ibis, name="flows")
    wanted = table.filter(ibis._.flow == "export", ibis._.product.isin(["854231"]))
    ibis.to_sql(wanted.group_by("reporter").agg(usd=ibis._.value_usd.sum()), dialect="duckdb")


if __name__ == "__main__":
    main()
