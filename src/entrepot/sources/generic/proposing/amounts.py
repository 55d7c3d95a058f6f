"""Flows, values and their units in a proposal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.sources.generic.proposing import words as known
from entrepot.sources.generic.proposing.columns import AMOUNT, numbers

if TYPE_CHECKING:
    from entrepot.sources.generic.proposing.draft import Draft


def flow(f: Draft) -> None:
    """Find the column of flows and what its words mean."""
    if not f.missing("flow"):
        return
    if found := f.columns.best("flow"):
        f.given["flow"] = found
        words = f.columns.every(found)
        codes = {word: known.flow(word) for word in words}
        f.made.table("codes")["flow"] = {w: ours for w, ours in codes.items() if ours}
        told = ", ".join(f"{word!r} is {ours}" for word, ours in codes.items() if ours)
        f.made.guesses.append(f"{told} in {found!r}, seen from the reporter")
        totals = [w for w, ours in codes.items() if not ours and known.is_total(w)]
        if totals:
            f.leave_out(found, totals)
        if odd := [w for w, ours in codes.items() if not ours and w not in totals]:
            f.made.asked["codes.flow"] = (
                f"which flow {', '.join(map(repr, odd[:5]))} in {found!r} is: add it to flow "
                f'under [codes], or --set "leave_out.{found}=WORD"'
            )


def numeric(f: Draft) -> list[str]:
    """Return the free columns whose cells are numbers."""
    return [n for n in f.columns.free if f.columns.share("value", n) >= 0.6
            or (n in f.columns.table.numbers and f.columns.cells[n])]  # fmt: skip


def kind(name: str) -> str:
    """What an amount's column is: value, net_mass_kg, quantity or nothing known."""
    key, sure = known.field(name)
    if key in ("net_mass_kg", "quantity") and sure > 1 and not known.currency(name):
        return key
    if known.currency(name) or key == "value":
        return "value"
    return "net_mass_kg" if known.is_tonnes(name) else key


def values(f: Draft) -> None:
    """Find the columns of values, masses and quantities."""
    named = {name: kind(name) for name in numeric(f)}
    if "wide" not in f.made.mapping and f.missing("value"):
        by_flow = {name: known.flow_in(name) for name in named}
        two = {f for n, f in by_flow.items() if f and named[n] in ("value", "")}
        if "flow" not in f.given and len(two) > 1:
            both(f, named, by_flow)
        else:
            one(f, named)
    for key in ("net_mass_kg", "quantity"):
        if key not in f.given and "flows" not in f.made.mapping and "wide" not in (
            f.made.mapping
        ):  # fmt: skip
            found = [n for n in named if named[n] == key and n not in f.columns.taken]
            if found:
                f.given[key] = f.columns.take(found[0])
                f.amounts.append(found[0])
    if "quantity" in f.given and (unit := f.columns.best("quantity_unit")):
        f.given["quantity_unit"] = unit


def one(f: Draft, named: dict[str, str]) -> None:
    """Find the one column of values."""
    values = [name for name in named if named[name] == "value"]
    wanted = [n for n in values if known.currency(n) == f.constants.get("currency", "USD")]
    values = sorted(wanted or values, key=lambda n: -known.field(n)[1])
    if not values and len([n for n in named if not named[n]]) == 1:
        values = [name for name in named if not named[name]]
        f.made.guesses.append(f"{values[0]!r} is the value: no other column has numbers")
    if values:
        f.given["value"] = f.columns.take(values[0])
        f.amounts.append(values[0])
        if found := known.flow_in(values[0]):
            f.constants.setdefault("flow", found)


