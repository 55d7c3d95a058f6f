"""Ask whether a package of the lock has a known hole, and write what the lock holds as an SBOM.

    python tools/audit.py [FOLDER]

Prints one line on the advisories and ends with 1 only where one of them names a locked version:
where no advisory service can be reached, it says so. FOLDER, `dist` by default, gets the bill of
materials (CycloneDX 1.6).
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).resolve().parents[1] / "requirements-dev.lock"
BIN = Path(sys.executable).parent
PATIENCE = 120
"""Seconds for all questions to the service."""
AUDIT = ("--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off")


def advisories() -> list[dict]:
    """Return what the service says of each package; nothing if it cannot be asked."""
    command = [BIN / "pip-audit", "--requirement", LOCK, *AUDIT, "--timeout", "15"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
        return json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        return []


def judged(found: list[dict]) -> tuple[str, bool]:
    """Return the line to print, and whether a locked version has a known hole.

    A service that knows none of the packages is a mirror without advisories, not a clean bill.
    """
    asked = [one for one in found if "vulns" in one]
    if not asked:
        return "advisories: no service could be reached; nothing was audited", False
    holes = [f"{p['name']} {p['version']}: {v['id']}" for p in asked for v in p["vulns"]]
    unknown = f", {len(found) - len(asked)} unknown to it" if len(asked) < len(found) else ""
    told = "; ".join(holes) or "none has a known hole"
    return f"advisories: {len(asked)} packages asked about{unknown}; {told}", bool(holes)


def materials(folder: Path) -> Path:
    """Write the bill of materials of the lock."""
    folder.mkdir(exist_ok=True)
    target = folder / "sbom.cdx.json"
    options = ["--output-reproducible", "--spec-version", "1.6", "--output-file", target]
    subprocess.run([BIN / "cyclonedx-py", "requirements", *options, LOCK], check=True)
    return target


def main(folder: Path) -> int:
    """Do both; 1 where a locked version has a known hole."""
    line, has_hole = judged(advisories())
    print(line)
    made = materials(folder)
    print(f"{made}: {len(json.loads(made.read_text('utf-8'))['components'])} components")
    return int(has_hole)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "dist")))
