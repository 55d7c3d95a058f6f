"""Ask: a question in people's words, answered through a study that nobody has to write."""

from entrepot.ask.answer import Answer, ask
from entrepot.ask.question import Words, words_of

__all__ = ["Answer", "Words", "ask", "words_of"]
