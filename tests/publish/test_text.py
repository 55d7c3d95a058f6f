"""Text: checked for what a reader must see and for the width of the terminal."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from entrepot.publish import cells
from entrepot.publish.text import show
from support.sample_briefs import CLAIMS, DEMO, FIGURES, REAL


def shown(brief, width, **console):
    stream = io.StringIO()
    show(brief, Console(file=stream, width=width, **console))
    return stream.getvalue()


@pytest.mark.parametrize("brief", [REAL, DEMO])
@pytest.mark.parametrize("width", [80, 100, 120])
def test_no_line_is_wider_than_the_terminal_and_none_ends_in_blanks(brief, width):
    lines = shown(brief, width).splitlines()
    assert max(len(line) for line in lines) <= width
    assert all(line == line.rstrip() for line in lines)


@pytest.mark.parametrize("width", [80, 120])
def test_no_word_is_cut(width):
    text = " ".join(shown(DEMO, width).split())
    assert "\N{HORIZONTAL ELLIPSIS}" not in text
    printed = set(text.split())
    for figure in FIGURES:
        assert set(figure.label.split()) <= printed
        assert set(cells.value(figure).split()) <= printed
    for claim in CLAIMS:
        assert set(claim.text.split()) <= printed
        assert claim.verdict in text


def test_the_first_line_warns():
    assert shown(DEMO, 80).startswith("SYNTHETIC: ")
    assert shown(REAL, 80).startswith("Embedded figures: ")
    assert not shown(replace(REAL, notice=""), 80).startswith("Embedded")


def test_without_a_terminal_there_is_no_escape_code():
    assert "\x1b" not in shown(DEMO, 80)
    assert "\x1b" in shown(DEMO, 80, force_terminal=True, color_system="standard")


def test_brackets_are_text_and_not_markup():
    brief = replace(REAL, headline="[bold]EU[/bold]", caveats=("[red]x[/red]",))
    assert "[bold]EU[/bold]" in shown(brief, 80)
    assert "[red]x[/red]" in shown(brief, 80)


def test_the_command_can_be_pasted():
    text = shown(REAL, 80)
    command = text[text.index("  entrepot brief") :]
    assert " ".join(command.replace("\\\n", " ").split()) == REAL.evidence.command


def test_missing_months_are_named():
    assert "missing: KGZ 2022-08, KGZ 2022-09" in " ".join(shown(REAL, 100).split())
