"""The command line: reads arguments, calls the library, shows; no arithmetic."""

from entrepot.cli.app import main

__all__ = ["main"]
