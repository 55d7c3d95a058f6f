"""Every error entrepot raises on purpose.

* EntrepotError
  - RegistryError        a file in a registry folder does not keep its promise
  - SchemaError          a table does not have the columns it declares
  - UnknownCodeError     a country, goods list, group or product is in none of our lists
  - RateError            no exchange rate covers a month that needs one
  - SourceError          a file cannot be turned into flows
    + DriftError         the publisher sent something we have never seen
    + TruncatedError     the publisher cut the answer short
    + DuplicateError     one cell has two values
  - FetchError           a publisher did not give what was asked
    + AccessError        the key is missing or refused
    + QuotaError         the publisher allows no more calls for now
    + UnpublishedError   the publisher does not have it yet
  - StoreError           the store cannot be read or written as asked
    + ScopeError         a new vintage would hide rows that it does not replace
  - StudyError           a study asks for something that does not exist
  - CoverageError        the store lacks what a question needs

Every message says who speaks, what was found, what was expected, and what to do next. What it
quotes from a file cannot steer the terminal that shows it.
"""

import unicodedata

STEERING = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
"""Kinds of signs that no one sees: they break lines, colour a terminal or turn its text around."""


class EntrepotError(Exception):
    """Catch this to catch everything entrepot raises on purpose."""

    def __str__(self) -> str:
        r"""Return the message with unseen signs written out, as \x1b."""
        return visible(super().__str__())


class RegistryError(EntrepotError):
    """A file in a registry folder does not define the part it is named after."""


class SchemaError(EntrepotError):
    """A table does not have the columns it declares."""


class UnknownCodeError(EntrepotError):
    """A country, goods list, group or product is in none of our lists."""


class RateError(EntrepotError):
    """No exchange rate covers a month that needs one."""


class SourceError(EntrepotError):
    """A file cannot be turned into flows."""


class DriftError(SourceError):
    """The publisher sent a field or code we have never seen."""


class TruncatedError(SourceError):
    """The publisher cut the answer short; the data would be incomplete."""


class DuplicateError(SourceError):
    """One cell has two values: a file repeats itself or two files overlap."""


class FetchError(EntrepotError):
    """A publisher did not give what was asked."""


class AccessError(FetchError):
    """The key is missing or refused."""


class QuotaError(FetchError):
    """The publisher allows no more calls for now; a later run goes on from here."""


class UnpublishedError(FetchError):
    """The publisher does not have what was asked yet."""


class StoreError(EntrepotError):
    """The store cannot be read or written as asked."""


class ScopeError(StoreError):
    """A new vintage would hide rows of an older one that it does not replace."""


class StudyError(EntrepotError):
    """A study asks for a figure, list or parameter that does not exist."""


class CoverageError(EntrepotError):
    """The store lacks what a question needs, so any answer would be short."""


def visible(text: str) -> str:
    """Return a text with every sign that cannot be seen written out; line breaks stay."""
    if text.isprintable():
        return text
    return "".join(
        repr(sign)[1:-1] if sign != "\n" and unicodedata.category(sign) in STEERING else sign
        for sign in text
    )
