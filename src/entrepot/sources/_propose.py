"""A mapping proposed: what a table says of itself, and what only a person can say of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import duckdb

from entrepot.contracts import RawFile
from entrepot.errors import EntrepotError, SourceError
from entrepot.schema import FLOW
from entrepot.sources import _propose_words as known
from entrepot.sources import _tables
from entrepot.sources._mapping import KEYS, NEEDED, column
from entrepot.sources._propose_columns import AMOUNT, Columns, bare, month_of, numbers
from entrepot.sources._propose_look import look

if TYPE_CHECKING:
    from pathlib import Path

NATIONAL = {
    "TUR": "GTIP", "CHN": "CNHS", "IND": "ITCHS", "JPN": "JPHS", "USA": "HTS", "HKG": "HKHS",
} | dict.fromkeys(("ARM", "BLR", "KAZ", "KGZ", "RUS", "UZB"), "TNVED")  # fmt: skip
WHOLE = 200_000_000
"""Bytes of a file up to which all rows are looked at for what splits a cell."""
ASKED = {
    "reporter": "whose records these are: --set reporter=ISO3",
    "partner": "with whom the trade is: --set partner=ISO3",
    "flow": "the flow: --set flow=export or --set flow=import",
    "currency": "the currency of the values: --set currency=USD",
    "period": "the period: --set period=2023-01",
    "published": "the day of publication: --set published=2024-02-15",
    "product": "the column of product codes: --set columns.product=NAME",
    "value": "the column of values: --set columns.value=NAME",
}
FORMAT = KEYS["format"]
LISTS = ("ignore", "parts", "missing")


@dataclass
class Proposal:
    """A mapping as far as the file tells it.

    `guesses` are what a person should confirm, `asked` is what only a person knows: a line each.
    """

    path: Path
    told: dict[str, str]
    mapping: dict[str, Any] = field(default_factory=dict)
    guesses: list[str] = field(default_factory=list)
    asked: dict[str, str] = field(default_factory=dict)

    def table(self, name: str) -> dict[str, Any]:
        """Return a table of the mapping, made where it is missing."""
        made: dict[str, Any] = self.mapping.setdefault(name, {})
        return made


def propose(path: Path, told: dict[str, str]) -> Proposal:
    """Look at a file and propose the mapping that reads it.

    Args:
        path: The file.
        told: What the user says of it: keys of [constants] and [format], `published`, `year`,
            `import` and `export` (their valuation), `filter.COLUMN`, `leave_out.COLUMN`,
            `columns.FIELD`, `parts`, `ignore`.

    Raises:
        SourceError: No table can be seen in the file, or a key of `told` is unknown.
    """
    check_told(path, told)
    how, titles = look(path, {k: _value(k, v) for k, v in told.items() if k in FORMAT})
    made = Proposal(path, told)
    made.mapping |= {"name": _name(path)} | {
        key: told[key] for key in ("name", "publisher", "url", "licence", "title") if key in told
    }
    if "published" in told:
        made.mapping["published"] = told["published"]
    else:
        made.asked["published"] = ASKED["published"]
    connection = duckdb.connect()
    try:
        columns = Columns(_tables.open_table(RawFile(path), how, connection), connection)
        made.table("format").update(how)
        _Finder(made, columns, titles).find()
    except duckdb.Error as error:
        raise SourceError(
            f"{path.name}: cannot be looked at ({' '.join(str(error).split())[:200]}); expected a "
            "table; write a mapping yourself (docs: bring your own data)"
        ) from error
    return made


def check_told(path: Path, told: dict[str, str]) -> None:
    """Refuse a --set that means nothing."""
    plain = {
        *(*FORMAT, *KEYS["constants"], "published", "year", "import", "export"),
        *("parts", "ignore", "name", "publisher", "url", "licence", "title"),
    }
    for key in told:
        if key not in plain and key.partition(".")[0] not in ("filter", "leave_out", "columns"):
            raise SourceError(
                f"{path.name}: --set {key} is unknown; known: {', '.join(sorted(plain))}, "
                "filter.COLUMN, leave_out.COLUMN, columns.FIELD"
            )


def _value(key: str, text: str) -> Any:
    if key in LISTS:
        return text.split(",")
    if key in ("header_row", "header_rows", "pad_products", "scale"):
        return int(text) if text.isdigit() else text
    return text == "true" if key in ("cumulative", "sum") else text


def _name(path: Path) -> str:
    stem = re.sub(r"[^a-z0-9]+", "-", path.name.partition(".")[0].lower()).strip("-")
    return stem or "own-table"


class _Finder:
    """Fills a proposal, field by field."""

    def __init__(self, made: Proposal, columns: Columns, titles: list[str]) -> None:
        self.made = made
        self.told = made.told
        self.columns = columns
        self.title = " ".join(titles)
        self.format = made.table("format")
        self.given = made.table("columns")
        self.constants = made.table("constants")
        self.amounts: list[str] = []

    def find(self) -> None:
        for key, name in self.told.items():
            if key.startswith("columns."):
                self.given[key.partition(".")[2]] = self.columns.take(column(name))
            elif key in KEYS["constants"] and key != "valuation":
                self.constants[key] = name
        self.periods()
        self.sides()
        self.products()
        self.flow()
        self.values()
        self.signs()
        self.money()
        self.filters()
        self.rest()
        self.classification()
        self.valuation()
        self.needed()

    def missing(self, key: str) -> bool:
        return key not in self.given and key not in self.constants

    def periods(self) -> None:
        columns = self.columns
        if self.missing("period") and not self.wide():
            year, month = columns.best("year"), columns.best("month")
            if year and month:
                self.given["period"] = {"year": year, "month": month}
            elif found := columns.best("period") or year or columns.only("period"):
                self.given["period"] = found
            if month and not year:
                columns.taken.discard(month)
        words = self.period_words()
        days = list(columns.periods(words).values())
        if "freq" not in self.constants and "freq" not in self.given:
            years = bool(words) and all(re.fullmatch(r"(19|20)\d\d", word) for word in words)
            self.constants["freq"] = "A" if years else "M"
        self.days = sorted(days)
        if columns.is_cumulative(words):
            self.format.setdefault("cumulative", True)
            self.made.guesses.append(
                f"periods such as {max(words, key=len)!r} are sums since January: each month's own "
                "figure is the difference (cumulative)"
            )

    def period_words(self) -> list[str]:
        period = self.given.get("period", self.constants.get("period"))
        if isinstance(period, dict):
            year, month = (self.columns.cells[period[key]] for key in ("year", "month"))
            return list(dict.fromkeys(f"{y} {m}" for y, m in zip(year, month, strict=False)))
        if "wide" in self.made.mapping:
            return self.wide_words
        if period in self.columns.cells:
            return list(dict.fromkeys(self.columns.cells[period]))
        return [period] if period else []

    def wide(self) -> bool:
        """A column per month, with its year or without."""
        columns = self.columns
        full = columns.periods(columns.free)
        plain = [name for name in columns.free if month_of(name)]
        years = [name for name in full if re.fullmatch(r"(19|20)\d\d", name)]
        dated = [name for name in columns.free if name in full and name not in years]
        names = dated if len(dated) > 1 else plain if len(plain) > 1 else years
        if len(names) < 2:
            return False
        wide = self.made.table("wide")
        wide["months"] = names
        self.wide_words = names
        for name in names:
            columns.take(name)
        if names is plain:
            if year := columns.best("year"):
                wide["year"] = year
            elif found := self.told.get("year") or _one(r"\b((?:19|20)\d\d)\b", self.title):
                wide["year"] = int(found)
            else:
                self.made.asked["year"] = "the year of the columns of months: --set year=2023"
            self.wide_words = [f"{wide.get('year', 2000)} {name}" for name in names]
            if isinstance(wide.get("year"), str):
                self.wide_words = [f"2000 {name}" for name in names]
        self.amounts += names
        for name in columns.free:
            if known.is_total(name):
                self.given.setdefault("ignore", []).append(columns.take(name))
        return True

    def sides(self) -> None:
        codes = self.made.table("codes")
        for side in ("reporter", "partner"):
            if self.missing(side):
                found = self.columns.best(side) or (
                    self.columns.only("partner") if side == "partner" else None
                )
                if found:
                    self.given[side] = found
            if side in self.given:
                scheme, _share = self.columns.scheme(self.given[side])
                if scheme != "iso3":
                    codes[side] = scheme
                self.unknown(side, scheme)

    def unknown(self, side: str, scheme: str) -> None:
        """Totals are left out; what nobody knows is asked."""
        from entrepot.reference import countries
        from entrepot.sources._generic_countries import find

        codes = countries.lookup(scheme)
        odd = [
            word
            for word in self.columns.every(self.given[side])
            if not (find(word) if scheme == "name" else word in codes or word.upper() in codes)
        ]
        totals = [word for word in odd if known.is_total(word)]
        if totals:
            self.made.table("filter")[self.given[side]] = {"not": totals}
            self.made.guesses.append(
                f"rows of {', '.join(map(repr, totals))} in {self.given[side]!r} are sums of the "
                "others and are left out ([filter])"
            )
        left = [word for word in odd if word not in totals]
        if left and not any(key.endswith(f".{self.given[side]}") for key in self.told):
            shown = ", ".join(map(repr, left[:10])) + (", ..." if len(left) > 10 else "")
            self.made.asked[f"codes.{side}"] = (
                f"who stands behind {len(left)} words of {self.given[side]!r} ({shown}): give each "
                f'a code, {side} = {{ scheme = "{scheme}", "WORD" = "ISO3" }} under [codes], or '
                f'--set "leave_out.{self.given[side]}=WORD"'
            )

    def products(self) -> None:
        if self.missing("product"):
            found = self.columns.best("product") or self.columns.only("product")
            if found:
                self.given["product"] = found

    def flow(self) -> None:
        if not self.missing("flow"):
            return
        if found := self.columns.best("flow"):
            self.given["flow"] = found
            words = self.columns.every(found)
            codes = {word: known.flow(word) for word in words}
            self.made.table("codes")["flow"] = {w: ours for w, ours in codes.items() if ours}
            totals = [w for w, ours in codes.items() if not ours and known.is_total(w)]
            if totals:
                self.made.table("filter")[found] = {"not": totals}
            if odd := [w for w, ours in codes.items() if not ours and w not in totals]:
                self.made.asked["codes.flow"] = (
                    f"which flow {', '.join(map(repr, odd[:5]))} in {found!r} is: add it to flow "
                    f'under [codes], or --set "leave_out.{found}=WORD"'
                )

    def numeric(self) -> list[str]:
        return [n for n in self.columns.free if self.columns.share("value", n) >= 0.6
                or (n in self.columns.table.numbers and self.columns.cells[n])]  # fmt: skip

    def kind(self, name: str) -> str:
        """What an amount's column is: value, net_mass_kg, quantity or nothing known."""
        key, sure = known.field(name)
        if key in ("net_mass_kg", "quantity") and sure > 1 and not known.currency(name):
            return key
        if known.currency(name) or key == "value":
            return "value"
        return "net_mass_kg" if known.is_tonnes(name) else key

    def values(self) -> None:
        named = {name: self.kind(name) for name in self.numeric()}
        if "wide" not in self.made.mapping and self.missing("value"):
            by_flow = {name: known.flow_in(name) for name in named}
            two = {f for n, f in by_flow.items() if f and named[n] in ("value", "")}
            if "flow" not in self.given and len(two) > 1:
                self.both(named, by_flow)
            else:
                self.one(named)
        for key in ("net_mass_kg", "quantity"):
            if key not in self.given and "flows" not in self.made.mapping and "wide" not in (
                self.made.mapping
            ):  # fmt: skip
                found = [n for n in named if named[n] == key and n not in self.columns.taken]
                if found:
                    self.given[key] = self.columns.take(found[0])
                    self.amounts.append(found[0])
        if "quantity" in self.given and (unit := self.columns.best("quantity_unit")):
            self.given["quantity_unit"] = unit

    def one(self, named: dict[str, str]) -> None:
        values = [name for name in named if named[name] == "value"]
        wanted = [n for n in values if known.currency(n) == self.constants.get("currency", "USD")]
        values = sorted(wanted or values, key=lambda n: -known.field(n)[1])
        if not values and len([n for n in named if not named[n]]) == 1:
            values = [name for name in named if not named[name]]
            self.made.guesses.append(f"{values[0]!r} is the value: no other column has numbers")
        if values:
            self.given["value"] = self.columns.take(values[0])
            self.amounts.append(values[0])
            if found := known.flow_in(values[0]):
                self.constants.setdefault("flow", found)

    def both(self, named: dict[str, str], by_flow: dict[str, str | None]) -> None:
        """Both flows side by side, each with its value, and its mass where there is one."""
        flows = self.made.table("flows")
        for name, flow in by_flow.items():
            if flow and named[name] in ("value", "net_mass_kg", "quantity", ""):
                columns = flows.setdefault(flow, {})
                key = named[name] or "value"
                if key == "value" and key in columns:
                    better = known.currency(name) == self.constants.get("currency", "USD")
                    if not better:
                        continue
                    self.columns.taken.discard(columns[key])
                    self.amounts.remove(columns[key])
                elif key in columns:
                    continue
                columns[key] = self.columns.take(name)
                self.amounts.append(name)
        for flow in [flow for flow, columns in flows.items() if "value" not in columns]:
            del flows[flow]

    def signs(self) -> None:
        """The signs of numbers, and the words for no data."""
        texts = [
            text
            for name in self.amounts
            for text in self.columns.cells[name]
            if name not in self.columns.table.numbers
        ]
        how, doubt = numbers([text for text in texts if AMOUNT.fullmatch(text)])
        for key, sign in how.items():
            self.format.setdefault(key, sign)
        if doubt and not {"decimal", "thousands"} & self.told.keys():
            self.made.asked["decimal"] = doubt
        every = {text for name in self.amounts for text in self.columns.every(name)}
        missing = [word for word in known.MISSING[1:] if word in every]
        if self.empty():
            missing.insert(0, "")
        if missing:
            self.format.setdefault("missing", missing)
            shown = ", ".join("empty" if not word else repr(word) for word in missing)
            self.made.guesses.append(f"no data is written as {shown} (missing)")

    def empty(self) -> bool:
        """Whether an amount's cell stands empty in a row that has others."""
        table = self.columns.table
        tests = " or ".join(f"{table.text(name)} is null" for name in self.amounts)
        found = tests and self.columns.connection.sql(
            f"select 1 from {table.rows.sql} where {tests} limit 1"
        ).fetchone()
        return bool(found)

    def money(self) -> None:
        flows = self.made.mapping.get("flows", {})
        value = self.given.get("value") or next((c["value"] for c in flows.values()), "")
        where = value if known.currency(value) else f"{self.title} {value}"
        if self.missing("currency"):
            if "currency" not in self.given and (found := known.currency(where)):
                self.constants["currency"] = found
        factor = known.scale(value)
        if factor == 1 and known.scale(self.title) > 1:
            factor = known.scale(self.title)
            self.made.guesses.append(f"values are in units of {factor:,}, as the title says (scale)")
        scale: dict[str, int] = {"value": factor} if factor > 1 else {}
        masses = [self.given.get("net_mass_kg", "")]
        masses += [columns.get("net_mass_kg", "") for columns in flows.values()]
        mass = next(filter(None, masses), "")
        per = 1000 if known.is_tonnes(mass) else 1
        if mass and per * known.scale(mass) > 1:
            scale["net_mass_kg"] = per * known.scale(mass)
        if scale and "scale" not in self.told:
            self.format["scale"] = scale
        if not self.missing("flow") or flows:
            return
        if found := known.flow_in(self.title):
            self.constants["flow"] = found
            self.made.guesses.append(f"every row is an {found}, as the title says")

    def filters(self) -> None:
        wanted = self.made.table("filter")
        for key, text in self.told.items():
            kind, _dot, name = key.partition(".")
            if kind == "filter":
                wanted[column(name)] = text.split(",")
            elif kind == "leave_out":
                before = wanted.get(column(name), {"not": []})
                wanted[column(name)] = {"not": [*before["not"], *text.split(",")]}
        if product := self.given.get("product"):
            odd = [w for w in self.columns.every(product) if known.is_total(w) and w != "TOTAL"]
            if odd and product not in wanted:
                wanted[product] = {"not": odd}
                self.made.guesses.append(
                    f"rows of {', '.join(map(repr, odd))} in {product!r} are left out ([filter])"
                )

    def rest(self) -> None:
        """Columns that nothing reads: those that split a cell are asked for, others ignored."""
        told = {key: [column(w) for w in self.told.get(key, "").split(",") if w] for key in LISTS}
        left = [n for n in self.columns.free if n not in self.made.mapping.get("filter", {})]
        left = [n for n in left if n not in told["parts"] + told["ignore"]]
        unit = self.given.get("quantity_unit")
        keys = [k for k in ("reporter", "partner", "flow", "product") if k in self.given]
        names = [self.given[key] for key in keys]
        period = self.given.get("period")
        names += list(period.values()) if isinstance(period, dict) else [period] * bool(period)
        parts = list(told["parts"])
        splits: list[str] = []
        if names and self.made.path.stat().st_size <= WHOLE:
            several, splits = self.columns.repeated(names, [*left, *([unit] if unit else [])])
            splits = [name for name in splits if name not in self.amounts]
            splits = [name for name in splits if not self.is_figure(name)]
            if unit in splits:
                parts.append(str(unit))
                splits.remove(str(unit))
                self.made.guesses.append(f"rows that differ in {unit!r} are parts of one figure")
            if several and not splits and not parts and not self.format.get("sum"):
                if not self.made.mapping.get("filter"):
                    self.made.asked["sum"] = (
                        f"why {several:,} cells stand in several rows that nothing tells apart: "
                        "--set sum=true if they are parts to be added"
                    )
        for name in splits:
            shown = ", ".join(map(repr, self.columns.every(name)[:6]))
            self.made.asked[f"columns.{name}"] = (
                f'what {name!r} ({shown}) does: --set "filter.{name}=WORD" keeps some of its rows, '
                f'--set "parts={name}" adds them up, --set "ignore={name}" if it says nothing'
            )
        ignore = [*self.given.get("ignore", []), *told["ignore"]]
        ignore += [name for name in left if name not in splits]
        if parts:
            self.given["parts"] = parts
        if ignore:
            self.given["ignore"] = list(dict.fromkeys(ignore))

    def is_figure(self, name: str) -> bool:
        """Whether a column holds further figures, such as a value in another currency."""
        return self.kind(name) in ("value", "net_mass_kg", "quantity") and (
            self.columns.share("value", name) >= 0.6 or name in self.columns.table.numbers
        )

    def classification(self) -> None:
        product = self.given.get("product")
        if not product:
            return
        codes = [bare(word) for word in self.columns.every(product)]
        lengths = sorted({len(code) for code in codes if re.fullmatch(r"\d+", code)})
        whole = [n for n in lengths if n % 2 == 0 or n - 1 not in lengths and n + 1 not in lengths]
        lost = [n for n in lengths if n % 2 and n + 1 in lengths]
        if lost:
            self.format.setdefault("pad_products", lost[-1] + 1)
            self.made.guesses.append(f"codes of {lost[-1]} digits lost a leading zero (pad_products)")
        rules = {str(n): "HS" for n in whole if n <= 6 and n % 2 == 0}
        name = self.national(product)
        rules |= {str(n): f"{name}{{year}}-HS" for n in whole if n > 6}
        if long := [n for n in whole if n > 6]:
            self.made.guesses.append(
                f"codes of {', '.join(map(str, long))} digits are {name} on the HS in force in "
                "their year ([classification])"
            )
        if len(whole) > 1:
            self.made.guesses.append(
                f"codes have {', '.join(map(str, whole))} digits: if the short ones are sums of "
                "the long ones, take them out of the file"
            )
        self.made.mapping["classification"] = rules or {"6": "HS"}

    def national(self, product: str) -> str:
        words = known.words(product)
        for word, name in (("gtip", "GTIP"), ("tnved", "TNVED"), ("тн вэд", "TNVED"), ("тнвэд", "TNVED")):
            if word in words:
                return name
        return NATIONAL.get(self.constants.get("reporter", ""), "NATIONAL")

    def valuation(self) -> None:
        flows = {self.constants["flow"]} if "flow" in self.constants else set(
            self.made.mapping.get("flows") or
            self.made.mapping.get("codes", {}).get("flow", {}).values())  # fmt: skip
        rules = {f: self.told[f] for f in ("import", "export") if f in self.told}
        if "valuation" in self.told:
            rules = dict.fromkeys(flows or FLOW.allowed, self.told["valuation"])
        for flow in sorted(flows - rules.keys()):
            side = flow.removeprefix("re-")
            self.made.asked[f"valuation.{flow}"] = (
                f"the valuation of {flow}s: --set {side}={'CIF' if side == 'import' else 'FOB'}, "
                "as the office states"
            )
        rules |= {f: rules[f.removeprefix("re-")] for f in flows if f.removeprefix("re-") in rules}
        for flow in rules:
            self.made.asked.pop(f"valuation.{flow}", None)
        self.made.mapping["valuation"] = rules

    def needed(self) -> None:
        wide, flows = "wide" in self.made.mapping, "flows" in self.made.mapping
        for key in NEEDED:
            given = not self.missing(key) or (key in ("flow", "value") and flows)
            if not given and not (wide and key in ("period", "value")) and key != "freq":
                self.made.asked[key] = ASKED[key]
        if not {"product", "value"} - self.made.asked.keys() and self.missing("period"):
            raise SourceError(
                f"{self.made.path.name}: no column looks like products, values or periods; "
                f"expected a table of trade (columns: {', '.join(self.columns.table.header[:8])}); "
                "write a mapping yourself (docs: bring your own data)"
            )


def _one(pattern: str, text: str) -> str | None:
    found = set(re.findall(pattern, text))
    return str(found.pop()) if len(found) == 1 else None


__all__ = ["EntrepotError", "Proposal", "propose"]
