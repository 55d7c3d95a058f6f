"""Arrays: the engine's rows laid out over axes of names."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Axes = tuple[dict[str, int], dict[str, int], dict[str, int]]


def unique(table: pa.Table, name: str) -> list[str]:
    """Return the different texts of a column."""
    return [str(item) for item in table[name].unique().to_pylist()]


def places(names: Sequence[str]) -> dict[str, int]:
    """Return an axis: the place of each name."""
    return {name: place for place, name in enumerate(names)}


def codes(column: pa.ChunkedArray, axis: dict[str, int]) -> NDArray[np.int64]:
    """Return each row's place on an axis, -1 where it is not on it."""
    encoded = column.combine_chunks().dictionary_encode()
    words = encoded.dictionary.to_pylist()
    named = [f"{word:%Y-%m}" if isinstance(word, date) else str(word) for word in words]
    lookup = np.array([axis.get(name, -1) for name in named] or [-1], dtype=np.int64)
    return np.asarray(lookup[encoded.indices.to_numpy(zero_copy_only=False)])


def dense(table: pa.Table, columns: Sequence[str], axes: Axes) -> dict[str, Floats]:
    """Return columns of a table by third country, product and month, 0 where it has no row."""
    shape = tuple(len(axis) for axis in axes)
    at = [
        codes(table[name], axis)
        for name, axis in zip(("third", "product", "period"), axes, strict=True)
    ]
    inside = np.logical_and.reduce([place >= 0 for place in at])
    flat = np.ravel_multi_index(tuple(place[inside] for place in at), shape)
    made = {}
    for name in columns:
        values = np.nan_to_num(table[name].to_numpy().astype(np.float64))[inside]
        cells: Floats = np.zeros(int(np.prod(shape)))
        cells[flat] = values
        made[name] = cells.reshape(shape)
    return made
