"""Reference: countries, goods, codes, measures and sources, as the program has them."""

from __future__ import annotations

import inspect
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Path, Request, Response

from entrepot import terms
from entrepot.api import shapes
from entrepot.api.answering import missing, plain, problem
from entrepot.api.pages.product import lists
from entrepot.parts import measures, sources
from entrepot.question.words import example
from entrepot.reference import countries, goods, groups
from entrepot.reference._files import near

router = APIRouter(tags=["reference"])


@router.get("/countries", response_model=list[shapes.CountryBody])
async def all_countries(request: Request) -> Response:
    """List the countries."""
    return plain(request, [_country(code) for code in countries.table()])


@router.get("/countries/{code}", response_model=shapes.CountryBody)
async def one_country(request: Request, code: str) -> Response:
    """Show a country."""
    if code not in countries.table():
        return _none("countries: no country", code, countries.table())
    return plain(request, _country(code))


@router.get("/groups", response_model=list[shapes.GroupBody])
async def all_groups(request: Request) -> Response:
    """List the groups of countries."""
    return plain(request, [
        {"name": name, "title": groups.title(name), "members": [*groups.members(name)]}
        for name in groups.names()
    ])  # fmt: skip


@router.get("/goods", response_model=list[shapes.GoodsSummaryBody])
async def all_goods(request: Request) -> Response:
    """List the goods lists."""
    return plain(request, [_list(name) for name in goods.names()])


@router.get("/goods/{name}", response_model=shapes.GoodsBody)
async def one_list(request: Request, name: str) -> Response:
    """Show a goods list with its codes, tiers and predecessors."""
    if name not in goods.names():
        return _none("goods: no list", name, goods.names())
    codes = [asdict(good) for good in goods.load(name).goods]
    return plain(request, _list(name) | {"goods": codes})


@router.get("/products/{code}", response_model=shapes.ProductBody)
async def one_product(
    request: Request, code: str = Path(pattern="^[0-9]{2,12}$", max_length=12)
) -> Response:
    """Show a code: its title, and the lists that have it."""
    found = [{"list": name, "title": title, **asdict(good)} for name, title, good in lists(code)]
    return plain(request, {"code": code, "title": terms.goods(code).title, "lists": found})


@router.get("/measures", response_model=list[shapes.MeasureSummaryBody])
async def all_measures(request: Request) -> Response:
    """List the measures, and what each finds."""
    return plain(request, [_measure(name) for name in measures()])


@router.get("/measures/{name}", response_model=shapes.MeasureBody)
async def one_measure(request: Request, name: str) -> Response:
    """Show a measure: formula, sign, parameters, columns, source."""
    if name not in measures():
        return _none("registry: no measure", name, measures())
    found = measures()[name]
    params = [
        {"name": key, "takes": example(found.kind(key)), "required": param.default is param.empty}
        for key, param in found.params.items()
    ]
    columns = [
        {"name": c.name, "type": str(c.type), "unit": c.unit or "", "doc": c.doc}
        for c in found.returns.columns
    ]
    return plain(request, _measure(name) | {
        "text": inspect.getdoc(found.run) or "", "reference": found.reference,
        "parameters": params, "columns": columns,
    })  # fmt: skip


@router.get("/sources", response_model=list[shapes.SourceBody])
async def all_sources(request: Request) -> Response:
    """List the sources whose files can be read."""
    return plain(request, [
        {"name": name, "title": one.title, "publisher": one.publisher, "url": one.url,
         "licence": one.licence}
        for name, one in sources().items()
    ])  # fmt: skip


def _country(code: str) -> dict[str, str]:
    row = countries.table()[code]
    return {"code": code, "name": row["name"], "iso2": row["iso2"], "m49": row["m49"]}


def _list(name: str) -> dict[str, Any]:
    found = goods.load(name)
    return {"name": name, "title": found.title, "published": found.published,
            "classification": found.classification, "codes": len(found.goods),
            "source": found.source}  # fmt: skip


def _measure(name: str) -> dict[str, Any]:
    text = inspect.getdoc(measures()[name].run) or ""
    return {"name": name, "finds": text.partition("\n")[0]}


def _none(what: str, name: str, known: Any) -> Response:
    return problem(missing(f"{what} {name[:50]!r}; {near(name[:50], [*known])}"))
