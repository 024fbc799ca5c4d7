"""Every public function of `helpers.data` with odd arguments: an answer, or a sentence."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torchvision.datasets import FashionMNIST

from helpers import data
from tests import odd_arguments
from tests.odd_arguments import ODD, SEEDED, check, odd

pytestmark = [pytest.mark.timeout(300), pytest.mark.filterwarnings("ignore::UserWarning")]


@pytest.fixture(autouse=True)
def offline(monkeypatch, tmp_path: Path) -> Iterator[None]:
    """Nobody is asked for anything, and relative paths lead to a new folder."""
    monkeypatch.setattr(FashionMNIST, "mirrors", [])
    monkeypatch.chdir(tmp_path)
    yield
    # One of the odd values is a good folder, that of the tests, in which a download makes its own.
    shutil.rmtree(Path(odd_arguments.__file__).parent / "FashionMNIST", ignore_errors=True)


def rows() -> data.TensorRows:
    return data.TensorRows(torch.arange(12.0).reshape(6, 2), torch.arange(6))


def first_batch(loader: object) -> object:
    """Return the first batch, where there is a small one."""
    if isinstance(loader, data.TensorLoader) and sum(t[0].numel() for t in loader.tensors) > 10**5:
        return None
    return next(iter(loader))


def of_tensors(*tensors: object, **options: object) -> object:
    return first_batch(data.TensorLoader(*tensors, **options))


SIX = torch.arange(6)
CALLS: dict[str, Callable[[object], object]] = {
    "TensorLoader": of_tensors,
    "TensorLoader, a second tensor": lambda value: of_tensors(SIX, value),
    "TensorLoader.load_state_dict": lambda value: data.TensorLoader(SIX).load_state_dict(value),
    "TensorRows": lambda value: data.TensorRows(value),
    "TensorRows, a row": lambda value: data.TensorRows(value)[0],
    "TensorRows, its index": lambda value: rows()[value],
    "loader": lambda value: data.loader(value),
    "loader, with workers": lambda value: data.loader(value, workers=1, start_method="spawn"),
    "script": data.script,
    "write_image_folder": data.write_image_folder,
    "download, a name": lambda value: data.download.mnist(value),
    "download, a folder": lambda value: value is None or data.download.mnist(folder=value),
}
OPTIONS = {
    of_tensors: ("batch_size", "shuffle", "drop_last", "seed", "device"),
    data.loader: (
        *("batch_size", "shuffle", "seed", "workers", "start_method", "sampler", "batch_sampler"),
        *("drop_last", "timeout", "collate_fn", "persistent_workers", "prefetch_factor", "no_such"),
    ),
}
PLAIN = {"DATA_FOLDER", "DataFileError", "DownloadError", "Digits", "Sunspots", "Wine"}
OTHERS = {"digits", "photograph", "sunspots", "wine", "in_a_new_python"}  # below, or no argument


def test_every_public_name_is_tried() -> None:
    assert set(data.__all__) - PLAIN - OTHERS <= {name.partition(",")[0] for name in CALLS}


@pytest.mark.parametrize("name", CALLS)
def test_each_odd_value_gives_an_answer_or_a_sentence(name: str) -> None:
    for make in ODD.values():
        check(CALLS[name], make())


@pytest.mark.parametrize("odd_name", ODD)
def test_each_odd_option_gives_an_answer_or_a_sentence(odd_name: str) -> None:
    for option in OPTIONS[of_tensors]:
        check(of_tensors, SIX, **{option: ODD[odd_name]()})
    for option in OPTIONS[data.loader]:
        if option != "workers" or odd_name != "one":
            check(data.loader, rows(), **{option: ODD[odd_name]()})


@SEEDED
@given(st.lists(odd(), max_size=3), st.sampled_from(OPTIONS[of_tensors]), odd())
def test_a_loader_of_odd_tensors_gives_batches_or_a_sentence(tensors, option, value) -> None:
    check(of_tensors, *tensors, **{option: value})


STATE = st.dictionaries(st.sampled_from(["epoch", "batch", "seed", "shuffle", "batch_size"]), odd())


@SEEDED
@given(STATE)
def test_an_odd_state_is_refused_in_a_sentence(changed: dict) -> None:
    loader = data.TensorLoader(SIX)
    check(loader.load_state_dict, loader.state_dict() | changed)


FEW = ("None", "unruly", "function", "generator", "module", "looped")


@pytest.mark.parametrize("odd_name", FEW)
def test_a_new_python_reads_odd_values_or_says_why_not(odd_name: str) -> None:
    answer = check(data.in_a_new_python, ODD[odd_name]())
    assert answer is None or isinstance(answer, str)


def test_a_reader_that_does_not_end_is_left(monkeypatch) -> None:
    monkeypatch.setattr(data._dataloader, "READ_SECONDS", 1.0)
    monkeypatch.setattr(data._dataloader, "_READ", "import time; time.sleep(60)")
    assert data.in_a_new_python([1]) == "was still reading after 1 seconds"
