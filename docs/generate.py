"""Writes docs/reference from the code: sources, measures, schema, lists, studies, cli, errors."""

from __future__ import annotations

import ast
import inspect
import json
import re
import textwrap
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import typer

from entrepot import embedded, errors, estimate, schema
from entrepot.cli.app import app
from entrepot.estimate.regression import CONVENTION
from entrepot.parts import detectors, estimators, materials, measures, sources
from entrepot.reference import passports
from entrepot.sources.generic.mapping_file import File
from entrepot.study.blocks import Written
from entrepot.study.question import load, names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from entrepot.contracts import Endpoint, Measure
    from entrepot.schema import Column, TableSchema

FOLDER = Path(__file__).parent / "reference"
WIDTH = 92


def pages() -> dict[str, str]:
    """Return every generated page by its file name."""
    made = {
        "sources.md": ("Sources", _sources()),
        "measures.md": ("Measures", _measures()),
        "detectors.md": ("Detectors", _detectors()),
        "estimators.md": ("Estimators", _estimators()),
        "schema.md": ("Schema", _schema()),
        "lists.md": ("Lists", _lists()),
        "studies.md": ("Studies", _studies()),
        "cli.md": ("Command line", _cli()),
        "errors.md": ("Errors", _errors()),
    }
    root = typer.Context(typer.main.get_command(app), info_name="entrepot")
    made |= {
        f"cli-{name}.md": (f"`entrepot {name}`", _command(noun, name, root))
        for name, noun in _nouns().items()
    }
    made |= {
        f"measure-{name}.md": (f"`{name}`", _measure(measure))
        for name, measure in measures().items()
    }
    return {
        name: f"# {title}\n\n*Generated from the code by `make docs`.*\n\n"
        + "\n\n".join(blocks).strip()
        + "\n"
        for name, (title, blocks) in made.items()
    } | {
        "schema/study.json": _json_schema("A study of entrepot", Written),
        "schema/mapping.json": _json_schema("A mapping of entrepot", File),
    }


def _json_schema(title: str, kind: type) -> str:
    """What an editor needs to complete and check a file: the struct that the code checks it by."""
    found = msgspec.json.schema(kind)
    defs = found.pop("$defs")
    top = defs.pop(found.pop("$ref").rsplit("/", 1)[1])
    top |= {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}
    for table in (top, *defs.values()):
        table["description"] = _line(table["description"])
    return json.dumps({**top, "$defs": defs}, indent=2, ensure_ascii=False) + "\n"


def _sources() -> Iterator[str]:
    for name, source in sources().items():
        yield f"## `{name}`: {source.title}"
        yield _table(
            ("", ""),
            (
                ("Publisher", source.publisher),
                ("Address", source.url),
                ("Licence", source.licence),
                ("Take files in", f"`entrepot source ingest {name} FILE...`"),
            ),
        )
        yield _prose(inspect.getdoc(inspect.getmodule(source.parse)))
        yield "### How a file is read"
        yield from _docstring(source.parse)
        if source.endpoints:
            yield "### How it is asked for"
            yield _endpoints(source.endpoints)
    for name, material in materials().items():
        yield f"## `{name}`: {material.title}"
        yield _table(
            ("", ""),
            (
                ("Publisher", material.publisher),
                ("Address", material.url),
                ("Licence", material.licence),
                ("Fetch it", f"`entrepot reference fetch {name}`"),
            ),
        )
        yield _prose(inspect.getdoc(inspect.getmodule(material.check)))
        yield _endpoints(material.endpoints)


def _endpoints(endpoints: Iterable[Endpoint]) -> str:
    header = ("Endpoint", "What it asks", "Key", "Seconds between calls", "Calls a day", "Limits")
    return _table(header, map(_endpoint, endpoints))


def _endpoint(endpoint: Endpoint) -> tuple[str, ...]:
    asks = " ".join((inspect.getdoc(endpoint.requests) or "").split("\n\n")[0].split())
    key = f"[{endpoint.key.name}]({endpoint.key.register})" if endpoint.key else "none"
    calls = str(endpoint.calls_per_day or "not limited")
    return endpoint.name, asks, key, f"{endpoint.pause:g}", calls, f"[page]({endpoint.reference})"


def _measures() -> Iterator[str]:
    yield (
        "Every measure is a pure function from flows to a table, with a page of its own. Run one "
        "with `entrepot measure run NAME --parameter VALUE ...`: lists are written with commas, "
        "countries also by the name of a group."
    )
    yield _table(
        ("Measure", "What it finds"),
        (
            (
                f"[`{name}`](measure-{name}.md)",
                next(iter((measure.run.__doc__ or "").splitlines()), ""),
            )
            for name, measure in measures().items()
        ),
    )


