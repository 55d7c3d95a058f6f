"""The tools of the Model Context Protocol, asked by the SDK's own client, against the interface."""

from __future__ import annotations

import asyncio
import json
import os

import pytest

pytest.importorskip("mcp")

from mcp import StdioServerParameters
from mcp.client import Client
from mcp.client.stdio import stdio_client
from mcp.server.mcpserver.exceptions import ToolError

from entrepot.api.app import create, here
from entrepot.api.assistants import MOST, ROWS, fitting, server
from support.commandline import ENTREPOT, run

QUESTION = {"goods": "854232", "from_": "Germany", "to": "Kyrgyzstan", "months": "2022"}
WORDS = ("ask", "854232", "--from", "Germany", "--to", "Kyrgyzstan", "--months", "2022")
SCAN = {"destination": "Russia", "since": "2022-03", "coalition": "DEU,JPN,USA"}


def asked(target, *calls):
    """Call tools by the client; return each answer, or the text of its refusal."""

    async def talk():
        async with Client(target) as client:
            return [await client.call_tool(name, given) for name, given in calls]

    found = asyncio.run(talk())
    return [one.content[0].text if one.is_error else one.structured_content for one in found]


@pytest.fixture(scope="module")
def tools(world):
    return server(create(world, run=here(world)))


@pytest.fixture(scope="module")
def invented_tools(invented):
    return server(create(invented, run=here(invented)))


def test_every_tool_only_reads_and_says_what_it_does(tools):
    async def talk():
        async with Client(tools) as client:
            return (await client.list_tools()).tools, client.instructions

    found, told = asyncio.run(talk())
    assert {tool.name for tool in found} == {
        "ask", "brief", "calendar", "corridor", "country", "coverage", "findings", "revisions",
        "studies", "vintages",
    }  # fmt: skip
    assert all(tool.annotations.read_only_hint and tool.description for tool in found)
    assert "never who is guilty" in told


def test_ask_answers_as_the_command_does(tools, world):
    (ours,) = asked(tools, ("ask", QUESTION))
    theirs = json.loads(run(*WORDS, "--store", world, "--format", "json").stdout)
    for key in ("answer", "known", "missing", "rows", "caveats"):
        assert ours[key] == theirs[key]
    assert ours["command"] == theirs["evidence"]["command"]
    assert ours["cite"].endswith(ours["command"])
    assert ours["answer"] in ours["cite"]
    assert [one["vintage"] for one in ours["vintages"]] == [
        one["vintage"] for one in theirs["evidence"]["vintages"]
    ]
    assert ours["rows_left_out"] == 0


@pytest.mark.parametrize(
    ("words", "given"),
    [
        (("--from", "Germny"), {"from_": "Germny"}),
        (("--from", "Turkey", "--to", "Kazakhstan"), {"from_": "Turkey", "to": "Kazakhstan"}),
        (("--from", "Germany", "--months", "2022-13"), {"from_": "Germany", "months": "2022-13"}),
    ],
)
def test_a_refusal_is_the_line_of_the_command(tools, world, words, given):
    (ours,) = asked(tools, ("ask", {"goods": "854232", **given}))
    line = run("ask", "854232", *words, "--store", world, check=False).stderr.splitlines()[-1]
    assert ours.removeprefix("Error executing tool ask: ") == line.removeprefix("error: ")


def test_the_server_reads_no_file_and_no_long_list(tools):
    file, many, strange = asked(
        tools, ("ask", {**QUESTION, "goods": "/etc/passwd.csv"}),
        ("ask", {**QUESTION, "to": "x" * 301}), ("ask", {**QUESTION, "as_of": "yesterday"}),
    )  # fmt: skip
    assert "reads no files" in file
    assert "300" in many
    assert "as_of" in strange


def test_a_corridor_has_both_books_and_a_country_both_sides(tools):
    books, country = asked(
        tools, ("corridor", QUESTION),
        ("country", {"goods": "854232", "name": "Kyrgyzstan", "months": "2022"}),
    )  # fmt: skip
    assert "of imports from Germany" in books["answer"]
    assert {row["reporter"] for row in country["came_in"]["rows"]} >= {"DEU", "JPN", "USA"}
    assert "RUS" in {row["partner"] for row in country["went_out"]["rows"]}
    assert country["cite"]


def test_what_is_known_and_when_it_came_out(tools):
    coverage, nobody, vintages, calendar, revisions, studies = asked(
        tools, ("coverage", {"reporter": "KGZ"}), ("coverage", {"reporter": "FRA"}),
        ("vintages", {"as_of": "2022-08-01"}), ("calendar", {"reporter": "Kyrgyzstan"}),
        ("revisions", {"reporter": "KGZ"}), ("studies", {}),
    )  # fmt: skip
    assert [row["reporter"] for row in coverage["rows"]] == ["KGZ"]
    assert "nothing is held of 'FRA'" in nobody
    assert len(vintages["rows"]) == 1
    assert vintages["as_of"] == "2022-08-01"
    assert calendar["rows"][0]["newest"] == "2022-12"
    assert sum(row["cells"] for row in revisions["rows"]) == 2 * 53
    assert len(studies["rows"]) > 10
    for told in (coverage, vintages, calendar, revisions):
        assert "Computed with entrepot" in told["cite"]


def test_findings_are_those_of_the_interface(tools, client):
    (ours,) = asked(tools, ("findings", {**SCAN, "limit": 3}))
    words = "&".join(f"{key}={value}" for key, value in SCAN.items())
    theirs = client.get(f"/api/findings?{words}&limit=3").json()
    assert ours["rows"] == theirs["rows"]
    assert ours["rows_left_out"] == theirs["total"] - 3
    assert ours["headline"] in ours["cite"]


def test_an_invented_world_says_so_in_every_answer(invented_tools):
    calls = [("ask", {"goods": "854231", "from_": "Germany", "to": "Kazakhstan", "months": "2022"}),
             ("coverage", {}), ("vintages", {}), ("calendar", {}), ("revisions", {})]  # fmt: skip
    for told in asked(invented_tools, *calls):
        assert told["notice"].startswith("SYNTHETIC")
        assert told["cite"].startswith("SYNTHETIC")


def test_a_study_that_the_store_cannot_answer_is_refused(invented_tools):
    lost, lacking = asked(
        invented_tools, ("brief", {"study": "none"}), ("brief", {"study": "turkey-2023"})
    )
    assert "no study 'none'" in lost
    assert isinstance(lacking, str) or lacking["notice"].startswith("SYNTHETIC")


def test_an_answer_that_is_too_large_loses_rows_and_says_so():
    told = fitting({"rows": [{"x": "y" * 10_000}] * 500, "total": 700})
    assert len(json.dumps(told)) <= MOST
    assert told["rows_left_out"] == 700 - len(told["rows"])
    assert len(fitting({"rows": [1] * 500})["rows"]) == ROWS
    with pytest.raises(ToolError, match="too large"):
        fitting({"text": "y" * MOST})


def test_over_stdio_it_speaks_the_protocol_and_nothing_else(world):
    words = ["mcp", "--store", str(world)]
    transport = stdio_client(
        StdioServerParameters(command=str(ENTREPOT), args=words, env={**os.environ})
    )
    (ours,) = asked(transport, ("ask", QUESTION))
    assert ours["answer"].startswith("The exports of HS 854232")
