"""Estimators: effects with intervals, from flows; each file defines the one it is named after."""
