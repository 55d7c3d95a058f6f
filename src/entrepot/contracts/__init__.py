"""What a source and a measure are."""

from entrepot.contracts.measures import (
    Detector,
    Estimated,
    Estimator,
    Measure,
    detector,
    estimator,
    measure,
)
from entrepot.contracts.sources import (
    Endpoint,
    Key,
    Query,
    RawFile,
    Reading,
    Release,
    Request,
    Response,
    Source,
    Verdict,
)

__all__ = [
    "Detector", "Endpoint", "Estimated", "Estimator", "Key", "Measure", "Query", "RawFile",
    "Reading", "Release", "Request", "Response", "Source", "Verdict", "detector",
    "estimator", "measure",
]  # fmt: skip
