"""Reporter reliability: how closely a country's books agree with those of all its partners."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
from ibis import _

from entrepot import schema
from entrepot.contracts import measure
from entrepot.measures import _mirror
from entrepot.measures._mirror import PAIR
from entrepot.reference.freight import FAO
from entrepot.schema import Column, TableSchema

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from entrepot.reads import Freq, Goods, Reads, Window

MEDIAN_LOG = Column(
    "median_log_gap", "float64", "Median |ln(X / M)| beyond the band, of pairs with two values."
)
MEDIAN_D = Column(
    "median_asymmetry", "float64", "Median |X - M| / (X + M) beyond the band, 0 to 1."
)
ASYMMETRY = Column(
    "asymmetry", "float64", "The same of all values added: sum |X - M| / sum (X + M)."
)
WITHIN = Column(
    "within_share", "float64", "Part of the compared value that is within the band.", unit="share"
)
ONE_SIDED = Column(
    "one_sided_share", "float64", "Part of the compared value that one side lacks.", unit="share"
)
COMPARED_USD = Column(
    "compared_usd", "float64", "Sum of the larger value of each pair.", "USD", is_sum=True
)
PAIRS = Column("pairs", "int64", "Partner and product combinations compared.")
PARTNERS = Column("partners", "int64", "Partners compared.")

RELIABILITY = TableSchema(
    "reporter_reliability",
    grain=(schema.FREQ, schema.REPORTER, schema.FLOW),
    values=(*(MEDIAN_LOG, MEDIAN_D, ASYMMETRY, WITHIN, ONE_SIDED, COMPARED_USD, PAIRS, PARTNERS),),
)


def _reads(*, window: Window, freq: Freq | None, **_: object) -> list[Reads]:
    return _mirror.reads(window, None, (), (), freq=freq or "M")


@measure(
    returns=RELIABILITY,
    reads=_reads,
    reference="Harvard Growth Lab, comtrade-mirroring: symmetric distance and the $1,000 floor; "
    "Gaulier & Zignago (2010), BACI: reporters weighted by |ln mirror ratio|",
)
def reporter_reliability(
    flows: Table,
    *,
    window: Window,
    products: Goods = (),
    freight: float = FAO,
    floor_usd: float = 1000.0,  # the Growth Lab's
    freq: Freq | None = None,
) -> Table:
    """Compare each country's books with those of its partners, over all pairs.

    X is what the exporter recorded, M the import freed of that c between 0 and `freight` that
    brings it nearest to X; ln(X / M) and D = |X - M| / (X + M) are zero within the band, and D is 1
    where one side has nothing. Both are sums over the periods that both countries published, so
    that goods under way matter less. A distance belongs to both sides: only the median over many
    partners tells about one, and a country with few or doubtful partners looks worse than it is. A
    country that books consignment among ones that book origin, a hub of re-exports, or one that
    writes another HS revision looks unreliable here without an error. It says how far mirror
    figures can be trusted, not who falsifies.

    Args:
        flows: Monthly or annual flows of all countries, one source per reporter.
        window: First and last month, as 2023-01,2023-09; annual rows stand in January.
        products: Which codes, as they stand in `flows`; none means every code of six characters.
        freight: Largest part of freight and insurance in a CIF value (FAO's 12%).
        floor_usd: Dollars that the larger side of a pair must reach: below it, thresholds of
            declaration decide who has a record (the Growth Lab's $1,000).
        freq: M or A; none takes the flows given as they stand, and reads months from a store.

    Returns:
        One row per frequency, reporter and flow with at least one pair compared. The median of
        logs is null where no pair has two values.

    Raises:
        CoverageError: The window is not two months in order.


    Example:
        France and Turkey agree; Kazakhstan, which books origin, agrees with neither partner:

        >>> show(reporter_reliability(world, window=("2022-01", "2022-03"), floor_usd=0))
        freq=M, reporter=DEU, flow=export, median_log_gap=0.1705, median_asymmetry=0.08442,
          asymmetry=0.03275, within_share=0.7692, one_sided_share=0, compared_usd=409.5,
          pairs=2, partners=2
        freq=M, reporter=FRA, flow=export, median_log_gap=0, median_asymmetry=0, asymmetry=0,
          within_share=1, one_sided_share=0, compared_usd=94.5, pairs=1, partners=1
        freq=M, reporter=KAZ, flow=import, median_log_gap=0.8392, median_asymmetry=0.3765,
          asymmetry=0.3398, within_share=0, one_sided_share=0, compared_usd=174.5, pairs=2,
          partners=2
        freq=M, reporter=TUR, flow=export, median_log_gap=1.338, median_asymmetry=0.5842,
          asymmetry=0.5842, within_share=0, one_sided_share=0, compared_usd=80, pairs=1,
          partners=1
        freq=M, reporter=TUR, flow=import, median_log_gap=0, median_asymmetry=0, asymmetry=0,
          within_share=1, one_sided_share=0, compared_usd=409.5, pairs=2, partners=2
    """
    months = _mirror.span(window)
    flows = flows.filter(_.freq == freq) if freq else flows
    inside = flows.filter(_mirror.within(months))
    pairs = _mirror.between_countries(inside)
    rows = _mirror.books(pairs, products=products, freight=freight)
    out, back = _.is_export, ~_.is_export
    sums = (
        _mirror.matched(rows, _mirror.published(inside))
        .filter(_.is_compared)
        .group_by(*PAIR, "product")
        .agg(
            sent=_.usd.sum(where=out).fill_null(0.0),
            most=_.usd.sum(where=back).fill_null(0.0),
            least=_.fob_usd.sum(where=back).fill_null(0.0),
        )
        .filter(ibis.greatest(_.sent, _.most) >= floor_usd, ibis.greatest(_.sent, _.most) > 0)
        .mutate(got=ibis.greatest(_.least, ibis.least(_.sent, _.most)))
        .mutate(distance=(_.sent - _.got).abs(), both=_.sent + _.got)
    )
    sides = [
        sums.mutate(reporter=_[side], partner=_[other], flow=ibis.literal(flow))
        for side, other, flow in (
            ("exporter", "importer", "export"),
            ("importer", "exporter", "import"),
        )
    ]
    larger = ibis.greatest(_.sent, _.most)
    is_one_sided = (_.sent == 0) | (_.most == 0)
    return (
        ibis.union(*sides)
        .group_by("freq", "reporter", "flow")
        .agg(
            median_log_gap=(_.sent.nullif(0.0).ln() - _.got.nullif(0.0).ln()).abs().median(),
            median_asymmetry=(_.distance / _.both).median(),
            asymmetry=_.distance.sum() / _.both.sum(),
            within=larger.sum(where=_.distance == 0).fill_null(0.0),
            one_sided=larger.sum(where=is_one_sided).fill_null(0.0),
            compared_usd=larger.sum(),
            pairs=_.count(),
            partners=_.partner.nunique(),
        )
        .mutate(
            within_share=_.within / _.compared_usd, one_sided_share=_.one_sided / _.compared_usd
        )
    )
