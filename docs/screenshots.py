"""Screenshots: makes docs/pictures again, from the demo world's pages in Chromium.

python docs/screenshots.py
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

HOME = Path(__file__).parent
sys.path.insert(0, str(HOME.parent / "tests"))
from support.browsing import DESK, PHONE, Tab, served  # noqa: E402

MOST = 200_000
"""Bytes of a picture."""
PICTURES = {
    "overview.png": ("/", DESK, "light", 1080),
    "answer.png": ("/ask?goods=chpl-2024-02&from=Turkey&to=Kazakhstan&months=2023", DESK, "dark",
                   1300),
    "country-on-a-phone.png": ("/country/KAZ", PHONE, "light", 1500),
}  # fmt: skip
"""Of each: the page, the width of the window, the colours, and how much of its height."""


def main() -> None:
    """Write every picture, and refuse one that is too large."""
    (HOME / "pictures").mkdir(exist_ok=True)
    with served("--demo") as home, sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for name, (path, width, scheme, height) in PICTURES.items():
            with Tab(browser, home, width, scheme) as tab:
                page = tab.open(path)
                box = {"x": 0, "y": 0, "width": width, "height": height}
                taken = page.screenshot(full_page=True, clip=box)
            if len(taken) > MOST:
                raise SystemExit(f"{name}: {len(taken):,} bytes; expected at most {MOST:,}")
            (HOME / "pictures" / name).write_bytes(taken)
            print(f"{name}: {len(taken):,} bytes")
        browser.close()


if __name__ == "__main__":
    main()
