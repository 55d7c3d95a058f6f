"""Conversion: a table of one's own in the codes of another HS revision, with nothing lost."""
