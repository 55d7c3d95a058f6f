"""Studies that ship: one TOML file per question."""
