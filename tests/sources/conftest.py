"""Reading files the way the store does: streamed, and once more with row numbers on an error."""

from __future__ import annotations

import json

import duckdb
import pytest

from entrepot.contracts import RawFile
from entrepot.sources import _raised
from support.comtrade_record import RECORD


@pytest.fixture
def read():
    """Read a file with a source into a list of rows; `reading` holds what else it said."""

    def run(source, path, mapping=None):
        connection = duckdb.connect()
        for locate in (False, True):
            try:
                run.reading = source.parse(RawFile(path, mapping, locate), connection)
                rows = run.reading.rows
                names = rows.columns
                return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
            except duckdb.Error as error:
                if locate:
                    raise _raised.translate(error, path) from error
        return []

    return run


@pytest.fixture
def record():
    """The fields of a Comtrade record, all 47."""
    return dict(RECORD)


@pytest.fixture
def json_answer(tmp_path):
    """Write an API answer: the plain record once per argument, with the given fields changed."""

    def write(*changes, name="answer.json", **top):
        data = [RECORD | change for change in changes]
        answer = {"elapsedTime": "0.1 secs", "count": len(data), "data": data, "error": ""} | top
        path = tmp_path / name
        path.write_text(json.dumps(answer), encoding="utf-8")
        return path

    return write


@pytest.fixture
def bulk(tmp_path):
    """Write a bulk file (gzip TSV) of plain records with the given fields changed."""
    import gzip

    def write(*changes, name="COMTRADE-FINALCLASSIC-CM792202301[2023-11-01].gz", encoding="utf-8"):
        lines = ["\t".join(RECORD)]
        lines += ["\t".join(map(_cell, (RECORD | change).values())) for change in changes]
        path = tmp_path / name
        path.write_bytes(gzip.compress("\n".join([*lines, ""]).encode(encoding)))
        return path

    return write


@pytest.fixture
def comtradeplus(tmp_path):
    """Write a comtradeplus download: latin-1, and a comma after the last value of each row."""

    def write(*changes, name="download.csv", columns=None):
        header = columns or list(RECORD)
        lines = [",".join(header)]
        for change in changes:
            record = RECORD | change
            cells = ('"' + _cell(record.get(key, "x")).replace('"', '""') + '"' for key in header)
            lines.append(",".join(cells) + ",")
        path = tmp_path / name
        path.write_bytes("\n".join([*lines, ""]).encode("latin-1"))
        return path

    return write


def _cell(value):
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
