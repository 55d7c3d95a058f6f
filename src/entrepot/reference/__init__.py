"""Lists of countries, goods, groups, events and rates: data in `data/`, one reader per kind."""
