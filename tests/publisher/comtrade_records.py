"""Comtrade's index: the record of a dataset, and that of a bulk file."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from entrepot.demo.places import NUMBER, REVISION, month
from entrepot.reference import countries

if TYPE_CHECKING:
    from publisher.world import Issue

DIGITS = 64


def revision(issue: Issue) -> str:
    """Return the HS revision a dataset is in, by Comtrade's letters."""
    at = month(issue.period if "-" in issue.period else f"{issue.period}-12")
    return ("H4", "H5", "H6")[REVISION[NUMBER[issue.reporter], at]]


def dataset(freq: str, issue: Issue) -> dict[str, Any]:
    """Return the line of getDA; its dates have no zone and its period is a number."""
    code, period = codes(issue)
    return {
        "datasetCode": int(f"2{code}{period}"),
        "typeCode": "C",
        "freqCode": freq,
        "period": period,
        "reporterCode": code,
        "reporterISO": issue.reporter,
        "reporterDesc": "SYNTHETIC",
        "classificationCode": revision(issue),
        "classificationSearchCode": "HS",
        "isOriginalClassification": True,
        "isExtendedFlowCode": False,
        "isExtendedPartnerCode": False,
        "isExtendedPartner2Code": False,
        "isExtendedCmdCode": False,
        "isExtendedCustomsCode": False,
        "isExtendedMotCode": False,
        "totalRecords": issue.rows,
        "datasetChecksum": int(checksum(freq, issue)[:7], 16),
        "firstReleased": f"{issue.first}T00:00:00",
        "lastReleased": f"{issue.last}T00:00:00",
    }


def file(freq: str, issue: Issue) -> dict[str, Any]:
    """Return the line of getClassic; `fileUrl` is the last part of the file's address."""
    code, period = codes(issue)
    name = checksum(freq, issue)
    return {
        "fileUrl": name,
        "fileSize": f"{issue.rows / 20:.2f} KB",
        "isOriginalClassification": True,
        "reporterCode": code,
        "freqCode": freq,
        "typeCode": "C",
        "classificationCode": "HS",
        "refPeriodId": period * 100 + 1,
        "period": period,
        "publicationDate": f"{issue.last}T00:00:00Z",
        "partitionKey": str(code),
        "rowKey": name,
        "timestamp": f"{issue.last}T00:00:00+00:00",
        "eTag": f"W/\"datetime'{issue.last}'\"",
    }


def codes(issue: Issue) -> tuple[int, int]:
    """Return reporter and period as the numbers that Comtrade writes."""
    return int(countries.code(issue.reporter, "comtrade")), int(issue.period.replace("-", ""))


def checksum(freq: str, issue: Issue) -> str:
    """Return a digest that changes with every release."""
    return sha256(f"{freq} {issue.reporter} {issue.period} {issue.last}".encode()).hexdigest()
