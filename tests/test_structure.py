"""Names and imports as the files of the package have them: one per class, and none both ways."""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

import entrepot

HOME = Path(entrepot.__file__).parent


@cache
def package():
    """Every module of the package by its name, as a tree."""
    return {
        ".".join(("entrepot", *path.relative_to(HOME).with_suffix("").parts)).removesuffix(
            ".__init__"
        ): ast.parse(path.read_text("utf-8"))
        for path in HOME.rglob("*.py")
    }


def shared(trees):
    """Public classes at the top of more than one module, a module with an underscore included."""
    homes = defaultdict(list)
    for module, tree in trees.items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(module)
    return {name: sorted(found) for name, found in homes.items() if len(found) > 1}


def parts_that_run(node):
    """Every node below one but what only a type checker reads; the bodies of functions count."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        yield child
        yield from parts_that_run(child)


def imports(trees):
    """What each module imports of the others when it runs."""
    found = defaultdict(set)
    for module, tree in trees.items():
        for node in parts_that_run(tree):
            if isinstance(node, ast.Import):
                found[module] |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
                found[module] |= {name if name in trees else str(node.module) for name in names}
    return found


def both_ways(trees):
    """Pairs of modules of which each imports the other."""
    found = imports(trees)
    return {(one, other) for one in found for other in found[one] & found.keys()
            if one < other and one in found[other]}  # fmt: skip


def test_no_two_public_classes_share_a_name():
    assert len(package()) > 300
    assert shared(package()) == {}, "name each for what it is, with a word of the field"


def test_no_two_modules_import_each_other():
    """Types may point both ways: a brief shows itself as text, and the text is that of a brief."""
    assert sum(map(len, imports(package()).values())) > 1000
    assert both_ways(package()) == set(), "move what both need below them"


@pytest.mark.parametrize(
    ("there", "found"),
    [
        ("from a import here", {("a", "b")}),
        ("import a", {("a", "b")}),
        ("def later():\n    from a import here", {("a", "b")}),
        ("if TYPE_CHECKING:\n    from a import here", set()),
        ("import c", set()),
    ],
)
def test_an_import_both_ways_is_found_wherever_it_runs(there, found):
    trees = {"a": "from b import there\nclass Row: ...", "b": f"{there}\nclass Row: ...", "c": ""}
    read = {name: ast.parse(text) for name, text in trees.items()}
    assert both_ways(read) == found
    assert shared(read) == {"Row": ["a", "b"]}
