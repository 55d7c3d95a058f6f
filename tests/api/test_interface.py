"""The interface against the command line: the same answers and refusals; and its own types."""

from __future__ import annotations

import io
import json
from datetime import date
from functools import cache

import jsonschema
import pyarrow as pa
import pytest
from pyarrow import csv, parquet

from entrepot.api.questions import MEDIA
from entrepot.publish.mark import SYNTHETIC
from entrepot.study.question import DEFAULT
from support.commandline import run
from support.scan_world import ROUTE

ASK = "goods=854232&from=Germany&to=Kyrgyzstan&months=2022"
SCAN = "destination=Russia&since=2022-03&coalition=DEU,JPN,USA"


def answer(client, path, status=200):
    found = client.get(path)
    assert found.status_code == status, found.text
    return found.json()


@cache
def first_vintage(client):
    return answer(client, "/api/vintages")[0]["id"]


def routes(client):
    """An address of each route that answers with JSON."""
    vintages = answer(client, "/api/vintages")
    return {
        "/api/countries": "", "/api/countries/{code}": "KGZ", "/api/groups": "", "/api/goods": "",
        "/api/goods/{name}": "chpl-2024-02", "/api/products/{code}": "854232",
        "/api/measures": "", "/api/measures/{name}": "growth", "/api/sources": "",
        "/api/ask": ASK, "/api/flows": ASK,
        "/api/measures/{name}/rows": "monthly_series?reporters=DEU&partners=KGZ&goods=854232"
        "&months=2022",
        "/api/findings": SCAN, "/api/studies": "", "/api/studies/{name}": DEFAULT,
        "/api/status": "", "/api/vintages": "", "/api/vintages/{name}": vintages[1]["id"],
        "/api/vintages/{name}/changes": vintages[1]["id"], "/healthz": "",
        "/api/calendar": "", "/api/revisions": "",
    }  # fmt: skip


def address(route, given):
    if "{" not in route:
        return f"{route}?{given}" if given else route
    name, _mark, query = given.partition("?")
    found = route.replace("{name}", name).replace("{code}", name)
    return f"{found}?{query}" if query else found


def test_every_route_answers_as_its_description_says(client):
    api = answer(client, "/api/openapi.json")
    given = routes(client)
    apart = {"/api/findings/{slug}/rows", "/api/studies/{name}/brief"}  # CSV; and see below
    apart |= {"/api/calendar.ics"}  # see test_releases
    apart |= {path for path in api["paths"] if path.startswith("/api/sdmx/")}  # see test_sdmx
    apart |= {"/api/screen"}  # takes what is sent: see screen/test_engines
    assert {*api["paths"]} == {*given} | apart
    for route, words in given.items():
        content = api["paths"][route]["get"]["responses"]["200"]["content"]
        schema = {**content["application/json"]["schema"], "components": api["components"]}
        jsonschema.validate(answer(client, address(route, words)), schema)


def test_a_brief_is_that_of_the_page(client):
    path = f"{DEFAULT}{{}}?as_of=2022-08-01"
    told = answer(client, "/api/studies/" + path.format("/brief"))
    assert told["evidence"]["as_of"] == "2022-08-01"
    assert client.get("/study/" + path.format(".json")).json() == told


def test_ask_answers_as_the_command_does(client, world):
    words = ("854232", "--from", "Germany", "--to", "Kyrgyzstan", "--months", "2022")
    theirs = json.loads(run("ask", *words, "--store", world, "--format", "json").stdout)
    assert answer(client, f"/api/ask?{ASK}") == theirs
    plain = run("ask", *words, "--store", world, "--format", "csv").stdout
    assert client.get(f"/api/ask?{ASK}&format=csv").text == plain


def test_flows_are_the_rows_of_the_command(client, world):
    words = ("854232", "--from", "Germany", "--to", "Kyrgyzstan", "--months", "2022", "--rows")
    theirs = json.loads(run("ask", *words, "--store", world, "--format", "json").stdout)["stored"]
    assert answer(client, f"/api/flows?{ASK}")["rows"] == theirs
    assert sum(row["value_usd"] for row in theirs) > 0


