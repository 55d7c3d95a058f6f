"""One file per chart: a pure function from a table to a Vega-Lite specification."""
