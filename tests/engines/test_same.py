"""The same question on every engine gives the same answer, to the last digit that is written."""

from __future__ import annotations

import pytest

from entrepot.ask import Words, ask
from entrepot.engine import spark
from entrepot.publish import findings
from entrepot.publish.export import dump, to_json
from entrepot.scan.answer import answer as scanned
from entrepot.scan.question import ScanQuestion
from entrepot.study.written import answer as briefed
from entrepot.workspace import Workspace
from support.sampled import costly
from support.servers import WARNS

pytestmark = WARNS
STUDIES = ("eu-to-central-asia-2022", "turkey-2023", "ghost-trade-2022")
SCAN = ScanQuestion("Russia", "2022-03", "854231, 854232", "gecc-39", None, None, None, None)


def brief(study, store, engine):
    return to_json(briefed(study, store, engine=engine))


def test_the_default_brief(engine, tmp_path):
    """The figures that ship: no store of one's own."""
    told = [brief(STUDIES[0], tmp_path / "none", one) for one in ("duckdb", engine)]
    assert told[0] == told[1]


@costly
@pytest.mark.parametrize("study", STUDIES)
def test_a_study_of_the_demo_world(study, demo, engine):
    assert brief(study, demo, "duckdb") == brief(study, demo, engine)


@costly
def test_the_default_brief_on_the_real_table(full, engine):
    assert brief(STUDIES[0], full, "duckdb") == brief(STUDIES[0], full, engine)


def test_a_question_with_the_rows_behind_it(demo, engine):
    words = Words(goods="8542.31", sender="EU", receiver="Turkey", months="2022", base="2021")
    made = [ask(words, Workspace(demo, engine=one)) for one in ("duckdb", engine)]
    assert to_json(made[0].brief) == to_json(made[1].brief)
    assert made[0].stored().num_rows > 0
    assert made[0].stored().equals(made[1].stored())


def test_a_scan(demo, engine):
    """Two codes of the demo world: the arrays come of sums that the engine made."""
    made = [scanned(SCAN, demo, engine=one, placebos=1).report for one in ("duckdb", engine)]
    assert len(made[0].entries) > 0
    assert dump(findings.document(made[0])) == dump(findings.document(made[1]))


@costly
def test_a_scan_of_every_listed_code_with_its_files(demo, engine, tmp_path):
    whole = ScanQuestion("Russia", "2022-03", "chpl-2024-02", "gecc-39", None, None, None, None)
    for one, name in (("duckdb", "own"), (engine, "other")):
        scanned(whole, demo, engine=one, out=tmp_path / name)
    names = sorted(path.name for path in (tmp_path / "own").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "other").iterdir())
    for name in names:
        told = [(tmp_path / one / name).read_bytes() for one in ("own", "other")]
        assert told[0] == told[1], name


@costly
def test_rows_that_are_too_many_to_send_back_give_the_same(demo, sail, monkeypatch):
    """What is not kept is read from the files each time."""
    monkeypatch.setattr(spark, "FEW", 0)
    assert brief(STUDIES[1], demo, "duckdb") == brief(STUDIES[1], demo, sail)


@costly
def test_an_estimate(demo, engine):
    asked = {
        "exporters": "eu27", "intermediaries": "Kyrgyzstan, Kazakhstan",
        "others": "Georgia, Serbia",
        "goods": "chpl-2023-09", "months": "2021-01..2022-12", "since": "2022-03",
    }  # fmt: skip
    made = [Workspace(demo, engine=one).estimate("did", **asked) for one in ("duckdb", engine)]
    assert dump(made[0].records()) == dump(made[1].records())
