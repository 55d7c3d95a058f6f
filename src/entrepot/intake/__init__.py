"""Intake: from publishers' files to new vintages, all of them or none."""

from entrepot.intake.orders import Delivery, Order, ScopeWord
from entrepot.intake.run import intake, refuse_mixed

__all__ = ["Delivery", "Order", "ScopeWord", "intake", "refuse_mixed"]
