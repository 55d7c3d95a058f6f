"""Ask: a question in a box or as filters; the address of its answer gives it again."""

from __future__ import annotations

import shlex
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from entrepot.api import questions
from entrepot.api.jobs import job
from entrepot.api.looks import address
from entrepot.api.parts import PagePart, page
from entrepot.api.queries import SHORT, AskQuery, refuse_files
from entrepot.errors import StudyError
from entrepot.reference._files import near, shown

router = APIRouter()
FLAGS = {"--mirror": "mirror", "--imports": "flow"}
OPTIONS = {
    "--from": "from", "--to": "to", "--of": "of", "--reporter": "of", "--reporters": "of",
    "--partner": "partner", "--partners": "partner", "--flow": "flow", "--months": "months",
    "--by": "by", "--base": "base", "--freq": "freq", "--top": "top", "--basket": "basket",
    "--source": "source", "--as-of": "as_of", "--goods": "goods",
}  # fmt: skip
EXAMPLES = (
    ("Turkey's monthly exports of the list", {"goods": "chpl-2024-02", "from": "Turkey",
                                             "to": "all"}),
    ("Who supplies Kyrgyzstan", {"goods": "chpl-2024-02", "from": "all", "to": "Kyrgyzstan",
                                 "by": "reporter"}),
    ("Both books, Turkey and Kazakhstan", {"goods": "chpl-2024-02", "from": "Turkey",
                                           "to": "Kazakhstan", "mirror": "true"}),
    ("Armenia and Georgia compared", {"goods": "chpl-2024-02", "from": "Turkey",
                                      "to": "Armenia, Georgia", "by": "partner"}),
)  # fmt: skip


@router.get("/ask", include_in_schema=False)
async def ask(request: Request, asked: Annotated[AskQuery, Query()]) -> Response:
    """Show the answer, or what can be asked."""
    words = asked.words()
    parts = []
    if words.goods or words.sender or words.receiver or words.reporter or words.partner:
        work = job(
            questions.answered, "the answer to this question", as_of=asked.as_of, words=words,
            rows=questions.ROWS,
        )  # fmt: skip
        parts = [PagePart("Answer", work, is_main=True)]
    return await page(request, "ask.html", parts, asked=asked, examples=EXAMPLES)


@router.get("/ask/words", include_in_schema=False)
async def words(said: Annotated[str, Query(max_length=4 * SHORT)] = "") -> Response:
    """Lead a question written as after `entrepot ask` to its address."""
    return RedirectResponse(address("/ask", **read(said)), 303)


def read(said: str) -> dict[str, Any]:
    """Return the parameters of a question written as after `entrepot ask`.

    Raises:
        StudyError: A quote is left open, or an option is unknown, given twice or has no word.
    """
    refuse_files(said)
    try:
        given = shlex.split(said.removeprefix("entrepot ").removeprefix("ask "))
    except ValueError as error:
        raise StudyError(f"ask: {shown(said)} cannot be read ({error}); close the quote") from None
    found: dict[str, Any] = {}
    goods: list[str] = []
    while given:
        word = given.pop(0)
        option, equals, value = word.partition("=")
        if not word.startswith("--"):
            goods.append(word)
        elif word in FLAGS:
            found[FLAGS[word]] = "import" if word == "--imports" else "true"
        elif option not in OPTIONS:
            raise StudyError(f"ask: no option {shown(option)}; {near(option, [*OPTIONS, *FLAGS])}")
        else:
            _put(found, option, value if equals else given.pop(0) if given else "")
    if goods:
        found["goods"] = ", ".join(goods)
    return found


def _put(found: dict[str, Any], option: str, value: str) -> None:
    key = OPTIONS[option]
    if not value:
        raise StudyError(f"ask: {option} has no value after it")
    if key == "source":
        found.setdefault(key, []).append(value)
    elif key in found:
        raise StudyError(
            f"ask: {option} is given twice; write one, with commas where it takes several"
        )
    else:
        found[key] = value
