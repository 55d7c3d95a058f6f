"""Lists: public sanctions lists in their publishers' own formats; one publisher a file."""