REFUSED = (
    (("ask", "854232", "--from", "Turky"), "/api/ask?goods=854232&from=Turky"),
    (("ask", "854232"), "/api/ask?goods=854232"),
    (("ask", "chpl-2024-2", "--from", "DEU"), "/api/flows?goods=chpl-2024-2&from=DEU"),
    (("ask", "854232", "--from", "Germany", "--months", "2022-13"),
     "/api/ask?goods=854232&from=Germany&months=2022-13"),
    (("ask", "854232", "--from", "Turkey", "--to", "Kazakhstan"),
     "/api/ask?goods=854232&from=Turkey&to=Kazakhstan"),
    (("ask", "854232", "--from", "Germany", "--to", "all", "--mirror"),
     "/api/ask?goods=854232&from=Germany&to=all&mirror=true"),
    (("ask", "854232", "--from", "Germany", "--basket", "other"),
     "/api/ask?goods=854232&from=Germany&basket=other"),
    (("ask", "854232", "--from", "Germany", "--as-of", "2020-01-01"),
     "/api/flows?goods=854232&from=Germany&as_of=2020-01-01"),
    (("measure", "run", "growth", "--reporter", "DEU"),
     "/api/measures/growth/rows?reporter=DEU"),
    (("measure", "run", "growth", "--basket", "other"),
     "/api/measures/growth/rows?basket=other"),
    (("scan", "--destination", "Rusia", "--since", "2022-03"),
     "/api/findings?destination=Rusia&since=2022-03"),
    (("scan", "--destination", "Russia", "--since", "2022-13"),
     "/api/findings?destination=Russia&since=2022-13"),
    (("scan", "--destination", "Russia", "--since", "2022-03", "--goods", "85"),
     "/api/findings?destination=Russia&since=2022-03&goods=85"),
)  # fmt: skip


@pytest.mark.parametrize(("words", "path"), REFUSED)
def test_what_the_command_refuses_the_interface_refuses_with_its_line(client, world, words, path):
    done = run(*words, "--store", world, check=False)
    found = client.get(path)
    assert done.returncode != 0
    assert found.status_code == 422
    assert found.headers["content-type"] == "application/problem+json"
    assert found.json()["detail"] == done.stderr.strip().removeprefix("error: ")


def test_a_page_of_rows_leads_to_the_next_until_all_were_there(client):
    whole = answer(client, f"/api/flows?{ASK}&limit=10000")
    rows, path = [], f"/api/flows?{ASK}&limit=5"
    while path:
        part = answer(client, path)
        assert len(part["rows"]) <= 5
        assert part["total"] == whole["total"]
        rows, path = rows + part["rows"], part["next"]
    assert rows == whole["rows"]
    assert len(rows) == whole["total"] > 5
    beyond = answer(client, f"/api/flows?{ASK}&offset=100000")
    assert (beyond["rows"], beyond["next"]) == ([], None)


@pytest.mark.parametrize("path", [f"/api/flows?{ASK}", f"/api/findings?{SCAN}",
                                  "/api/measures/monthly_series/rows?reporters=DEU&partners=KGZ"
                                  "&goods=854232&months=2022"])  # fmt: skip
def test_the_other_forms_have_every_row(client, path):
    total = answer(client, path + "&limit=1")["total"]
    read = {
        "csv": lambda body: csv.read_csv(io.BytesIO(body)),
        "parquet": lambda body: parquet.read_table(io.BytesIO(body)),
        "arrow": lambda body: pa.ipc.open_stream(body).read_all(),
    }
    tables = {}
    for form, reader in read.items():
        asked = client.get(f"{path}&format={form}")
        assert asked.headers["content-type"].startswith(MEDIA[form].partition(";")[0])
        by_header = client.get(path, headers={"accept": f"text/x;q=0.1, {MEDIA[form]}"})
        tables[form] = reader(asked.content)
        assert reader(by_header.content).num_rows == total
    assert {table.num_rows for table in tables.values()} == {total}
    assert tables["parquet"].equals(tables["arrow"])


def test_a_form_that_there_is_none_of_is_named(client):
    found = answer(client, f"/api/flows?{ASK}&format=exel", status=422)
    assert "known are arrow, csv, json, parquet, xlsx" in found["detail"]


