"""What Python users start from: names, by hand; what they print, against what a terminal shows."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import typing
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

import entrepot
from entrepot import Brief, EntrepotError, Query, Study, Workspace
from entrepot.publish import notebook

NAMES = ["Brief", "EntrepotError", "Query", "Study", "Workspace", "__version__"]


def test_these_are_the_public_names():
    assert sorted(entrepot.__all__) == dir(entrepot) == NAMES


def test_each_is_the_one_of_its_home():
    from entrepot import contracts, errors, workspace
    from entrepot.publish import brief
    from entrepot.study import question

    homes = (brief.Brief, contracts.Query, question.Study, workspace.Workspace)
    assert homes == (Brief, Query, Study, Workspace)
    assert errors.EntrepotError is EntrepotError


def test_what_a_type_checker_reads_is_what_is_loaded():
    text = Path(entrepot.__file__).read_text("utf-8")
    for name, home in entrepot._HOMES.items():
        assert f"    from {home} import {name}\n" in text


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'entrepot' has no attribute 'Workspaces'"):
        _ = entrepot.Workspaces


def test_importing_the_package_loads_none_of_its_parts():
    code = "import sys, entrepot; dir(entrepot); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert not {"duckdb", "ibis", "pyarrow", "numpy", "httpx"} & {*loaded}
    assert [name for name in loaded if name.startswith("entrepot.")] == []


def test_the_package_says_that_it_is_typed_and_the_wheel_takes_all_that_lies_in_it():
    assert files("entrepot").joinpath("py.typed").is_file()
    project = Path(__file__).parents[1] / "pyproject.toml"
    wheel = tomllib.loads(project.read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel == {"packages": ["src/entrepot"]}
    assert typing.get_type_hints(Query)["periods"] == tuple[str, ...]


@pytest.fixture
def small(desk, table):
    """DEU to KAZ: January and February 2022, and nothing of March."""
    path = table("a.csv", {"value": "1500"}, {"month": "2022-02", "value": "2500"})
    desk.take(path, scope="whole")
    return desk


SERIES = {"reporters": "Germany", "partners": "Kazakhstan", "goods": "854231"}


def test_a_measure_prints_its_rows_and_what_is_missing(small):
    found = small.measure("monthly_series", months="2022-01..2022-03", **SERIES)
    lines = str(found).splitlines()
    assert lines[0] == "monthly_series"
    assert lines[2].split() == ["2022-01-01", "1,500", "1", "1"]
    assert lines[-1] == "Known in part: not published: Germany March 2022."
    told = "known in part: not published: Germany March 2022"
    assert repr(found) == f"<Answer monthly_series: 3 rows, {told}>"


def test_a_month_that_is_not_known_is_a_dash_in_a_notebook_and_never_zero(small):
    page = small.measure("monthly_series", months="2022-01..2022-03", **SERIES)._repr_html_()
    march = page.partition("2022-03-01</td>")[2].partition("</td>")[0]
    assert march == "<td>\N{EN DASH}"
    assert "<p>Known in part: not published: Germany March 2022.</p>" in page


def test_whole_answers_say_so(small):
    found = small.measure("monthly_series", months="2022-01..2022-02", **SERIES)
    assert repr(found) == "<Answer monthly_series: 2 rows, all known>"
    assert len(str(found).splitlines()) == 4


def test_an_answer_of_ask_prints_the_lines_of_the_command(small):
    answer = small.ask("854231", sender="DEU", receiver="KAZ", months="2022-01..2022-02")
    assert repr(answer) == f"<Answer: {answer.sentence}>"
    assert " ".join(str(answer).split()).startswith(answer.sentence)
    assert "Rebuild it:" in str(answer)


def test_an_answer_that_is_known_in_part_says_so_in_one_line(small):
    answer = small.ask("854231", sender="DEU", receiver="KAZ", months="2022-01..2022-03")
    assert repr(answer).endswith("Not known: not published: Germany March 2022.>")


def test_a_brief_is_one_line_at_a_prompt_a_page_in_a_notebook_and_text_when_printed(briefs):
    brief, folder = briefs("eu-to-central-asia-2022")
    assert repr(brief) == f"<Brief eu-to-central-asia-2022: {brief.headline}>"
    page = brief._repr_html_()
    assert page.startswith("<iframe srcdoc=")
    assert brief.title in page
    text = str(brief)
    assert "\x1b" not in text
    assert " ".join(brief.headline.split()) in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 100
    assert (folder / "brief.html").exists()


def test_a_workspace_answers_a_study_as_the_command_does(demo):
    desk = Workspace(str(demo))
    brief = desk.brief("turkey-2023")
    assert "$158 million" in brief.headline
    assert repr(brief).startswith("<Brief turkey-2023: SYNTHETIC: ")
    assert brief.evidence.command == "entrepot brief turkey-2023"
    assert repr(desk) == f"<Workspace {demo}>"
    study = Study.load("turkey-2023")
    assert repr(study) == f"<Study turkey-2023: {study.question}>"


def test_figures_of_an_invented_world_say_so_wherever_they_are_shown(demo):
    found = Workspace(demo).measure(
        "mirror_pair", exporter="Turkey", importer="Kazakhstan", goods="chpl-2023-09",
        months="2023-01..2023-09",
    )  # fmt: skip
    assert "SYNTHETIC" in str(found)
    assert "SYNTHETIC" in found._repr_html_()
    assert found.rows[0]["export_usd"] == pytest.approx(61e6, rel=1e-6)


def test_a_study_made_in_python_is_answered_and_no_command_is_invented_for_it(small):
    study = Study(
        name="mine", title="Mine", question="How much?", goods="854231",
        headline="It was {one.value_usd}.", unanswered="It is not known.",
        params={"reporters": ("DEU",), "partners": ("KAZ",), "first": "2022-01", "last": "2022-02",
                "flow": "export"},
        figure=(_figure(),),
    )  # fmt: skip
    brief = small.brief(study)
    assert brief.headline == "It was $4,000."
    assert "entrepot brief" not in brief.evidence.command


def _figure():
    from entrepot.study.question import FigureBlock

    return FigureBlock("one", "period_to_date", {"value_usd": "Exports"}, {"years": (2022,)})


def test_an_empty_store_is_refused_in_one_line(tmp_path):
    with pytest.raises(EntrepotError, match="nothing is known as of today"):
        Workspace(tmp_path / "store").brief("turkey-2023")


ROWS = [{"who": f"<b>{n}</b>", "usd": n * 1000.0, "share": None} for n in range(25)]


def test_a_table_shows_so_many_rows_and_says_how_many_are_left():
    assert notebook.text("T", ROWS, ["End."], most=3).splitlines()[-2:] == [
        "... and 22 more rows",
        "End.",
    ]
    page = notebook.html("T", ROWS, ["End."], most=3)
    assert page.count("<tr>") == 4
    assert "<p>... and 22 more rows</p><p>End.</p>" in page


def test_a_table_of_a_notebook_is_escaped():
    page = notebook.html("<i>T</i>", ROWS, ["<script>"], most=2)
    assert "<b>" not in page
    assert "<i>" not in page
    assert "<script>" not in page
    assert "&lt;b&gt;1&lt;/b&gt;" in page
    assert '<td style="text-align:right">1,000</td>' in page


def test_a_table_without_rows_is_its_title_and_what_is_told():
    assert notebook.text("T", [], ["Nothing."]) == "T\nNothing."
    assert notebook.html("T", [], ["Nothing."]).endswith("<p>Nothing.</p>")


def test_numbers_of_other_kinds_are_shown():
    page = notebook.html("T", [{"yes": True, "n": np.float64(2.5).item()}], [])
    assert "<td>True</td>" in page
    assert ">2.5</td>" in page
