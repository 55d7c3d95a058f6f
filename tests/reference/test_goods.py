"""Goods: counts by hand, agreement with the collected list, and the UNSD conversion trap."""

from __future__ import annotations

import csv
from collections import Counter

import pytest

from entrepot.errors import UnknownCodeError
from entrepot.reference import goods
from entrepot.reference.passports import passport, read

NEW_IN_HS2022 = {"854800", "852589", "854149", "854151", "854159", "880730"}
PHONES = "851712"
DATED = "eu-russia-2023-02"
"""The list of HS2017 with days, in which telephones stand in their own right."""
COMMON = sorted({*goods.names()} - {DATED})


@pytest.mark.parametrize(
    ("name", "count", "stable", "published"),
    [
        ("chpl-2023-05", 38, 33, "2023-05-19"),
        ("chpl-2023-09", 45, 39, "2023-09-26"),
        ("chpl-2024-02", 50, 44, "2024-02-23"),
        ("bis-fincen-9", 9, 8, "2023-05-19"),
        (DATED, 2304, 2304, "2023-02-25"),
    ],
)
def test_lists_have_the_published_number_of_codes(name, count, stable, published):
    listed = goods.load(name)
    assert (len(listed.codes), len(set(listed.codes)), len(listed.stable)) == (count, count, stable)
    assert (listed.published, listed.classification) == (
        published,
        "HS2017" if name == DATED else "HS2022",
    )
    assert listed.codes == tuple(sorted(listed.codes))
    assert name in goods.names()


def test_tiers_have_the_published_sizes():
    tiers = Counter(good.tier for good in goods.load("chpl-2024-02").goods)
    assert tiers == {"1": 4, "2": 5, "3.A": 16, "3.B": 9, "4.A": 11, "4.B": 5}


def test_each_version_contains_the_one_before():
    nine, may, september, february = (
        set(goods.load(name).codes)
        for name in ("bis-fincen-9", "chpl-2023-05", "chpl-2023-09", "chpl-2024-02")
    )
    assert nine < may < september < february
    added = "848210 848220 848230 848250 880730 901310 901380"
    assert september - may == set(added.split())
    machine_tools = "845710 845811 845891 845961 846693"
    assert february - september == set(machine_tools.split())


def test_six_codes_are_new_in_hs2022():
    listed = goods.load("chpl-2024-02")
    assert set(listed.codes) - set(listed.stable) == NEW_IN_HS2022


@pytest.mark.parametrize("revision", ["HS2017", "HS2012"])
def test_predecessors_say_how_far_to_trust_them(revision):
    predecessors = goods.load("chpl-2023-09").predecessors(revision)
    assert len(predecessors) == 45
    assert predecessors["880730"] == ("880330", "renumbered")
    assert predecessors["854800"] == ("854890", "renumbered")
    assert predecessors["854151"] == predecessors["854159"] == ("854150", "split")
    assert predecessors["852589"] == ("852580", "carved")
    assert predecessors["854149"] == ("854140", "carved")
    assert predecessors["901380"] == ("901380", "rescoped")
    assert predecessors["852990"] == ("852990", "rescoped")
    assert predecessors["848210"] == ("848210", "unchanged")


def test_integrated_circuits_were_widened_in_hs2017():
    listed = goods.load("bis-fincen-9")
    assert listed.predecessors("HS2017")["854231"] == ("854231", "unchanged")
    assert listed.predecessors("HS2012")["854231"] == ("854231", "rescoped")


def test_a_class_agrees_with_the_numbers_and_every_doubt_has_a_note():
    for name in COMMON:
        for good in goods.load(name).goods:
            for before, kind in (
                (good.hs2017, good.hs2017_class),
                (good.hs2012, good.hs2012_class),
            ):
                assert (before == good.code) == (kind in ("unchanged", "rescoped"))
                assert kind == "unchanged" or good.note


def test_no_list_of_priority_goods_and_no_predecessor_contains_mobile_phones():
    for name in COMMON:
        for good in goods.load(name).goods:
            assert PHONES not in (good.code, good.hs2017, good.hs2012)


def test_the_conversion_trap_is_told_wherever_a_maintainer_would_trip():
    assert PHONES in (goods.__doc__ or "")
    for name in goods.names():
        notes = " ".join(passport(goods.DATA / "goods" / f"{name}.csv")["notes"])
        assert PHONES in notes
    rows = {good.code: good.note for good in goods.load("chpl-2024-02").goods}
    assert PHONES in rows["854151"]
    assert PHONES in rows["854159"]


def test_every_class_is_defined_in_the_docstring_and_the_passports():
    for name in goods.names():
        defined = passport(goods.DATA / "goods" / f"{name}.csv")["classes"]
        assert set(defined) == set(goods.CLASSES) - {"unstated"}
    assert all(kind in (goods.__doc__ or "") for kind in goods.CLASSES)


