"""The examples of README.md and of the docstrings answer what they say."""

import doctest
import importlib
import re
from pathlib import Path

import pytest

import libpi

PAGE = Path(__file__).parent.parent / "README.md"


def test_the_examples_of_the_page():
    blocks = re.findall(r"```python\n(>>> .*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        test = doctest.DocTestParser().get_doctest(block, {}, "README.md", None, 0)
        test.globs["libpi"] = libpi
        assert doctest.DocTestRunner().run(test).failed == 0


@pytest.mark.parametrize("module", ["_catalog", "_count", "_drive"])
def test_the_examples_of_the_docstrings(module):
    result = doctest.testmod(importlib.import_module(f"libpi.{module}"))
    assert result.attempted > 0
    assert result.failed == 0
