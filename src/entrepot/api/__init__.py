"""The server: pages that people read and an interface for machines, both read only."""
