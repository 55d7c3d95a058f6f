"""What the mirror measures find of the gaps, ghosts and silences that the demo world plants.

`test_recovery.py` says for each measure what is planted and how much of it is found.
"""

import pytest

from support.planted import BY_ORIGIN, FORTY_FIVE, found, known

WINDOW, BASE = ("2023-01", "2023-12"), ("2019-01", "2021-12")
IN_2023 = f"k in {FORTY_FIVE} and year(period) = 2023"


@pytest.mark.parametrize(
    ("exporter", "importer"), [("TUR", "KAZ"), ("DEU", "KGZ"), ("CHN", "KGZ"), ("LTU", "KAZ")]
)
def test_the_planted_gap_of_a_pair_is_in_the_band(exporter, importer):
    (row,) = found(
        "mirror_pair",
        exporter=exporter,
        importer=importer,
        products=FORTY_FIVE,
        first="2023-01",
        last="2023-12",
    )
    pair = f"x = '{exporter}' and m = '{importer}' and {IN_2023}"
    ((gap,),) = known(f"""select sum(usd) from (
        select usd from sent semi join pairs using (x, m, period) where {pair} union all
        select -usd from booked semi join pairs using (x, m, period) where {pair})""")
    assert row["gap_low_usd"] < gap < row["gap_high_usd"]


def test_planted_gaps_and_their_changes_are_in_the_band():
    rows = found("mirror_gap", window=WINDOW, base=BASE, products=FORTY_FIVE)
    truth = {
        pair: gaps
        for *pair, gaps in known(f"""with spans as (select *, year(period) = 2023 as is_now
                from pairs where year(period) in (2019, 2020, 2021, 2023)),
            counts as (select x, m, count(*) filter (is_now) as n1,
                count(*) filter (not is_now) as n0 from spans group by all),
            sums as (select x, m, k, coalesce(sum(usd) filter (is_now), 0) as now,
                coalesce(sum(usd) filter (not is_now), 0) as base from (
                    select x, m, k, period, usd from sent union all
                    select x, m, k, period, -usd from booked)
                join spans using (x, m, period) where k in {FORTY_FIVE} group by all)
            select x || m || k, [now, base / n0, now - base * n1 / n0]
            from sums join counts using (x, m)""")
        for pair in pair
    }
    assert len(rows) > 3000
    outside = []
    for row in rows:
        gaps = truth[row["exporter"] + row["importer"] + row["product"]]
        for name, usd in zip(("gap", "base_gap", "change"), gaps, strict=True):
            low, high = row[f"{name}_low_usd"] - row["cells"], row[f"{name}_high_usd"]
            if not low <= usd <= high + row["cells"]:
                outside.append((name, row["importer"], max(low - usd, usd - high)))
    assert len(outside) <= 2
    assert {(name, who in BY_ORIGIN) for name, who, _ in outside} <= {("change", True)}
    assert all(by < 400 for *_, by in outside)


def test_silence_delay_and_zero_are_told_apart_as_planted():
    rows = found("mirror_gap", window=("2023-09", "2024-12"), exporters=("DEU", "CHN"),
                 importers=("UZB", "RUS", "VNM", "TUR"), products=FORTY_FIVE)  # fmt: skip
    status = {(who, day): word for who, day, word in known("from coverage")}
    words = {"hole": "silent", "silent": "silent", "not yet published": "not yet"}
    seen = set()
    for row in rows:
        word = status[row["importer"], row["period"]]
        told = row["mirror_status"]
        assert (told == f"importer {words[word]}") if word in words else told in ("both",
            "both zero", "exporter zero", "importer zero")  # fmt: skip
        seen.add(word)
    assert seen == {"hole", "silent", "not yet published", "reported"}


def test_planted_ghosts_are_between_the_least_and_the_most():
    rows = found("ghost_trade", window=WINDOW, base=BASE, products=FORTY_FIVE)
    truth = dict(
        known(f"""select x || m || k, sum(lost) from sent
            semi join pairs using (x, m, period) where {IN_2023} group by all""")
    )
    outside, sums = 0, {}
    for row in rows:
        usd = truth.get(row["exporter"] + row["importer"] + row["product"], 0.0)
        inside = (row["unexplained_usd"] or 0) - 99 <= usd <= row["ghost_high_usd"] + 99
        outside += not inside
        low, high = sums.get(row["importer"], (0.0, 0.0))
        sums[row["importer"]] = (low + (row["unexplained_usd"] or 0), high + row["ghost_high_usd"])
    assert outside < len(rows) * 0.004
    for who in ("KAZ", "KGZ", "ARM", "UZB", "AZE", "GEO"):
        lost = sum(usd for pair, usd in truth.items() if pair[3:6] == who)
        assert sums[who][0] < lost < sums[who][1]
    for who in ("KAZ", "KGZ", "ARM"):
        lost = sum(usd for pair, usd in truth.items() if pair[3:6] == who)
        assert sums[who][0] > 0.6 * lost
    assert sums["TUR"][0] == sums["ARE"][0] == 0


def test_books_disagree_only_where_it_is_planted():
    rows = found("reporter_reliability", window=WINDOW, products=FORTY_FIVE)
    found_ = {(row["reporter"], row["flow"]): row for row in rows}
    pairs = {}
    for x, m, _k, sent, booked in known(f"""select x, m, k, sum(s), sum(b) from (
            select x, m, k, period, usd as s, 0 as b from sent union all
            select x, m, k, period, 0, usd from booked)
        semi join pairs using (x, m, period) where {IN_2023} group by all"""):
        for side in ((x, "export"), (m, "import")):
            pairs.setdefault(side, []).append((sent, booked))
    for side, row in found_.items():
        distance = sum(abs(s - b) for s, b in pairs[side]) / sum(s + b for s, b in pairs[side])
        assert row["asymmetry"] <= distance + 1e-3
        if side[1] == "import" and side[0] not in (*BY_ORIGIN, "AZE"):
            assert row["within_share"] == pytest.approx(1, abs=1e-3)
    worst = sorted(rows, key=lambda row: -row["asymmetry"])[:6]
    assert {(row["reporter"], row["flow"]) for row in worst} == {
        ("TUR", "export"),
        *((who, "import") for who in BY_ORIGIN),
    }
