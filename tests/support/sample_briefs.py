"""Two briefs to publish: real headline numbers of the EU's exports, and a synthetic world's claims.

The monthly and code rows are invented around the real totals; nothing is copied from a publisher.
"""

from __future__ import annotations

from dataclasses import replace

from entrepot.publish.brief import (
    Breakdown,
    Brief,
    Claim,
    Coverage,
    Evidence,
    Figure,
    ListUsed,
    Picture,
    Variant,
    VintageUsed,
)

FIVE = "Armenia, Georgia, Kazakhstan, Kyrgyzstan and Uzbekistan"
SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
SHA_2 = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"
_RISE = (17, 19, 18, 22, 24, 28, 33, 41, 45)
_FALL = (210, 185, 14, 8, 7, 8, 6, 8, 8)


def coverage(missing=(), present=54, months="2022-01/2022-09"):
    return Coverage(
        months=months,
        reporter_months_expected=54,
        reporter_months_present=present,
        missing=missing,
        codes_listed=45,
        codes_present=19,
        codes_one_side=("854151", "854159"),
    )


def figure(name, label, value, unit="USD", **changes):
    given = {
        "low": None if value is None else value - abs(value) * 0.03,
        "high": None if value is None else value + abs(value) * 0.02,
        "headline": False,
        "coverage": coverage(),
        "basket": "as listed",
        "sensitivity": (),
    }
    return Figure(name=name, label=label, value=value, unit=unit, **(given | changes))


def monthly_rows():
    """Return two series, January 2020 to September 2022, whose compared months sum as published."""
    totals = {
        "Russia": {
            2020: (1536.37, (1,) * 9),
            2021: (1766.03, range(30, 39)),
            2022: (453.86, _FALL),
        },
        FIVE: {2020: (130.61, (1,) * 9), 2021: (144.68, range(30, 39)), 2022: (247.09, _RISE)},
    }
    rows = []
    for series, years in totals.items():
        for year, (total, weights) in years.items():
            shares = [w / sum(weights) for w in weights]
            months = [total * share * 1e6 for share in shares]
            months += [months[-1] * f for f in (1.1, 1.2, 1.15)] if year < 2022 else []
            rows += [
                {"period": f"{year}-{i:02d}-01", "series": series, "value_usd": value}
                for i, value in enumerate(months, start=1)
            ]
    return tuple(rows)


FIGURES = (
    figure(
        "five.after_usd",
        f"EU exports of the listed goods to {FIVE}, January-September 2022",
        247.09e6,
        headline=True,
        sensitivity=(
            Variant("basket", "as listed", 247.09e6),
            Variant("basket", "stable", 239.6e6),
            Variant("basket", "bridged", 252.3e6),
        ),
    ),
    figure(
        "five.growth",
        "Growth of those exports on the same months of 2021",
        247.09 / 144.68 - 1,
        unit="share",
        headline=True,
        low=0.68,
        high=0.89,
        sensitivity=(
            Variant("base window", "2021-01/2021-09", 247.09 / 144.68 - 1),
            Variant("base window", "2020-01/2020-09", 247.09 / 130.61 - 1),
        ),
    ),
    figure(
        "russia.lost_usd", "Fall in EU exports of the same goods to Russia", -1312.17e6,
        headline=True,
    ),
    figure("five.before_usd", "The same goods to the five, January-September 2021", 144.68e6,
           coverage=coverage(months="2021-01/2021-09")),
    figure("russia.before_usd", "To Russia, January-September 2021", 1766.03e6),
    figure("russia.after_usd", "To Russia, January-September 2022", 453.86e6,
           coverage=coverage(missing=("KGZ 2022-08", "KGZ 2022-09"), present=52)),
    figure("five.offset", "New exports to the five for each dollar lost to Russia", 0.078,
           unit="ratio", low=None, high=None),
    figure("mirror.gap", "Gap between the two sides' reports", None, unit="ratio",
           because="Russia has published no detailed statistics since January 2022."),
)  # fmt: skip

COUNTRIES = Breakdown(
    name="countries",
    title="Country by country",
    columns=(
        ("label", "Country", ""),
        ("before_usd", "Jan-Sep 2021", "USD"),
        ("after_usd", "Jan-Sep 2022", "USD"),
        ("times", "Change", "ratio"),
    ),
    rows=tuple(
        {"label": n, "before_usd": b * 1e6, "after_usd": a * 1e6, "times": a / b}
        for n, b, a in (
            ("Kazakhstan", 99.3, 171.2), ("Uzbekistan", 20.1, 27.6), ("Georgia", 13.9, 19.8),
            ("Armenia", 8.6, 19.7), ("Kyrgyzstan", 2.78, 8.79),
        )
    ),
    note="What each of the five received, in the months that both years have.",
)  # fmt: skip

