"""Figures: checked against the collected ones."""

from __future__ import annotations

import csv

from entrepot.reference import figures, goods


def test_the_figures_of_the_turkish_study_are_there():
    found = {figure.id: figure for figure in figures.table()}
    assert (found["FT-1"].value, found["FT-1"].unit) == ("158", "USD m")
    assert found["FT-1"].goods in goods.names()
    assert found["FT-3"].checkability.startswith("Ambiguous")


def test_every_figure_has_a_source_and_says_whether_it_can_be_checked():
    for figure in figures.table():
        assert figure.source
        assert "same" not in figure.source.split()
        assert figure.checkability


def test_figures_equal_the_collected_ones(shared_domain):
    with (shared_domain / "published_figures.csv").open(encoding="utf-8", newline="") as file:
        expected = {row["id"]: (row["value"], row["period"]) for row in csv.DictReader(file)}
    found = {figure.id: (figure.value, figure.period) for figure in figures.table()}
    assert found.items() >= expected.items()
    assert {*found} - {*expected} == {"BB-4", "BB-5", "BB-6"}
