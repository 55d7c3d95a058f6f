"""Detection: worlds with planted diversion, the rules in use, and how well each finds it."""
