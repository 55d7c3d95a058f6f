"""Makes docs/tutorial/notebook.ipynb: runs its cells on the synthetic world, keeps short results.

python tools/make_notebook.py            writes it again
python tools/make_notebook.py --check    runs it as it is; fails where a cell does, or says else
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

PATH = Path(__file__).resolve().parents[1] / "docs/tutorial/notebook.ipynb"
SHORT = 20_000
"""Letters of a result that is kept; a page with its pictures is made again where it is opened."""


def run(book: Any) -> Any:
    """Return a notebook with the results of its cells."""
    NotebookClient(book, timeout=600, kernel_name="python3").execute()
    return book


def said(book: Any) -> list[list[str]]:
    """Return what every cell printed or gave, as text."""
    return [
        [str(out.get("text") or out.get("data", {}).get("text/plain")) for out in cell.outputs]
        for cell in book.cells if cell.cell_type == "code"
    ]  # fmt: skip


def shortened(book: Any) -> Any:
    """Return a notebook without what differs by run, and without long results."""
    for cell in book.cells:
        cell.metadata = {}
        for out in cell.get("outputs", []):
            data = out.get("data", {})
            for kind in [kind for kind, text in data.items() if len(text) > SHORT]:
                del data[kind]
    return book


def main() -> None:
    """Write the notebook, or check it."""
    book = nbformat.read(PATH, as_version=4)
    if "--check" not in sys.argv:
        nbformat.write(shortened(run(book)), PATH)
        return
    before = said(book)
    made = run(book)
    rendered = [out.data for cell in made.cells for out in cell.get("outputs", []) if "data" in out]
    shown = [one["text/html"] for one in rendered if "text/html" in one]
    if said(shortened(made)) != before:
        sys.exit(f"{PATH.name}: its results are not those of today; run tools/make_notebook.py")
    if len(shown) < 3 or not all("SYNTHETIC" in one for one in shown):
        sys.exit(f"{PATH.name}: a result does not show itself, or does not say SYNTHETIC")


if __name__ == "__main__":
    main()
