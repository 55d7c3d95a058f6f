"""The interface against its own description: what this allows, and worse, is never a fault."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode, checks

from entrepot.api.app import create, here
from support.sampled import FORM, some

TIMES = {"short": 2, "whole": 25, "long": 400}[FORM]
"""Requests to each route: as many that its description allows, and that it does not."""
CHECKS = [
    checks.not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
    checks.response_headers_conformance, checks.response_schema_conformance,
]  # fmt: skip


@pytest.fixture(scope="module")
def described(world):
    app = create(world, run=here(world), hosts=("testserver",))
    return schemathesis.openapi.from_asgi("/api/openapi.json", app)


@pytest.mark.parametrize("mode", some(GenerationMode, 2))
def test_every_answer_is_as_described(described, mode):
    wrong = {}
    for operation in (found.ok() for found in described.get_all_operations()):

        @settings(max_examples=TIMES, suppress_health_check=[*HealthCheck], deadline=None,
                  derandomize=True, database=None, phases=[Phase.generate])  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case):
            case.call_and_validate(checks=CHECKS)

        try:
            ask()
        except Unsatisfiable:  # the route has no parameter that could be wrong
            continue
        except Exception as error:  # a fault of one route hides none of the others
            wrong[operation.path] = str(error)[:1500]
    assert wrong == {}
