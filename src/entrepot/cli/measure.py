"""measure: the measures by themselves, on everything the store holds."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entrepot.cli._common import AsOf, Shown, Store, show, workspace
from entrepot.errors import StudyError

if TYPE_CHECKING:
    import inspect

    from entrepot.contracts import Measure

app = typer.Typer(help="Measures: what can be computed from flows.", no_args_is_help=True)


@app.command("list")
def list_(chosen: Shown = None) -> None:
    """List the measures and what each finds."""
    from entrepot.workspace import measures

    show(
        (
            {"measure": name, "finds": (part.run.__doc__ or "").splitlines()[0]}
            for name, part in measures().items()
        ),
        chosen,
    )


@app.command("show")
def show_(name: Annotated[str, typer.Argument(help="A measure.")]) -> None:
    """Show a measure: formula, sign, parameters, result, source."""
    import inspect

    from entrepot.workspace import measures, part

    found = part(measures(), "measure", name)
    typer.echo(f"{name}\n\n{inspect.getdoc(found.run)}\n\nReference: {found.reference}\n\nColumns:")
    for column in found.returns.columns:
        unit = f" [{column.unit}]" if column.unit else ""
        typer.echo(f"  {column.name}{unit}: {column.doc}")


@app.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
def run(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A measure.")],
    store: Store = None,
    as_of: AsOf = None,
    chosen: Shown = None,
) -> None:
    """Run a measure; its own parameters are options: --reporters TUR,KAZ --first 2023-01 ..."""
    from entrepot.workspace import measures, part

    found = part(measures(), "measure", name)
    params = _params(name, found, context.args)
    table = workspace(store, as_of).measure(name, **params)
    keys = [key for key in found.returns.keys if key in table.columns]
    show(table.order_by(keys).to_pyarrow().to_pylist(), chosen)


def _params(name: str, measure: Measure[Any], words: list[str]) -> dict[str, Any]:
    """Read `--key value` pairs by the measure's own signature."""
    if len(words) % 2 or not all(word.startswith("--") for word in words[::2]):
        raise StudyError(f"measure {name}: expected --parameter VALUE pairs, got {' '.join(words)}")
    given = {
        key.removeprefix("--").replace("-", "_"): value
        for key, value in zip(words[::2], words[1::2], strict=True)
    }
    if unknown := given.keys() - measure.params.keys():
        raise StudyError(
            f"measure {name}: no parameter {min(unknown)!r}; there are: {', '.join(measure.params)}"
        )
    needed = [key for key, param in measure.params.items() if param.default is param.empty]
    if absent := [key for key in needed if key not in given]:
        raise StudyError(f"measure {name}: needs --{absent[0].replace('_', '-')} as well")
    return {key: _value(name, measure.params[key], text) for key, text in given.items()}


def _value(name: str, param: inspect.Parameter, text: str) -> Any:
    """Read a value by the parameter's annotation; lists are written with commas, groups by name."""
    from entrepot.reference import groups

    kind = str(param.annotation)
    try:
        if kind.startswith("tuple[int"):
            return tuple(int(word) for word in text.split(","))
        if kind.startswith("tuple[str") or kind in ("Countries", "Reporters", "Goods", "Window"):
            words = text.split(",")
            if kind in ("Countries", "Reporters"):
                return tuple(code for word in words for code in groups.members(word))
            return tuple(words)
        return text if kind == "str" else ast.literal_eval(text)
    except ValueError:
        raise StudyError(f"measure {name}: --{param.name} {text!r} is not {kind}") from None
