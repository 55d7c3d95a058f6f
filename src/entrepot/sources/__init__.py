"""One file per publisher: a pure reader of its files; the folder is the registry."""
