"""One file per chart: a pure function from a table to an Altair chart."""
