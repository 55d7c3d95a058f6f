"""The archive of answers: what is kept is what arrived, and nothing half-written counts."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from entrepot.contracts import Request, Verdict
from entrepot.store import answers as module
from entrepot.store.answers import Answers, key

ONE = Request("https://publisher.example/data", {"period": "202301"}, name="one.json")


@pytest.fixture
def answers(tmp_path):
    return Answers(tmp_path / "store", "comtrade")


def keep(answers, request=ONE, body=b"rows", verdict=Verdict.GOOD):
    with answers.asking() as arriving:
        target = arriving / "answer"
        target.write_bytes(body)
        return answers.keep(request, target, verdict, "why")


def test_what_is_kept_comes_back_with_its_verdict_and_name(answers):
    keep(answers, verdict=Verdict.EMPTY)
    kept = answers.kept(ONE)
    assert (kept.verdict, kept.why, kept.path.name) == (Verdict.EMPTY, "why", "one.json")
    assert kept.path.read_bytes() == b"rows"


def test_an_answer_changed_on_disk_does_not_count(answers):
    keep(answers).path.write_bytes(b"row")
    assert answers.kept(ONE) is None


def test_a_record_without_its_bytes_does_not_count(answers):
    keep(answers).path.unlink()
    assert answers.kept(ONE) is None


def test_another_release_of_the_same_question_is_another_answer(answers):
    keep(answers)
    later = Request(ONE.url, ONE.params, name="one.json", published=date(2023, 5, 1))
    assert answers.kept(later) is None
    assert key(later) != key(ONE)
    assert key(Request(ONE.url, {"period": "202302"})) != key(ONE)
    assert key(Request(ONE.url, ONE.params, name="other name")) == key(ONE)


def test_an_index_of_yesterday_is_asked_for_again_and_data_is_not(answers, monkeypatch):
    keep(answers)

    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz):
            return datetime.now(tz=tz) + timedelta(hours=25)

    assert answers.kept(ONE, fresh_only=True) is not None
    monkeypatch.setattr(module, "datetime", Tomorrow)
    assert answers.kept(ONE, fresh_only=True) is None
    assert answers.kept(ONE) is not None


def test_dropping_forgets(answers):
    keep(answers)
    answers.drop([ONE])
    assert answers.kept(ONE) is None
    assert [path.name for path in answers.folder.iterdir()] == ["lock"]


def test_what_a_killed_run_left_half_arrived_is_removed(answers):
    left = answers.folder / "arriving-dead"
    left.mkdir(parents=True)
    (left / "answer").write_bytes(b"ro")
    with answers.asking():
        assert not left.exists()
