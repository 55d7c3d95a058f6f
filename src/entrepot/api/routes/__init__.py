"""Routes: the interface under /api, with the nouns of the command line."""
