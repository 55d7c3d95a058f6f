"""Hosts: every publisher of this server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from publisher import census, comtrade, eurostat, files, hmrc

if TYPE_CHECKING:
    from collections.abc import Callable

    from publisher.reply import Ask, Reply

HOSTS: dict[str, Callable[[Ask], Reply]] = {
    comtrade.HOST: comtrade.answer,
    eurostat.HOST: eurostat.answer,
    census.HOST: census.answer,
    hmrc.HOST: hmrc.answer,
    files.CEPII: files.cepii,
    files.ECB: files.ecb,
}
"""Every publisher by its host."""
