"""Own: the options that a measure or an estimator has of its own, read and explained."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entrepot.errors import StudyError

if TYPE_CHECKING:
    from entrepot.contracts import Measure

OWN_HELP = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}
"""Settings of a command that passes on what it does not know."""
Basketed = Annotated[
    str,
    typer.Option(
        "--basket", help="How codes count in older HS revisions: as-listed, stable, bridged."
    ),
]


def basket_of(word: str) -> Any:
    """Return a basket by its name.

    Raises:
        StudyError: There is none of that name.
    """
    from entrepot.harmonise.products import BASKETS
    from entrepot.reference._files import near

    if word not in BASKETS:
        raise StudyError(f"--basket {word}: {near(word, BASKETS)}; there are: {', '.join(BASKETS)}")
    return word


def given(noun: str, name: str, words: list[str]) -> dict[str, str]:
    """Read `--key value` and `--key=value`; a comma list may go on over several words."""
    told: dict[str, str] = {}
    key = ""
    for word in words:
        if word.startswith("--"):
            key, equals, value = word.removeprefix("--").partition("=")
            key = key.replace("-", "_")
            if key in told:
                raise StudyError(f"{noun} {name}: --{key.replace('_', '-')} is given twice")
            told[key] = value if equals else ""
        elif not key:
            raise StudyError(
                f"{noun} {name}: {word!r} belongs to no option; write --option value, as "
                "--reporters Turkey"
            )
        else:
            told[key] = f"{told[key]} {word}".strip()
    if empty := [key for key, value in told.items() if not value]:
        raise StudyError(f"{noun} {name}: --{empty[0].replace('_', '-')} has no value after it")
    return told


def help_of(noun: str, name: str, found: Measure[Any]) -> str:
    """Return the options of one measure: what each holds, its meaning and its default."""
    from entrepot.question.words import example

    meanings = _meanings(inspect.getdoc(found.run) or "")
    lines = [f"entrepot {noun} run {name} --OPTION VALUE ...", "", finds(found), ""]
    for key, param in found.params.items():
        usual = "" if param.default is param.empty else f"  [default: {_said(param.default)}]"
        option = f"--{key.replace('_', '-')}"
        if key == found.goods:
            option += ", --goods"
        lines.append(f"  {option}  {example(found.kind(key))}{usual}")
        lines.append(f"      {meanings.get(key, '')}")
    if len(found.of_kind("Month")) >= 2 or found.first("Window"):
        lines += ["", "  --months 2022-01..2022-09 stands for the first and last month."]
    lines += [f"  --source, --basket, --store, --as-of, --demo, --format: see {noun} run --help",
              "", f"`entrepot {noun} show {name}` gives the formula and the columns."]  # fmt: skip
    return "\n".join(lines)


def finds(found: Measure[Any]) -> str:
    """Return the first line of what a part says of itself; "" where it says nothing."""
    return next(iter((inspect.getdoc(found.run) or "").splitlines()), "")


def _said(default: Any) -> str:
    if isinstance(default, tuple):
        return ",".join(map(str, default)) or "all"
    return "none" if default is None else str(default)


def _meanings(doc: str) -> dict[str, str]:
    """Return what a docstring says of each parameter, on one line."""
    found: dict[str, str] = {}
    key = ""
    for line in doc.partition("Args:\n")[2].partition("\n\n")[0].splitlines():
        text = line.strip()
        if len(line) - len(line.lstrip()) == 4 and ":" in text:
            key, _colon, text = text.partition(":")
            found[key] = text.strip()
        elif key:
            found[key] += f" {text}"
    return found
