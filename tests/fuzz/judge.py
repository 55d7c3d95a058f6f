"""Judge: a damaged file is taken in, right and whole, or refused in one line; nothing else."""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
import re
import shutil
import tempfile
import unicodedata
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from entrepot.errors import EntrepotError
from entrepot.parts import read_mapping
from entrepot.sources.generic import proposing
from entrepot.sources.generic.proposing import show
from entrepot.workspace import Workspace
from fuzz.mutate import damage
from fuzz.starts import OWN, starts

if TYPE_CHECKING:
    from fuzz.mutate import Damaged

SCREEN = 1200
"""Characters of a refusal: a screen of 80 columns has 1,920, and a file's name may have 255."""
MOST = 12
"""Numbers in a file whose sums are all tried."""
BAD = ("exception", "unforeseen", "text", "store", "number", "contradiction")
"""The outcomes that are findings; hang and hash seed are the campaign's to see."""


@dataclass(frozen=True)
class Outcome:
    """What became of one case."""

    number: int
    start: str
    done: tuple[str, ...]
    kind: str
    said: str = ""


class Bench:
    """A store to begin with, copied for every case that changes it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="entrepot-fuzz-"))
        self.base = self.folder / "base"
        own = self.folder / "before.csv"
        own.write_text(OWN.replace("2022", "2020"), "utf-8")
        mapping = self.folder / "before.toml"
        [how] = [one.mapping for one in starts() if one.name == "own csv"]
        mapping.write_text(how.replace("an-office", "before"), "utf-8")
        Workspace(self.base).ingest("generic", [own], mapping=read_mapping(str(mapping)))
        self.held = _tree(self.base)
        self.store = self.folder / "store"
        shutil.copytree(self.base, self.store)

    def run(self, seed: int, number: int) -> Outcome:
        """Take one case in and judge what happened."""
        case = damage(seed, number)
        kind, said = self._judged(case)
        if _tree(self.store) != self.held:
            shutil.rmtree(self.store)
            shutil.copytree(self.base, self.store)
        said = re.sub(rf"{re.escape(str(self.folder))}/\w+", "FOLDER", said)
        return Outcome(number, case.start.name, case.done, kind, said)

    def close(self) -> None:
        """Remove what the bench wrote."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _judged(self, case: Damaged) -> tuple[str, str]:
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        try:
            path = folder / case.name
            path.write_bytes(case.raw)
            made = self._taken(case, path)
        except EntrepotError as error:
            return self._refused(error)
        except BaseException as error:  # a panic is no Exception
            if isinstance(error, KeyboardInterrupt):
                raise
            return "exception", f"{type(error).__name__}: {str(error)[:300]}"
        finally:
            shutil.rmtree(folder)
        return self._kept(case, made)

    def _taken(self, case: Damaged, path: Path) -> list[str]:
        if case.start.is_proposal:
            show.sample(proposing.propose(path, {}))
            return []
        how = None
        if case.mapping is not None:
            text = path.with_name("mapping.toml")
            text.write_text(case.mapping, "utf-8", newline="", errors="surrogatepass")
            how = read_mapping(str(text))
        return [v.id for v in Workspace(self.store).ingest(case.start.source, [path], mapping=how)]

    def _refused(self, error: EntrepotError) -> tuple[str, str]:
        said = str(error)
        if any(unicodedata.category(sign) in ("Cc", "Zl", "Zp") for sign in said):
            return "text", f"more than one line, or signs that steer a terminal: {said!r:.600}"
        if len(said) > SCREEN:
            return "text", f"{len(said)} characters: {said:.300}"
        if _tree(self.store) != self.held:
            return "store", f"a refusal changed the store: {said}"
        return ("unforeseen" if "--debug" in said else "refused"), said

    def _kept(self, case: Damaged, made: list[str]) -> tuple[str, str]:
        now = _tree(self.store)
        lost = [name for name in self.held if name != "head.json" and now.get(name) is None]
        new = {name.split("/")[1] for name in now.keys() - self.held.keys() if "/" in name}
        if lost or new != set(made):
            return "store", f"lost {lost}, new {sorted(new)}, told {made}"
        rows = [row for name in made for row in _rows(self.store / "vintages" / name)]
        odd = [n for row in rows for n in row[4:] if n is not None and not math.isfinite(n)]
        if odd:
            return "number", f"stored {odd[:3]}"
        against = _contradicted(case, rows)
        return ("contradiction", against) if against else ("taken", f"{len(rows)} rows")


