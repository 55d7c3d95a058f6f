"""Mutants: break each decision about what is known once, and see a test die.

Run as `python tests/question/mutants.py [-j 2] [--list] [MODULE ...]`; no module means all. The
ways to break code, and how a mutant is run, are those of `tests/measures/mutants.py`.
"""

from __future__ import annotations

import argparse
import ast
import importlib.abc
import importlib.util
import os
import resource
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))

from measures.mutants import variants  # noqa: E402

SOURCE = TESTS.parent / "src" / "entrepot"
EDGES = ("question/test_edges.py", "question/test_truth.py")
STATES = ("question/test_states.py", *EDGES)
MODULES = {
    "store.known": ("store/test_known.py", *STATES),
    "store.snapshot": ("store/test_snapshot.py", *STATES),
    "question.grid": ("question/test_grid.py", *STATES),
    "question.known": ("question/test_known.py", *EDGES),
    "question.part": ("question/test_known.py", *EDGES),
    "question.unknown": ("question/test_known.py", *EDGES),
    "question.slices": ("question/test_slices.py", *EDGES),
    "question.sources": ("question/test_sources.py", *EDGES),
    "question.levels": ("question/test_levels.py", *EDGES),
    "question.superseded": ("question/test_superseded.py", *EDGES),
    "question.held": ("question/test_held.py", *EDGES),
    "question.withheld": ("question/test_withheld.py", *EDGES),
    "question.sums": ("question/test_sums.py", *EDGES),
    "harmonise.products": ("harmonise/test_products.py", *EDGES),
}
"""Which tests speak for a module, the quickest first."""
SECONDS = 300


def _functions(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield node


def _children(node):
    """Yield the parent, field and place of every node of a function that may decide something."""
    for name, value in ast.iter_fields(node):
        if name in ("decorator_list", "annotation", "returns", "exc"):
            continue
        if name == "args" and not isinstance(node, ast.Call):
            continue
        many = isinstance(value, list)
        for place, child in enumerate(value if many else [value]):
            if isinstance(child, ast.AST):
                yield node, name, place if many else None, child
                if not isinstance(child, ast.FunctionDef):
                    yield from _children(child)


def mutants(module):
    """Return (line, what was broken, code) of every mutant of a module."""
    path = SOURCE / f"{module.replace('.', '/')}.py"
    tree = ast.parse(path.read_text("utf-8"))
    made = []
    for function in _functions(tree):
        for parent, name, place, child in list(_children(function)):
            if isinstance(parent, ast.Slice) or getattr(parent, "arg", None) == "strict":
                continue  # the end of a text, and a guard that holds in right code
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
        self.name, self.text = f"entrepot.{module}", text
        self.path = str(SOURCE / f"{module.replace('.', '/')}.py")

    def find_spec(self, name, _path, _target=None):
        if name == self.name:
            return importlib.util.spec_from_loader(name, self, origin=self.path)
        return None

    def exec_module(self, module):
        exec(compile(self.text, self.path, "exec"), module.__dict__)


def survivors(module, made, at_once, tests):
    """Return the mutants with which every test passes."""
    alive, running, waiting = [], {}, list(made)
    while waiting or running:
        while waiting and len(running) < at_once:
            mutant = waiting.pop(0)
            child = os.fork()
            if child == 0:
                os._exit(_run(module, mutant[2], tests))
            running[child] = mutant
        child, status = os.wait()
        mutant = running.pop(child)
        if os.waitstatus_to_exitcode(status) == 0:
            alive.append(mutant)
    return sorted(alive)


def _run(module, text, tests):
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    sys.meta_path.insert(0, Broken(module, text))
    import pytest

    own = [str(TESTS / name) for name in tests if (TESTS / name).exists()]
    return int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", *own]))


def main():
    """Print the survivors of the modules asked for, and how many were made."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("modules", nargs="*")
    parser.add_argument("-j", type=int, default=1, help="mutants at a time")
    parser.add_argument("--list", action="store_true", help="print the mutants and run none")
    parser.add_argument("--quick", action="store_true", help="only the first test file of each")
    asked = parser.parse_args()
    os.chdir(TESTS.parent)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    import ibis  # noqa: F401
    import pytest  # noqa: F401

    for module in asked.modules or MODULES:
        made, tests = mutants(module), MODULES[module]
        alive = made
        if not asked.list:
            tests = tests[:1] if asked.quick else tests
            path = SOURCE / f"{module.replace('.', '/')}.py"
            whole = (0, "unbroken", path.read_text("utf-8"))
            if not survivors(module, [whole], 1, tests):
                sys.exit(f"{module}: its tests fail without any mutant; mend them first")
            alive = survivors(module, made, asked.j, tests)
        for line, what, _text in alive:
            print(f"{module}:{line}: {what}", flush=True)
        print(f"{module}: {len(made)} made, {len(alive)} alive", flush=True)


if __name__ == "__main__":
    main()
