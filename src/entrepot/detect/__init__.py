"""Detectors: one file per kind of change that goods on another route would make."""
