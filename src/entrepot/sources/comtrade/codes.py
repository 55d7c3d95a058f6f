"""UN Comtrade's codes for flows, HS revisions, transport modes and units.

Source: UNSD's reference tables of the Comtrade API, as of 2023.
"""

from __future__ import annotations

FLOW_CODES = {"import": "M", "export": "X", "re-import": "RM", "re-export": "RX"}
FLOWS = {code: flow for flow, code in FLOW_CODES.items()}
PARTS_OF_FLOWS = ("DX", "FM", "MIP", "MOP", "XIP", "XOP")
"""Parts of M and X (domestic exports, inward processing ...), left out: M and X contain them."""

CLASSIFICATIONS = {
    "H0": "HS1992",
    "H1": "HS1996",
    "H2": "HS2002",
    "H3": "HS2007",
    "H4": "HS2012",
    "H5": "HS2017",
    "H6": "HS2022",
}

TRANSPORT = tuple(
    """0 1000 2000 2100 2200 2900 3000 3100 3200 3900 9000 9100 9110 9120 9190 9200 9300
    9900""".split()
)
"""A code contains those that share its leading digits: 9000 > 9100 > 9110; 0 contains all."""

UNITS = {
    "2": "m²",
    "3": "1000 kWh",
    "4": "m",
    "5": "u",
    "6": "2u",
    "7": "l",
    "8": "kg",
    "9": "1000u",
    "10": "U (jeu/pack)",
    "11": "12u",
    "12": "m³",
    "13": "carat",
    "14": "km",
    "15": "g",
    "16": "hive",
    "17": "1000 m³",
    "18": "TJ",
    "19": "BBL",
    "20": "1000 L",
    "21": "1000 KG",
    "22": "kWH",
    "23": "l alc 100%",
    "24": "head",
    "25": "kg/net eda",
    "26": "kg C5H14ClNO",
    "27": "kg P2O5",
    "28": "kg H2O2",
    "29": "kg met.am.",
    "30": "kg N",
    "31": "kg KOH",
    "32": "kg K2O",
    "33": "kg NaOH",
    "34": "kg 90% sdt",
    "35": "kg U",
    "36": "ct/l",
    "37": "Bq",
    "38": "gi F/S",
    "39": "GRT",
    "40": "GT",
    "41": "ce/el",
}
NO_UNIT = ("-1", "1")
"""No quantity: -1 today, 1 in files from before 2023."""
