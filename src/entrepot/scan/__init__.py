"""Scan: the question in people's words, what the detectors find, and its records and pages."""