def both(f: Draft, named: dict[str, str], by_flow: dict[str, str | None]) -> None:
    """Both flows side by side, each with its value, and its mass where there is one."""
    flows = f.made.table("flows")
    for name, flow in by_flow.items():
        if flow and named[name] in ("value", "net_mass_kg", "quantity", ""):
            columns = flows.setdefault(flow, {})
            key = named[name] or "value"
            if key == "value" and key in columns:
                better = known.currency(name) == f.constants.get("currency", "USD")
                if not better:
                    continue
                f.columns.taken.discard(columns[key])
                f.amounts.remove(columns[key])
            elif key in columns:
                continue
            columns[key] = f.columns.take(name)
            f.amounts.append(name)
    for flow in [flow for flow, columns in flows.items() if "value" not in columns]:
        del flows[flow]


def signs(f: Draft) -> None:
    """The signs of numbers, and the words for no data."""
    texts = [
        text
        for name in f.amounts
        for text in f.columns.cells[name]
        if name not in f.columns.table.numbers
    ]
    how, doubt = numbers([text for text in texts if AMOUNT.fullmatch(text)])
    for key, sign in how.items():
        if (key, sign) != ("decimal", "."):
            f.format.setdefault(key, sign)
    if doubt and not {"decimal", "thousands"} & f.told.keys():
        f.made.asked["decimal"] = doubt
    every = {text for name in f.amounts for text in f.columns.every(name)}
    missing = [word for word in known.MISSING[1:] if word in every]
    if empty(f):
        missing.insert(0, "")
    if missing:
        f.format.setdefault("missing", missing)
        shown = ", ".join("empty" if not word else repr(word) for word in missing)
        f.made.guesses.append(f"no data is written as {shown} (missing)")


def empty(f: Draft) -> bool:
    """Whether an amount's cell stands empty in a row that has others."""
    table = f.columns.table
    tests = " or ".join(f"{table.text(name)} is null" for name in f.amounts)
    found = (
        tests
        and f.columns.connection.sql(
            f"select 1 from {table.rows.sql} where {tests} limit 1"
        ).fetchone()
    )
    return bool(found)


def money(f: Draft) -> None:
    """Find currency, scale and flow in the names of columns and in the title."""
    flows = f.made.mapping.get("flows", {})
    value = f.given.get("value") or next((c["value"] for c in flows.values()), "")
    where = value if known.currency(value) else f"{f.title} {value}"
    if f.missing("currency") and (found := known.currency(where)):
        f.constants["currency"] = found
    factor = known.scale(value)
    if factor == 1 and known.scale(f.title) > 1:
        factor = known.scale(f.title)
        f.made.guesses.append(f"values are in units of {factor:,}, as the title says (scale)")
    scale: dict[str, int] = {"value": factor} if factor > 1 else {}
    masses = [f.given.get("net_mass_kg", "")]
    masses += [columns.get("net_mass_kg", "") for columns in flows.values()]
    mass = next(filter(None, masses), "")
    per = 1000 if known.is_tonnes(mass) else 1
    if mass and per * known.scale(mass) > 1:
        scale["net_mass_kg"] = per * known.scale(mass)
    if scale and "scale" not in f.told:
        f.format["scale"] = scale
    if not f.missing("flow") or flows:
        return
    if found := known.flow_in(f.title):
        f.constants["flow"] = found
        f.made.guesses.append(f"every row is an {found}, as the title says")


def valuation(f: Draft) -> None:
    """The valuation of each flow, which only the office's notes say."""
    if "flow" in f.constants:
        flows = {f.constants["flow"]}
    else:
        codes = f.made.mapping.get("codes", {}).get("flow", {})
        flows = set(f.made.mapping.get("flows") or codes.values())
    told = {side: f.told[side] for side in ("import", "export") if side in f.told}
    if "valuation" in f.told:
        told = dict.fromkeys(("import", "export"), f.told["valuation"])
    rules: dict[str, str] = {}
    for flow in sorted(flows or told):
        side = flow.removeprefix("re-")
        if side in told:
            rules[flow] = told[side]
        else:
            f.made.asked[f"valuation.{side}"] = (
                f"the valuation of {side}s: --set {side}={'CIF' if side == 'import' else 'FOB'} or "
                "the other, as the office states"
            )
    f.made.mapping["valuation"] = rules
