"""Own: the options that a measure or an estimator has of its own, built from its signature."""

from __future__ import annotations

import inspect
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import typer
from typer.core import TyperCommand

from entrepot.cli import _complete
from entrepot.cli._common import say
from entrepot.errors import EntrepotError, StudyError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from entrepot.contracts import Measure

GIVEN = "entrepot.own"
"""Where a run's context keeps the words given for each parameter, by its name."""
_NAME = "entrepot.measure"
OWN_HELP = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}
"""Settings of a command that passes on what it does not know."""
Basketed = Annotated[
    str,
    typer.Option(
        "--basket",
        help="How codes count in older HS revisions: as-listed, stable, bridged.",
        autocompletion=_complete.offer(_complete.baskets),
    ),
]


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

    noun: ClassVar[str] = "measure"

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the options of every run, and those of the measure named."""
        name = ctx.meta.get(_NAME)
        return [*super().get_params(ctx), *(options(self.noun, name) if name else ())]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words of a command line, with the options of the measure among them."""
        try:
            known = _parts(self.noun)
        except EntrepotError:  # the command says so when it runs; a shell can show no error
            known = {}
        name = next((word for word in args if word in known), None)
        if name and "--help" not in args:
            ctx.meta[_NAME] = name
            if not ctx.resilient_parsing:  # while a shell asks, words may be half written
                args = joined(self.noun, name, args)
        return super().parse_args(ctx, args)


class EstimatorOptions(OwnOptions):
    """`estimate run`: the same for an estimator."""

    noun: ClassVar[str] = "estimate"


def _parts(noun: str) -> Mapping[str, Measure[Any]]:
    """Return what a command runs, by name."""
    from entrepot.parts import estimators, measures

    return estimators() if noun == "estimate" else measures()


@cache
def options(noun: str, name: str) -> list[Any]:
    """Return the parameters of a measure or an estimator as options of the command line."""
    found = _parts(noun)[name]
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


def joined(noun: str, name: str, args: list[str]) -> list[str]:
    """Join the words of each own option, since a comma list may go on over several.

    Raises:
        StudyError: An option has no word after it.
    """
    own = {flag for option in options(noun, name) for flag in option.opts}
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
        raise StudyError(f"{noun} {name}: {empty[0]} has no value after it")
    return made


def given(noun: str, name: str, context: Any) -> dict[str, str]:
    """Return the words given for each parameter.

    Raises:
        StudyError: One is given twice, or a word belongs to no option.
    """
    found: dict[str, str] = {}
    for key, words in context.meta.get(GIVEN, {}).items():
        if len(words) > 1:
            raise StudyError(
                f"{noun} {name}: --{key.replace('_', '-')} is given twice ({' and '.join(words)})"
                "; write one, with commas where it takes several"
            )
        found[key] = words[0]
    for word, keys in _stand_ins(_parts(noun)[name]).items():
        if both := [key for key in keys if key in found and word in found and key != word]:
            raise StudyError(
                f"{noun} {name}: --{word} and --{both[0].replace('_', '-')} say the same; leave "
                "one out"
            )
    return found | _unknown(noun, name, context.args)


def _unknown(noun: str, name: str, words: list[str]) -> dict[str, str]:
    """Return what looks like options and is none of the measure's, for it to refuse."""
    found: dict[str, str] = {}
    for word in words:
        if word.startswith("--"):
            key, _equals, value = word.removeprefix("--").partition("=")
            found[key.replace("-", "_")] = value
        elif not found:
            raise StudyError(
                f"{noun} {name}: {word!r} belongs to no option; write --option value, as "
                "--reporters Turkey"
            )
    return found


def _keep(ctx: Any, param: Any, value: Any) -> Any:
    if value and not ctx.resilient_parsing:
        ctx.meta.setdefault(GIVEN, {})[param.name] = list(value)
    return value


def _stand_ins(found: Measure[Any]) -> dict[str, list[str]]:
    """Return the words that stand for parameters of another name, and which those are."""
    months, windows = found.of_kind("Month"), found.of_kind("Window")
    words = {"goods": [found.goods] if found.goods else [],
             "months": [*(months if len(months) >= 2 else windows[:1])]}  # fmt: skip
    return {word: keys for word, keys in words.items() if keys}


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


def say_gaps(missing: Iterable[str]) -> None:
    """Say what of a question is not known, on standard error."""
    for gap in missing:
        say(gap if gap.startswith("not published") else f"not known: {gap}")


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
