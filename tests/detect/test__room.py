"""The goods that a panel has room for, by hand."""

import pytest

from entrepot.detect import _room
from entrepot.detect._panel import Scan
from entrepot.errors import CoverageError

NAMES = ["854210", "854239", "854290", "850440", "900190", "010121"]
SCAN = Scan("RUS", "2022-03", ("DEU",), (("HS2022", "854239", "854239"),))


def room_for(monkeypatch, goods):
    monkeypatch.setattr(_room, "MOST", 1000 + goods * 100)
    return _room.held(NAMES, SCAN, 10, listed=100, other=10)


def test_what_fits_is_all_taken(monkeypatch):
    assert room_for(monkeypatch, 5) == sorted(NAMES)


def test_the_nearest_goods_are_taken_first(monkeypatch):
    monkeypatch.setattr(_room, "FEWEST", 1)
    for goods, taken in (
        (2, {"854210", "854290"}),
        (3, {"854210", "854290", "850440"}),
    ):
        assert set(room_for(monkeypatch, goods)) == {"854239", *taken}
    both = set(room_for(monkeypatch, 4)) - {"854239", "854210", "854290", "850440"}
    assert len(both) == 1
    assert both < {"900190", "010121"}


def test_the_order_of_the_flows_decides_nothing(monkeypatch):
    monkeypatch.setattr(_room, "FEWEST", 1)
    taken = room_for(monkeypatch, 4)
    NAMES.reverse()
    assert room_for(monkeypatch, 4) == taken


def test_listed_goods_that_do_not_fit_are_refused_before_the_work(monkeypatch):
    monkeypatch.setattr(_room, "MOST", 1000)
    with pytest.raises(CoverageError, match="1 listed goods, 50 others and 10 pairs"):
        _room.held(NAMES, SCAN, 10, listed=100, other=10)


def test_all_fit_up_to_the_last_byte(monkeypatch):
    monkeypatch.setattr(_room, "MOST", 10 * (100 + 6 * 10))
    assert _room.fits(6, SCAN, 10, listed=100, other=10)
    assert not _room.fits(7, SCAN, 10, listed=100, other=10)
