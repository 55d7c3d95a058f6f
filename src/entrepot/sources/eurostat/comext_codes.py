"""Comext's codes for trade types, procedures, units and columns of the bulk files.

Source: Eurostat's classification files of the bulk facility (COMEXT_METADATA, TRADE_TYPE,
STATISTICAL_PROCEDURES, SUPPLEMENTARY_UNITS), as of 2026.
"""

from __future__ import annotations

TRADE_TYPES = ("E", "I", "L", "M")
"""Extra-EU, intra-EU; partner XI and partner XU since 2021, in files of their own."""

PROCEDURES = ("1", "2", "3", "5", "6", "7", "9")
"""Normal, inward and outward processing, three that ended in 2009, not from declarations. They
are parts: no code stands for their total."""

CONFIDENTIAL_PARTNERS = ("QX", "QY", "QZ")
"""Not specified for commercial or military reasons. QU, QV and QW are not specified, no more."""

NO_UNIT = "NO_SU"
UNITS = {
    "1000_KWH": "1000 kWh",
    "1000_L": "1000 L",
    "1000_M3": "1000 m³",
    "1000_PST": "1000u",
    "CEEL": "ce/el",
    "CK": "carat",
    "CTL": "ct/l",
    "G": "g",
    "GI_FS": "gi F/S",
    "GRT": "GRT",
    "GT": "GT",
    "KG": "kg",
    "KG_90PCT_SDT": "kg 90% sdt",
    "KG_C5H14CLNO": "kg C5H14ClNO",
    "KG_H2O2": "kg H2O2",
    "KG_K2O": "kg K2O",
    "KG_KOH": "kg KOH",
    "KG_MET_AM": "kg met.am.",
    "KG_N": "kg N",
    "KG_NAOH": "kg NaOH",
    "KG_NET_EDA": "kg/net eda",
    "KG_P2O5": "kg P2O5",
    "KG_U": "kg U",
    "KM": "km",
    "L": "l",
    "L_ALC_100PCT": "l alc 100%",
    "M": "m",
    "M2": "m²",
    "M3": "m³",
    "PA": "2u",
    "PST": "u",
    "TJ": "TJ",
}
"""Units the United Nations abbreviate; the others keep Eurostat's code."""
OWN_UNITS = tuple(
    """100_PST CGT KG_ACT_SUBST KG_AL2O3 KG_B2O3 KG_BACO3 KG_CL KG_F KG_H2SO4 KG_HCL KG_HF
    KG_K2CO3 KG_NA2CO3 KG_NA2S2O5 KG_PBO KG_S KG_SIO2 KG_SO2 KG_TIO2 KW T_CO2""".split()
)

COLUMNS = tuple(
    """REPORTER PARTNER TRADE_TYPE PRODUCT_NC FLOW STAT_PROCEDURE SUPPL_UNIT PERIOD VALUE_EUR
    QUANTITY_KG QUANTITY_SUPPL_UNIT""".split()
)
LEFT_OUT = tuple(
    """PRODUCT_SITC PRODUCT_CPA21 PRODUCT_CPA22 PRODUCT_BEC PRODUCT_BEC5 PRODUCT_SECTION
    VALUE_NAC""".split()
)

# Files from before 2025, and today those of periods before 2002.
OLD_COLUMNS = {
    "DECLARANT_ISO": "REPORTER",
    "PARTNER_ISO": "PARTNER",
    "TRADE_TYPE": "TRADE_TYPE",
    "PRODUCT_NC": "PRODUCT_NC",
    "FLOW": "FLOW",
    "STAT_REGIME": "STAT_PROCEDURE",
    "SUPP_UNIT": "SUPPL_UNIT",
    "PERIOD": "PERIOD",
    "VALUE_IN_EUROS": "VALUE_EUR",
    "QUANTITY_IN_KG": "QUANTITY_KG",
    "SUP_QUANTITY": "QUANTITY_SUPPL_UNIT",
}
OLD_LEFT_OUT = tuple(
    """DECLARANT PARTNER PRODUCT_SITC PRODUCT_CPA2002 PRODUCT_CPA2008 PRODUCT_CPA2_1 PRODUCT_CPA21
    PRODUCT_BEC PRODUCT_BEC5 PRODUCT_SECTION""".split()
)
OLD_UNIT = "supplementary"
"""What an old file's letter for a unit becomes: the one the CN states for the code."""
