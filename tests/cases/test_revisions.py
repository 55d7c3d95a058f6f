"""Truth: by hand; two revisions of the HS for one month are counted once or refused."""

from __future__ import annotations

import pytest

from entrepot.errors import DuplicateError
from support.publisher_files import api, case, taken

OLD = {"classificationCode": "H5"}


@pytest.mark.parametrize("code", ["854231", "8542", "85", "TOTAL"])
def test_two_revisions_that_differ_are_refused_with_both_figures(tmp_path, code):
    path = api(tmp_path, {"cmdCode": code}, OLD | {"cmdCode": code, "primaryValue": 12_000.0})
    message = (
        rf"^answer.json: TUR export KAZ {code} 2023-01 stands in two revisions of the HS "
        r"\(HS2017 12,000.00; HS2022 4,200.00; cells so: 1\)"
    )
    with pytest.raises(DuplicateError, match=message):
        taken(tmp_path, "comtrade", path)


def test_in_two_files_of_one_order_too(tmp_path):
    files = (
        api(tmp_path, {}, name="a.json"),
        api(tmp_path, OLD | {"primaryValue": 1.0}, name="b.json"),
    )
    with pytest.raises(DuplicateError, match=r"^a.json and b.json: TUR export KAZ 854231 2023-01"):
        taken(tmp_path, "comtrade", *files)


@pytest.mark.parametrize("change", [{"netWgt": 99.0}, {"qty": 99.0}])
def test_the_same_value_with_another_mass_is_no_copy(tmp_path, change):
    with pytest.raises(DuplicateError, match="two revisions of the HS"):
        taken(tmp_path, "comtrade", api(tmp_path, {}, OLD | change))


def test_identical_figures_are_kept_as_they_were_published(tmp_path):
    rows = taken(tmp_path, "comtrade", api(tmp_path, {}, OLD))
    assert sorted(row["classification"] for row in rows) == ["HS2017", "HS2022"]


def test_revisions_of_other_months_partners_and_codes_are_no_trouble(tmp_path):
    path = api(
        tmp_path,
        {},
        OLD | {"period": "202212", "primaryValue": 7.0},
        OLD | {"cmdCode": "854232", "primaryValue": 8.0},
        OLD | {"partnerCode": 417, "primaryValue": 9.0},
    )
    assert len(taken(tmp_path, "comtrade", path)) == 4


def test_the_collected_cases(tmp_path):
    equal = taken(tmp_path / "a", "comtrade", case("49-ct-two-revisions-one-month"))
    assert [row["value_local"] for row in equal] == [1000.0, 1000.0]
    months = taken(tmp_path / "b", "comtrade", case("E2-two-revisions-brief"))
    assert {row["classification"] for row in months} >= {"HS2017", "HS2022"}
