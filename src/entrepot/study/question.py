"""Question: a study as its TOML file states it, checked before anything runs."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

from entrepot.errors import StudyError
from entrepot.study.blocks import (
    BreakdownBlock,
    ClaimBlock,
    DerivedBlock,
    EstimateBlock,
    FigureBlock,
    PictureBlock,
    TallyBlock,
    Written,
)
from entrepot.study.faults import fault, misfit
from entrepot.typed import Lines, Misfit, convert, likely

__all__ = [
    "BreakdownBlock",
    "ClaimBlock",
    "DerivedBlock",
    "EstimateBlock",
    "FigureBlock",
    "PictureBlock",
    "Study",
    "TallyBlock",
    "Written",
    "load",
    "names",
]

DEFAULT = "eu-to-central-asia-2022"


class Study(Written, frozen=True, kw_only=True, eq=False):
    """A study by its name, with the lines of its file where it has one."""

    name: str
    lines: Lines = Lines()

    @classmethod
    def load(cls, name: str) -> Study:
        """Read a study by name, or from a path that ends in .toml: see `load`."""
        return load(name)

    def __repr__(self) -> str:
        return f"<Study {self.name}: {self.question}>"


def names() -> tuple[str, ...]:
    """Return the studies that ship, the default first."""
    found = sorted(
        path.name.removesuffix(".toml")
        for path in files("entrepot.studies").iterdir()
        if path.name.endswith(".toml")
    )
    return tuple(sorted(found, key=lambda name: name != DEFAULT))


def load(name: str) -> Study:
    """Read a study by name, or from a path that ends in .toml.

    Raises:
        StudyError: There is no such study, or it holds a value of the wrong type or a key that
            means nothing.
    """
    if name.endswith(".toml"):
        path: Any = Path(name)
        if not path.is_file():
            raise StudyError(f"study {name}: no such file; `entrepot study list` names those here")
        stem = path.stem
    elif name in names():
        path, stem = files("entrepot.studies").joinpath(f"{name}.toml"), name
    else:
        raise StudyError(
            f"no study is called {name!r}{likely(name, names())}; there are: {', '.join(names())}; "
            "a file of your own is named by a path that ends in .toml"
        )
    try:
        text = path.read_text("utf-8")
        data = tomllib.loads(text)
    except OSError as error:
        raise StudyError(
            f"study {name}: cannot be read ({error.strerror}); name another file, or change its "
            "rights"
        ) from None
    except (ValueError, RecursionError) as error:
        raise StudyError(f"study {name}: not valid TOML: {error}") from None
    return _study(stem, data, Lines(text))


def _study(name: str, data: dict[str, Any], lines: Lines) -> Study:
    try:
        written = convert(data, Written)
    except Misfit as found:
        raise misfit(name, lines, found, data) from None
    study = Study(**_fields(written), name=name, lines=lines)
    shown = {f"{asked.name}.{column}" for asked in study.figure for column in asked.show}
    for number, derived in enumerate(study.derived):
        if text := _odd(derived, shown):
            raise fault(name, lines, ("derived", number), f"[[derived]] {derived.name} {text}")
        shown.add(f"{derived.name}.value")
    for number, claim in enumerate(study.claim):
        if claim.figure not in shown:
            raise fault(
                *(name, lines, ("claim", number, "figure")),
                f"the claim {claim.text!r} asks for figure {claim.figure!r}, which no [[figure]] "
                f"shows{likely(claim.figure, shown)}; shown are: {', '.join(sorted(shown))}",
            )
    return study


def _fields(written: Written) -> dict[str, Any]:
    return {key: getattr(written, key) for key in written.__struct_fields__}


def _odd(derived: DerivedBlock, shown: set[str]) -> str:
    """Say why a derived figure is neither a sum nor a quotient of figures before it, if so."""
    if bool(derived.add) == bool(derived.divide) or len(derived.divide) not in (0, 2):
        return (
            f"has {len(derived.add)} figures to add and {len(derived.divide)} to divide; give "
            "either some to add or two to divide"
        )
    if unknown := sorted({*derived.add, *derived.divide} - shown):
        return (
            f"uses {unknown[0]!r}, which no block before it shows{likely(unknown[0], shown)}; "
            f"shown are: {', '.join(sorted(shown))}"
        )
    return ""
