"""Truth: by hand; numbers, periods and codes by a convention that a publisher does not have."""

from __future__ import annotations

import pytest

from entrepot.errors import EntrepotError
from support.publisher_files import (
    BULK,
    BULK_ROW,
    EUROSTAT,
    START,
    api,
    idds,
    ots,
    sdmx,
    table,
    taken,
    write,
)
from support.sampled import some

CENSUS = "CTY_CODE,E_COMMODITY,ALL_VAL_MO,time\n4634,{code},{value},{period}\n"
BACI = "t,i,j,k,v,q\n{period},36,842,{code},{value},2.25\n"


def comtrade(folder, value="4200", period="202301", code="854231"):
    change = {"primaryValue": value, "period": period, "cmdCode": code}
    return write(folder, "a.csv", table(change, delimiter=";"))


def answer(folder, value="4200", period="202301", code="854231"):
    return api(folder, {"primaryValue": value, "period": period, "cmdCode": code})


def eurostat(folder, value="5", period="2023-01", code="854231"):
    line = f"{START},{period},".replace("854231", code).replace(",", ";") + value
    return sdmx(folder, line, header=EUROSTAT.replace(",", ";"))


def comext(folder, value="1", period="202301", code="85423190"):
    row = BULK_ROW.format(f'"{value}"', 1, 1).replace("202301", period)
    return write(folder, "full.csv", f"{BULK}\n{row.replace('85423190', code)}\n")


def census(folder, value="9", period="2023-01", code="854231"):
    return write(folder, "a.csv", CENSUS.format(code=code, value=f'"{value}"', period=period))


def baci(folder, value="1", period="2021", code="854231"):
    text = BACI.format(code=code, value=f'"{value}"', period=period)
    return write(folder, "BACI_HS17_Y2021_V202301.csv", text)


def hongkong(folder, value="7", period="202301", code="854231"):
    return idds(folder, {"figure": value, "period": period, "code": code})


def hmrc(folder, value="5", period="202301", code="85423111"):
    return ots(folder, {"Value": value, "MonthId": period, "CommodityId": code})


SOURCES = {
    "comtrade": comtrade,
    "comtrade answer": answer,
    "eurostat": eurostat,
    "eurostat bulk": comext,
    "census": census,
    "baci": baci,
    "hongkong": hongkong,
    "hmrc": hmrc,
}
NO_NUMBERS = (
    "4200,5",
    "1.234,56",
    "1.234.567",
    "1,234",
    "12,5",
    "1 234",
    "1'234",
    "1_5",
    "$5",
    "5 k",
    "(5)",
    "5-",
    "0x1F",
    "٤٢",
    "..",
)
NO_PERIODS = (
    "2023Q1",
    "2023-Q1",
    "202313",
    "202300",
    "2023-13",
    "2023-01/2023-03",
    "202301-06",
    "112",
    "2010/11",
    "2023-W05",
    "20230131",
    "2023-1",
)
NO_CODES = ("8542.31", "85 42 31", "008542", "0085", "0", "8.54231E+05", "854231x", "٨٥٤٢٣١")


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("value", some(NO_NUMBERS, 4))
def test_a_number_by_another_convention(tmp_path, source, value):
    if (source, value) == ("eurostat bulk", "1_5"):
        return  # looked for in tables that people save; this one no hand writes
    path = SOURCES[source](tmp_path, value=value)
    with pytest.raises(EntrepotError, match=rf"^{path.name}: .*expected a number") as caught:
        taken(tmp_path, source.split()[0], path)
    assert value in str(caught.value)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("period", some(NO_PERIODS, 4))
def test_a_period_that_is_no_month(tmp_path, source, period):
    path = SOURCES[source](tmp_path, period=period)
    with pytest.raises(EntrepotError, match=rf"^{path.name}: .*{period}.*; expected .*; "):
        taken(tmp_path, source.split()[0], path)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("code", some(NO_CODES, 4))
def test_a_code_that_is_none(tmp_path, source, code):
    path = SOURCES[source](tmp_path, code=code)
    with pytest.raises(EntrepotError, match=rf"^{path.name}: ") as caught:
        taken(tmp_path, source.split()[0], path)
    assert code in str(caught.value)


@pytest.mark.parametrize(
    ("source", "code", "ours"),
    [
        ("baci", "10121", "010121"),
        ("baci", "85423", None),
        ("baci", "99999", None),
        ("hmrc", "1012100", "010121"),
        ("hmrc", "8542311", None),
        ("hmrc", "5120000", None),
        ("census", "85423", None),
        ("eurostat", "10121", None),
        ("comtrade", "10121", None),
    ],
)
def test_a_zero_is_put_before_a_code_only_where_a_heading_begins_so(tmp_path, source, code, ours):
    path = SOURCES[source](tmp_path, code=code)
    if ours is None:
        with pytest.raises(EntrepotError, match=rf"^{path.name}: unknown \w+ {code}; expected"):
            taken(tmp_path, source, path)
    else:
        assert [row["product"] for row in taken(tmp_path, source, path)] == [ours]
