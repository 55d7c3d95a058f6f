"""DrawingProcess: a second process that draws the charts while the figures are computed.

Loading the chart library and drawing take over a second of one core; the figures take two of the
other. Start the drawer first, start the pictures as soon as their rows are known, collect last.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from contextlib import ExitStack, suppress
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any

from entrepot.errors import StudyError
from entrepot.publish.brief import Picture

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import IO

SILENCE = b'{"error": "the drawing process ended without a word"}'
FILES = "--files"
WIDTHS = (860, 340)
"""Pixels of the drawings for a desk and for a phone: scaled-down text cannot be read."""


class DrawingProcess:
    """Draws pictures in a process of its own; ends with the `with` block.

    Args:
        files: Whether `file` is going to be asked, which costs as much again.
    """

    def __init__(self, *, files: bool = False) -> None:
        self._order = [FILES] if files else []

    def __enter__(self) -> DrawingProcess:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, *self._order],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._started: list[Picture] = []
        self._drawn: list[list[str]] = []
        self._asked: SimpleQueue[Picture | None] = SimpleQueue()
        self._said: SimpleQueue[bytes] = SimpleQueue()
        # Both pipes are finite: a drawer whose drawings nobody takes would stop reading, and who
        # hands it more than it can read would wait.
        ends = ((self._speak, self._process.stdin), (self._listen, self._process.stdout))
        self._threads = [Thread(target=use, args=(self._pipe(end),)) for use, end in ends]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        with self._process:  # closes the pipes and waits
            self._process.kill()
            self._asked.put(None)
            for thread in self._threads:
                thread.join()

    def start(self, pictures: Iterable[Picture]) -> None:
        """Hand over pictures whose rows are known; drawing begins."""
        for picture in pictures:
            self._started.append(picture)
            self._asked.put(picture)

    def draw(self, picture: Picture, width: int) -> str:
        """Return a picture that was started as SVG at one of `WIDTHS`, waiting until it is drawn.

        Raises:
            StudyError: The picture asks for a chart or an option that does not exist.
        """
        place = self._started.index(picture)
        while len(self._drawn) <= place:
            answer = json.loads(self._said.get() or SILENCE)
            if "error" in answer:
                raise StudyError(answer["error"])
            self._drawn.append(answer["svg"])
        return self._drawn[place][WIDTHS.index(width)]

    def file(self, picture: Picture) -> tuple[str, bytes]:
        """Return a picture that was started as files of its own, SVG and PNG.

        Raises:
            StudyError: See `draw`; or the process makes no files.
        """
        self.draw(picture, WIDTHS[0])
        _wide, _narrow, *files = self._drawn[self._started.index(picture)]
        if not files:
            raise StudyError("the drawing process was not asked for files")
        return files[0], base64.b64decode(files[1])

    def _speak(self, pictures: IO[bytes]) -> None:
        # A process that ended takes no more; what waits for its drawings learns it from silence.
        with suppress(BrokenPipeError), pictures:
            while picture := self._asked.get():
                order = {name: getattr(picture, name) for name in picture.__slots__}
                pictures.write(json.dumps(order).encode() + b"\n")
                pictures.flush()

    def _listen(self, drawings: IO[bytes]) -> None:
        for line in drawings:
            self._said.put(line)
        self._said.put(b"")

    @staticmethod
    def _pipe(end: IO[bytes] | None) -> IO[bytes]:
        assert end is not None  # both ends were asked for
        return end


class DrawingPool:
    """Several drawing processes that share many pictures; they end with the `with` block."""

    def __init__(self, count: int = 2) -> None:
        self._processes = [DrawingProcess() for _ in range(count)]
        self._holds: list[tuple[Picture, DrawingProcess]] = []

    def __enter__(self) -> DrawingPool:
        with ExitStack() as stack:
            for process in self._processes:
                stack.enter_context(process)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def start(self, pictures: Iterable[Picture]) -> None:
        """Hand pictures out in turn; drawing begins."""
        for picture in pictures:
            process = self._processes[len(self._holds) % len(self._processes)]
            self._holds.append((picture, process))
            process.start([picture])

    def draw(self, picture: Picture, width: int) -> str:
        """Return a picture that was started: see `DrawingProcess.draw`."""
        process = next(process for one, process in self._holds if one is picture)
        return process.draw(picture, width)


def main() -> None:
    """Read pictures, one as JSON a line, and answer each with its drawings or its error."""
    from entrepot.publish.picture import svg
    from entrepot.publish.poster import png, poster

    # A first drawing loads the libraries while the first picture is still being prepared.
    svg(Picture("monthly", "", "", "", ({"period": "2022-01-01", "series": "", "value_usd": 1},)))
    for line in sys.stdin:
        picture = Picture(**json.loads(line))
        try:
            drawn = [svg(picture, width) for width in WIDTHS]
            if FILES in sys.argv:
                alone = poster(picture, drawing=drawn[0])
                drawn += [alone, base64.b64encode(png(alone)).decode()]
            answer: dict[str, Any] = {"svg": drawn}
        except StudyError as error:
            answer = {"error": str(error)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
