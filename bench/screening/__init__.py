"""Parties planted on sanctions lists, and how well matchers find them."""
