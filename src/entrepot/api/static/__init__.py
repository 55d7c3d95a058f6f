"""Static: the pages of a store as files that any web server can hold."""
