"""The stand-in for a tensor on a GPU leaves it only as a real one would."""

import numpy
import pytest
import torch

from exercises.chapter_06._fake_cuda import FakeCudaMode, FakeCudaTensor

STAYS = {
    "float": lambda value: value.float(),
    "to a dtype": lambda value: value.to(torch.float32),
    "type": lambda value: value.type(torch.float32),
    "detach, reshape": lambda value: value.detach().reshape(-1)[0],
    "as_tensor": lambda value: torch.as_tensor(value, dtype=torch.float32),
    "tensor": lambda value: torch.tensor(value),
}
LEAVES = {
    "cpu": lambda value: value.cpu(),
    "to": lambda value: value.to("cpu", torch.float32),
    "to by name": lambda value: value.to(device=torch.device("cpu")),
    "to another": lambda value: value.to(torch.zeros(1)),
    "as_tensor": lambda value: torch.as_tensor(value, device="cpu"),
    "copy_": lambda value: torch.zeros(2).copy_(value),
    "tolist": lambda value: torch.tensor(value.tolist()),
}


@pytest.fixture(name="value")
def _value():
    with FakeCudaMode():
        yield torch.tensor([1.0, 2.0], dtype=torch.float64).as_subclass(FakeCudaTensor)


@pytest.mark.filterwarnings("ignore:To copy construct")
@pytest.mark.parametrize("move", STAYS.values(), ids=STAYS)
def test_it_stays(value, move):
    assert type(move(value)) is FakeCudaTensor


@pytest.mark.parametrize("move", LEAVES.values(), ids=LEAVES)
def test_it_leaves(value, move):
    assert type(move(value)) is torch.Tensor
    assert move(value).tolist() == [1.0, 2.0]


def test_it_says_where_it_is(value):
    assert value.is_cuda and not value.is_cpu and value.device.type == "cuda"
    assert value.sum().item() == 3.0


@pytest.mark.parametrize("convert", [torch.Tensor.numpy, numpy.asarray])
def test_it_is_no_array(value, convert):
    with pytest.raises(TypeError, match=r"Tensor\.cpu"):
        convert(value)
