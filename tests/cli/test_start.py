"""What a command loads: pandas, where it is installed, would cost a third of a second each time."""

from __future__ import annotations

import subprocess
import sys

import pytest

CODE = """import sys
from entrepot.cli import main
sys.argv = ["entrepot", *sys.argv[1:]]
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
assert "pandas" not in sys.modules
"""
WINDOW = "--first 2022-01 --last 2022-02"


@pytest.mark.parametrize(
    "line",
    [
        "brief",
        "ask 854231 --from Germany --to Kazakhstan --months 2022-01",
        f"measure run monthly_series --reporters DEU --partners KAZ --goods 854231 {WINDOW}",
    ],
)
def test_a_command_that_reads_a_store_loads_no_pandas(desk, table, tmp_path, line):
    rows = [
        {"month": f"{year}-{month:02}", "partner": partner}
        for year in (2020, 2021, 2022) for month in range(1, 10) for partner in ("KAZ", "RUS")
    ]  # fmt: skip
    desk.take(table("a.csv", *rows), scope="whole")
    done = subprocess.run(
        [sys.executable, "-c", CODE, *line.split(), "--store", str(desk.store.path)],
        capture_output=True, text=True, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
