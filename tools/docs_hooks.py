"""What MkDocs needs beside its settings: links that leave docs/ lead to the repository."""

from __future__ import annotations

import posixpath
import re
from typing import Any

REPOSITORY = "https://github.com/entrepot/entrepot/blob/main/"
_LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#|/)([^)\s#]+)")


def on_page_markdown(markdown: str, *, page: Any, **_given: Any) -> str:
    """Return a page whose links to files outside docs/ lead to the repository."""
    folder = posixpath.dirname(f"docs/{page.file.src_uri}")

    def placed(found: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(folder, found[1]))
        return found[1] if target.startswith("docs/") else REPOSITORY + target

    return _LINK.sub(placed, markdown)
