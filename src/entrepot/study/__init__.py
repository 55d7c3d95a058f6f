"""Study: a question as a TOML file, and the run that answers it with a brief."""

from entrepot.study.answer import run
from entrepot.study.question import Study, load, names

__all__ = ["Study", "load", "names", "run"]
