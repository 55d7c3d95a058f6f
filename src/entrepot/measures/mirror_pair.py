"""Mirror pair: one flow in both countries' books."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
from ibis import _

from entrepot.contracts import measure
from entrepot.measures._same_months import CELLS
from entrepot.months import month
from entrepot.reads import Reads
from entrepot.reference.freight import FAO
from entrepot.schema import Column, TableSchema

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from entrepot.reads import Country, Freq, Goods, Month

EXPORTER = Column("exporter", "string", "Country the goods left (ISO 3166-1 alpha-3).")
IMPORTER = Column("importer", "string", "Country the goods entered (ISO 3166-1 alpha-3).")
EXPORT_USD = Column(
    "export_usd",
    "float64",
    "What the exporter recorded, FOB.",
    "USD",
    is_sum=True,
    adds_up=True,
    role="export",
)
IMPORT_USD = Column(
    "import_usd",
    "float64",
    "What the importer recorded, as valued.",
    "USD",
    is_sum=True,
    adds_up=True,
    role="import",
)
RECORDED = Column(
    "recorded_share", "float64", "Importer's over exporter's value, as recorded.", unit="share"
)
GAP_LOW = Column(
    "gap_low_usd", "float64", "Smallest gap in the band: imports taken as FOB.", "USD", adds_up=True
)
GAP_HIGH = Column(
    "gap_high_usd", "float64", "Largest gap: imports freed of all freight.", "USD", adds_up=True
)
BOTH = Column(
    "months_compared", "int64", "Months that both countries published.", role="months compared"
)

MIRROR = TableSchema(
    "mirror_pair",
    grain=(EXPORTER, IMPORTER),
    values=(EXPORT_USD, IMPORT_USD, RECORDED, GAP_LOW, GAP_HIGH, BOTH, CELLS),
)


def _reads(
    *, exporter: Country, importer: Country, first: Month, last: Month, freq: str, **_: object
) -> list[Reads]:
    window = ((first, last),)
    return [
        Reads("export", (exporter,), (importer,), window, freq=freq),
        Reads("import", (importer,), (exporter,), window, freq=freq),
    ]


@measure(
    returns=MIRROR,
    reads=_reads,
    reference="IMF DOTS (1.06) and FAO (1.12) CIF/FOB factors; IMTS 2010 on partner attribution",
)
def mirror_pair(
    flows: Table,
    *,
    exporter: Country,
    importer: Country,
    products: Goods,
    first: Month,
    last: Month,
    freq: Freq = "M",
    freight: float = FAO,
) -> Table:
    """Set what one country says it sent against what the other says it received.

    gap = export_usd - import_usd / (1 + c), c anywhere from 0 to `freight` for imports valued CIF:
    above zero, goods in the exporter's books are not in the importer's. That is no evidence of
    evasion by itself: an importer that records the country of origin books re-exported goods
    under another partner, and goods may be in transit or under way. Compare the change over time.

    Args:
        flows: Monthly flows of both countries, all products or the basket plus presence rows.
        exporter: The country that reports exports.
        importer: The country that reports imports.
        products: Which codes, as they stand in `flows`.
        first: First month of the window, as 2023-01.
        last: Last month of the window.
        freq: M for monthly figures, A for annual ones; a window of annual figures is whole years.
        freight: Largest part of freight and insurance in a CIF value (FAO's 12%).

    Returns:
        One row over the months that both published; none if they share no month. The share is
        null when the exporter recorded nothing.


    Example:
        Turkey and Kazakhstan, in the two months that both published:

        >>> show(mirror_pair(world, exporter="TUR", importer="KAZ", products=("854231",),
        ...                  first="2022-01", last="2022-03"))
        exporter=TUR, importer=KAZ, export_usd=80, import_usd=21, recorded_share=0.2625,
          gap_low_usd=59, gap_high_usd=61.25, months_compared=2, cells=4
    """
    inside = flows.filter(
        _.freq == freq,
        _.period.between(month(first), month(last)),
        ((_.reporter == exporter) & (_.flow == "export"))
        | ((_.reporter == importer) & (_.flow == "import")),
    )
    both = inside.group_by("period").agg(sides=_.flow.nunique()).filter(_.sides == 2)
    is_export = _.flow == "export"
    is_pair = _.product.isin(list(products)) & (
        (is_export & (_.partner == importer)) | (~is_export & (_.partner == exporter))
    )
    fob = _.value_usd / ibis.ifelse(_.valuation == "CIF", 1 + freight, 1.0)
    return (
        inside.semi_join(both, "period")
        .agg(
            months_compared=_.period.nunique(),
            cells=_.count(where=is_pair),
            export_usd=_.value_usd.sum(where=is_pair & is_export).fill_null(0.0),
            import_usd=_.value_usd.sum(where=is_pair & ~is_export).fill_null(0.0),
            import_fob_usd=fob.sum(where=is_pair & ~is_export).fill_null(0.0),
        )
        .filter(_.months_compared > 0)
        .mutate(
            exporter=ibis.literal(exporter),
            importer=ibis.literal(importer),
            recorded_share=_.import_usd / _.export_usd.nullif(0.0),
            gap_low_usd=_.export_usd - _.import_usd,
            gap_high_usd=_.export_usd - _.import_fob_usd,
        )
    )
