"""Tests of the stores: one conformance suite for all, and what each kind has of its own."""

import pytest

pytest.register_assert_rewrite("tests.store.contract")
