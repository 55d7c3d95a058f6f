"""entrepot: where export-controlled goods go, from official files to a sourced headline.

What Python users start from is named here and loaded when it is first used, so that `import
entrepot` costs nothing: `from entrepot import Workspace, Study, Brief, Query`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from entrepot.contracts import Query
    from entrepot.errors import EntrepotError
    from entrepot.publish.brief import Brief
    from entrepot.study.question import Study
    from entrepot.workspace import Workspace

__version__ = "0.1.0"

__all__ = ["Brief", "EntrepotError", "Query", "Study", "Workspace", "__version__"]

_HOMES = {
    "Brief": "entrepot.publish.brief",
    "EntrepotError": "entrepot.errors",
    "Query": "entrepot.contracts",
    "Study": "entrepot.study.question",
    "Workspace": "entrepot.workspace",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'entrepot' has no attribute {name!r}")
    globals()[name] = found = getattr(import_module(_HOMES[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
