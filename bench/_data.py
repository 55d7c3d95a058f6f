"""Invented tables in publishers' layouts, the same bytes of content for the same seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from entrepot.reference import countries, goods
from entrepot.sources.comtrade.files import LEFT_OUT, READ

if TYPE_CHECKING:
    from pathlib import Path

SEED = 20220224
MAPPING = """
name = "bench"
publisher = "invented"
licence = "none"
published = 2023-01-13
[columns]
period = "month"
partner = "partner"
product = "product"
value = "value_eur"
[constants]
freq = "M"
reporter = "EU27"
flow = "export"
currency = "EUR"
[codes]
partner = "iso3"
[classification]
8 = "CN{year}"
[valuation]
export = "FOB"
"""


def bulk(folder: Path, *, products: int = 1100, partners: int = 150, seed: int = SEED) -> Path:
    """Write a Comtrade bulk file: 47 columns, each cell as a total and two modes of transport.

    Rows: 6 per product and partner, as imports and exports are both there.
    """
    by_country = {ours: code for code, ours in countries.lookup("comtrade").items()}
    codes = sorted({*by_country.values()} - {by_country["WLD"], by_country["TUR"]})
    fixed = {
        "typeCode": "'C'",
        "freqCode": "'M'",
        "period": "'202301'",
        "reporterCode": "'792'",
        "flowCode": "flow",
        "partnerCode": "partner",
        "partner2Code": "'0'",
        "classificationCode": "'H6'",
        "isOriginalClassification": "'true'",
        "cmdCode": "product",
        "customsCode": "'C00'",
        "mosCode": "'0'",
        "motCode": "mot",
        "qtyUnitCode": "'8'",
        "qty": "value // 10 + 1",
        "netWgt": "value // 10 + 1",
        "isNetWgtEstimated": "'false'",
        "cifvalue": "case flow when 'M' then value end",
        "primaryValue": "value",
    }
    columns = [f'{fixed[name]} as "{name}"' for name in READ]
    columns += [f"'some text' as \"{name}\"" for name in sorted(LEFT_OUT)]
    path = folder / "COMTRADE-BENCH-CM792202301[2023-11-01].gz"
    duckdb.execute(f"""copy (
        select {", ".join(columns)}
        from (select lpad((10100 + i * 701)::text, 6, '0') as product, i
            from range({products}) _(i))
        cross join (select unnest({codes[:partners]}) as partner)
        cross join (values ('M'), ('X')) as _flows(flow)
        cross join (values ('0', 2), ('1000', 1), ('2100', 1)) as _modes(mot, parts)
        cross join lateral (select parts * (1 + hash(i, partner, flow, {seed}) % 1000000) as value)
        ) to '{path}' (format csv, delimiter '\t', header, compression gzip)""")
    return path


def table(folder: Path, *, rows: int = 1_100_000, seed: int = SEED) -> tuple[Path, Path]:
    """Write monthly EU exports to seven countries as a CSV, and the mapping that explains it.

    The listed goods are among its products, so that a study finds its figures there.
    """
    listed = [f"{code}00" for code in goods.load("chpl-2023-09").codes]
    others = rows // (35 * 7) - len(listed)
    path, mapping = folder / "table.csv", folder / "table.toml"
    mapping.write_text(MAPPING, "utf-8")
    duckdb.execute(f"""copy (
        select strftime(day, '%Y-%m') as month, partner, product,
            1 + hash(day, partner, product, {seed}) % 1000000 as value_eur
        from (select unnest(range(date '2020-01-01', date '2022-12-01', interval 1 month)) as day)
        cross join (select unnest(['ARM', 'GEO', 'KAZ', 'KGZ', 'RUS', 'TUR', 'UZB']) as partner)
        cross join (select unnest({listed}) as product union all
            select lpad((1010000 + i * 701)::text, 8, '0') from range({others}) _(i))
        ) to '{path}' (format csv, header)""")
    return path, mapping
