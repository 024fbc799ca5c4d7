"""Batches of any container reach the model whole, and keep their class."""

from collections import OrderedDict, UserDict, defaultdict, namedtuple
from dataclasses import dataclass, field

import pytest
import torch
from torch import Tensor, nn

from helpers import train
from helpers.train._batches import move

ON_META = torch.device("meta")


class Attributes(dict):
    def __getattr__(self, name: str) -> object:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


class Encoding(UserDict):
    """As a BatchEncoding: a mapping that moves itself, and knows no more than `to(device)`."""

    def to(self, device: torch.device) -> "Encoding":
        return Encoding({name: value.to(device) for name, value in self.items()})


class Listed(list):
    pass


Point = namedtuple("Point", ["x", "name"])


@dataclass(frozen=True)
class Frozen:
    x: Tensor
    names: tuple[str, ...] = ("a",)
    later: Tensor = field(init=False)


def containers() -> list[object]:
    x = torch.zeros(4, 8)
    counted = defaultdict(list, x=x)
    listed = Listed([x, "text"])
    listed.note = "kept"
    return [
        Attributes(x=x),
        OrderedDict(x=x),
        counted,
        Encoding(x=x),
        UserDict(x=x),
        Point(x, "text"),
        listed,
        Frozen(x),
        {"nested": [Attributes(x=x)]},
    ]


def tensors_in(value: object) -> list[Tensor]:
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, Frozen):
        return [value.x]
    parts = value.values() if hasattr(value, "values") else value
    return [] if isinstance(value, str) else [each for part in parts for each in tensors_in(part)]


@pytest.mark.parametrize("value", containers(), ids=lambda value: type(value).__name__)
def test_a_container_keeps_its_class_on_another_device(value: object) -> None:
    moved = move(value, ON_META)
    assert type(moved) is type(value)
    assert [each.is_meta for each in tensors_in(moved)] == [True]
    assert [each.is_meta for each in tensors_in(value)] == [False]  # the caller's is not changed
    if isinstance(value, defaultdict):
        assert moved.default_factory is list
    if isinstance(value, Listed):
        assert (moved.note, moved[1]) == ("kept", "text")


@pytest.mark.parametrize("value", containers(), ids=lambda value: type(value).__name__)
def test_on_its_device_a_container_is_not_touched(value: object) -> None:
    moved = move(value, torch.device("cpu"))
    assert moved is value or isinstance(value, Encoding)


def test_a_key_named_to_is_no_method() -> None:
    assert move(Attributes(to=torch.zeros(2)), ON_META).to.is_meta


def test_an_object_that_moves_in_place_is_kept() -> None:
    class InPlace:
        def to(self, device: torch.device) -> None:
            self.device_seen = device

    value = InPlace()
    assert move(value, ON_META) is value and value.device_seen == ON_META


def test_a_model_gets_the_class_that_the_loader_gave() -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(8, 3)

        def forward(self, batch: Attributes) -> Tensor:
            return self.layer(batch.x)

    model = Model()
    pairs = [(Attributes(x=torch.randn(4, 8)), torch.tensor([0, 1, 2, 0]))]
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    train.fit(model, pairs, nn.CrossEntropyLoss(), optimizer, epochs=1, progress=False)
    assert "loss" in train.evaluate(model, pairs, nn.CrossEntropyLoss())


def test_what_a_loader_raises_names_the_batch() -> None:
    def broken():
        yield torch.zeros(2, 8), torch.zeros(2, dtype=torch.long)
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone") as caught:
        train.evaluate(nn.Linear(8, 3), broken(), nn.CrossEntropyLoss())
    assert "This was batch 2 that the loader gave" in caught.value.__notes__[0]
