"""entrepot: where export-controlled goods go, from official files to a sourced headline."""

__version__ = "0.1.0"