def _detectors() -> Iterator[str]:
    yield (
        "A detector looks at every third country and listed product of a scan. Run all of them "
        "with `entrepot scan`, one with `entrepot detector run NAME`. How often they are wrong: "
        "[the benchmark](../explanation/detection-benchmark.md)."
    )
    yield "## Columns of every finding"
    yield _columns(schema.FINDINGS)
    for name, detector in detectors().items():
        yield f"## `{name}`"
        yield from _docstring(detector.run)
        yield f"**Reference** {detector.reference}"


def _estimators() -> Iterator[str]:
    yield (
        "An estimator gives an effect with its interval. Run one with `entrepot estimate run NAME` "
        "or in a study's `[[estimate]]`: [estimate an effect](../how-to/estimate.md). They come "
        "with `pip install entrepot[estimate]`."
    )
    yield f"Standard errors of all of them: {CONVENTION}."
    yield "## Columns of every estimate"
    yield _columns(schema.ESTIMATES)
    for name, found in estimators().items():
        yield f"## `{name}`"
        yield from _docstring(found.run, found)
        yield f"**Reference** {found.reference}"
    yield "# Functions"
    yield "What the estimators and some measures stand on: functions on arrays."
    home = Path(estimate.__file__).parent
    for path in sorted(home.glob("[a-z]*.py")):
        module = import_module(f"entrepot.estimate.{path.stem}")
        yield f"## `estimate.{path.stem}`"
        yield _prose(inspect.getdoc(module))
        for name, one in vars(module).items():
            is_own = getattr(one, "__module__", "") == module.__name__
            if inspect.isfunction(one) and is_own and not name.startswith("_"):
                yield f"### `{name}`"
                yield from _docstring(one)


def _measure(measure: Measure[Any]) -> Iterator[str]:
    yield from _docstring(measure.run, measure)
    yield f"Reference: {measure.reference}."
    yield "## Columns"
    yield _columns(measure.returns)


def _schema() -> Iterator[str]:
    for table, doc in (
        (schema.REPORTED, "What a source makes of a file: one row per cell, in the publisher's "
         "currency."),
        (schema.FLOWS, "What the store holds and every measure reads: one row per cell as known "
         "on a day, totals over transport, procedure and second partner only."),
    ):  # fmt: skip
        yield f"## `{table.name}`"
        yield doc
        yield _columns(table)


def _lists() -> Iterator[str]:
    yield (
        "Each list is a CSV with a TOML passport beside it, in "
        "`src/entrepot/reference/data`. `entrepot reference show NAME` prints one."
    )
    for kind, name, _title, rows, path in passports.listing():
        yield from _list(kind, name, rows, dict(passports.passport(path)))
    given = embedded.passport()
    yield from _list(given["kind"], embedded.NAME, given["rows"], given)


def _list(kind: str, name: str, rows: int, given: dict[str, Any]) -> Iterator[str]:
    yield f"## `{name}`"
    yield given["title"] + "."
    keys = ("classification", "published", "retrieved", "source", "licence")
    facts = [(key.capitalize(), str(given[key])) for key in keys if key in given]
    yield _table(("", ""), [("Kind", kind), ("Rows", f"{rows:,}"), *facts])
    yield _bullets(given["notes"])
    if "classes" in given:
        yield _table(("Class", "Meaning"), [(f"`{k}`", v) for k, v in given["classes"].items()])


def _studies() -> Iterator[str]:
    yield (
        "`entrepot brief NAME` answers one; `entrepot study show NAME` prints its TOML. "
        "[Write a study](../how-to/write-a-study.md) explains the keys."
    )
    for study in map(load, names()):
        yield f"## `{study.name}`"
        yield f"**{study.title}.** {study.question}"
        yield f"Goods: `{study.goods}`, counted {study.basket} unless a figure says otherwise."
        if study.claim:
            yield "Published claims it checks:"
            yield _bullets(
                f"{claim.text} ([source]({claim.source}))" if "://" in claim.source else claim.text
                for claim in study.claim
            )
        yield "What it does not show:"
        yield _bullets(study.caveats)


def _cli() -> Iterator[str]:
    """The commands that stand alone; a noun with commands of its own has a page of its own."""
    yield (
        "Exit codes: 0 done, 1 an error in one line on stderr, 2 wrong usage. "
        "`ENTREPOT_STORE` names the store where `--store` does not."
    )
    nouns = _nouns()
    yield _bullets(f"[`entrepot {name}`](cli-{name}.md)" for name in nouns)
    yield from _command(typer.main.get_command(app), "entrepot", None, leave_out=nouns)


def _nouns() -> dict[str, Any]:
    commands = typer.main.get_command(app).commands
    return {name: one for name, one in commands.items() if getattr(one, "commands", None)}


