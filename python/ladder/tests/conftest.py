"""Fixtures that several files of tests use."""

from test_ends import started

__all__ = ["started"]
