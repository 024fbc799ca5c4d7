"""`make test-drift`: variants are run as told, and the first differing cell is named."""

import sys
from pathlib import Path

import pytest
from nbformat import from_dict
from nbformat.v4 import new_code_cell, new_notebook

from tools import drift, notebooks, refresh, sections
from tools.normalise import normalise

CELLS = (
    "import os",
    "os.environ['OMP_NUM_THREADS']",
    "os.environ.get('ATEN_CPU_CAPABILITY')",
)


def has_avx2() -> bool:
    """Whether this processor can run the variant (an ARM one cannot)."""
    import torch

    return torch.backends.cpu.get_cpu_capability() in ("AVX2", "AVX512")


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A notebook that prints what a variant changes."""
    path = tmp_path_factory.mktemp("notebooks") / "98_trial.ipynb"
    notebook = new_notebook(cells=[new_code_cell(source) for source in CELLS])
    refresh.execute(notebook, path.parent)
    notebooks.write(normalise(notebook), path)
    return path


def test_nothing_differs_as_stored(stored: Path) -> None:
    outcome = drift.run(drift.Variant("as stored"), [stored])
    assert (outcome.cells, outcome.differing, outcome.first) == (3, 0, "")
    assert outcome.found.endswith(", 1")


def test_two_threads_reach_the_kernel_and_the_first_cell_is_named(stored: Path) -> None:
    settings = {"COURSE_THREADS": "2", "ATEN_CPU_CAPABILITY": "avx2"}
    outcome = drift.run(drift.Variant("both", settings), [stored])
    assert (outcome.cells, outcome.differing) == (3, 2)
    assert outcome.found.endswith(", AVX2, 2") or not has_avx2()
    assert "98_trial, code cell 2" in outcome.first
    assert "-'1'" in outcome.first and "+'2'" in outcome.first
    told = "\n".join(drift.table({"both": outcome}))
    assert "both" in told and "code cell 2" in told.splitlines()[1]


def test_an_interpreter_that_cannot_run_is_an_error(stored: Path, tmp_path: Path) -> None:
    broken = drift.Variant("broken", {"PYTEST_ADDOPTS": "--no-such-option"})
    with pytest.raises(RuntimeError, match="did not run under 'broken'"):
        drift.run(broken, [stored])


def test_sections_that_do_not_stand_alone_are_all_told(
    stored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = ["98_trial, section 'A': code cell 2 raises", "98_trial, section 'B': ends"]
    monkeypatch.setattr(sections, "problems", lambda files: told if files == [stored] else [])
    outcome = drift.alone([stored], "2.11, AVX2, 1")
    assert (outcome.found, outcome.cells, outcome.differing) == ("2.11, AVX2, 1", 3, 2)
    _, row, _, *below = drift.table({drift.ALONE: outcome})
    assert row.startswith("each section alone  2.11, AVX2, 1") and row.endswith(told[0])
    assert below == [f"each section alone: {told[0]}\n{told[1]}"]


def test_on_colab_runs_what_is_uploaded_and_names_what_differs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With this Python's packages: only what the cell brings is there, and it is compared."""
    source = tmp_path / "notebooks" / "00_trial.ipynb"
    cells = [
        new_code_cell(notebooks.setup_cell("00"), metadata={"setup": True}),
        new_code_cell("from pathlib import Path\nsorted(p.name[:14] for p in Path().iterdir())"),
        new_code_cell("Path(exercises.__file__).parents[1].name[:17]"),
        new_code_cell("'google.colab' in sys.modules, ex.number"),
        new_code_cell("%history -n 2"),
        new_code_cell("1 + 1"),
    ]
    trial = normalise(new_notebook(cells=cells))
    says = [
        None,
        "['00_trial.ipynb', 'pytorch-course']",
        "'pytorch-course-00'",
        "(True, '00')",
        None,
        "3",
    ]
    for number, (cell, text) in enumerate(zip(trial.cells, says), start=1):
        cell.execution_count = number
        if text:
            result = {"output_type": "execute_result", "execution_count": number}
            cell.outputs = [from_dict({**result, "metadata": {}, "data": {"text/plain": text}})]
    history = "   2:\nfrom pathlib import Path\nsorted(p.name[:14] for p in Path().iterdir())\n"
    stream = {"output_type": "stream", "name": "stdout", "text": history}
    trial.cells[4].outputs = [from_dict(stream)]
    source.parent.mkdir()
    notebooks.write(trial, source)
    outcome = drift.on_colab(sys.executable, [source])
    assert (outcome.cells, outcome.differing) == (7, 1), outcome.first
    assert "00_trial, code cell 7" in outcome.first and "-3" in outcome.first


def test_the_variants_that_are_promised() -> None:
    found = {variant.name: variant for variant in drift.variants()}
    settings = [variant.settings for variant in found.values()]
    assert {"ATEN_CPU_CAPABILITY": "default"} in settings
    assert {"ATEN_CPU_CAPABILITY": "avx2"} in settings
    assert {"COURSE_THREADS": "2"} in settings
    assert found["as stored"].python == sys.executable
    others = drift.variants(has_been_tested=True)
    assert others == [variant for name, variant in found.items() if name != "as stored"]
