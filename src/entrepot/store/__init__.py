"""Vintages on disk: written once, visible by one rename, read as of a day."""