def _command(command: Any, name: str, parent: Any, leave_out: Iterable[str] = ()) -> Iterator[str]:
    context = typer.Context(command, info_name=name, parent=parent, terminal_width=WIDTH)
    path = context.command_path
    yield f"{'#' * min(3, 1 + len(path.split()))} `{path}`"
    yield f"```text\n{command.get_help(context).strip()}\n```"
    for key, child in getattr(command, "commands", {}).items():
        if key not in leave_out:
            yield from _command(child, key, context)


def _errors() -> Iterator[str]:
    yield (
        "Catch `EntrepotError` to catch everything entrepot raises on purpose. The command line "
        "prints the message as one line and exits with 1; `entrepot --debug ...` shows where it "
        "was raised. Catching a kind catches those drawn below it."
    )
    yield _bullets(_tree(errors.EntrepotError))
    yield "## Who raises it, and what a caller may do"
    raised = _raised()
    yield _table(
        ("Error", "Raised by", "A caller may"),
        (
            (f"`{kind.__name__}`", ", ".join(f"`{part}`" for part in raised[kind.__name__]), may)
            for kind, _depth, _first, may in _kinds(errors.EntrepotError)
        ),
    )
    yield (
        "Parts are the folders and files of `src/entrepot`. What each function raises, and when, "
        "stands under Raises in its docstring: `help(entrepot.Workspace.ingest)`."
    )


def _kinds(kind: type, depth: int = 0) -> Iterator[tuple[type, int, str, str]]:
    """Give the error tree in its order: kind, depth, what it is, what a caller may do."""
    first, may = (inspect.getdoc(kind) or "").split("\n\n")
    yield kind, depth, _line(first), _line(may).removeprefix("A caller may ")
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from _kinds(child, depth + 1)


def _tree(kind: type) -> Iterator[str]:
    for one, depth, first, _may in _kinds(kind):
        yield f"{'    ' * depth}- **`{one.__name__}`** {first}"


def _raised() -> dict[str, list[str]]:
    """Return, per error, the parts of the package that make one, as the code stands."""
    home = Path(errors.__file__).parent
    found: dict[str, set[str]] = {kind.__name__: set() for kind, *_ in _kinds(errors.EntrepotError)}
    for path in home.rglob("*.py"):
        part = path.relative_to(home).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            if name in found and part != "errors":
                found[name].add(part)
    return {name: sorted(parts) for name, parts in found.items()}


def _docstring(function: Any, measure: Measure[Any] | None = None) -> Iterator[str]:
    """Google sections as Markdown: prose, a table of parameters, what returns and raises."""
    text, *sections = re.split(r"^(Args|Returns|Raises|Example):\n", inspect.getdoc(function) or "",
                               flags=re.MULTILINE)  # fmt: skip
    yield _prose(text)
    for title, body in zip(sections[::2], sections[1::2], strict=True):
        if title == "Returns":
            yield f"**Returns** {_line(body)}"
        elif title == "Example":
            intro, code = textwrap.dedent(body).split("\n\n", 1)
            yield f"**Example**, on a world small enough to check by hand. {_line(intro)}"
            yield f"```text\n{code.strip()}\n```"
        else:
            yield _table(*_entries(title, body, measure))


def _entries(
    title: str, body: str, measure: Measure[Any] | None
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    entries = [
        (f"`{name}`", _line(text))
        for name, text in re.findall(r"^    (\w+): (.*(?:\n {8}.*)*)", body, flags=re.MULTILINE)
    ]
    if title == "Raises":
        return ("Raises", "When"), entries
    if measure is None:
        return ("Parameter", "Meaning"), entries
    defaults = {f"`{key}`": param.default for key, param in measure.params.items()}
    return ("Parameter", "Default", "Meaning"), [
        (name, _default(defaults.get(name, inspect.Parameter.empty)), text)
        for name, text in entries
    ]


def _default(value: object) -> str:
    return "" if value is inspect.Parameter.empty else f"`{value!r}`"


def _columns(table: TableSchema) -> str:
    return _table(
        ("Column", "Type", "Unit", "Meaning"),
        (
            (f"**`{column.name}`**" if column in table.grain else f"`{column.name}`",
             column.type, column.unit, _meaning(column))
            for column in table.columns
        ),
    ) + "\n\nBold: what identifies a row."  # fmt: skip


def _meaning(column: Column) -> str:
    allowed = f" One of {', '.join(column.allowed)}." if column.allowed else ""
    return column.doc + allowed


def _table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    header = tuple(header)
    lines = [header, ("---",) * len(header), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
    )


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(line if line.lstrip().startswith("- ") else f"- {line}" for line in lines)


def _prose(text: str | None) -> str:
    return "\n\n".join(
        block if block.lstrip().startswith("* ") else _line(block)
        for block in (text or "").strip().split("\n\n")
    )


def _line(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    for name, page in pages().items():
        (FOLDER / name).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / name).write_text(page, "utf-8")
