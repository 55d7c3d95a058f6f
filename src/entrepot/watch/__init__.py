"""Watch: what two runs of one scan differ in, and what a watch last saw."""
