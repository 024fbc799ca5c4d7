"""What a file holds: no numbers that no tensor shows, and tensors that share them as before."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from helpers import checkpoint

SMALL = 12_000  # bytes of a file with few numbers


def stored(tmp_path: Path, **state: object) -> tuple[dict[str, object], int]:
    """Save and load; return what was loaded and the size of the file."""
    checkpoint.save(tmp_path / "run.pt", **state)
    return checkpoint.load(tmp_path / "run.pt"), (tmp_path / "run.pt").stat().st_size


def table() -> Tensor:
    """Return float32 (1000, 1000), 4 MB, all numbers different."""
    return torch.arange(1_000_000.0).reshape(1000, 1000)


VIEWS = {
    "a row": lambda big: big[7],
    "rows": lambda big: big[3:5],
    "a column": lambda big: big[:, 7],
    "a corner": lambda big: big[:20, 980:],
    "each 100th row": lambda big: big[::100, :3],
    "one number": lambda big: big[3, 4],
    "none": lambda big: big[:0],
    "transposed": lambda big: big[:2].t(),
    "expanded": lambda big: big[5:6, :9].expand(50, 9),
    "expanded column": lambda big: big[:, 5:6].expand(1000, 70),
    "windows": lambda big: big[0].unfold(0, 5, 1),
    "as bytes": lambda big: big[0].view(torch.uint8),
}


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_is_stored_without_the_rest(name: str, tmp_path: Path) -> None:
    big = table()
    view = VIEWS[name](big)
    found, size = stored(tmp_path, view=view)
    assert torch.equal(found["view"], view) and found["view"].dtype == view.dtype
    assert size < SMALL
    assert view.untyped_storage().nbytes() == 4_000_000, "the caller's tensor was changed"


@pytest.mark.parametrize("name", VIEWS)
def test_a_tensor_and_a_view_of_it_still_share(name: str, tmp_path: Path) -> None:
    big = table()
    found, size = stored(tmp_path, view=VIEWS[name](big).view(torch.float32), big=big)
    assert size < 4_100_000
    found["big"].add_(1)
    assert torch.equal(found["view"], VIEWS[name](big + 1).view(torch.float32))


def test_views_that_overlap_share_in_the_file_too(tmp_path: Path) -> None:
    big = table()
    found, size = stored(tmp_path, parts=[big[3:5], big[4:6], big[4, 10:20]], far=big[900])
    first, second, third = found["parts"]
    assert size < 5 * SMALL
    first[1] = -1
    assert (second[0] == -1).all() and (third == -1).all()
    assert torch.equal(second[1], big[5]) and torch.equal(found["far"], big[900])


def test_columns_of_one_table_are_stored_small(tmp_path: Path) -> None:
    big = table()
    found, size = stored(tmp_path, columns=[big[:, 1], big[:, 500], big[:, 999]], tie=big[:, 1])
    assert size < 2 * SMALL
    assert all(
        torch.equal(column, big[:, at]) for column, at in zip(found["columns"], (1, 500, 999))
    )
    found["tie"].zero_()
    assert (found["columns"][0] == 0).all() and (found["columns"][1] != 0).any()


def test_tied_weights_stay_tied(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Embedding(20, 8), nn.Linear(8, 20, bias=False))
    model[1].weight = model[0].weight
    found, _ = stored(tmp_path, model=model, again=model[0].weight)
    weights = found["model"]["0.weight"], found["model"]["1.weight"], found["again"]
    assert len({weight.data_ptr() for weight in weights}) == 1


def test_tied_weights_that_are_views_stay_tied_and_are_stored_small(tmp_path: Path) -> None:
    weight = nn.Parameter(table()[:2])
    found, size = stored(tmp_path, one=weight, other=weight, plain=weight.detach())
    assert size < 2 * SMALL and type(found["one"]) is nn.Parameter
    assert found["one"].data_ptr() == found["other"].data_ptr() == found["plain"].data_ptr()
    assert [each.requires_grad for each in found.values()] == [True, True, False]


def test_parts_of_one_storage_that_fill_it_are_left_as_they_are(tmp_path: Path) -> None:
    packed = torch.arange(12.0)
    query, key, value = packed.split(4)
    found, _ = stored(tmp_path, query=query, key=key, value=value)
    assert found["key"].data_ptr() == found["query"].data_ptr() + 16
    assert torch.equal(torch.cat(list(found.values())), packed)


def test_views_deep_in_a_state_are_found(tmp_path: Path) -> None:
    big = table()
    state = {"a": [(big[0], {"b": big[1]})], "set": {big[2]}}
    found, size = stored(tmp_path, state=state)
    assert size < 4 * SMALL
    assert torch.equal(found["state"]["a"][0][1]["b"], big[1])
    assert torch.equal(next(iter(found["state"]["set"])), big[2])


def test_a_model_keeps_the_versions_of_its_layers(tmp_path: Path) -> None:
    model = nn.Sequential(nn.BatchNorm1d(2))
    model[0].running_mean = table()[0, :2]
    found, size = stored(tmp_path, model=model)
    assert size < SMALL and found["model"]._metadata == model.state_dict()._metadata


@pytest.mark.parametrize("kind", ["conj", "imag"])
def test_lazily_conjugated_numbers_are_stored(kind: str, tmp_path: Path) -> None:
    numbers = torch.tensor([1 + 2j, 3 - 4j]).conj()
    found, _ = stored(tmp_path, numbers=numbers if kind == "conj" else numbers.imag)
    expected = numbers if kind == "conj" else torch.tensor([-2.0, 4.0])
    assert torch.equal(found["numbers"].resolve_conj(), expected.resolve_conj())


def looped() -> list[object]:
    items: list[object] = []
    items.append(items)
    return items


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (torch.ones(2, device="meta"), r"^value has no numbers, since it is on the device 'meta'"),
        (torch.ones(2, 2).to_mkldnn(), r"^value is a tensor in the form 'mkldnn', which could"),
        (looped(), r"^value contains itself, or is nested too deeply to be stored; save its parts"),
        (10**700, r"^value is an integer of 2,326 bits, and at most 2,039 could be loaded back"),
        (b"", r"^value is b'', which could not be loaded back"),
        (nn.Linear, r"^value is the class Linear, which could not be loaded back safely"),
        (np.longdouble(1), r"^value is of type longdouble, which could not be loaded back safely"),
        ({"a": [np.datetime64("2026-01-01")]}, r"^value\['a'\]\[0\] is of type date, which"),
        (
            [z := torch.ones(2, dtype=torch.complex64), torch.view_as_real(z)],
            r"^Two tensors of the state show the same numbers as torch.complex64 and torch.float32",
        ),
    ],
)
def test_what_could_not_be_loaded_is_refused(value: object, said: str, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=said):
        checkpoint.save(tmp_path / "run.pt", value=value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("value", [2**2038, -(2**2038), 2**70, b"\0", "\ud800", "", 1j, {()}])
def test_the_most_unusual_plain_values_come_back(value: object, tmp_path: Path) -> None:
    assert stored(tmp_path, value=value)[0] == {"value": value}


def test_a_state_dict_that_fails_is_named(tmp_path: Path) -> None:
    class Failing:
        def state_dict(self) -> dict[str, object]:
            raise RuntimeError("not yet")

    with pytest.raises(RuntimeError, match="not yet") as caught:
        checkpoint.save(tmp_path / "run.pt", parts={"loader": Failing()})
    assert caught.value.__notes__[0].startswith("parts['loader'] is of type Failing, and its")
