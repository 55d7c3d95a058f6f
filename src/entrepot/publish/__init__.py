"""A brief as people read it: page, terminal text, JSON, CSV and pictures."""
