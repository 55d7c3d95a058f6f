"""The artist: many orders before the first drawing is fetched, and an end that is said."""

from dataclasses import replace

import pytest

from entrepot.errors import StudyError
from entrepot.publish.artist import WIDTHS, Artist
from entrepot.publish.brief import Picture

ROWS = tuple(
    {"period": f"{year}-{month:02}-01", "series": "KAZ", "value_usd": float(year * month)}
    for year in range(1990, 2023)
    for month in range(1, 13)
)
PLAIN = Picture("monthly", "Exports", "By month", "USD", ROWS)
MANY = 5  # their orders and their drawings both fill a pipe


def test_many_pictures_are_ordered_before_one_is_fetched():
    pictures = [replace(PLAIN, alt=f"Exports {place}") for place in range(MANY)]
    with Artist() as artist:
        artist.order(pictures)
        drawn = [artist.draw(picture, WIDTHS[0]) for picture in reversed(pictures)]
    for place, svg in enumerate(reversed(drawn)):
        assert svg.startswith("<svg")
        assert f"Exports {place}" in svg


def test_an_artist_that_ended_is_an_error_and_not_a_wait():
    with Artist() as artist:
        artist.order([PLAIN])
        artist.draw(PLAIN, WIDTHS[1])
        artist._process.kill()
        artist._process.wait()
        artist._ordered.append(replace(PLAIN, alt="never drawn"))
        with pytest.raises(StudyError, match="the drawing process ended without a word"):
            artist.draw(artist._ordered[-1], WIDTHS[0])
