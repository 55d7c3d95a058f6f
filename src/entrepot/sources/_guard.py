"""Guard: whatever goes wrong inside a reader of files leaves it as one error of one line."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb

from entrepot.errors import EntrepotError
from entrepot.sources._raised import LONG, one_line, translate, unforeseen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def guard(path: Path) -> Iterator[None]:
    """Turn what is raised while a file is read into one line that names it.

    What the system says of a disk or a file passes as it is, and so does a lack of memory.

    Raises:
        EntrepotError: What the reader said, bounded; or what nobody foresaw.
    """
    try:
        yield
    except EntrepotError as error:
        if len(str(error)) <= LONG and "\n" not in str(error):
            raise
        raise type(error)(one_line(str(error))) from error
    except duckdb.Error as error:
        raise translate(error, path) from None
    except OSError:
        raise
    except BaseException as error:
        # A panic of the workbooks' reader is no Exception.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise unforeseen(error, path) from error
        raise
