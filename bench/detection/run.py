"""How well do the detectors find planted diversion, and how well the rules in use today?

Run as `python bench/detection/run.py --out docs/explanation/detection-benchmark.md`. What a world
gave is kept in a folder, so that a run that was cut off goes on where it ended.
"""

from __future__ import annotations

import argparse
import json
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from detection._report import page
from detection.marks import Marks, one_seed


@dataclass(frozen=True, slots=True)
class Setting:
    """A kind of worlds: its name, its seeds, suppliers of a route, lumpiness, how much is run."""

    name: str
    seeds: str = "0-9"
    suppliers: tuple[int, int] = (1, 3)
    lumps: float = 1.0
    short: bool = True

    @property
    def numbers(self) -> range:
        """The seeds, written as first and last or as one."""
        first, *rest = (int(part) for part in self.seeds.split("-"))
        return range(first, (rest or [first])[0] + 1)


SETTINGS = (
    Setting("routes over one to three suppliers", short=False),
    Setting("routes over all eight suppliers", suppliers=(8, 8)),
    Setting("fresh seeds", seeds="40-49"),
    Setting("shipments three times as large", lumps=3.0),
    Setting("shipments a third as large", lumps=1 / 3),
)
"""The first is the benchmark; the others show how far its figures carry. No world of seeds 40 to 49
was looked at while the detectors were built."""


def marks(setting: Setting, seed: int, keep: Path) -> dict[str, Marks]:
    """Return the marks of one world, from the folder where they are kept."""
    path = (
        keep
        / f"{setting.name.replace(' ', '-')}-{seed}-{'short' if setting.short else 'full'}.json"
    )
    if not path.exists():
        found = one_seed(
            seed, short=setting.short, suppliers=setting.suppliers, lumps=setting.lumps
        )
        text = json.dumps({name: asdict(one) for name, one in found.items()})
        path.write_text(text, "utf-8")
    return {name: Marks(**one) for name, one in json.loads(path.read_text("utf-8")).items()}


def measured(
    settings: tuple[Setting, ...], keep: Path, jobs: int
) -> dict[str, dict[str, list[Marks]]]:
    """Return setting -> detector or rule -> marks, one per seed."""
    asked = [(setting, seed) for setting in settings for seed in setting.numbers]
    found: dict[str, dict[str, list[Marks]]] = {setting.name: {} for setting in settings}
    with ProcessPoolExecutor(jobs) as pool:
        runs = [pool.submit(marks, setting, seed, keep) for setting, seed in asked]
        for (setting, seed), run in zip(asked, runs, strict=True):
            for name, one in run.result().items():
                found[setting.name].setdefault(name, []).append(one)
            print(f"{setting.name}: seed {seed} done", file=sys.stderr)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", help="first and last, or one, of the first kind of worlds alone")
    parser.add_argument("--short", action="store_true", help="no earlier runs, no placebo worlds")
    parser.add_argument(
        "--keep", type=Path, default=Path("dist/detection"), help="folder of what worlds gave"
    )
    parser.add_argument("--jobs", type=int, default=2, help="worlds at a time")
    parser.add_argument("--out", type=Path, help="page to write")
    given = parser.parse_args()
    given.keep.mkdir(parents=True, exist_ok=True)
    first = SETTINGS[0]
    only = (Setting(first.name, given.seeds or first.seeds, short=given.short),)
    settings = only if given.seeds or given.short else SETTINGS
    text = page(measured(settings, given.keep, given.jobs))
    print(text)
    if given.out:
        given.out.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
