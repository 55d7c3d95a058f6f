"""Draw the README's picture: the chart of the default brief on the embedded figures.

python tools/make_picture.py
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from entrepot.publish.picture import svg
from entrepot.study.written import answer

TARGET = Path(__file__).resolve().parents[1] / "docs" / "brief.svg"

with tempfile.TemporaryDirectory() as empty:
    brief = answer("eu-to-central-asia-2022", Path(empty) / "store")
TARGET.write_text(svg(brief.pictures[0], width=860) + "\n", "utf-8")
print(f"{TARGET}: {brief.pictures[0].title}")
