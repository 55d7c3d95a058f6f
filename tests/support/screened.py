"""Screened: invented lists in their publishers' layouts, a file of shipments, and both judged."""

from __future__ import annotations

import csv
import io
import json
from datetime import date

from entrepot.screen.columns import Layout
from entrepot.screen.judge import Judge
from entrepot.screen.match.plain import Plain
from entrepot.screen.parties import Parties
from entrepot.screen.patterns import History
from entrepot.screen.prices import Prices
from entrepot.screen.routes import Route, Routes
from entrepot.screen.shipments import ShipmentFile

TODAY = date(2024, 6, 1)
SDN = """\
36,AEROVOSTOK AIRLINES,-0- ,CUBA,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- 
306,"ZAVODOV, Ivan Petrovich",individual,RUSSIA-EO14024,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"DOB 01 Apr 1950; nationality Russia; Tax ID No. 770123456789 (Russia); a.k.a. 'ZAVODNIK'."
\x1a
"""
SDN_XML = """<?xml version="1.0"?><sdnList xmlns="http://tempuri.org/sdnList.xsd"><sdnEntry><uid>7</uid>
<lastName>KVANT IMPORT</lastName><sdnType>Entity</sdnType><programList><program>IFSR</program></programList>
<akaList><aka><category>weak</category><lastName>KVI</lastName></aka><aka><category>strong</category>
<lastName>KVANT TRADING HOUSE</lastName></aka></akaList><idList><id><idType>Tax ID No.</idType>
<idNumber>7712345678</idNumber></id></idList><addressList><address><country>Russia</country></address>
</addressList></sdnEntry></sdnList>"""
EU_XML = """<?xml version="1.0" encoding="UTF-8"?><export xmlns="http://eu.europa.ec/fpi/fsd/export">
<sanctionEntity logicalId="13" euReferenceNumber="EU.1.2"><regulation programme="UKR"
publicationDate="2022-03-09"/><subjectType code="person" classificationCode="P"/>
<nameAlias wholeName="Пётр Щукин" strong="true"/><nameAlias wholeName="Petr Shchukin" strong="true"/>
<nameAlias wholeName="Pete" strong="false"/><citizenship countryIso2Code="RU"/></sanctionEntity></export>"""
UK_CSV = """Last Updated,01/02/2024
Unique ID,Name 6,Name 1,Name 2,Name type,Alias strength,Name non-latin script,Designation Type,Address Country,Date Designated,Regime Name
RUS0001,ORBITA,,,Primary Name,,ОРБИТА,Entity,Russia,24/02/2022,Russia
RUS0001,ORBITA MARINE,,,Alias,,,Entity,Russia,24/02/2022,Russia
RUS0002,PETROV,Oleg,Ivanovich,Primary Name,,,Individual,,15/03/2022,Russia
"""
FTM = "\n".join(
    json.dumps(one)
    for one in (
        {"id": "Q1", "schema": "Company", "caption": "Rubin Electronics",
         "properties": {"name": ["Rubin Electronics"], "alias": ["Рубин Электроникс"],
                        "country": ["ru"], "innCode": ["7705550011"]}},
        {"id": "A1", "schema": "Address", "properties": {"full": ["Moscow"]}},
    )
)  # fmt: skip
FILES = {
    "sdn.csv": SDN,
    "sdn.xml": SDN_XML,
    "eu.xml": EU_XML,
    "uk.csv": UK_CSV,
    "entities.ftm.json": FTM,
}
HEADS = ("ref,exporter,importer,importer country,departure,destination,hs code,description,value,"
         "currency,net mass kg,date")  # fmt: skip


def line(ref, importer="Nobody Known", country="", to="FRA", code="870323", goods="cars",
         value="1000", mass="10", day="2024-03-05", exporter="Acme Werke", sender="DEU"):  # fmt: skip
    out = io.StringIO()
    csv.writer(out).writerow(
        [ref, exporter, importer, country, sender, to, code, goods, value, "USD", mass, day]
    )
    return out.getvalue().strip("\r\n")


def table(path, *lines):
    path.write_bytes(("\n".join((HEADS, *lines)) + "\n").encode("utf-8", "surrogateescape"))
    return path


def read(path, given=None):
    return [*ShipmentFile(path, given or Layout({})).shipments()]


ROUTES = Routes(
    {
        ("KAZ", "854231"): Route("KAZ", "854231", 0.001, "Chips rose.", "2022-05", 1, growth=3.0),
        ("KGZ", "854231"): Route("KGZ", "854231", None, untested="The store holds no row of it"),
        ("TUR", "854231"): Route("TUR", "854231", 0.6, "Nothing much."),
    },
    {}, "RUS", "entrepot scan --destination RUS", "2024-01", as_of="2024-05-01",
)  # fmt: skip


def verdicts(path, entries=(), *, routes=ROUTES, prices=None, today=TODAY, given=None):
    """The verdicts on a file's rows, by their ref."""
    file = ShipmentFile(path, given or Layout({}))
    parties = Parties(Plain(entries) if entries else None, ())
    history = History(file.shipments(), today)
    judge = Judge(parties, routes, prices or Prices({}), history, today)
    made = [judge.verdict(one) for one in file.shipments()]
    return {one.shipment.ref or f"row {one.shipment.row}": one for one in made}