CODES = Breakdown(
    name="codes",
    title="Code by code",
    columns=(
        ("product", "Code", ""),
        ("label", "Goods", ""),
        ("before_usd", "Jan-Sep 2021", "USD"),
        ("after_usd", "Jan-Sep 2022", "USD"),
    ),
    rows=(
        {"product": "851762", "label": "Machines that receive and send data", "before_usd": 75.9e6,
         "after_usd": 121.6e6},
        {"product": "847150", "label": "Processing units", "before_usd": 49.1e6,
         "after_usd": 85.2e6},
        {"product": "854231", "label": "Processors and controllers", "before_usd": 5.2e6,
         "after_usd": 11.3e6},
        {"product": "854121", "label": "Transistors under 1 watt", "before_usd": 160.0,
         "after_usd": 61e3},
        {"product": "854151", "label": "Semiconductor-based transducers", "before_usd": None,
         "after_usd": 5100.0},
    ),
)  # fmt: skip

MONTHLY = Picture(
    kind="monthly",
    title="As exports to Russia stopped, exports to its neighbours grew",
    reading="Each line is a month's exports. The two panels have their own scales; the shaded "
    "months are the ones compared.",
    alt="Two line charts, 2020 to 2022: exports to Russia fall to almost nothing in March 2022, "
    "exports to the five neighbours double.",
    rows=monthly_rows(),
    options={
        "panels": True,
        "events": [{"date": "2022-02-24", "label": "Invasion of Ukraine"}],
        "windows": [["2021-01", "2021-09"], ["2022-01", "2022-09"]],
    },
)

CHANGE = Picture(
    kind="change",
    title="Every country received more",
    reading="The circle is the value before, the arrow ends at the value after.",
    alt="Exports rose to each of the five countries, most to Kazakhstan.",
    rows=tuple({k: r[k] for k in ("label", "before_usd", "after_usd")} for r in COUNTRIES.rows),
    options={"before": "January-September 2021", "after": "January-September 2022"},
)

REAL = Brief(
    study="eu-to-central-asia-2022",
    title="EU exports to Central Asia and the Caucasus",
    question="How much of the listed goods that the EU stopped selling to Russia went to its "
    "neighbours instead?",
    synthetic=False,
    notice="Embedded figures: EU27 exports 2020-2022, a table that comes with entrepot.",
    headline="EU exports of battlefield goods to five neighbours of Russia rose by 71% "
    "as those to Russia fell by 74%",
    figures=FIGURES,
    claims=(),
    breakdowns=(COUNTRIES, CODES),
    pictures=(MONTHLY, CHANGE),
    caveats=(
        "19 of the 45 listed codes are in this table; the others are not counted.",
        "Growth from a small base reads large in per cent: look at the dollars too.",
    ),
    evidence=Evidence(
        command="entrepot brief eu-to-central-asia-2022 --as-of 2023-02-01 "
        "--store ./store --out briefs/eu-to-central-asia-2022",
        as_of="2023-02-01",
        version="0.1.0",
        lists=(
            ListUsed("chpl-2023-09", "Common High Priority List, September 2023",
                     "https://example.org/list", ("854231", "854232")),
        ),
        rates="European Central Bank reference rates, monthly means",
        vintages=(
            VintageUsed("embedded-2023-01-15-0f1e2d3c", "embedded", "Eurostat", "2023-01-15", 5121,
                        ({"name": "embedded.csv", "sha256": SHA, "bytes": 183_442},)),
        ),
    ),
)  # fmt: skip

CLAIMS = (
    Claim(text="Turkish exports of the 45 goods to Russia and five neighbours came to $158 million",
          figure="window.total_usd", expected="158,000,000 within 5%", found=158_234_567.0,
          unit="USD", verdict="reproduced", source="https://example.org/article"),
    Claim(text="Three times the level of the same months of 2022", figure="window.growth",
          expected="3 within 10%", found=3.02, unit="ratio", verdict="reproduced"),
    Claim(text="Kazakhstan recorded only $6.6 million", figure="mirror.imports_usd",
          expected="6,600,000 within 5%", found=7_420_000.0, unit="USD",
          verdict="not reproduced", because="The latest vintage was revised upwards by 12%."),
    Claim(text="Imports from the G7 rose by 60%", figure="g7.growth", expected="0.6 within 10%",
          found=None, unit="share", verdict="not checkable",
          because="The store has no Turkish imports before 2022."),
)  # fmt: skip

DEMO = replace(
    REAL,
    study="turkey-2023",
    title="Turkish exports of high-priority goods towards Russia",
    synthetic=True,
    notice="",
    headline="Turkey sold $158 million of high-priority goods to Russia and five neighbours, "
    "3.0 times as much as a year before",
    claims=CLAIMS,
    pictures=(MONTHLY,),
    evidence=replace(
        REAL.evidence,
        command="entrepot brief turkey-2023 --demo",
        vintages=(
            *REAL.evidence.vintages,
            VintageUsed("comtrade-2023-12-01-aa55aa55", "comtrade", "UN Comtrade (synthetic)",
                        "2023-12-01", 1_204_332,
                        ({"name": "TUR_2023.tsv.gz", "sha256": SHA_2, "bytes": 9_120_441},)),
        ),
    ),
)  # fmt: skip
