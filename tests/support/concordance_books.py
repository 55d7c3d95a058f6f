"""Workbooks in UNSD's layout, with a small concordance of every class of link."""

from __future__ import annotations

import openpyxl

# 1:1, one code divided, two merged, two that share goods; later code first, as UNSD writes them.
CORRELATION = [
    ("010001", "010001", "1:1"),
    ("020001", "020000", "n:1"),
    ("020002", "020000", "n:1"),
    ("030000", "030001", "1:n"),
    ("030000", "030002", "1:n"),
    ("040001", "040001", "n:1"),
    ("040002", "040001", "n:n"),
    ("040002", "040002", "1:n"),
]
CONVERSION = [
    ("010001", "010001"),
    ("020001", "020000"),
    ("020002", "020000"),
    ("030000", "030001"),
    ("040001", "040001"),
    ("040002", "040002"),
]


def book(path, correlation=CORRELATION, conversion=CONVERSION, sheets=None, marks=None, later=2022):
    """Write a workbook in UNSD's layout; `marks` adds the unnamed column of HS2017-HS2012."""
    workbook = openpyxl.Workbook()
    first, second = sheets or (f"HS{later}-HS2017 Conversions", f"HS{later}-HS2017 Correlations")
    sheet = workbook.active
    sheet.title = first
    for row in [(f"From HS{later}", "To HS2017"), *conversion]:
        sheet.append(row)
    sheet = workbook.create_sheet(second)
    extra = () if marks is None else ("",)
    sheet.append(("Between",))
    sheet.append((f"HS{later}", *extra, " HS2017", "Relationship"))
    for number, (left, right, said) in enumerate(correlation):
        sheet.append((left, *([] if marks is None else [marks[number]]), right, said))
    workbook.save(path)
    return path
