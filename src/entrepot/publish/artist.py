"""Artist: a second process that draws the charts while the figures are computed.

Loading the chart library and drawing take over a second of one core; the figures take two of the
other. Start the artist first, order the pictures as soon as their rows are known, collect last.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from entrepot.errors import StudyError
from entrepot.publish.brief import Picture

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import IO

WIDTHS = (860, 340)
"""Pixels of the drawings for a desk and for a phone: scaled-down text cannot be read."""


class Artist:
    """Draws pictures in a process of its own; ends with the `with` block."""

    def __enter__(self) -> Artist:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._ordered: list[Picture] = []
        self._drawn: dict[str, str] | None = None
        return self

    def __exit__(self, *_error: object) -> None:
        with self._process:  # closes the pipes and waits
            self._process.kill()

    def order(self, pictures: Iterable[Picture]) -> None:
        """Hand over everything that must be drawn, once; drawing begins."""
        self._ordered = list(pictures)
        orders = json.dumps([asdict(picture) for picture in self._ordered])
        self._pipe(self._process.stdin).write(orders.encode())
        self._pipe(self._process.stdin).close()

    def draw(self, picture: Picture, width: int) -> str:
        """Return an ordered picture as SVG at one of `WIDTHS`, waiting until it is drawn.

        Raises:
            StudyError: A picture asks for a chart or an option that does not exist.
        """
        if self._drawn is None:
            said = self._pipe(self._process.stdout).read()
            answer = json.loads(said or b'{"error": "the drawing process ended without a word"}')
            if "error" in answer:
                raise StudyError(answer["error"])
            self._drawn = answer
        return self._drawn[_key(self._ordered.index(picture), width)]

    @staticmethod
    def _pipe(end: IO[bytes] | None) -> IO[bytes]:
        assert end is not None  # both ends were asked for
        return end


def _key(place: int, width: int) -> str:
    return f"{place} {width}"


def main() -> None:
    """Read pictures as JSON, write their SVG as JSON."""
    from entrepot.publish.picture import svg

    # A first drawing loads the libraries while the order is still being prepared.
    svg(Picture("monthly", "", "", "", ({"period": "2022-01-01", "series": "", "value_usd": 1},)))
    orders: list[dict[str, Any]] = json.load(sys.stdin)
    try:
        drawn = {
            _key(place, width): svg(Picture(**order), width=width)
            for place, order in enumerate(orders)
            for width in WIDTHS
        }
    except StudyError as error:
        drawn = {"error": str(error)}
    json.dump(drawn, sys.stdout)


if __name__ == "__main__":
    main()
