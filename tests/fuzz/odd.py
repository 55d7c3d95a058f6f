"""Odd: texts, values and settings that a reader of tables seldom meets."""

from __future__ import annotations

ODD = (
    *("NaN", "nan", "inf", "-inf", "Infinity", "1e999", "-1e999", "1e308", "1e-400", "-0", "-5"),
    *("", " ", "\t", '"', "'", "\\", "\0", "\x1b[31m", "\u2028", "\x85", "\r", "\r\n", ","),
    *("9" * 25, "9" * 400, "9" * 5000, "a" * 70_000, "é" * 3000, "1,000", "1.000,5", "1_000"),
    *(
        "0x10",
        "١٢",
        "½",
        "\u22125",
        "1 000",
        "+7",
        "1e3",
        ".5",
        "5.",
        "null",
        "None",
        "true",
        "TOTAL",
    ),
    *("2023-13", "202313", "20231301", "000000", "999999", "0000-00", "99999999", "2023-02-30"),
    *("../../x", "[*?]", "%s{}", "=1+1", "#REF!", "🙂", "\ufeff", "XX", "W00", "EU27_2020", "EU"),
    *("1980-01", "2049-01", "292277026596", "-2147483649", "18446744073709551616", "C", "c", ":"),
)

VALUES = (
    *(None, True, False, 0, -1, 1.5, 1e308, float("nan"), float("inf"), 10**30, -(10**18)),
    *("@huge", [], {}, [None], {"a": 1}, [[]], 2**63, 1e-320, 202313, 20230100),
)

SETTING_VALUES = (
    *("1", "-1", "0", "nan", "inf", "1e308", "true", "[]", "{}", "[1]", "[[1]]", "[{a = 1}]"),
    *("{ a = 1 }", '{ a = "b" }', '"iso3"', '"CN{year}"', '"HS"', "2023-01-01", "9999-12-31"),
    *("2023-01-01T00:00:00Z", "10:00:00", '"2099-01-01"', '{ file = "own.csv" }', "9" * 30, '"\'"'),
    *(
        '{ scheme = "name" }',
        '{ year = "month" }',
        '{ not = ["X"] }',
        '{ value = "value" }',
        '"a;"',
    ),
)

KEYS = (
    *("ignore", "parts", "quantity", "quantity_unit", "status", "classification", "valuation"),
    *("delimiter", "encoding", "decimal", "thousands", "sheet", "header_row", "header_rows"),
    *("missing", "scale", "pad_products", "product_separator", "cumulative", "sum", "year", "a"),
)
