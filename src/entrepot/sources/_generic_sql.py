"""The SQL that turns a mapped table into flows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot.sources import _read
from entrepot.sources._mapping import ALLOWED, AMOUNTS, FIELDS

if TYPE_CHECKING:
    from entrepot.sources._mapping import Layout

PRODUCT = "TOTAL|([0-9]{2}){1,6}|[0-9]{2}[0-9A-Z]{6}"
"""CN codes with letters stand for trade published without its detail: 8500SS00."""


@dataclass(frozen=True, slots=True)
class Cells:
    """A layout and the rows it explains, as SQL."""

    layout: Layout
    rows: _read.Rows

    def sql(self) -> str:
        """Rows with one text column per field; a row whose value is missing is left out."""
        texts = ", ".join(f"{self._text(key)} as {key}" for key in FIELDS)
        value = _trimmed(self.layout.columns["value"])
        place = f"{self.rows.at} as place"
        checks = self._expected()
        missing = self._missing()
        where = f"where coalesce({value}, '') not in ({missing})" if missing else ""
        return f"(select {texts}, {place}, {checks} as is_expected from {self.rows.sql} {where})"

    def columns(self) -> dict[str, str]:
        """SQL per column of `schema.REPORTED`, over `sql()`."""
        return {
            "freq": self._word("freq"),
            "period": self._period(),
            "reporter": self._country("reporter"),
            "partner": self._country("partner"),
            "flow": self._word("flow"),
            "classification": self._classification(),
            "product": self._product(),
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

    def _problem(self, text: str, kind: str = "Source") -> str:
        return _read.problem(kind, f"{text} || place")

    def _missing(self) -> str:
        return ", ".join(_read.quote(str(m)) for m in self.layout.format.get("missing", ()))

    def _text(self, key: str) -> str:
        """A field as text: its constant or its trimmed column; the table's own years and months."""
        if key in self.layout.constants:
            return _read.quote(self.layout.constants[key])
        column = self.layout.columns.get(key)
        if column is None:
            return "cast(null as varchar)"
        if isinstance(column, dict):
            month = column.get("month")
            return _trimmed(column["year"]) + (
                f" || '-' || lpad({_trimmed(month)}, 2, '0')" if month else ""
            )
        text = _trimmed(column)
        if key in AMOUNTS and key != "value" and self._missing():
            text = f"case when coalesce({text}, '') not in ({self._missing()}) then {text} end"
        return text

    def _expected(self) -> str:
        cases = ""
        for column, values in self.layout.expect.items():
            text = _trimmed(column)
            allowed = ", ".join(map(_read.quote, values))
            stop = self.rows.problem(
                "Source",
                f"'{_inside(column)} is ' || coalesce('''' || {text} || '''', 'empty') || "
                f"'; expected {_inside(', '.join(values))}, as [expect] in the mapping says; "
                "take these rows out of the file, or correct the mapping'",
            )
            cases += f" when coalesce({text}, '') not in ({allowed}) then {stop}"
        return f"case {cases} else true end" if cases else "true"

    def _word(self, key: str, default: str = "null") -> str:
        """A field with few allowed words, through [codes] where the mapping gives them."""
        if key not in self.layout.columns and key not in self.layout.constants:
            return default
        codes = self.layout.codes.get(key) or {word: word for word in ALLOWED[key]}
        if key in self.layout.constants:
            codes = {word: word for word in ALLOWED[key]}
        whens = " ".join(f"when {_read.quote(c)} then {_read.quote(w)}" for c, w in codes.items())
        stop = self._problem(
            f"'unknown {key} ' || coalesce('''' || {key} || '''', 'empty') || "
            f'\'; expected {_inside(", ".join(codes))}; write {key} = {{ CODE = "..." }} under '
            "[codes] in the mapping'"
        )
        return f"case {key} {whens} else {stop} end"

    def _period(self) -> str:
        stop = self._problem(
            "'unknown period ' || coalesce('''' || period || '''', 'empty') || "
            "'; expected 2022-03, 202203 or 2022-03-01 for freq M and 2022 for freq A; "
            "correct period or freq in the mapping'"
        )
        freq = self._word("freq")
        month = "[0-9]{4}[-/M]?(0[1-9]|1[0-2])(-[0-9]{2}([ T].*)?)?"
        return f"""coalesce(try_cast(case
            when {freq} = 'M' and regexp_full_match(period, '{month}')
            then period[:4] || '-' || regexp_extract(period, '^[0-9]{{4}}[-/M]?([0-9]{{2}})', 1)
                || '-01'
            when {freq} = 'A' and regexp_full_match(period, '[0-9]{{4}}(-01-01([ T].*)?)?')
            then period[:4] || '-01-01' end as date), {stop})"""

    def _country(self, side: str) -> str:
        scheme = self.layout.codes.get(side, "iso3")
        told = "the codes listed" if isinstance(scheme, dict) else f"a code of scheme {scheme}"
        stop = self._problem(
            f"'unknown country ' || coalesce('''' || {side} || '''', 'empty') || ' ({side}); "
            f"expected {told}; correct {side} under [codes] in the mapping'",
            "UnknownCode",
        )
        return f"coalesce({side}_code.iso3, {stop})"

    def _code(self) -> str:
        """The product's code as text, before it is checked."""
        code = "product"
        if separator := self.layout.format.get("product_separator"):
            code = f"replace({code}, {_read.quote(separator)}, '')"
        if width := self.layout.format.get("pad_products"):
            code = f"case when length({code}) < {int(width)} and {code} <> 'TOTAL' " + (
                f"then lpad({code}, {int(width)}, '0') else {code} end"
            )
        return code

    def _product(self) -> str:
        code = self._code()
        odd = self._problem(
            f"'product ' || {code} || ' has ' || length({code}) || ' digits; expected an even "
            "number, so a leading zero was lost; write pad_products = 6 (or 8) under [format] in "
            "the mapping'"
        )
        stop = self._problem(
            f"'unknown product ' || coalesce('''' || {code} || '''', 'empty') || "
            "'; expected TOTAL or digits; correct the file, or product_separator under [format] "
            "in the mapping'"
        )
        return f"""case when regexp_full_match({code}, '{PRODUCT}') then {code}
            when regexp_full_match({code}, '[0-9]+') then {odd} else {stop} end"""

    def _classification(self) -> str:
        if "classification" in self.layout.columns:
            return self._published_classification()
        rules = self.layout.classification
        if "" in rules:
            return self._rule(rules[""])
        code = self._code()
        key = f"case when {code} = 'TOTAL' then 'TOTAL' else length({code})::varchar end"
        whens = " ".join(f"when {_read.quote(k)} then {self._rule(r)}" for k, r in rules.items())
        stop = self._problem(
            f"'product ' || coalesce({self._code()}, 'without code') || ' has no classification; "
            f"expected a code length of {', '.join(rules)}; add a line for its length under "
            "[classification] in the mapping'"
        )
        # A code that is no code at all is refused by `_product`, which knows why.
        return (
            f"case when regexp_full_match({code}, '{PRODUCT}') then "
            f"case {key} {whens} else {stop} end end"
        )

    def _published_classification(self) -> str:
        codes = self.layout.codes.get("classification", {})
        whens = " ".join(
            f"when classification = {_read.quote(c)} then {_read.quote(n)}"
            for c, n in codes.items()
        )
        years = "|".join(str(year) for year in _read.HS_YEARS)
        stop = self._problem(
            "'unknown HS revision or nomenclature ' || "
            "coalesce('''' || classification || '''', 'empty') || '; expected a name such as "
            'HS2017 or CN2022; write classification = { CODE = "HS2017" } under [codes] in the '
            "mapping'"
        )
        known = f"HS({years})|(CN|HTS|[A-GI-Z][A-Z]{{1,7}})[0-9]{{4}}(-HS({years}))?"
        return f"""case {whens}
            when regexp_full_match(classification, '{known}') then classification
            else {stop} end"""

    def _rule(self, rule: str) -> str:
        if rule == "HS":
            return _read.hs_in_force("try_cast(period[:4] as integer)")
        return f"replace({_read.quote(rule)}, '{{year}}', period[:4])"

    def _valuation(self) -> str:
        if "valuation" in self.layout.columns:
            return self._word("valuation")
        rules = self.layout.valuation
        if "" in rules:
            return _read.quote(rules[""])
        flow = self._word("flow")
        whens = " ".join(f"when '{f}' then '{v}'" for f, v in rules.items())
        stop = self._problem(
            "'flow ' || flow || ' has no valuation; expected one; add a line for it under "
            "[valuation] in the mapping'"
        )
        return f"case {flow} {whens} else {stop} end"

    def _currency(self) -> str:
        stop = self._problem(
            "'unknown currency ' || coalesce('''' || currency || '''', 'empty') || "
            "'; expected three letters such as EUR; correct currency in the mapping'"
        )
        return f"case when regexp_full_match(currency, '[A-Z]{{3}}') then currency else {stop} end"

    def _value(self) -> str:
        empty = self._problem(
            '\'a row has no value; expected a number; if empty means no data, add "" to missing '
            "under [format] in the mapping'"
        )
        return f"case when is_expected then coalesce({self._number('value')}, {empty}) end"

    def _amount(self, key: str) -> str:
        return f"nullif({self._number(key)}, 0)" if key in self.layout.columns else "null"

    def _number(self, key: str) -> str:
        text = key
        if thousands := self.layout.format.get("thousands"):
            text = f"replace({text}, {_read.quote(thousands)}, '')"
        if (decimal := self.layout.format.get("decimal", ".")) != ".":
            text = f"replace({text}, {_read.quote(decimal)}, '.')"
        stop = self._problem(
            f"'{key} is ''' || {key} || '''; expected a number; add it to missing under [format] "
            "in the mapping if it means no data, or correct decimal and thousands there'"
        )
        scale = self.layout.format.get("scale", 1)
        factor = scale.get(key, 1) if isinstance(scale, dict) else (scale if key == "value" else 1)
        times = f" * {float(factor)!r}" if factor != 1 else ""
        text_given = f"case when {key} is not null then {stop} end"
        return f"coalesce(try_cast({text} as double), {text_given}){times}"


def _trimmed(column: str) -> str:
    return f"nullif(trim(cast({_read.name(column)} as varchar)), '')"


def _inside(text: str) -> str:
    """Text to stand inside an SQL string."""
    return text.replace("'", "''")
