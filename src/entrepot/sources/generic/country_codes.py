"""The countries of a mapping: a scheme, a table of the office's own, or both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.errors import SourceError, UnknownCodeError
from entrepot.reference import countries
from entrepot.sources import _read

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from entrepot.sources.generic.cells import Cells
    from entrepot.sources.generic.mapping import Layout

SHOWN = 10
ANY_CASE = ("iso3", "iso2", "comext")
EU_DAY = "_EU_DAY"
"""The EU as one reporter before it had the 27 members of today: 28, 27, 25, 15."""
EU27_SINCE = "'2020-02-01'"


def find(label: str) -> str | None:
    """Return who a name stands for, whatever its case and accents; None if nobody is known."""
    meant = countries.meanings(label)
    if set(meant) == {"EU27", EU_DAY}:  # `by_day` tells them apart
        return "EU27"
    return meant[0] if len(meant) == 1 else None


def table(path: Path, cells: Cells, side: str, connection: DuckDBPyConnection) -> str:
    """Return SQL for the codes of a side as a table (`code`, `iso3`).

    Raises:
        UnknownCodeError: The mapping gives a country that is in none of our lists; or, where rows
            are numbered for an error, the file does.
    """
    layout = cells.layout
    scheme, given = told(layout, side)
    ours = countries.lookup("iso3")
    if wrong := [code for code in given.values() if code not in ours]:
        raise UnknownCodeError(
            f"{path.name}: mapping code {side!r} gives {wrong[0]!r}; expected a country or area "
            "that entrepot lists; correct it in the mapping"
        )
    codes = {} if scheme is None else countries.lookup(scheme)
    if scheme in ANY_CASE:
        codes |= {code.lower(): ours for code, ours in codes.items() if code.isupper()}
    codes |= given
    by_name = scheme == "name" and side not in layout.constants
    if by_name or cells.rows.at != "''":
        labels = _labels(cells, side, connection)
        if by_name:
            found = {label: find(label) for label in labels if label and label not in codes}
            codes |= {label: code for label, code in found.items() if code}
        unknown = [label for label in labels if _code(label, scheme) not in codes]
        if unknown and cells.rows.at != "''":
            raise _unknown(path, side, scheme, unknown, labels)
    return _read.code_table(codes)


def told(layout: Layout, side: str) -> tuple[str | None, dict[str, str]]:
    """Return a side's scheme (None: no other codes than its own) and its own codes."""
    given = "iso3" if side in layout.constants else layout.codes.get(side, "iso3")
    if not isinstance(given, dict):
        return given, {}
    own = {str(theirs): str(ours) for theirs, ours in given.items() if theirs != "scheme"}
    return given.get("scheme"), own


def key(layout: Layout, side: str) -> str:
    """Return SQL for a side's code as the table of `table` has it: codes in any case."""
    scheme, own = told(layout, side)
    if scheme not in ANY_CASE:
        return side
    kept = ", ".join(map(_read.quote, own))
    upper = f"upper({side})"
    return f"case when {side} in ({kept}) then {side} else {upper} end" if own else upper


def by_day(layout: Layout, side: str) -> str:
    """Return SQL for a side's country: "European Union" is the Union of the day of the trade."""
    scheme, own = told(layout, side)
    code = f"{side}_code.iso3"
    if scheme not in ("name", "iso2", "m49") or side in layout.constants:
        return code
    apart = [theirs for theirs, ours in own.items() if ours == "EU27"]
    explicit = f"contains({side}, '27')"
    if apart:
        explicit += f" or {side} in ({', '.join(map(_read.quote, apart))})"
    return (
        f"case when {code} = 'EU27' and day < {EU27_SINCE} and not ({explicit}) "
        f"then '{EU_DAY}' else {code} end"
    )


def _code(label: str | None, scheme: str | None) -> str | None:
    return label.upper() if label and scheme in ANY_CASE and label.upper() != label else label


def _labels(cells: Cells, side: str, connection: DuckDBPyConnection) -> dict[str | None, str]:
    """What the file writes on a side, in its order, and where each stands first."""
    first = "min(_line)" if cells.rows.at != "''" else "0"
    rows = connection.sql(
        f"select {side}, {first} from {cells.sql(numbered=True)} as cell group by 1 order by 2, 1"
    ).fetchall()
    return {label: f"; {cells.word} {line}" if line else "" for label, line in rows}


def _unknown(
    path: Path,
    side: str,
    scheme: str | None,
    unknown: list[str | None],
    places: Mapping[str | None, str],
) -> SourceError | UnknownCodeError:
    """All that is unknown, in one line that fits a screen."""
    expected = "the codes listed" if scheme is None else f"a code of scheme {scheme}"
    shown = [repr(label[:40]) if label else "empty" for label in unknown[:SHOWN]]
    more = f" and {len(unknown) - SHOWN} more" if len(unknown) > SHOWN else ""
    word = "country" if len(unknown) == 1 else "countries"
    return UnknownCodeError(
        f"{path.name}: unknown {word} {', '.join(shown)}{more} ({side}); expected {expected}; "
        f"correct {side} under [codes] in the mapping, or leave such rows out under [filter]"
        f"{places[unknown[0]]}"
    )
