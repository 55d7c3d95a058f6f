"""Question: what is asked, from people's words to codes, months and one view."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from entrepot import terms
from entrepot.ask.held import choose, newest
from entrepot.errors import StudyError
from entrepot.harmonise.products import BASKETS
from entrepot.months import months_between, shifted
from entrepot.reference import groups
from entrepot.reference._files import near, shown
from entrepot.reference._letters import squeeze

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.workspace import Workspace

View = Literal["month", "partner", "reporter", "product", "mirror"]
MONTHS = 12
"""Months of the longest window whose same months in other years can be compared."""
EXPORTER, IMPORTER = "exporter", "importer"
NO_BASE = ("none", "no", "nothing")
YEAR_BEFORE = ("before", "yearbefore", "ayearbefore", "previous", "previousyear", "lastyear")
_VIEWS = {
    "month": "month months monthly time period periods year years",
    "partner": "partner partners counterpart counterparts",
    "reporter": "reporter reporters",
    "product": "product products good goods code codes hs",
    EXPORTER: "exporter exporters origin origins supplier suppliers source sources from",
    IMPORTER: "importer importers destination destinations buyer buyers to",
}


@dataclass(frozen=True, slots=True)
class Words:
    """A question as people write it; "" is left out.

    `sender` and `receiver` are the reader's words for who sends the goods and who gets them,
    `reporter` and `partner` the statistician's for who recorded the trade and with whom.
    """

    goods: str
    sender: str = ""
    receiver: str = ""
    reporter: str = ""
    partner: str = ""
    flow: str = ""
    months: str = ""
    by: str = ""
    base: str = ""
    mirror: bool = False
    freq: str = ""
    top: int = 0
    basket: str = "as-listed"
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in codes: whose books, with whom, which flow and months, shown how.

    `reporters` and `partners` are as `terms.places` gives them. `base` are the years compared with;
    none for a plain value. `note` says what was decided for the reader.
    """

    goods: str
    reporters: tuple[str, ...]
    partners: tuple[str, ...]
    flow: str
    first: str
    last: str
    freq: Literal["M", "A"]
    view: View
    base: tuple[int, ...] = ()
    top: int = 0
    basket: str = "as-listed"
    sources: tuple[str, ...] = ()
    note: str = ""

    @property
    def length(self) -> int:
        """Months of the window."""
        return len(months_between(self.first, self.last))


def words_of(goods: str, given: Mapping[str, Any]) -> Words:
    """Return a question from words by name, as Python gives them.

    Raises:
        StudyError: There is no such word.
    """
    known = [one.name for one in fields(Words) if one.name != "goods"]
    if unknown := sorted(given.keys() - {*known}):
        raise StudyError(f"ask: no word {shown(unknown[0])}; {near(unknown[0], known)}")
    texts: dict[str, Any] = {
        key: ", ".join(value) if isinstance(value, list | tuple) and key != "sources" else value
        for key, value in given.items()
    }
    return Words(goods, **texts)


def read(words: Words, workspace: Workspace) -> Asked:
    """Return the question that words mean on what a workspace knows.

    Raises:
        StudyError: A word is not understood, or two of them do not go together.
        UnknownCodeError: A country, a group or goods are unknown.
        CoverageError: Nothing is stored, or the months asked for are held by year only and are no
            whole years.
    """
    if not words.goods.strip():
        raise StudyError(
            "ask: names no goods; write codes or a list first, as `entrepot ask 854231`"
        )
    terms.goods(words.goods)
    _refuse_basket(words.basket)
    flow = terms.flow(words.flow) if words.flow else "export"
    reporters, partners = _sides(words, flow)
    view = _view(words, flow)
    if view == "mirror":
        if flow.endswith("import"):
            flow, reporters, partners = "export", partners, reporters
        reporters, partners = _one("--from", reporters), _one("--to", partners)
    wanted = terms.freq(words.freq) if words.freq else None
    terms.months(words.months or "last-12", newest=date.today())
    workspace.refuse_empty()  # a word that is not understood is told first
    last = newest(workspace, reporters, flow)
    span = terms.months(words.months or "last-12", newest=last)
    freq, note = choose(workspace, wanted, span, _books(reporters, partners, flow, view))
    asked = Asked(
        " ".join(words.goods.split()), reporters, partners, flow, span.first, span.last, freq,
        view, top=_top(words.top), basket=words.basket, sources=tuple(words.sources), note=note,
    )  # fmt: skip
    return _with_base(asked, words.base, workspace)


