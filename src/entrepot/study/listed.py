"""Listed: the goods of a study, as a dated list, a part of one, or all goods."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from entrepot.errors import StudyError
from entrepot.publish import words
from entrepot.terms import ALL_GOODS, goods

if TYPE_CHECKING:
    from entrepot.reference.goods import GoodsList
    from entrepot.study.question import Study

__all__ = ["ALL_GOODS", "listed"]


def listed(study: Study) -> GoodsList:
    """Return the goods a study asks for: a list or codes, or those of a list that it names.

    The list "all-goods" is one product, the total over all goods that publishers give.

    Raises:
        StudyError: A code is not on the list.
        UnknownCodeError: There is no such list.
    """
    given = goods(study.goods)
    if not study.codes:
        return given
    if strange := sorted({*study.codes} - {*given.codes}):
        raise StudyError(
            f"study {study.name}: code {strange[0]} is not on the list {given.name}; "
            f"`entrepot reference show {given.name}` prints its codes"
        )
    kept = tuple(good for good in given.goods if good.code in study.codes)
    title = f"{given.title}, of which {words.count(len(kept), 'code')}"
    return replace(given, title=title, goods=kept)
