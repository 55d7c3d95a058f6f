"""Mirror: what the exporter says it sent, what the importer says came, and where freight ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.publish.charts import _style as style
from entrepot.publish.charts import _time as time
from entrepot.publish.charts import _vega as vega

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_LEFT = 58
_SENT, _CAME = style.SERIES[0], style.SERIES[1]


def mirror(
    rows: Iterable[Mapping[str, Any]],
    *,
    exporter: str = "the exporter",
    importer: str = "the importer",
    freight: Sequence[float] = (1.0, 1.2),
    events: Sequence[time.Event] = (),
    width: int = 680,
) -> vega.Part:
    """Draw both sides' records of one trade by month, and the band that freight explains.

    Imports are valued with freight and insurance (CIF), exports without (FOB). The band is what
    was sent times `freight`: a line of the importer inside it needs no other reason. Above it more
    came than was sent, below it less. A month without a value is a gap, in the band too.

    Args:
        rows: One row per `period` (first day of the month): `sent_usd`, what the exporter
            recorded, and `came_usd`, what the importer did; each null where it is not known.
        exporter: Its name.
        importer: Its name.
        freight: Least and most that CIF is, in parts of FOB.
        events: Days to mark, each with `date` and `label`.
        width: Width of the whole picture, in pixels.
    """
    points = [_point(row, freight) for row in rows]
    known = [p[k] for p in points for k in ("sent_usd", "came_usd", "high") if p[k] is not None]
    steps = style.ticks(max(known, default=1.0))
    months = sorted(p["month"] for p in points) or ["2022-01"]
    span = (f"{months[0]}-01", time.after(months[-1]))
    size = (width - _LEFT - 8, 240 if width > style.NARROW else 190)
    days = time.placed(events, span, size[0])
    names = _names(exporter, importer, freight, size[0], time.room(days))
    x = time.years(span)
    layers = [
        *time.marks(days, size[1], style.RULE, named=True),
        *_band(points, x, steps),
        *_line(points, "sent_usd", _SENT, x, steps),
        *_line(points, "came_usd", _CAME, x, steps),
        *style.written(names, halo=True, fontWeight="bold"),
    ]
    return style.finish(vega.plot(layers, *size))


def _point(row: Mapping[str, Any], freight: Sequence[float]) -> dict[str, Any]:
    month, sent = str(row["period"])[:7], row["sent_usd"]
    low, high = (None if sent is None else sent * factor for factor in freight)
    # A month's value stands for the whole month, so it is drawn in its middle.
    return {"month": month, "period": f"{month}-15", "sent_usd": sent,
            "came_usd": row["came_usd"], "low": low, "high": high}  # fmt: skip


def _band(points: list[dict[str, Any]], x: vega.Part, steps: list[float]) -> Iterable[vega.Part]:
    """Draw the band over each run of months that are known, so that no gap is bridged."""
    run, rows = 0, []
    for point in points:
        run += point["low"] is None
        if point["low"] is not None:
            rows.append({**point, "run": f"{run}"})
    if rows:
        look = {"color": _SENT, "opacity": 0.2}
        y = style.amounts("low", steps, _LEFT - 6)
        ends = {"y2": vega.until("high"), "detail": vega.name("run")}
        yield vega.layer("area", rows, look, x=x, y=y, **ends)


def _line(
    points: list[dict[str, Any]], field: str, colour: str, x: vega.Part, steps: list[float]
) -> Iterable[vega.Part]:
    y = style.amounts(field, steps, _LEFT - 6)
    yield vega.layer("line", points, {"color": colour, **time.LINE_LOOK}, x=x, y=y)
    if alone := time.alone(points, field):
        yield vega.layer("circle", alone, {"color": colour, "size": 26}, x=x, y=y)


def _names(
    exporter: str, importer: str, freight: Sequence[float], width: int, lift: int
) -> list[vega.Part]:
    low, high = (f"{(factor - 1) * 100:.0f}" for factor in freight)
    told = [
        (f"{exporter} recorded as exports", _SENT),
        (f"and that with {low} to {high}% of freight", style.SOFT),
        (f"{importer} recorded as imports", _CAME),
    ]
    lines = [(one, colour) for text, colour in told for one in style.wrap(text, width / 1.3)]
    return [
        line
        for place, (text, colour) in enumerate(reversed(lines))
        for line in style.lines_at(0, -lift - 8 - 16 * place, text, colour)
    ]
