"""A command whose options are those of the measure it runs, built from the measure's signature."""

from __future__ import annotations

import inspect
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from entrepot.cli import _complete
from entrepot.errors import StudyError

if TYPE_CHECKING:
    from entrepot.contracts import Measure

GIVEN = "entrepot.own"
"""Where a run's context keeps the words given for each parameter, by its name."""
_NAME = "entrepot.measure"


class Once(TyperCommand):
    """A command of which no option may be given twice, unless it takes several."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words of a command line.

        Raises:
            StudyError: An option is given twice, so that the last would hide the first.
        """
        flags = [word.partition("=")[0] for word in args if word.startswith("--")]
        for param in self.get_params(ctx):
            is_single = not getattr(param, "multiple", True) and not getattr(param, "is_flag", True)
            if is_single and sum(flag in param.opts for flag in flags) > 1:
                raise StudyError(
                    f"{ctx.command_path.partition(' ')[2]}: {param.opts[0]} is given twice; write "
                    "one, with commas where it takes several"
                )
        return super().parse_args(ctx, args)


class OwnOptions(Once):
    """`measure run`: once a measure is named, its parameters are options beside the others."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the options of every run, and those of the measure named."""
        name = ctx.meta.get(_NAME)
        return [*super().get_params(ctx), *(options(name) if name else ())]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words of a command line, with the options of the measure among them."""
        from entrepot.workspace import measures

        name = next((word for word in args if word in measures()), None)
        if name and "--help" not in args:
            ctx.meta[_NAME] = name
            if not ctx.resilient_parsing:  # while a shell asks, words may be half written
                args = joined(name, args)
        return super().parse_args(ctx, args)


@cache
def options(name: str) -> list[Any]:
    """Return a measure's parameters as options of the command line."""
    from entrepot.workspace import measures

    found = measures()[name]
    flags = {key: [f"--{key.replace('_', '-')}"] for key in found.params}
    extra = {word: keys[0] for word, keys in _stand_ins(found).items()}
    flags |= {word: [f"--{word}"] for word in extra if word not in flags}
    shape: Any = lambda **_given: None  # noqa: E731 - it only carries a signature
    annotated = {
        key: Annotated[
            list[str] | None,
            typer.Option(*names, autocompletion=_complete.of(found, extra.get(key) or key)),
        ]
        for key, names in flags.items()
    }
    shape.__signature__ = inspect.Signature(
        [
            inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=None)
            for key, kind in annotated.items()
        ]
    )
    shape.__annotations__ = annotated
    app = typer.Typer(add_completion=False)
    app.command(context_settings={"help_option_names": []})(shape)
    made = list(typer.main.get_command(app).params)
    for option in made:
        option.expose_value = False
        option.callback = _keep
    return made


def joined(name: str, args: list[str]) -> list[str]:
    """Join the words of each own option, since a comma list may go on over several.

    Raises:
        StudyError: An option has no word after it.
    """
    own = {flag for option in options(name) for flag in option.opts}
    made: list[str] = []
    is_own = False
    for word in args:
        if word.startswith("--"):
            flag, equals, value = word.partition("=")
            is_own = flag.replace("_", "-") in own
            made.append(f"{flag.replace('_', '-')}={value}" if is_own else word)
            if is_own and equals and not value:
                continue
        elif is_own:
            made[-1] += f"{'' if made[-1].endswith('=') else ' '}{word}"
        else:
            made.append(word)
    if empty := [word[:-1] for word in made if word.endswith("=") and word[:-1] in own]:
        raise StudyError(f"measure {name}: {empty[0]} has no value after it")
    return made


def given(name: str, context: Any) -> dict[str, str]:
    """Return the words given for each parameter.

    Raises:
        StudyError: One is given twice, or a word belongs to no option.
    """
    from entrepot.workspace import measures

    found: dict[str, str] = {}
    for key, words in context.meta.get(GIVEN, {}).items():
        if len(words) > 1:
            raise StudyError(
                f"measure {name}: --{key.replace('_', '-')} is given twice ({' and '.join(words)})"
                "; write one, with commas where it takes several"
            )
        found[key] = words[0]
    for word, keys in _stand_ins(measures()[name]).items():
        if both := [key for key in keys if key in found and word in found and key != word]:
            raise StudyError(
                f"measure {name}: --{word} and --{both[0].replace('_', '-')} say the same; leave "
                "one out"
            )
    return found | _unknown(name, context.args)


def _unknown(name: str, words: list[str]) -> dict[str, str]:
    """Return what looks like options and is none of the measure's, for it to refuse."""
    found: dict[str, str] = {}
    for word in words:
        if word.startswith("--"):
            key, _equals, value = word.removeprefix("--").partition("=")
            found[key.replace("-", "_")] = value
        elif not found:
            raise StudyError(
                f"measure {name}: {word!r} belongs to no option; write --option value, as "
                "--reporters Turkey"
            )
    return found


def _keep(ctx: Any, param: Any, value: Any) -> Any:
    if value and not ctx.resilient_parsing:
        ctx.meta.setdefault(GIVEN, {})[param.name] = list(value)
    return value


def _stand_ins(found: Measure[Any]) -> dict[str, list[str]]:
    """Return the words that stand for parameters of another name, and which those are."""
    kinds = {key: found.kind(key) for key in found.params}
    months = [key for key, kind in kinds.items() if kind == "Month"]
    windows = [key for key, kind in kinds.items() if kind == "Window"]
    words = {"goods": [found.goods] if found.goods else [],
             "months": months if len(months) >= 2 else windows[:1]}  # fmt: skip
    return {word: keys for word, keys in words.items() if keys}
