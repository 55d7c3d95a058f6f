"""The demo world, generated once, and a small reader of its files that uses no connector."""

from __future__ import annotations

import gzip

import duckdb
import pyarrow as pa
import pytest

from entrepot.demo import generate
from entrepot.reference import countries, goods, rates

COMTRADE = """select replace(reporterISO, 'S19', 'TWN'),
    replace(partnerISO, 'S19', 'TWN'), flowCode, strptime(period::varchar, '%Y%m')::date,
    case classificationCode when 'H4' then 'HS2012' when 'H5' then 'HS2017' else 'HS2022' end,
    cmdCode::varchar, primaryValue::double, netWgt::double, cmdDesc from {rows}"""
EUROSTAT = """
    with rows as (select *, strptime(TIME_PERIOD, '%Y-%m')::date as day from {rows})
    select one.iso3, other.iso3, case flow when '2' then 'X' else 'M' end, day,
        case when year(day) < 2017 then 'HS2012' when year(day) < 2022 then 'HS2017'
            else 'HS2022' end,
        product[:6], sum(OBS_VALUE::double * usd_per_unit)
            filter (indicators = 'VALUE_IN_EUROS'),
        100 * sum(OBS_VALUE::double) filter (indicators = 'QUANTITY_IN_100KG'), ''
    from rows join iso one on one.code = reporter join iso other on other.code = partner
    join rates on day = rates.period group by all"""


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    """The demo world of the default seed."""
    return generate(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="session")
def cells(world):
    """A connection with every reported cell of every file in `cells`, the latest in `latest`."""
    connection = duckdb.connect()
    iso3 = countries.lookup("comext")
    connection.register("iso", pa.table({"code": [*iso3], "iso3": [*iso3.values()]}))
    connection.register("rates", rates.monthly_means("EUR"))
    connection.execute("""create table cells (file varchar, published date, reporter varchar,
        partner varchar, flow varchar, period date, revision varchar, product varchar,
        usd double, kg double, label varchar)""")
    for file in world.files:
        query = EUROSTAT if file.source == "eurostat" else COMTRADE
        connection.execute(
            f"insert into cells select $1, $2, * from ({query.format(rows=_rows(file.path))})",
            [file.path.name, file.published],
        )
    for name, title in (("listed45", "chpl-2023-09"), ("listed50", "chpl-2024-02")):
        codes = goods.load(title).codes
        connection.execute(f"create macro {name}(code) as code in {codes}")
    connection.execute("""create view latest as from cells
        where partner <> 'W00' and not (reporter = 'ARM' and period >= '2023-01-01'
        and published = '2023-11-14')""")
    yield connection
    connection.close()


@pytest.fixture(scope="session")
def known(cells):
    """Return one number from SQL over `cells` and `latest`."""
    return lambda sql: cells.sql(sql).fetchone()[0]


def _rows(path):
    if path.suffix == ".json":
        return f"(select unnest(data, recursive := true) from read_json('{path}'))"
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
        first = stream.readline()
    delimiter = "\t" if b"\t" in first else ","
    names = first.decode("latin-1").strip().split(delimiter)
    # The web download's rows end with a comma, its header does not.
    names += ["nothing"] * path.name.startswith("TradeData")
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    return f"""read_csv('{str(path).replace("[", "[[]")}', delim = '{delimiter}', skip = 1,
        header = false, auto_detect = false, quote = '"', columns = {{{columns}}})"""