def test_the_membership_of_may_2023_is_told_as_derived():
    given = passport(goods.DATA / "goods" / "chpl-2023-05.csv")
    assert given["confidence"] == "count seen in a source; membership derived"


def test_an_unknown_list_is_named_with_near_ones():
    with pytest.raises(UnknownCodeError, match=r"no list 'chpl-2023-9'; did you mean chpl-2023-09"):
        goods.load("chpl-2023-9")


def test_an_unknown_revision_is_refused():
    with pytest.raises(UnknownCodeError, match="'HS2007', only in HS2017 and HS2012"):
        goods.load("chpl-2023-09").predecessors("HS2007")


def own(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "mine.csv"
    path.write_text(text, encoding=encoding)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_users_list_needs_only_codes(tmp_path, encoding):
    listed = goods.load(own(tmp_path, "code\n854231\n010121\n\n", encoding))
    assert listed.codes == listed.stable == ("010121", "854231")
    assert listed.predecessors("HS2012")["010121"] == ("010121", "unstated")
    assert (listed.name, listed.title) == ("mine", "mine")


def test_a_users_list_may_state_predecessors_and_a_passport(tmp_path):
    path = own(tmp_path, "code,hs2017,hs2017_class\n880730,880330,renumbered\n848210,,\n")
    path.with_suffix(".toml").write_text('title = "Mine"\npublished = 2024-01-02\n')
    listed = goods.load(str(path))
    assert listed.predecessors("HS2017") == {
        "848210": ("848210", "unstated"),
        "880730": ("880330", "renumbered"),
    }
    assert (listed.title, listed.published) == ("Mine", "2024-01-02")


def test_a_number_is_stable_only_if_both_older_revisions_have_it(tmp_path):
    text = "code,hs2017,hs2017_class,hs2012,hs2012_class\n"
    path = own(
        tmp_path, text + "854231,854231,unchanged,854200,renumbered\n848210,848210,unchanged,,\n"
    )
    assert goods.load(path).stable == ("848210",)


def test_a_class_without_a_predecessor_states_nothing(tmp_path):
    listed = goods.load(own(tmp_path, "code,hs2017,hs2017_class\n880730,,renumbered\n"))
    assert listed.predecessors("HS2017") == {"880730": ("880730", "unstated")}


def test_a_users_list_may_have_titles_and_codes_as_people_write_them(tmp_path):
    listed = goods.load(own(tmp_path, "Code, Title\n8542.31,Processors\n84 71 50,\n"))
    assert [(g.code, g.description) for g in listed.goods] == [
        ("847150", ""),
        ("854231", "Processors"),
    ]


def test_codes_of_any_length_are_for_those_who_ask(tmp_path):
    path = own(tmp_path, "code\n84\n8542.31\n8517\n85423190\n8471500000\n8542\n")
    with pytest.raises(UnknownCodeError, match="expected six digits"):
        goods.load(path)
    listed = goods.load(path, any_length=True)
    assert listed.codes == ("84", "8517", "8542")
    assert listed.note == (
        "Left out, or it would count twice: 8471500000 (in 84), 854231 (in 8542), "
        "85423190 (in 8542)"
    )
    assert listed.predecessors("HS2017")["8517"] == ("8517", "unstated")


def test_lists_that_ship_are_written_in_six_digits_and_leave_nothing_out():
    for name in goods.names():
        header, rows = read(name)
        assert tuple(row[header.index("code")] for row in rows) == goods.load(name).codes
        assert all(len(code) == 6 for code in goods.load(name).codes)
        assert goods.load(name).note == ""


def test_a_users_list_is_read_again_after_an_edit(tmp_path):
    assert goods.load(own(tmp_path, "code\n854231\n")).codes == ("854231",)
    assert goods.load(own(tmp_path, "code\n854232\n")).codes == ("854232",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("code\n854231\n10121\n", "mine.csv row 3, code: '10121' has 5 digits, a leading zero"),
        ("code\n854231\n8542\n", "mine.csv row 3 has code '8542', expected six digits"),
        ("code\n854231\n85423190\n", "row 3 has code '85423190', expected six digits"),
        ("code\n854231\n999999\n", "row 3, code: '999999' is in chapter 99"),
        ("code\n854231\n\u0668\u0665\u0664\u0662\u0663\u0661\n", "is no code of goods"),
        ("code,title\n,chips\n", "mine.csv row 2 has no code"),
        ("code,title,description\n854231,a,b\n", "row 1 has the columns code,title,description"),
        ("code\n854231\n854232\n854231\n", "mine.csv row 4 lists 854231 again"),
        ("hs6\n854231\n", "mine.csv row 1 has the columns hs6; expected code"),
        ("code,colour\n854231,red\n", "row 1 has the columns code,colour"),
        ("code,code\n854231,854231\n", "row 1 has the columns code,code"),
        ("code,tier\n854231\n", "mine.csv row 2 has 1 cells, expected 2"),
        ("code,hs2017\n854231,85423\n", "row 2, hs2017: '85423' has 5 digits"),
        ("code,hs2017,hs2017_class\n854231,854231,same\n", "row 2 has hs2017_class 'same'"),
        ("code\n", "mine.csv lists no code"),
        ("", "mine.csv is empty"),
    ],
)
def test_a_broken_list_is_refused_with_its_file_and_row(tmp_path, text, message):
    with pytest.raises(UnknownCodeError, match=message.replace(".", r"\.")) as caught:
        goods.load(own(tmp_path, text))
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("goods: ")


