"""The calendar and the revision profile over HTTP and on the page, against the small worlds."""

from __future__ import annotations

import json

from support.commandline import run
from support.icalendar import parsed


def test_the_calendar_pages_through_every_month(client):
    first = client.get("/api/calendar?reporter=Kyrgyzstan&limit=10").json()
    assert (first["total"], len(first["rows"]), first["synthetic"]) == (61, 10, False)
    assert first["rows"][0]["month"] == "2018-01"
    assert first["next"].endswith("limit=10&offset=10")
    last = client.get("/api/calendar?reporter=Kyrgyzstan&offset=50").json()["rows"]
    states = {row["month"]: row["state"] for row in last}
    assert states["2022-05"] == states["2022-12"] == "published"
    assert {row["published"] for row in last if row["month"] in ("2022-05", "2022-06")} == {
        "2022-07-01", "2023-02-01"
    }  # fmt: skip
    (whole,) = first["reporters"]
    assert (whole["newest"], whole["releases"], whole["usual"]) == ("2022-12", 0, None)


def test_known_on_an_earlier_day_the_calendar_ends_earlier(client):
    rows = client.get("/api/calendar?reporter=KGZ&offset=50&as_of=2022-08-01").json()["rows"]
    assert [row["month"] for row in rows if row["state"] == "published"][-1] == "2022-05"


def test_the_command_prints_the_same_months(client, world):
    words = ("vintage", "calendar", "--months", "--reporter", "KGZ", "--store", world)
    theirs = json.loads(run(*words, "--format", "json").stdout)
    ours = client.get("/api/calendar?reporter=KGZ").json()["rows"]
    assert [{key: row[key] for key in ours[0]} for row in theirs] == ours


def test_the_icalendar_is_strict_and_the_same_every_time(client, marked):
    found = client.get("/api/calendar.ics?reporter=KGZ,KAZ")
    assert found.headers["content-type"].startswith("text/calendar")
    _own, events = parsed(found.content.decode())
    assert [one["DTSTART"][1] for one in events] == ["20220701", "20230201"] * 2
    assert len({one["UID"][1] for one in events}) == 4
    assert client.get("/api/calendar.ics?reporter=KGZ,KAZ").content == found.content
    own, events = parsed(marked.get("/api/calendar.ics").content.decode())
    assert all(one["SUMMARY"][1].startswith("SYNTHETIC: ") for one in events)
    assert own["NAME"][1].startswith("SYNTHETIC: ")


def test_a_calendar_of_nobody_is_refused(client):
    found = client.get("/api/calendar.ics?reporter=FRA")
    assert found.status_code == 422
    assert "nothing is held by month" in found.json()["detail"]
    assert client.get("/api/calendar?reporter=Frankreich").status_code == 422


def test_the_profile_is_that_of_the_command(client, world):
    rows = client.get("/api/revisions?reporter=KGZ").json()
    assert rows["fewest"] == 6
    theirs = json.loads(run("vintage", "revisions", "--reporter", "KGZ", "--store", world,
                            "--format", "json").stdout)  # fmt: skip
    assert [row["cells"] for row in theirs] == [row["cells"] for row in rows["rows"]]
    assert sum(row["cells"] for row in rows["rows"]) == 2 * 53  # both flows, 2018 to May 2022


def test_the_page_of_the_sources_shows_both(client, marked):
    page = client.get("/sources").text
    for words in ("Release calendar", "How far months still move", "/api/calendar.ics",
                  "not known: 0 releases", "/api/revisions"):  # fmt: skip
        assert words in page
    assert "SYNTHETIC" in marked.get("/sources").text.split("Release calendar", 1)[1]
