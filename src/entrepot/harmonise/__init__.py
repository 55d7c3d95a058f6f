"""One file per step from what publishers print to what can be compared."""
