"""Pages: one file each, with its route and what its parts are made of."""
