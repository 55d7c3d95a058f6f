"""Study: the study that answers a question, one view of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from entrepot import terms
from entrepot.ask import phrases
from entrepot.ask.question import MONTHS
from entrepot.errors import StudyError
from entrepot.months import same_months
from entrepot.publish import words
from entrepot.reference import groups
from entrepot.study.question import BreakdownAsked, FigureAsked, PictureAsked, Study

if TYPE_CHECKING:
    from entrepot.ask.question import Asked

LINES = 6
"""Countries that one chart of months can show."""
DRAWN = 15
"""Rows of a table that one chart can show."""
NO_PROOF = "That a country recorded an export to another is no proof that the goods stayed there."
ORIGIN = (
    "Importers record where goods were made, unless they say otherwise, and not who sent them last."
)
BOTH = (
    "A gap between two books is a place to look: importers that record the country of origin book "
    "re-exported goods under another partner, and goods in transit may never be imported."
)
SHADED = "Shaded: the months compared. "
GAP = "A gap is a month that was not published."


@dataclass(frozen=True, slots=True)
class _Said:
    """The parts of a question in words."""

    what: str
    who: str
    whom: str
    window: str
    flows: str
    side: str

    @property
    def trade(self) -> str:
        """The trade asked about: "exports of HS 854231, Germany to Kyrgyzstan"."""
        return f"{self.flows} of {self.what}, {self.who} {self.side} {self.whom}"


def study(asked: Asked) -> Study:
    """Return the study of a question.

    Raises:
        StudyError: The months cannot be added up by country or code.
    """
    listed = terms.goods(asked.goods)
    said = _Said(
        *(phrases.goods(asked, listed), phrases.who(asked.reporters)),
        *(phrases.whom(asked.partners), phrases.window(asked), phrases.flows(asked)),
        phrases.side(asked),
    )
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
        basket=asked.basket,
        sources=asked.sources,
        params=_params(asked),
        caveats=_caveats(asked),
        figure=(_total(asked, said),),
        breakdown=tables,
        picture=_pictures(asked, said, tables),
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


def _headline(asked: Asked, said: _Said) -> str:
    what, who = _escaped(said.what), phrases.begun(said.who)
    if asked.view == "mirror":
        return (
            f"{who} recorded {{total.export_usd}} of exports of {what} {said.side} {said.whom} in "
            f"{said.window}, and {said.whom} {{total.import_usd}} of imports from "
            f"{said.who}{{total:counted}}."
        )
    rest = {True: " {rows:rises}", False: " {rows:largest}"}[bool(asked.base)]
    rest = "" if asked.view == "month" else rest
    if not asked.base:
        return (
            f"The {said.flows} of {what} that {said.who} recorded {said.side} {said.whom} came to "
            f"{{total.series_usd}} in {said.window}.{rest}"
        )
    return (
        f"The {said.flows} of {what} that {said.who} recorded {said.side} {said.whom} "
        f"{{total:change}} to {{total.value_usd}} in {said.window}, from {{total.base_usd}} in "
        f"{phrases.base(asked)}{{total:counted}}.{rest}"
    )


def _total(asked: Asked, said: _Said) -> FigureAsked:
    """Return the figure of the sentence."""
    where = phrases.begun(f"{said.trade}, {said.window}")
    if asked.view == "mirror":
        return _mirror(asked, said)
    if not asked.base:
        return FigureAsked(
            *("total", "monthly_series", {"series_usd": where}),
            headline=("series_usd",), per="all", at_least=True,
        )  # fmt: skip
    show = {
        "value_usd": where,
        "base_usd": phrases.begun(phrases.base(asked)),
        "change_usd": "The difference",
        "ratio": f"{said.window} against {phrases.base(asked)}",
    }
    return FigureAsked("total", "growth", show, headline=("value_usd", "base_usd"))


def _mirror(asked: Asked, said: _Said) -> FigureAsked:
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
    return FigureAsked(
        "total", "mirror_pair", show, params, headline=("export_usd", "import_usd")
    )


def _tables(asked: Asked, said: _Said) -> tuple[BreakdownAsked, ...]:
    by = "year" if asked.freq == "A" else "month"
    title = phrases.begun(f"{said.trade}, by {{}}")
    if asked.view == "mirror":
        return (BreakdownAsked(
            "months", f"Both books by {by}", "period", series=_both_sides(asked, said)
        ),)  # fmt: skip
    if asked.view == "month" and not asked.base:
        return (BreakdownAsked("months", title.format(by), "period"),)
    if asked.view == "month":
        years = [*asked.base, int(asked.first[:4])]
        name = "year" if asked.freq == "A" else "the same months of each year"
        return (BreakdownAsked("years", title.format(name), "year", {"years": years}),)
    rows = _by(asked, title.format(asked.view))
    if not _has_lines(asked):
        return (rows,)
    first = _begin(asked)
    lines = BreakdownAsked(
        *("months", title.format(f"{asked.view} and month"), "period", {"first": first}),
        series=_lines(asked),
    )
    return rows, lines


def _by(asked: Asked, title: str) -> BreakdownAsked:
    """Return the table by country or code: growth, or the values of a year or of whole years."""
    if asked.base:
        return BreakdownAsked("rows", title, asked.view, each=True, top=asked.top)
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
    return BreakdownAsked(
        "rows", title, asked.view, params, "period_to_date", note, each=True, top=asked.top
    )


def _both_sides(asked: Asked, said: _Said) -> dict[str, dict[str, Any]]:
    sender, receiver = [*asked.reporters], [*asked.partners]
    exports = {"reporters": sender, "partners": receiver, "flow": "export"}
    imports = {"reporters": receiver, "partners": sender, "flow": "import"}
    who, whom = (words.possessive(phrases.begun(name)) for name in (said.who, said.whom))
    return {
        f"{who} exports to {said.whom}": exports,
        f"{whom} imports from {said.who}": imports,
    }


def _members(asked: Asked) -> list[str]:
    """Return the countries that the table is by; none where it is by everyone or by code."""
    names = {"partner": asked.partners, "reporter": asked.reporters}.get(asked.view, ())
    if terms.ALL in names:
        return []
    return [code for name in names for code in groups.members(name)]


def _has_lines(asked: Asked) -> bool:
    is_long = asked.length > 2 or bool(asked.base)
    return asked.freq == "M" and is_long and 1 <= len(_members(asked)) <= LINES


def _lines(asked: Asked) -> dict[str, dict[str, Any]]:
    return {phrases.name(code): {f"{asked.view}s": [code]} for code in _members(asked)}


def _begin(asked: Asked) -> str:
    """Return the first month that is compared, or asked about."""
    spans = same_months((asked.first, asked.last), [*asked.base])
    return min([asked.first, *(first for first, _last in spans)])


def _pictures(
    asked: Asked, said: _Said, tables: tuple[BreakdownAsked, ...]
) -> tuple[PictureAsked, ...]:
    of = {table.name for table in tables}
    found = []
    if asked.view == "month" and asked.base and asked.freq == "M":
        found.append(_over_time(asked, said))
    elif "months" in of:
        found.append(_by_period(asked, said, tables[-1]))
    if "years" in of and asked.freq == "A":
        found.append(_bars(said, tables[0], DRAWN))
    if "rows" in of and asked.base:
        found.append(_change(asked, said, tables[0]))
    elif "rows" in of:
        several = len(tables[0].params["years"]) > 1
        found.append(_bars(said, tables[0], DRAWN // 3 if several else DRAWN))
    return tuple(found)


def _shading(asked: Asked) -> dict[str, Any]:
    if not asked.base:
        return {}
    window = (asked.first, asked.last)
    return {"windows": [[*span] for span in (*same_months(window, [*asked.base]), window)]}


def _over_time(asked: Asked, said: _Said) -> PictureAsked:
    """Return the months from the first that is compared to the last, as one line."""
    trade = phrases.begun(said.trade)
    return PictureAsked(
        *("monthly", f"{trade}, month by month", f"Dollars a month. {SHADED}{GAP}"),
        f"Line chart of monthly {said.trade}.",
        series={phrases.begun(f"{said.flows} {said.side} {said.whom}"): [*asked.partners]},
        params={"first": _begin(asked)},
        options=_shading(asked),
    )


def _by_period(asked: Asked, said: _Said, table: BreakdownAsked) -> PictureAsked:
    is_short = asked.freq == "A" or asked.length < 3
    if is_short and not _has_lines(asked):
        return _bars(said, table, 0)
    shaded = SHADED if asked.base else ""
    reading = f"Dollars a month, as recorded. {shaded}{GAP}"
    return PictureAsked(
        *("monthly", table.title, reading, f"Line chart of {table.title}."),
        of=table.name, options=_shading(asked),
    )  # fmt: skip


def _bars(said: _Said, table: BreakdownAsked, top: int) -> PictureAsked:
    reading = f"Dollars recorded in {said.window}. No bar: nothing recorded, or not known."
    return PictureAsked(
        "bars", table.title, reading, f"Bars of {table.title}.", of=table.name, top=top
    )


def _change(asked: Asked, said: _Said, table: BreakdownAsked) -> PictureAsked:
    before, after = phrases.begun(phrases.base(asked)), said.window
    return PictureAsked(
        *("change", table.title, f"From {phrases.base(asked)} to {after}, the largest rise first."),
        f"Change of {table.title}.",
        of=table.name, top=DRAWN, options={"before": before, "after": after},
    )  # fmt: skip
