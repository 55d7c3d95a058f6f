"""Three forms of the suite, by FORM: short (as a rule), whole (as CI runs it) and long.

The short form takes some cases of each test that has many, and leaves out the costliest tests. The
whole form takes them all, and the long form has more examples and longer campaigns besides.
"""

from __future__ import annotations

import os
from collections import defaultdict

import pytest

FORM = os.environ.get("FORM", "short")
assert FORM in ("short", "whole", "long"), f"FORM={FORM}: expected short, whole or long"
LONG, WHOLE = FORM == "long", FORM != "short"
EXAMPLES = {"short": 10, "whole": 25, "long": 100}[FORM]
MOST = 2
"""Cases of one test in the short form."""

costly = pytest.mark.skipif(not WHOLE, reason="a costly test: make test FORM=whole")


def some(cases, every):
    """Return every so-many-th case, the first among them; all of them outside of the short form."""
    return list(cases) if WHOLE else list(cases)[::every]


def thinned(items, most=MOST):
    """Split collected tests: those of the short form, and cases of which others stand for them."""
    cases = defaultdict(list)
    for item in items:
        cases[item.nodeid.partition("[")[0]].append(item)
    kept = {
        id(found[round(at * (len(found) - 1) / (most - 1))])
        for found in cases.values()
        for at in range(most)
    }
    return [one for one in items if id(one) in kept], [one for one in items if id(one) not in kept]
