"""Intake: from publishers' files to new vintages, all of them or none."""

from entrepot.ingest.batch import Batch, InputFile, ScopeWord
from entrepot.ingest.run import ingest, refuse_mixed

__all__ = ["Batch", "InputFile", "ScopeWord", "ingest", "refuse_mixed"]