def _tree(folder: Path) -> dict[str, bytes]:
    """Every file of a store with its bytes, except the lock."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "lock")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def _rows(vintage: Path) -> list[tuple[Any, ...]]:
    with duckdb.connect() as con:
        return con.execute(
            f"""select reporter, partner, product, year(period)::varchar, value_local, value_usd,
            net_mass_kg, quantity from read_parquet('{vintage}/flows-*.parquet')"""
        ).fetchall()


def _contradicted(case: Damaged, rows: list[tuple[Any, ...]]) -> str:
    """Say what a simple read of the file does not bear out, as far as one can be had."""
    if case.start.is_mapping or case.start.is_proposal:
        return ""
    try:
        numbers, text = _read(case)
    except Exception:  # no simple read: nothing to compare with
        return ""
    total = sum(row[4] or 0 for row in rows)
    if case.start.value and not math.isclose(total, sum(numbers) * case.start.scale, rel_tol=1e-6):
        return f"{total} in all is not what the file adds up to: {numbers[:MOST]}"
    if len(numbers) <= MOST and (odd := _unexplained(rows, numbers, case.start.scale)):
        return odd
    for _, _, product, year, *_amounts in rows:
        if product not in ("TOTAL", "total") and product.lstrip("0")[:6] not in text:
            return f"product {product} is not in the file"
        if year not in text + case.name and year not in str(case.mapping):
            return f"year {year} is not in the file"
    return ""


def _unexplained(rows: list[tuple[Any, ...]], numbers: list[float], scale: float) -> str:
    sums = {
        sum(some) * scale
        for count in range(len(numbers) + 1)
        for some in combinations(numbers, count)
    }
    for row in rows:
        value = row[4]
        if value is not None and not any(math.isclose(value, s, rel_tol=1e-6) for s in sums):
            return f"value {value} is no number of the file, nor a sum of some: {numbers}"
    return ""


def _read(case: Damaged) -> tuple[list[float], str]:
    """Return the numbers of the file's column of values, and all of its text."""
    cells = _table(case)
    column = case.start.value
    text = " ".join(str(cell) for row in cells for cell in row)
    if not column:
        return [n for row in cells for cell in row if (n := _number(cell)) is not None], text
    header = [str(name).strip() for name in cells[0]]
    place = [name.lower() for name in header].index(column.lower())
    found = [_number(row[place]) for row in cells[1:] if len(row) > place]
    return [n for n in found if n is not None], text


def _number(cell: object) -> float | None:
    text = str(cell).strip()
    if text.count(",") == 1:
        text = text.replace(".", "").replace(",", ".")
    try:
        return float(text)
    except ValueError:
        return None


def _table(case: Damaged) -> list[list[Any]]:
    raw = case.raw
    if raw.startswith(b"\x1f\x8b"):
        raw = gzip.decompress(raw)
    if raw.startswith(b"PAR1"):
        from pyarrow import parquet

        table = parquet.read_table(io.BytesIO(raw))
        return [
            table.column_names,
            *map(list, zip(*(c.to_pylist() for c in table.columns), strict=True)),
        ]
    if case.name.endswith(".xlsx"):
        import openpyxl

        book = openpyxl.load_workbook(io.BytesIO(raw), data_only=True)
        return [list(row) for sheet in book for row in sheet.iter_rows(values_only=True)]
    text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    if text.lstrip()[:1] in ("{", "["):
        return _records(json.loads(text))
    # A publisher's tabs part cells whatever quotes stand in them; a quoted header says otherwise.
    is_bare = case.start.delimiter == "\t" and not text.startswith('"')
    how = csv.QUOTE_NONE if is_bare else csv.QUOTE_MINIMAL
    lines = io.StringIO(text, newline="")
    return list(csv.reader(lines, delimiter=case.start.delimiter, quoting=how))


def _records(data: Any) -> list[list[Any]]:
    """The records of an answer as a table, whatever stands around them."""
    if isinstance(data, dict):
        data = next(value for value in data.values() if isinstance(value, list))
    if data and isinstance(data[0], list):
        return data
    names = list(dict.fromkeys(key for record in data for key in record))
    rows = [[record.get(key) for key in names] for record in data]
    return [names, *([json.dumps(c) if isinstance(c, dict) else c for c in row] for row in rows)]
