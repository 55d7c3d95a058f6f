"""The lanes against jobs that last too long, fail, or end their process."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from entrepot.api import lanes
from entrepot.api.app import create
from entrepot.api.desk import Desk
from entrepot.api.jobs import JobResult, Refused, job
from entrepot.api.questions import answered
from entrepot.ask import Words
from support.web import Client


def asked(words):
    return job(answered, "an answer", words=words)


ASKED = asked(Words("854232", sender="DEU", receiver="KGZ"))


@pytest.fixture
def lane(world, tmp_path):
    made = lanes.Lane((world.resolve(), (), tmp_path), 60.0)
    yield made
    made.close()


def outcome(lane, job=ASKED):
    return lane.submit(job).result(timeout=120)


def test_a_lane_gives_what_this_process_would_and_outlives_what_goes_wrong(lane, world):
    here = Desk(world).run(ASKED)
    assert outcome(lane) == here
    wrong = outcome(lane, asked(Words("854232", sender="Turky")))
    assert isinstance(wrong, Refused)
    assert wrong.status == 422
    fault = outcome(lane, asked(None))
    assert isinstance(fault, Refused)
    assert fault.status == 500
    assert "Traceback" not in fault.line
    lane._seconds = 0.0
    late = outcome(lane, asked(Words("854231", sender="DEU")))
    assert isinstance(late, Refused)
    assert (late.status, late.kind) == (503, "Slow")
    lane._seconds = 60.0
    assert outcome(lane) == here
    lane._process.kill()
    lane._process.wait()
    assert outcome(lane) == here


def test_what_fails_in_a_lane_is_not_kept(world):
    told = iter([Refused("serve: gone", "Ended", 503), JobResult(b"{}", "application/json")])

    def run(_job):
        future = Future()
        future.set_result(next(told))
        return future

    client = Client(create(world, run=run))
    first = client.get("/api/status")
    assert first.status_code == 503
    assert first.headers["retry-after"] == "30"
    assert client.get("/api/status").status_code == 200
