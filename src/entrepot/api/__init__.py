"""The local web page: every study's brief, read only."""