def test_a_file_of_rows_is_gone_once_it_was_sent(world, tmp_path):
    from entrepot.api.desk import Desk
    from entrepot.api.questions import rows_file
    from entrepot.ask import Words

    desk = Desk(world, (), tmp_path)
    made = rows_file(desk, words=Words("854232", sender="DEU", receiver="KGZ"), form="csv")
    from entrepot.api.answering import _pieces

    pieces = _pieces(made.path)
    assert next(pieces).startswith(b'"source"')
    pieces.close()  # as where the reader went away
    assert list(tmp_path.iterdir()) == []


def test_as_of_is_understood_everywhere(client):
    day = "as_of=2022-08-01"
    assert len(answer(client, f"/api/vintages?{day}")) == 1
    then = answer(client, f"/api/ask?goods=854232&from=DEU&to=KGZ&{day}")
    assert then["evidence"]["as_of"] == "2022-08-01"
    assert "2022-05" in json.dumps(answer(client, f"/api/status?{day}"))
    rows = answer(client, f"/api/flows?goods=854232&from=DEU&to=KGZ&{day}&limit=10000")
    assert max(row["period"] for row in rows["rows"]) == date(2022, 5, 1).isoformat()
    assert answer(client, f"/api/findings?{SCAN}&{day}")["as_of"] == "2022-08-01"
    bad = answer(client, "/api/status?as_of=2022-13-01", status=422)
    assert "as_of" in bad["detail"]


def test_an_answer_that_is_known_is_not_sent_again(client):
    for path in (f"/api/flows?{ASK}", "/api/countries", "/api/openapi.json", "/site.css",
                 f"/api/flows?{ASK}&format=csv"):  # fmt: skip
        tag = client.get(path).headers["etag"]
        again = client.get(path, headers={"if-none-match": f'"other", W/{tag}'})
        assert again.status_code == 304
        assert again.content == b""
        assert client.get(path, headers={"if-none-match": '"other"'}).status_code == 200


def test_the_tag_depends_on_the_form(client):
    path = f"/api/flows?{ASK}"
    tags = {client.get(path, headers={"accept": MEDIA[form]}).headers["etag"]
            for form in ("json", "csv", "parquet")}  # fmt: skip
    assert len(tags) == 3


def test_a_parameter_that_there_is_none_of_is_refused(client):
    for path in (f"/api/ask?{ASK}&form=Germany", "/ask?goods=854232&form=DEU",
                 f"/api/findings?{SCAN}&top=3", "/api/status?day=2022-01-01"):  # fmt: skip
        assert client.get(path).status_code == 422, path


def test_one_that_is_given_twice_is_refused(client):
    found = answer(client, f"/api/ask?{ASK}&from=Turkey", status=422)
    assert "given twice" in found["detail"]
    assert client.get(f"/api/ask?{ASK}&source=a&source=own").status_code == 200


def test_the_findings_hold_the_route_that_was_planted(client):
    found = answer(client, f"/api/findings?{SCAN}")
    assert [found["rows"][0][key] for key in ("intermediary", "product")] == [*ROUTE]


def test_an_unknown_route_is_a_problem(client):
    for path in ("/api", "/api/", "/api/nothing", "/api/ask/x", "/api/countries/ATL",
                 "/api/vintages/x", "/api/goods/none", "/api/measures/none/rows"):  # fmt: skip
        found = client.get(path)
        assert found.status_code == 404
        assert found.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/api/flows?goods=854231&from=DEU&to=KAZ",
                                  "/api/ask?goods=854231&from=DEU&to=KAZ",
                                  "/api/measures/monthly_series/rows?reporters=DEU&partners=KAZ"
                                  "&goods=854231&months=2022-01"])  # fmt: skip
def test_an_invented_world_says_so_in_every_form(marked, path):
    told = answer(marked, path)
    assert told["synthetic"] is True
    assert "SYNTHETIC" in marked.get(path + "&format=csv").text
    table = pa.ipc.open_stream(marked.get(path + "&format=arrow").content).read_all()
    assert set(table["notice"].to_pylist()) == {SYNTHETIC}
    if "ask" in path:
        assert "SYNTHETIC" in marked.get(path + "&format=svg").text