def test_a_list_that_is_absent_or_not_utf8_is_refused(tmp_path):
    with pytest.raises(UnknownCodeError, match=r"goods: cannot read .*absent\.csv"):
        goods.load(tmp_path / "absent.csv")
    with pytest.raises(UnknownCodeError, match="expected a UTF-8 CSV"):
        goods.load(own(tmp_path, "code,description\n854231,é\n", "latin-1"))


def test_lists_equal_the_collected_list(shared_domain):
    with (shared_domain / "chpl.csv").open(encoding="utf-8", newline="") as file:
        collected = list(csv.DictReader(file))
    for name, column in {
        "chpl-2023-05": "in_2023_05_38",
        "chpl-2023-09": "in_2023_09_45",
        "chpl-2024-02": "in_2024_02_50",
        "bis-fincen-9": "in_fincen_bis_9",
    }.items():
        expected = {
            row["code"]: (row["tier"], row["hs2017_recommended"], row["hs2012_recommended"])
            for row in collected
            if row[column] == "1"
        }
        ours = {good.code: (good.tier, good.hs2017, good.hs2012) for good in goods.load(name).goods}
        assert ours == expected


def test_every_code_and_predecessor_exists_in_its_revision(shared_data):
    def codes(letter):
        path = shared_data / "comtrade" / "reference" / f"comtrade_cmd_{letter}.csv"
        with path.open(encoding="utf-8-sig", newline="") as file:
            return {row["id"] for row in csv.DictReader(file)}

    hs2012, hs2017, hs2022 = codes("h4"), codes("h5"), codes("h6")
    listed = goods.load("chpl-2024-02")
    assert set(listed.codes) <= hs2022
    assert set(listed.codes) - hs2017 == NEW_IN_HS2022
    assert {before for before, _ in listed.predecessors("HS2017").values()} <= hs2017
    assert {before for before, _ in listed.predecessors("HS2012").values()} <= hs2012
    assert set(listed.stable) == set(listed.codes) & hs2012 & hs2017


def test_the_unsd_conversion_sheet_really_says_phones_and_we_do_not_follow(shared_data):
    from python_calamine import CalamineWorkbook

    path = shared_data / "hs" / "HS2022toHS2017ConversionAndCorrelationTables.xlsx"
    sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("HS2022-HS2017 Conversions")
    official = dict(row[:2] for row in sheet.to_python()[1:])
    ours = goods.load("chpl-2024-02").predecessors("HS2017")
    different = {code for code in ours if ours[code][0] != official[code]}
    assert different == {"854151", "854159"}
    assert {official[code] for code in different} == {PHONES}


def test_the_days_of_the_sanctions_are_kept_and_each_begins_with_the_next_whole_month():
    listed = goods.load(DATED)
    days = Counter(good.since for good in listed.goods)
    assert len(days) == 11
    assert (days["2022-02-25"], days["2022-03-15"], days["2022-04-08"]) == (894, 583, 583)
    months = listed.months
    assert (months["851712"], months["010121"], months["060110"]) == (
        "2022-03",
        "2022-04",
        "2022-05",
    )
    assert {good.hs2017_class for good in listed.goods} == {"unstated"}


def test_the_days_are_those_of_the_collected_list(shared_domain):
    with (shared_domain / "eu_sanctioned_hs6.csv").open(newline="") as stream:
        told = {
            row["code"]: (row["listed_on"], row["categories"]) for row in csv.DictReader(stream)
        }
    assert {g.code: (g.since, g.tier) for g in goods.load(DATED).goods} == told


def test_a_users_list_may_give_days_and_a_first_of_the_month_counts_from_it(tmp_path):
    listed = goods.load(
        own(tmp_path, "code,since\n854231,2022-03-01\n848210,2022-12-02\n870323,\n")
    )
    assert listed.months == {"848210": "2023-01", "854231": "2022-03"}
    with pytest.raises(UnknownCodeError, match="since '2022-3', expected a day as 2022-03-15"):
        goods.load(own(tmp_path, "code,since\n854231,2022-3\n"))
