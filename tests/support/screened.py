"""Screened: invented lists in their publishers' layouts, a file of shipments, and both judged."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

from entrepot.screen.columns import ShipmentLayout
from entrepot.screen.judge import Judge
from entrepot.screen.match.plain import Plain
from entrepot.screen.parties import Parties
from entrepot.screen.patterns import History
from entrepot.screen.prices import Prices
from entrepot.screen.routes import KnownRoutes, Route
from entrepot.screen.shipments import ShipmentFile

TODAY = date(2024, 6, 1)
LISTS = Path(__file__).parents[1] / "screen/lists"
"""Invented entries in the layouts of their publishers."""
FILES = {
    name: (LISTS / name).read_text("utf-8")
    for name in ("sdn.csv", "sdn.xml", "eu.xml", "uk.csv", "entities.ftm.json")
}
SDN, SDN_XML, EU_XML, UK_CSV, FTM = FILES.values()
HEADS = ("ref,exporter,importer,importer country,departure,destination,hs code,description,value,"
         "currency,net mass kg,date")  # fmt: skip


def line(
    ref,
    importer="Nobody Known",
    country="",
    to="FRA",
    code="870323",
    goods="cars",
    value="1000",
    mass="10",
    day="2024-03-05",
    sender="DEU",
):
    out = io.StringIO()
    csv.writer(out).writerow(
        [ref, "Acme Werke", importer, country, sender, to, code, goods, value, "USD", mass, day]
    )
    return out.getvalue().strip("\r\n")


def table(path, *lines):
    path.write_bytes(("\n".join((HEADS, *lines)) + "\n").encode("utf-8", "surrogateescape"))
    return path


def read(path, given=None):
    return [*ShipmentFile(path, given or ShipmentLayout({})).shipments()]


ROUTES = KnownRoutes(
    {
        ("KAZ", "854231"): Route("KAZ", "854231", 0.001, "Chips rose.", "2022-05", 1, growth=3.0),
        ("KGZ", "854231"): Route("KGZ", "854231", None, untested="The store holds no row of it"),
        ("TUR", "854231"): Route("TUR", "854231", 0.6, "Nothing much."),
    },
    {}, "RUS", "entrepot scan --destination RUS", "2024-01", as_of="2024-05-01",
)  # fmt: skip


def verdicts(path, entries=(), *, routes=ROUTES, prices=None, today=TODAY, given=None):
    """The verdicts on a file's rows, by their ref."""
    file = ShipmentFile(path, given or ShipmentLayout({}))
    parties = Parties(Plain(entries) if entries else None, ())
    history = History(file.shipments(), today)
    judge = Judge(parties, routes, prices or Prices({}), history, today)
    made = [judge.verdict(one) for one in file.shipments()]
    return {one.shipment.ref or f"row {one.shipment.row}": one for one in made}
