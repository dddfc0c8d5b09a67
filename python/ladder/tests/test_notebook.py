"""The notebook of the lesson runs, has no outputs in git, and does the exercises of `pi lesson`."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
NOTEBOOK = ROOT / "python/lesson.ipynb"
EXERCISES = ROOT / "bench/pi/src/commands/lesson/exercise.rs"


def cells():
    return json.loads(NOTEBOOK.read_text())["cells"]


def text():
    return "\n\n".join("".join(cell["source"]) for cell in cells())


def test_its_outputs_are_cleared():
    for cell in cells():
        assert cell["metadata"] == {}, cell["id"]
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None), cell["id"]


def test_its_cells_have_names_that_stay():
    names = [cell["id"] for cell in cells()]
    assert len(set(names)) == len(names)
    for name in names:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)?", name), f"{name}: give it a name"


def test_it_does_every_exercise():
    known = re.findall(r'(?:alone|on_ranks)\("(\w+)", "\w+\.py"', EXERCISES.read_text())
    assert known == re.findall(r'^\w+ = exercise\("(\w+)"', text(), re.MULTILINE)


def test_what_it_links_to_is_there():
    for page in (NOTEBOOK, NOTEBOOK.parent / "ladder/wrong/README.md"):
        links = re.findall(r"\]\(([\w./]+)\)", text() if page is NOTEBOOK else page.read_text())
        assert links
        for link in links:
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_it_runs():
    for needed in ("matplotlib", "ipykernel", "nbclient"):
        pytest.importorskip(needed, reason=f"there is no module {needed}: make setup-ladder")
    import nbclient
    import nbformat

    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    place = {"metadata": {"path": str(NOTEBOOK.parent)}}
    nbclient.NotebookClient(notebook, timeout=300, resources=place).execute()
    shown = [
        output["data"]
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if "data" in output
    ]
    assert sum("image/png" in data for data in shown) == 5
    said = "\n".join(data.get("text/markdown", "") for data in shown)
    assert "The fastest rung here" in said
    assert "the work is done 0 times" in said
