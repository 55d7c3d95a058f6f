"""The README against what its commands really print and write."""

import re
from pathlib import Path

import pytest

from entrepot.publish.picture import svg
from support.commandline import run

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"

pytestmark = pytest.mark.skipif(not README.exists(), reason="an installed package has no README")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README.read_text("utf-8"), re.DOTALL)


def test_the_first_lines_of_the_brief_are_the_printed_ones(tmp_path):
    (shown,) = blocks("text")
    assert run("brief", "--out", tmp_path, cwd=tmp_path).stdout.startswith(shown)


def test_every_command_and_make_target_exists():
    text = "\n".join(blocks("sh"))
    targets = re.findall(r"^make (\w+)", text, re.MULTILINE)
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert targets
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)
    for command in re.findall(r"entrepot (\w+)", text):
        assert "Usage" in run(command, "--help").stdout


def test_the_picture_is_of_the_default_brief(briefs):
    """Text and lines of the committed drawing are today's; its layout depends on the fonts."""
    brief, _folder = briefs("eu-to-central-asia-2022")
    words = re.compile(r">([^<>]+)</text>")
    committed = (ROOT / "docs" / "brief.svg").read_text("utf-8")
    assert words.findall(committed) == words.findall(svg(brief.pictures[0], 860))


def test_every_file_it_links_to_exists():
    links = re.findall(r"\]\(([^)#]+)\)", README.read_text("utf-8"))
    assert all((ROOT / link).exists() for link in links)
