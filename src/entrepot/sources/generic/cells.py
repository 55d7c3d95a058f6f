"""The SQL that turns a mapped table into flows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot.sources import _read
from entrepot.sources.generic import (
    country_codes,
    product_codes,
    shape,
    written_numbers,
    written_periods,
)
from entrepot.sources.generic.mapping_file import AMOUNTS, FIELDS
from entrepot.sources.generic.mapping_rules import ALLOWED

if TYPE_CHECKING:
    from entrepot.sources.generic.mapping import Layout
    from entrepot.sources.generic.table import Table

SAME = {"nan": ("nan", "NaN", "NAN"), "na": ("NA", "na")}
"""Words for no number that programs write in several cases."""


@dataclass(frozen=True, slots=True)
class Cells:
    """A layout and the rows it explains, as SQL."""

    layout: Layout
    table: Table

    @property
    def rows(self) -> _read.Rows:
        """The file's rows."""
        return self.table.rows

    @property
    def word(self) -> str:
        """What a place in the file is called: line, or row."""
        return "row" if "row" in self.rows.at else "line"

    def sql(self, *, numbered: bool = False) -> str:
        """Rows with one text column per field; rows without a value, and blank ones, are left out.

        `NAME_number` is the number of a cell that is one and not text, `digits` the product's bare
        digits, `day` the period's first, `part_0` and so on what splits a cell.
        """
        texts = [f"{self._text(key)} as {key}" for key in FIELDS]
        texts += [f"{self._typed(key)} as {key}_number" for key in AMOUNTS]
        texts += [
            f"{self.table.text(part)} as part_{number}"
            for number, part in enumerate(self.layout.parts)
        ]
        line = ", _line" if numbered and self.rows.at != "''" else ""
        return f"""(select *, {product_codes.code(self.layout)} as digits, {self._day()} as day,
            {self._parsed("value")}, {self._parsed("net_mass_kg")}, {self._parsed("quantity")}
            from (select *, {written_periods.odd("period")} as odd_period
            from (select {", ".join(texts)}, {self.rows.at} as place,
                {self._expected()} as is_expected{line}
                from {shape.unfolded(self.layout, self.table)}
                {self._where()})))"""

    def periods(self) -> str:
        """The periods as the file writes them, of all rows."""
        unfolded = shape.unfolded(self.layout, self.table)
        return f"(select {self._raw('period')} as period from {unfolded} {self._where()})"

    def columns(self) -> dict[str, str]:
        """SQL per column of `schema.REPORTED`, over `sql()` joined with the codes of both sides."""
        return {
            "freq": self._word("freq"),
            "period": self._period(),
            "reporter": self._country("reporter"),
            "partner": self._country("partner"),
            "flow": self._word("flow"),
            "classification": self._classification(),
            "product": product_codes.product(self.layout, self._problem),
            "valuation": self._valuation(),
            "value_local": self._value(),
            "currency": self._currency(),
            "net_mass_kg": self._amount("net_mass_kg"),
            "quantity": self._amount("quantity"),
            "quantity_unit": f"case when {self._amount('quantity')} is not null "
            "then quantity_unit end",
            "status": self._word("status", "'reported'"),
            "mass_status": (
                f"case when {self._amount('net_mass_kg')} is not null "
                f"then {self._word('mass_status', _read.quote('reported'))} end"
            ),
        }

    def _problem(self, sentence: str, kind: str = "Source", **places: str) -> str:
        return _read.Rows("", "place").problem(kind, sentence, **places)

    def _missing(self) -> str:
        words = [str(word) for word in self.layout.format.get("missing", ())]
        either = [variant for word in words for variant in SAME.get(word.lower(), ())]
        return ", ".join(map(_read.quote, dict.fromkeys([*words, *either])))

    def _where(self) -> str:
        """Rows to read: not blank, asked for by [filter], with a value that is not `missing`."""
        missing = self._missing()
        used = " or ".join(f"{_read.name(column)} is not null" for column in self.layout.used)
        tests = [f"({used})"]
        for column, (words, keep) in self.layout.filter.items():
            listed = ", ".join(map(_read.quote, words))
            no = "" if keep else "not "
            tests.append(f"coalesce({self.table.text(column)}, '') {no}in ({listed})")
        if missing:
            tests.append(f"coalesce({self._raw('value')}, '') not in ({missing})")
        return f"where {' and '.join(tests)}"

    def _raw(self, key: str) -> str:
        """A field as text, before `missing`: its constant, its column, or its flow's or month's."""
        layout = self.layout
        if key in layout.constants:
            return _read.quote(layout.constants[key])
        if (layout.flows and (key == "flow" or key in shape.by_flow(layout))) or (
            layout.months and key == "value"
        ):
            return f"_{key}"
        if layout.months and key == "period":
            return self._month_of_a_column()
        column = layout.columns.get(key)
        if column is None:
            return "cast(null as varchar)"
        if isinstance(column, dict):
            year, month = self.table.text(column["year"]), column.get("month")
            return written_periods.pair(year, self.table.text(month)) if month else year
        return self.table.text(column)

    def _month_of_a_column(self) -> str:
        year = self.layout.year
        if year is None:
            return "_period"
        given = self.table.text(year) if isinstance(year, str) else _read.quote(str(year))
        return written_periods.pair(given, "_period")

    def _text(self, key: str) -> str:
        text, missing = self._raw(key), self._missing()
        if key in AMOUNTS and key != "value" and missing and text != "cast(null as varchar)":
            text = f"case when coalesce({text}, '') not in ({missing}) then {text} end"
        return text

    def _typed(self, key: str) -> str:
        """The number of an amount's cell if it is one and not text."""
        if key in shape.by_flow(self.layout) or (self.layout.months and key == "value"):
            return f"_{key}_number"
        column = self.layout.columns.get(key)
        number = self.table.numbers.get(column) if column else None
        return number or "cast(null as double)"

    def _parsed(self, key: str) -> str:
        """An amount as a number, null where its text is none."""
        number = written_numbers.plain(key, self.layout.format)
        typed = self._typed(key) != "cast(null as double)"
        if typed:
            number = f"case when {key}_number is not null then {key}_number else {number} end"
        return f"case when {key} is not null then {number} end as {key}_amount"

    def _expected(self) -> str:
        cases = ""
        for column, values in self.layout.expect.items():
            text = self.table.text(column)
            allowed = ", ".join(map(_read.quote, values))
            stop = self.rows.problem(
                "Source",
                "{column} is {text!r}; expected {values}, as [expect] in the mapping says; take "
                "these rows out of the file, leave them out under [filter], or correct the mapping",
                column=_read.quote(column),
                text=text,
                values=_read.quote(", ".join(values)),
            )
            cases += f" when coalesce({text}, '') not in ({allowed}) then {stop}"
        named = {*self.layout.used, *self.layout.ignore}
        for column in (column for column in self.table.spare if column not in named):
            text = self.table.text(column)
            stop = self.rows.problem(
                "Source",
                f"{column} has no name and holds {{text!r}}; expected a name for every column with "
                f'cells; name it in the file, or add it to ignore as "{column}"',
                text=text,
            )
            cases += f" when {text} is not null then {stop}"
        return f"case {cases} else true end" if cases else "true"

    def _word(self, key: str, default: str = "null") -> str:
        """A field with few allowed words, through [codes] where the mapping gives them."""
        layout = self.layout
        if key == "flow" and layout.flows:
            return "flow"
        if key not in layout.columns and key not in layout.constants:
            return default
        codes = layout.codes.get(key) or {word: word for word in ALLOWED[key]}
        if key in layout.constants:
            codes = {word: word for word in ALLOWED[key]}
        stop = self._problem(
            f"unknown {key} {{{key}!r}}; expected {{codes}}; "
            f'write {key} = {{{{ CODE = "..." }}}} under [codes] in the mapping',
            codes=_read.quote(", ".join(codes)),
        )
        return f"case {key} {_read.whens(codes)} else {stop} end"

    def _day(self) -> str:
        cumulative = bool(self.layout.format.get("cumulative"))
        freq = self._word("freq")
        month = written_periods.month("period", "odd_period", cumulative=cumulative)
        year = written_periods.year("period")
        if constant := self.layout.constants.get("freq"):
            return month if constant == "M" else year
        return f"case when {freq} = 'M' then {month} when {freq} = 'A' then {year} end"

    def _period(self) -> str:
        reason = written_periods.reason("coalesce(odd_period, period)")
        stop = self._problem(
            "unknown period {period}; expected 2022-03, 202203, March 2022 or 2022-03-01 for freq "
            "M and 2022 for freq A; correct period or freq in the mapping",
            period=f"'''' || period || '''' || {reason}",
        )
        return f"case when day is not null then cast(day as date) else {stop} end"

    def _country(self, side: str) -> str:
        scheme, _own = country_codes.told(self.layout, side)
        told = "the codes listed" if scheme is None else f"a code of scheme {scheme}"
        stop = self._problem(
            f"unknown country {{{side}!r}} ({side}); expected {told}; "
            f"correct {side} under [codes] in the mapping",
            "UnknownCode",
        )
        return f"coalesce({country_codes.by_day(self.layout, side)}, {stop})"

    def _classification(self) -> str:
        if "classification" in self.layout.columns:
            return self._published_classification()
        return product_codes.classification(self.layout, self._rule, self._problem)

    def _published_classification(self) -> str:
        codes = self.layout.codes.get("classification", {})
        years = "|".join(str(year) for year in _read.HS_YEARS)
        stop = self._problem(
            "unknown HS revision or nomenclature {classification!r}; expected a name such as "
            'HS2017 or CN2022; write classification = {{ CODE = "HS2017" }} under [codes] in the '
            "mapping"
        )
        known = f"HS({years})|(CN|HTS|[A-GI-Z][A-Z]{{1,7}})[0-9]{{4}}(-HS({years}))?"
        ours = _read.matching("classification", known, stop)
        return f"case classification {_read.whens(codes)} else {ours} end" if codes else ours

    def _rule(self, rule: str) -> str:
        """A rule's nomenclature; the year is that of the row."""
        year = "day[:4]"
        if rule == "HS":
            return _read.hs_in_force("cast(day[:4] as integer)")
        if rule.endswith("-HS"):
            return f"{self._rule(rule[:-3])} || '-' || {self._rule('HS')}"
        return f" || {year} || ".join(map(_read.quote, rule.split("{year}")))

    def _valuation(self) -> str:
        if "valuation" in self.layout.columns:
            return self._word("valuation")
        rules = self.layout.valuation
        if "" in rules:
            return _read.quote(rules[""])
        flow = self._word("flow")
        whens = " ".join(f"when '{f}' then '{v}'" for f, v in rules.items())
        stop = self._problem(
            "flow {flow} has no valuation; expected one; add a line for it under [valuation] in "
            "the mapping"
        )
        return f"case {flow} {whens} else {stop} end"

    def _currency(self) -> str:
        stop = self._problem(
            "unknown currency {currency!r}; expected three letters such as EUR; correct currency "
            "in the mapping"
        )
        return _read.matching("currency", "[A-Z]{3}", stop)

    def _value(self) -> str:
        empty = self._problem(
            'a row has no value; expected a number; if empty means no data, add "" to missing '
            "under [format] in the mapping"
        )
        return f"case when is_expected then coalesce({self._number('value')}, {empty}) end"

    def _amount(self, key: str) -> str:
        given = key in self.layout.columns or key in shape.by_flow(self.layout)
        return f"nullif({self._number(key)}, 0)" if given else "null"

    def _number(self, key: str) -> str:
        stop = self._problem("{why}", why=written_numbers.problem(key, key))
        scale = self.layout.format.get("scale", 1)
        factor = scale.get(key, 1) if isinstance(scale, dict) else (scale if key == "value" else 1)
        times = f" * {float(factor)!r}" if factor != 1 else ""
        return (
            f"case when isfinite({key}_amount) and {key}_amount >= 0 then {key}_amount{times} "
            f"when {key} is not null then {stop} end"
        )