def _refuse_basket(word: str) -> None:
    if word not in BASKETS:
        raise StudyError(f"ask: --basket {shown(word)}; {near(word, BASKETS)}")


def _top(count: int) -> int:
    if count < 0:
        raise StudyError(f"ask: --top {count} is below 1; write how many rows to keep, as --top 10")
    return count


def _sides(words: Words, flow: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return who recorded the trade, and with whom."""
    is_import = flow.endswith("import")
    readers, statisticians = (words.sender, words.receiver), (words.reporter, words.partner)
    if any(readers) and any(statisticians):
        raise StudyError(
            "ask: --from and --to say who sends and who gets the goods, --of and --partner whose "
            "books and with whom; write one pair or the other"
        )
    if not any(readers) and not any(statisticians):
        raise StudyError(
            "ask: says neither who sends the goods nor who gets them; write --from Turkey, "
            "--to Kazakhstan or both"
        )
    if any(readers):
        named = dict(zip(("--from", "--to"), readers, strict=True))
        order = ("--to", "--from") if is_import else ("--from", "--to")
        who, whom = ((option, named[option]) for option in order)
    else:
        who, whom = ("--of", words.reporter), ("--partner", words.partner)
    return _places(*who), _places(*whom)


def _places(option: str, words: str) -> tuple[str, ...]:
    return terms.places(words, what=option) if words.strip() else (terms.ALL,)


def _view(words: Words, flow: str) -> View:
    if words.mirror:
        if words.by:
            raise StudyError("ask: --mirror shows both sides by month; leave out --by")
        return "mirror"
    if not words.by:
        return "month"
    known = {spelling: view for view, told in _VIEWS.items() for spelling in told.split()}
    view = known.get(squeeze(words.by))
    if view is None:
        hint = near(squeeze(words.by), known)
        raise StudyError(f"ask: --by {shown(words.by)} is no view; {hint}")
    reporting = IMPORTER if flow.endswith("import") else EXPORTER
    if view in (EXPORTER, IMPORTER):
        return "reporter" if view == reporting else "partner"
    return view  # type: ignore[return-value]  # the other names are views


def _one(option: str, names: Sequence[str]) -> tuple[str, ...]:
    """Return the one country that a side of the mirror is."""
    codes = tuple(code for name in names if name != terms.ALL for code in groups.members(name))
    if len(codes) != 1:
        told = f"{len(codes)} countries" if codes else "everyone"
        raise StudyError(
            f"ask: --mirror sets one exporter against one importer, and {option} is {told}; "
            "name one country on each side"
        )
    return codes


def _books(
    reporters: tuple[str, ...], partners: tuple[str, ...], flow: str, view: View
) -> Mapping[str, tuple[str, ...]]:
    """Return whose books are read, by flow."""
    return {"export": reporters, "import": partners} if view == "mirror" else {flow: reporters}


def _with_base(asked: Asked, words: str, workspace: Workspace) -> Asked:
    """Return the question with the years it compares with.

    A table by country or code compares with the year before where anything of it is held.
    """
    told, year = squeeze(words), int(asked.first[:4])
    if told in NO_BASE or not (told or asked.view in ("partner", "reporter", "product")):
        return asked
    if asked.view == "mirror":
        raise StudyError("ask: --mirror compares two books, not two years; leave out --base")
    if asked.length > MONTHS:
        if not told:
            return asked
        raise StudyError(
            f"ask: --months is {asked.length} months, and the same months of other years can be "
            "compared for 1 to 12; name a year or less, or leave out --base"
        )
    if not told:
        span = shifted((asked.first, asked.last), -MONTHS)
        if newest(workspace, asked.reporters, asked.flow, freq=asked.freq, span=span):
            return replace(asked, base=(year - 1,))
        note = f"Nothing of {year - 1} is held, so there is no comparison with the year before."
        return replace(asked, note=f"{asked.note} {note}".strip())
    years = (year - 1,) if told in YEAR_BEFORE else _years(words)
    if year in years:
        raise StudyError(f"ask: --base {words} is the year asked about; write an earlier one")
    return replace(asked, base=years)


def _years(words: str) -> tuple[int, ...]:
    """Return the years of "2021", "2019-2021" or "2019, 2021"."""
    found: set[int] = set()
    for word in words.replace(";", ",").split(","):
        span = terms.months(word)
        if span.freq is not None:
            raise StudyError(f"ask: --base {shown(words)} is no year; write 2021 or 2019-2021")
        found |= {*range(int(span.first[:4]), int(span.last[:4]) + 1)}
    return tuple(sorted(found))
