"""Lists: each publisher's layout with invented entries, exactly; and what is refused."""

from __future__ import annotations

from datetime import date

import pytest

from entrepot.errors import SourceError
from entrepot.screen.lists import eu, ftm, ofac, stored, uk
from entrepot.store.vintages import Store
from support.screened import EU_XML, FILES, FTM, SDN, SDN_XML, UK_CSV
from support.shared import SHARED


@pytest.fixture
def written(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def test_ofac_csv_gives_aliases_numbers_and_nationalities(written):
    one, other = ofac.read(written / "sdn.csv")
    assert (one.id, one.kind, one.names) == ("36", "organisation", ("AEROVOSTOK AIRLINES",))
    assert (other.kind, other.weak, other.countries) == ("person", ("ZAVODNIK",), ("RUS",))
    assert (other.identifiers, other.programmes) == (("770123456789",), ("RUSSIA-EO14024",))


def test_ofac_xml_tells_weak_aliases_from_strong(written):
    [one] = ofac.read(written / "sdn.xml")
    assert one.names == ("KVANT IMPORT", "KVANT TRADING HOUSE")
    assert (one.weak, one.identifiers, one.countries) == (("KVI",), ("7712345678",), ("RUS",))


def test_eu_xml_gives_scripts_and_the_day_of_listing(written):
    [one] = eu.read(written / "eu.xml")
    assert one.names == ("Пётр Щукин", "Petr Shchukin")
    assert (one.id, one.since, one.countries) == ("EU.1.2", "2022-03-09", ("RUS",))


def test_uk_rows_of_one_entry_are_one(written):
    one, other = uk.read(written / "uk.csv")
    assert one.names == ("ORBITA", "ORBITA MARINE", "ОРБИТА")
    assert (other.names, other.kind, other.since) == (
        ("Oleg Ivanovich PETROV",),
        "person",
        "2022-03-15",
    )


def test_followthemoney_takes_parties_and_no_addresses(written):
    [one] = ftm.read(written / "entities.ftm.json")
    assert (one.id, one.identifiers, one.countries) == ("Q1", ("7705550011",), ("RUS",))


def test_lists_are_vintages_and_the_one_of_a_day_can_be_had_again(written):
    store = written / "store"
    names = [
        stored.take(store, written / name, published=date(2024, 1, 5))[0].name for name in FILES
    ]
    assert names == ["ofac-sdn", "ofac-sdn", "eu-list", "uk-list", "ftm-entities"]
    changed = written / "eu.xml"
    changed.write_text(EU_XML.replace("Petr Shchukin", "Pyotr Shchukin"), "utf-8")
    stored.take(store, changed, published=date(2024, 3, 1))
    now, then = (
        {name for entry in stored.entries(stored.held(store, day)) for name in entry.names}
        for day in (None, date(2024, 2, 1))
    )
    assert "Pyotr Shchukin" in now - then
    assert "Petr Shchukin" in then - now
    assert stored.held(store, date(2023, 1, 1)) == []
    assert Store(store).vintages() == []  # readers of flows see nothing of them


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('<!DOCTYPE x [<!ENTITY a "b">]><sdnList><sdnEntry/></sdnList>', "document type"),
        ("<sdnList>" + "<a>" * 60, "deep"),
        (SDN_XML[:300], "no whole XML"),
        (SDN.replace("individual,", "individual"), "columns"),
        ('{"id": 1}\n', "no entity"),
        ("hello, world\n", "none of the lists"),
        (UK_CSV.split("RUS0001")[0], "no entry"),
        (FTM.splitlines()[1], "no entry"),
    ],
)
def test_what_is_no_list_is_refused_in_one_line(tmp_path, text, said):
    path = tmp_path / "list.txt"
    path.write_text(text, "utf-8")
    with pytest.raises(SourceError, match=said) as refused:
        stored.take(tmp_path / "store", path)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "store").exists()


@pytest.mark.skipif(
    not (SHARED / "data/sanctions").exists(), reason="the true samples are not here"
)
def test_true_lists_are_read_in_full():
    folder = SHARED / "data/sanctions"
    assert sum(1 for _ in ofac.read(folder / "ofac_sdn_2023-11.csv")) == 11443
    assert sum(1 for _ in ftm.read(folder / "opensanctions_targets_simple.csv")) == 5600
