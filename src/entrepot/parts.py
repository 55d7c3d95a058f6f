"""Parts: what there is of each kind, found by name: sources, measures, detectors, mappings ..."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from entrepot import registry
from entrepot.errors import RegistryError, SourceError
from entrepot.sources.generic.mapping import with_lists
from entrepot.typed import Document, Lines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from entrepot.contracts import Detector, Estimator, Measure, Source
    from entrepot.materials._material import Material


def sources() -> dict[str, Source]:
    """Return every source by name."""
    from entrepot.contracts import Source

    return registry.load("entrepot.sources", Source)


def measures() -> dict[str, Measure[Any]]:
    """Return every measure by name."""
    from entrepot.contracts import Measure

    return registry.load("entrepot.measures", Measure)


def materials() -> dict[str, Material]:
    """Return every material by name."""
    from entrepot.materials._material import Material

    return registry.load("entrepot.materials", Material)


def estimators() -> dict[str, Estimator[Any]]:
    """Return every estimator by name.

    Raises:
        RegistryError: SciPy is not installed, which they stand on.
    """
    from entrepot.contracts import Estimator

    try:
        return registry.load("entrepot.estimators", Estimator)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "scipy":
            raise
        raise RegistryError(
            "estimators need SciPy, which is not installed; `pip install entrepot[estimate]`"
        ) from None


def detectors() -> dict[str, Detector]:
    """Return every detector by name."""
    from entrepot.contracts import Detector

    return registry.load("entrepot.detect", Detector)


def part(parts: Mapping[str, Any], kind: str, name: str) -> Any:
    """Return the part of that name.

    Raises:
        RegistryError: There is none; the message lists those there are.
    """
    if name not in parts:
        raise RegistryError(f"no {kind} is called {name!r}; there are: {', '.join(parts)}")
    return parts[name]


def mappings() -> tuple[str, ...]:
    """Return the mappings that ship for the `generic` source."""
    folder = files("entrepot.sources.generic").joinpath("mappings")
    return tuple(sorted(p.name.removesuffix(".toml") for p in folder.iterdir()))


def read_mapping(name: str) -> dict[str, Any]:
    """Read a mapping by the name of one that ships, or from a path that ends in .toml.

    Raises:
        SourceError: There is no such mapping, or it is not TOML.
    """
    path: Any = Path(name)
    if path.suffix != ".toml" and name in mappings():
        path = files("entrepot.sources.generic").joinpath(f"mappings/{name}.toml")
    try:
        text = path.read_text("utf-8")
        tables = with_lists(tomllib.loads(text), Path(name).parent)
        return Document(tables, path.name, Lines(text))
    except OSError as error:
        raise SourceError(
            f"mapping {name}: cannot be read ({error.strerror}); name a TOML file, or one that "
            f"ships: {', '.join(mappings())}"
        ) from None
    except (ValueError, RecursionError) as error:
        raise SourceError(
            f"mapping {name}: not valid TOML ({error}); expected keys and tables as "
            "`source ingest generic FILE --propose` writes them; correct it"
        ) from None
