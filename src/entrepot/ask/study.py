"""Study: the study that answers a question, one view of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot import terms
from entrepot.ask import phrases
from entrepot.ask.pictures import begin, has_lines, lines, pictures
from entrepot.ask.question import MONTHS
from entrepot.errors import StudyError
from entrepot.publish import words
from entrepot.study.question import BreakdownBlock, FigureBlock, Study

if TYPE_CHECKING:
    from entrepot.ask.phrases import Said
    from entrepot.ask.question import Asked

NO_PROOF = "That a country recorded an export to another is no proof that the goods stayed there."
ORIGIN = (
    "Importers record where goods were made, unless they say otherwise, and not who sent them last."
)
BOTH = (
    "A gap between two books is a place to look: importers that record the country of origin book "
    "re-exported goods under another partner, and goods in transit may never be imported."
)


def study(asked: Asked) -> Study:
    """Return the study of a question.

    Raises:
        StudyError: The months cannot be added up by country or code.
    """
    listed = terms.goods(asked.goods)
    said = phrases.said(asked, listed)
    tables = _tables(asked, said)
    return Study(
        name="ask",
        title=phrases.begun(f"{said.flows} of {_escaped(listed.title)}"),
        question=f"What did {said.who} record as {said.flows} of {said.what} {said.side} "
        f"{said.whom} in {said.window}?",
        goods=asked.goods,
        headline=_headline(asked, said),
        unanswered=f"The store does not know what {said.who} recorded as {said.flows} of "
        f"{said.what} {said.side} {said.whom} in {said.window}.",
        basket=asked.basket,  # type: ignore[arg-type]  # refused before if it is none
        sources=asked.sources,
        params=_params(asked),
        caveats=_caveats(asked),
        figure=(_total(asked, said),),
        breakdown=tables,
        picture=pictures(asked, said, tables),
    )


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _params(asked: Asked) -> dict[str, Any]:
    found: dict[str, Any] = {
        "reporters": [*asked.reporters],
        "partners": [*asked.partners],
        "flow": asked.flow,
        "first": asked.first,
        "last": asked.last,
        "freq": asked.freq,
    }
    return found | ({"base": [*asked.base]} if asked.base else {})


def _caveats(asked: Asked) -> tuple[str, ...]:
    told = {"mirror": BOTH}.get(asked.view, ORIGIN if asked.flow == "import" else NO_PROOF)
    return tuple(filter(None, (asked.note, told)))


def _headline(asked: Asked, said: Said) -> str:
    what, who = _escaped(said.what), phrases.begun(said.who)
    if asked.view == "mirror":
        return (
            f"{who} recorded {{total.export_usd}} of exports of {what} {said.side} {said.whom} in "
            f"{said.window}, and {said.whom} {{total.import_usd}} of imports from "
            f"{said.who}{{total:counted}}."
        )
    rest = " {rows:rises}" if asked.base else " {rows:largest}"
    rest = "" if asked.view == "month" else rest
    mean = "a mean of " if len(asked.base) > 1 else ""
    if not asked.base:
        return (
            f"The {said.flows} of {what} that {said.who} recorded {said.side} {said.whom} came to "
            f"{{total.series_usd}} in {said.window}.{rest}"
        )
    return (
        f"The {said.flows} of {what} that {said.who} recorded {said.side} {said.whom} "
        f"{{total:moved}} in {said.window}, from {mean}{{total.base_usd}} in "
        f"{phrases.base(asked)}{{total:counted}}.{rest}"
    )


def _total(asked: Asked, said: Said) -> FigureBlock:
    """Return the figure of the sentence."""
    where = phrases.begun(f"{said.trade}, {said.window}")
    if asked.view == "mirror":
        return _mirror(asked, said)
    if not asked.base:
        return FigureBlock(
            *("total", "monthly_series", {"series_usd": where}),
            headline=("series_usd",), per="all", at_least=True,
        )  # fmt: skip
    show = {
        "value_usd": where,
        "base_usd": f"{'The mean of' if len(asked.base) > 1 else 'In'} {phrases.base(asked)}",
        "change_usd": "The difference",
        "ratio": f"{said.window} against {phrases.base(asked)}",
    }
    return FigureBlock("total", "growth", show, headline=("value_usd", "base_usd"))


def _mirror(asked: Asked, said: Said) -> FigureBlock:
    sender, receiver = asked.reporters[0], asked.partners[0]
    show = {
        "export_usd": f"{words.possessive(phrases.begun(said.who))} recorded exports to "
        f"{said.whom}, {said.window}",
        "import_usd": f"{words.possessive(phrases.begun(said.whom))} recorded imports from "
        f"{said.who}, the same months",
        "recorded_share": f"Part of it that {said.whom} recorded",
        "gap_low_usd": "Gap between the two books, imports as recorded",
        "gap_high_usd": "Gap between the two books, freight taken out",
    }
    params = {"exporter": sender, "importer": receiver}
    return FigureBlock("total", "mirror_pair", show, params, headline=("export_usd", "import_usd"))


def _tables(asked: Asked, said: Said) -> tuple[BreakdownBlock, ...]:
    by = "year" if asked.freq == "A" else "month"
    title = phrases.begun(f"{said.trade}, by {{}}")
    if asked.view == "mirror":
        return (BreakdownBlock(
            *("months", f"{phrases.begun(said.trade)}, in both books, by {by}", "period"),
            series=_both_sides(asked, said),
        ),)  # fmt: skip
    if asked.view == "month" and not asked.base:
        return (BreakdownBlock("months", title.format(by), "period"),)
    if asked.view == "month":
        years = [*asked.base, int(asked.first[:4])]
        name = "year" if asked.freq == "A" else "the same months of each year"
        return (BreakdownBlock("years", title.format(name), "year", {"years": years}),)
    against = f" against {phrases.base(asked)}" if asked.base else ""
    rows = _by(asked, f"{title.format(asked.view)}, {said.window}{against}")
    if not has_lines(asked):
        return (rows,)
    first = begin(asked)
    over_time = BreakdownBlock(
        *("months", title.format(f"{asked.view} and month"), "period", {"first": first}),
        series=lines(asked),
    )
    return rows, over_time


def _by(asked: Asked, title: str) -> BreakdownBlock:
    """Return the table by country or code: growth, or the values of a year or of whole years."""
    if asked.base:
        return BreakdownBlock("rows", title, asked.view, each=True, top=asked.top)
    first, last, year = asked.first, asked.last, int(asked.first[:4])
    years = [year]
    note = ""
    if asked.length > MONTHS:
        if (first[5:], last[5:]) != ("01", "12"):
            raise StudyError(
                f"ask: --months is {asked.length} months, and --by {asked.view} adds up 1 to 12 or "
                f"whole years; write --months {first[:4]}..{last[:4]}, or leave out --by"
            )
        years = [*range(year, int(last[:4]) + 1)]
        note = "A month counts only where it is published in every one of these years."
    params = {"years": years, "first": first, "last": last if len(years) == 1 else f"{year}-12"}
    return BreakdownBlock(
        "rows", title, asked.view, params, "period_to_date", note, each=True, top=asked.top
    )


def _both_sides(asked: Asked, said: Said) -> dict[str, dict[str, Any]]:
    sender, receiver = [*asked.reporters], [*asked.partners]
    exports = {"reporters": sender, "partners": receiver, "flow": "export"}
    imports = {"reporters": receiver, "partners": sender, "flow": "import"}
    who, whom = (words.possessive(phrases.begun(name)) for name in (said.who, said.whom))
    return {
        f"{who} exports to {said.whom}": exports,
        f"{whom} imports from {said.who}": imports,
    }
