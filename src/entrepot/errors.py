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
  - EngineError          an engine does not answer, or cannot do what is asked
  - StoreError           the store cannot be read or written as asked
    + ScopeError         a new vintage would hide rows that it does not replace
  - StudyError           a study asks for something that does not exist
  - CoverageError        the store lacks what a question needs

Every message says who speaks, what was found, what was expected, and what to do next. What it
quotes from a file cannot steer the terminal that shows it. Each class says what a caller may do;
docs/reference/errors.md adds which parts of the code raise it.
"""

import unicodedata

STEERING = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
"""Kinds of signs that no one sees: they break lines, colour a terminal or turn its text around."""


class EntrepotError(Exception):
    """Catch this to catch everything entrepot raises on purpose.

    A caller may print it: it is one line with its own next step.
    """

    def __str__(self) -> str:
        r"""Return the message with unseen signs written out, as \x1b."""
        return visible(super().__str__())


class RegistryError(EntrepotError):
    """A file in a registry folder does not define the part it is named after.

    A caller may choose one of the names that the message lists, or mend the file or passport
    that it names.
    """


class SchemaError(EntrepotError):
    """A table does not have the columns it declares.

    A caller may give the measure a table with the columns of `schema.FLOWS`, as
    `Workspace.flows` has them.
    """


class UnknownCodeError(EntrepotError):
    """A country, goods list, group or product is in none of our lists.

    A caller may take the nearest word that the message offers; `entrepot reference show` prints
    the lists.
    """


class RateError(EntrepotError):
    """No exchange rate covers a month that needs one.

    A caller may fetch newer rates (`Workspace.fetch_material("ecb", ...)`) and take the file in
    again.
    """


class SourceError(EntrepotError):
    """A file cannot be turned into flows.

    A caller may mend or download again the file that the message names; the store is as it was.
    """


class DriftError(SourceError):
    """The publisher sent a field or code we have never seen.

    A caller may update entrepot or report it: to read on would be to guess.
    """


class TruncatedError(SourceError):
    """The publisher cut the answer short; the data would be incomplete.

    A caller may ask for less at a time, or download the file again; `fetch` does so by itself.
    """


class DuplicateError(SourceError):
    """One cell has two values: a file repeats itself or two files overlap.

    A caller may leave one of the two out; the message names the cell.
    """


class FetchError(EntrepotError):
    """A publisher did not give what was asked.

    A caller may run it again later: what was answered is kept, and only the rest is asked for.
    """


class AccessError(FetchError):
    """The key is missing or refused.

    A caller may set the key where the message says; another try with the same one is in vain.
    """


class QuotaError(FetchError):
    """The publisher allows no more calls for now; a later run goes on from here.

    A caller may wait for a day and run the same again.
    """


class UnpublishedError(FetchError):
    """The publisher does not have what was asked yet.

    A caller may ask for earlier months, or again after the next release.
    """


class EngineError(EntrepotError):
    """An engine does not answer, does not see the store, or cannot do what is asked.

    A caller may start the server, mount the store where it looks, or ask DuckDB, which can do
    everything.
    """


class StoreError(EntrepotError):
    """The store cannot be read or written as asked.

    A caller may look at the path in the message: a folder that is not there, that another
    process holds, or that `entrepot vintage check` should look at.
    """


class ScopeError(StoreError):
    """A new vintage would hide rows of an older one that it does not replace.

    A caller may say what the file covers with `scope`: "part" or "whole".
    """


class StudyError(EntrepotError):
    """A study asks for a figure, list or parameter that does not exist.

    A caller may mend the word, key or parameter that the message names; it says which there
    are.
    """


class CoverageError(EntrepotError):
    """The store lacks what a question needs, so any answer would be short.

    A caller may fetch or take in what the message names, or ask for less; never read it as
    zero.
    """


def visible(text: str) -> str:
    """Return a text with every sign that cannot be seen written out; line breaks stay."""
    if text.isprintable():
        return text
    return "".join(
        repr(sign)[1:-1] if sign != "\n" and unicodedata.category(sign) in STEERING else sign
        for sign in text
    )
