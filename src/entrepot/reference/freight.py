"""Freight: what freight and insurance add to a value at the exporter's border, CIF over FOB."""

from __future__ import annotations

FAO = 0.12
"""A CIF value is 1.12 of the FOB one (FAO, faoswsTrade); the IMF's factor lies inside its band.
The measures' own unless a study says another."""
IMF = 0.06
"""A CIF value is 1.06 of the FOB one (IMF, Direction of Trade Statistics, 2017).
The detectors', which look at the change of a gap and hardly need it."""
