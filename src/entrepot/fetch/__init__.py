"""Fetching: from a question to new vintages; planned, resumable, and never silently short.

A run asks the publisher's index what exists, plans one request per part that fits into an answer,
archives every answer before anything is read, and takes all of them in at the end or nothing.
Cut off at any point, the same command goes on with what it lacks.
"""

from entrepot.fetch.files import Received, material
from entrepot.fetch.planning import Plan, endpoint_of, plan, short
from entrepot.fetch.run import Fetched, Month, fetch, index
from entrepot.fetch.session import Progress

__all__ = [
    "Fetched",
    "Month",
    "Plan",
    "Progress",
    "Received",
    "endpoint_of",
    "fetch",
    "index",
    "material",
    "plan",
    "short",
]
