"""Question: from what is asked to the rows that answer it, and what is known about them."""
