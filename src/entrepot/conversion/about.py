"""About: what a converted table rests on, and what could not be converted, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.conversion.weights import ONLY
from entrepot.errors import UnknownCodeError
from entrepot.harmonise import _links
from entrepot.publish.words import count

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from entrepot.conversion.asked import Conversion
    from entrepot.conversion.tables import Own
    from entrepot.conversion.weights import Weighed

NAMED = 5
"""Codes that a line names; the others are counted."""


def _listed(own: Own, gone: Sequence[dict[str, object]]) -> str:
    """Name codes that cannot be converted, each with its rows and sums."""
    words, is_mixed = [], len(own.rows["classification"].unique()) > 1
    for row in gone[:NAMED]:
        sums = [f"{name} {row[key]:,.12g}" for key, name in zip(own.ids, own.amounts, strict=True)
                if row[key] is not None]  # fmt: skip
        told = ", ".join([count(int(str(row["cells"])), "row"), *sums])
        of = f" of {row['classification']}" if is_mixed else ""
        words.append(f"{row['product'] or 'empty'}{of} ({told})")
    more = f" and {len(gone) - NAMED} more" if len(gone) > NAMED else ""
    return f"{'; '.join(words)}{more}"


def refusal(
    asked: Conversion, own: Own, gone: Sequence[dict[str, object]], after: str
) -> UnknownCodeError:
    """Return the error that names the codes without a link."""
    current = [str(row["product"]) for row in gone if row["is_current"]]
    hint = f" ({', '.join(current[:NAMED])} of {after})" if current else ""
    return UnknownCodeError(
        f"{asked.path.name}: {count(len(gone), 'code')} without a link from {asked.before} to "
        f"{after}: {_listed(own, gone)}{hint}; correct them or --from, or keep them apart with "
        "--unconverted keep"
    )


def about(
    asked: Conversion,
    own: Own,
    weighed: Sequence[Weighed],
    says: dict[str, str],
    made: pa.Table,
    gone: Sequence[dict[str, object]],
) -> tuple[tuple[str, str], ...]:
    """Return what a reader must know, as pairs of what and said."""
    after = weighed[0].concordance.to_revision
    counts = _links.query(
        "select basis, count(distinct from_product) as codes from made group by basis order by 1",
        made=made,
    ).to_pylist()
    sums, outs = (
        _links.query(
            f"select {', '.join(f'fsum({key}) as {key}' for key in own.ids)} from rows", rows=rows
        ).to_pylist()[0]
        for rows in (own.rows, made)
    )
    told = [
        ("Read as", f"{asked.path.name}: code {own.code!r}, amounts "
         f"{', '.join(map(repr, own.amounts))}; other columns are carried along"),
        *(("Please confirm", note) for note in own.notes),
        *(("Concordance", f"{hs} to {after}: {said}") for hs, said in says.items()),
        *(("Weights", said) for said in dict.fromkeys(one.says for one in weighed)),
        ("Codes", ", ".join(f"{row['codes']} {_SAID.get(row['basis'], row['basis'])}"
                            for row in counts)),
        *(("Conserved", f"{name}: {_sum(sums[key])} in, {_sum(outs[key])} out")
          for key, name in zip(own.ids, own.amounts, strict=True)),
    ]  # fmt: skip
    if gone:
        told.append(("Not converted", f"{_listed(own, gone)}; in no bounds of any code"))
    return tuple(told)


_SAID = {ONLY: "with one link only", "not converted": "not converted", "as published":
         "in the revision already", "equal": "in equal parts", "trade": "by trade",
         "recommended": "by recommendation"}  # fmt: skip


def _sum(value: float | None) -> str:
    return "nothing known" if value is None else f"{value:,.12g}"
