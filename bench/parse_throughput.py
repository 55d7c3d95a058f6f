"""How fast are large files parsed, and in how much memory? Limit: DuckDB reads the same file.

Both sides stream into Arrow batches with a memory limit of 700 MB and a folder to spill to, as an
ingest does; both read as text first. CPU seconds count every thread, so they hold on a busy
machine. A file twice as large shows whether memory grows.

`--beside CHECKOUT/src` compares with another version instead: both parse the same files in turns,
and the ratio is of the medians of `--rounds`.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import duckdb
import py7zr

import _data
from entrepot.reference import countries

MEMORY = "700MB"
CHILD = """
import json, os, resource, sys
from pathlib import Path
import duckdb
from entrepot.contracts import RawFile
from entrepot.sources.comtrade import comtrade
from entrepot.sources.eurostat import eurostat

name, path, raw, memory = sys.argv[1:]
folder = Path(path).parent
con = duckdb.connect(config={"memory_limit": memory, "temp_directory": str(folder / "spill")})
con.execute("set preserve_insertion_order = false; set enable_progress_bar = false")
scratch = folder / "scratch"
scratch.mkdir(exist_ok=True)
before = os.times()
if raw:
    rows = con.sql(raw)
else:
    source = {"comtrade": comtrade, "eurostat": eurostat}[name]
    rows = source.parse(RawFile(Path(path), scratch=scratch), con).rows
count = sum(batch.num_rows for batch in rows.to_arrow_reader(100_000))
after = os.times()
cpu = after.user + after.system - before.user - before.system
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([cpu, peak, count]))
"""


def measure(
    name: str, path: Path, raw: str = "", code: Path | None = None
) -> tuple[float, float, int]:
    """Return CPU seconds, peak MB and rows given by a process of its own, of this code or other."""
    command = [sys.executable, "-c", CHILD, name, str(path), raw, MEMORY]
    env = os.environ | ({"PYTHONPATH": str(code)} if code else {})
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=env)
    if done.returncode:
        sys.exit(f"{path.name}: {done.stderr.splitlines()[-1]}")
    cpu, peak, rows = json.loads(done.stdout)
    return cpu, peak, rows


def compare(title: str, name: str, path: Path, table: Path, delimiter: str) -> None:
    """Print one file's raw read and its parse; `table` is what DuckDB can read of it."""
    file = str(table).replace("[", "[[]")  # brackets are a pattern to read_csv
    raw = f"from read_csv('{file}', all_varchar=true, header=true, delim='{delimiter}')"
    floor, memory, rows = measure(name, path, raw)
    line = "  {:34}{:>10,}{:>8.2f}{:>13,.0f}{:>7.1f}{:>7.0f}".format
    print(line(f"{title}, raw", rows, floor, rows / floor, 1.0, memory), flush=True)
    cpu, memory, _cells = measure(name, path)
    print(line(f"{title}, parsed", rows, cpu, rows / cpu, cpu / floor, memory), flush=True)


def pair(title: str, name: str, path: Path, code: Path, rounds: int) -> None:
    """Print the medians of this version and another, which parse one file in turns."""
    mine, other = [], []
    for _round in range(rounds):
        other.append(measure(name, path, code=code)[0])
        mine.append(measure(name, path)[0])
    before, now = statistics.median(other), statistics.median(mine)
    spread = (max(other) - min(other)) / before
    line = "  {:24}{:>10.2f}{:>10.2f}{:>9.3f}{:>12.1%}".format
    print(line(title, before, now, now / before, spread), flush=True)


def comext(folder: Path, *, products: int, seed: int = _data.SEED) -> Path:
    """Write a Comext bulk file: 27 reporters, 20 partners, some cells in two procedures."""
    members = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
    codes = [code for code in sorted(countries.lookup("comext")) if len(code) == 2][:20]
    path = folder / f"full_{products}.dat"
    duckdb.execute(f"""copy (
        select "REPORTER", "PARTNER", 'E' as "TRADE_TYPE",
            lpad((10121 + i * 7919)::text, 8, '0') as "PRODUCT_NC", '77641' as "PRODUCT_SITC",
            '2611' as "PRODUCT_CPA21", '2611' as "PRODUCT_CPA22", '420' as "PRODUCT_BEC",
            '621110' as "PRODUCT_BEC5", '16' as "PRODUCT_SECTION", "FLOW", "STAT_PROCEDURE",
            case when i % 3 = 0 then 'PST' else 'NO_SU' end as "SUPPL_UNIT", '202402' as "PERIOD",
            v as "VALUE_EUR", v as "VALUE_NAC", v // 7 as "QUANTITY_KG",
            case when i % 3 = 0 then v // 100 else 0 end as "QUANTITY_SUPPL_UNIT"
        from (select unnest({members.split()}) as "REPORTER")
        cross join (select unnest({codes}) as "PARTNER")
        cross join range({products}) _(i)
        cross join (values ('1'), ('2')) as _flows("FLOW")
        cross join lateral (select unnest(case when hash(i, "PARTNER", "REPORTER") % 20 = 0
            then ['1', '3'] else ['1'] end) as "STAT_PROCEDURE")
        cross join lateral (select 1 + hash(i, "PARTNER", "REPORTER", "FLOW", "STAT_PROCEDURE",
            {seed}) % 1000000 as v)) to '{path}' (format csv, header)""")
    return path


def pack(path: Path) -> Path:
    """Write the same table as 7z, as Eurostat serves it."""
    packed = path.with_suffix(".7z")
    filters = [{"id": py7zr.FILTER_LZMA2, "preset": 1}]
    with py7zr.SevenZipFile(packed, "w", filters=filters) as archive:
        archive.write(path, path.name)
    return packed


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--beside", type=Path, help="the src folder of another version")
    options.add_argument("--rounds", type=int, default=5)
    given = options.parse_args()
    # Files are written by another process: a child's peak starts at its parent's.
    spawn = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory() as name,
        ProcessPoolExecutor(max_workers=1, mp_context=spawn) as writer,
    ):
        folder = Path(name)
        if given.beside:
            print(f"{'':26}{'before s':>10}{'now s':>10}{'ratio':>9}{'spread':>12}")
            path = writer.submit(_data.bulk, folder, products=1150).result()
            pair("Comtrade TSV.gz", "comtrade", path, given.beside, given.rounds)
            path = writer.submit(comext, folder, products=1350).result()
            pair("Comext CSV", "eurostat", path, given.beside, given.rounds)
            packed = writer.submit(pack, path).result()
            pair("Comext 7z", "eurostat", packed, given.beside, given.rounds)
            return
        print(f"{'':36}{'rows':>10}{'CPU s':>8}{'rows/CPU s':>13}{'ratio':>7}{'MB':>7}")
        for times in (1, 2):
            path = writer.submit(_data.bulk, folder, products=2300 * times).result()
            compare(f"Comtrade TSV.gz x{times}", "comtrade", path, path, "\t")
            path.unlink()
        for times in (1, 2):
            path = writer.submit(comext, folder, products=2700 * times).result()
            packed = writer.submit(pack, path).result()
            compare(f"Comext CSV x{times}", "eurostat", path, path, ",")
            compare(f"Comext 7z x{times}", "eurostat", packed, path, ",")


if __name__ == "__main__":
    main()
