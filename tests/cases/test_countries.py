"""Truth: by hand; unknown countries are named together, and emirates are the Emirates."""

from __future__ import annotations

import json

import pytest

from entrepot.contracts import Query, Release
from entrepot.errors import UnknownCodeError
from entrepot.sources.hmrc.endpoints import requests
from support.publisher_files import (
    BULK,
    BULK_ROW,
    START,
    api,
    case,
    idds,
    ots,
    sdmx,
    table,
    taken,
    write,
)


@pytest.mark.parametrize(
    ("code", "name", "ours"),
    [
        ("DU", None, "ARE"),
        ("du ", None, "ARE"),
        ("AE", None, "ARE"),
        ("FU", None, "ARE"),
        ("ZZ", "Abu Dhabi", "ARE"),
        ("SH", "Sharjah", "ARE"),
        ("SH", "St Helena", "SHN"),
        ("SH", None, "SHN"),
        ("AZ", "Azerbaijan", "AZE"),
        ("RK", "Ras al-Khaimah", "ARE"),
        ("kz", None, "KAZ"),
    ],
)
def test_emirates_that_hmrc_lists_by_themselves(tmp_path, code, name, ours):
    country = {"CountryCodeAlpha": code} | ({"CountryName": name} if name else {})
    [row] = taken(tmp_path, "hmrc", ots(tmp_path, {"Country": country}))
    assert row["partner"] == ours


def test_the_emirates_are_one_country_of_several_rows(tmp_path):
    path = ots(
        tmp_path,
        *(
            {"Country": {"CountryCodeAlpha": code}, "CountryId": n}
            for n, code in enumerate(["AE", "DU"])
        ),
    )
    [row] = taken(tmp_path, "hmrc", path)
    assert (row["partner"], row["value_local"], row["status"]) == ("ARE", 10_000.0, "derived")


def test_hmrc_is_asked_for_every_emirate():
    query = Query("M", ("2023-01",), ("GBR",), ("ARE",), ("export",))
    [request] = requests(query, (Release("GBR", "M", "2023-01"),))
    for code in ("AE", "DU"):
        assert f"Country/CountryCodeAlpha eq '{code}'" in request.params["$filter"]


MANY = [*(f"Q{digit}" for digit in range(10)), "Z8", "Z9"]


def numbers(count):
    return [str(90_000 + number) for number in range(count)]


FILES = {
    "comtrade": lambda f, n: api(f, {}, *({"partnerCode": code} for code in numbers(n))),
    "comtrade csv": lambda f, n: write(
        f, "a.csv", table({}, *({"partnerCode": code} for code in numbers(n)))
    ),
    "eurostat": lambda f, n: sdmx(
        f, *(f"{START.replace(',RU,', f',{code},')},2023-01,5" for code in ["RU", *MANY[:n]])
    ),
    "eurostat bulk": lambda f, n: write(
        f,
        "full.csv",
        "\n".join([BULK, *(BULK_ROW.format(1, 1, 1).replace("RU", code) for code in MANY[:n]), ""]),
    ),
    "hmrc": lambda f, n: ots(
        f, {}, *({"Country": {"CountryCodeAlpha": code}} for code in MANY[:n])
    ),
    "hongkong": lambda f, n: idds(f, {}, *({"cc": code} for code in MANY[:n])),
    "census": lambda f, n: write(
        f,
        "a.json",
        json.dumps(
            [
                ["CTY_CODE", "E_COMMODITY", "ALL_VAL_MO", "time"],
                *([code, "854231", "9", "2023-01"] for code in numbers(n)),
            ]
        ),
    ),
    "baci": lambda f, n: write(
        f,
        "BACI_HS17_Y2021_V202301.csv",
        "\n".join(["t,i,j,k,v,q", *(f"2021,36,{code},854231,1,1" for code in numbers(n)), ""]),
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_all_unknown_countries_are_in_one_line(tmp_path, name):
    path = FILES[name](tmp_path, 12)
    with pytest.raises(UnknownCodeError, match=r"\(12 unknown in all: ") as caught:
        taken(tmp_path, name.split()[0], path)
    line = str(caught.value)
    assert "\n" not in line
    listed = line.split("unknown in all: ")[1].split(")")[0].split(", ")
    assert len(set(listed)) == 11
    assert listed[-1] == "..."


@pytest.mark.parametrize("name", FILES)
def test_a_single_one_needs_no_list(tmp_path, name):
    path = FILES[name](tmp_path, 1)
    with pytest.raises(UnknownCodeError, match="unknown country") as caught:
        taken(tmp_path, name.split()[0], path)
    assert "unknown in all" not in str(caught.value)


def test_the_collected_case(tmp_path):
    rows = taken(tmp_path, "hmrc", case("AD-hm-dubai"))
    assert [row["partner"] for row in rows] == ["ARE", "KAZ"]
