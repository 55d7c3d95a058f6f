"""One folder per publisher: a pure reader of its files, and its endpoints."""
