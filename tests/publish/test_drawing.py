"""The drawer: many orders before the first drawing is fetched, and an end that is said."""

from dataclasses import replace

import pytest

from entrepot.errors import StudyError
from entrepot.publish.brief import Picture
from entrepot.publish.drawing import WIDTHS, DrawingProcess

ROWS = tuple(
    {"period": f"{year}-{month:02}-01", "series": "KAZ", "value_usd": float(year * month)}
    for year in range(1990, 2023)
    for month in range(1, 13)
)
PLAIN = Picture("monthly", "Exports", "By month", "USD", ROWS)
MANY = 5  # their orders and their drawings both fill a pipe


def test_many_pictures_are_started_before_one_is_fetched():
    pictures = [replace(PLAIN, alt=f"Exports {place}") for place in range(MANY)]
    with DrawingProcess() as drawer:
        drawer.start(pictures)
        drawn = [drawer.draw(picture, WIDTHS[0]) for picture in reversed(pictures)]
    for place, svg in enumerate(reversed(drawn)):
        assert svg.startswith("<svg")
        assert f"Exports {place}" in svg


def test_files_are_made_where_they_are_asked_for():
    with DrawingProcess(files=True) as drawer:
        drawer.start([PLAIN])
        drawing, png = drawer.file(PLAIN)
    assert "Exports</text>" in drawing
    assert png.startswith(b"\x89PNG")
    with DrawingProcess() as drawer:
        drawer.start([PLAIN])
        with pytest.raises(StudyError, match="was not asked for files"):
            drawer.file(PLAIN)


def test_a_process_that_ended_is_an_error_and_not_a_wait():
    with DrawingProcess() as drawer:
        drawer.start([PLAIN])
        drawer.draw(PLAIN, WIDTHS[1])
        drawer._process.kill()
        drawer._process.wait()
        drawer._started.append(replace(PLAIN, alt="never drawn"))
        with pytest.raises(StudyError, match="the drawing process ended without a word"):
            drawer.draw(drawer._started[-1], WIDTHS[0])
