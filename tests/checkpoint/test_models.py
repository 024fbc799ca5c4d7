"""A state beside a model or optimiser: names of wrapped models, and what differs, by name."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

from helpers import checkpoint


def model() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))


def compiled(plain: nn.Module) -> nn.Module:
    return torch.compile(plain, backend="eager")


def partly_compiled(plain: nn.Sequential) -> nn.Module:
    plain[0] = compiled(plain[0])
    return plain


def both(plain: nn.Module) -> nn.Module:
    return nn.DataParallel(compiled(plain))


WRAPPERS: dict[str, Callable[[nn.Module], nn.Module]] = {
    "plain": lambda plain: plain,
    "compiled": compiled,
    "partly compiled": partly_compiled,
    "DataParallel": nn.DataParallel,
    "both": both,
}


@pytest.mark.parametrize("there", WRAPPERS)
@pytest.mark.parametrize("here", WRAPPERS)
def test_a_wrapped_models_state_fits_the_model_wrapped_otherwise(there: str, here: str) -> None:
    source = model()
    state = WRAPPERS[there](source).state_dict()
    target = WRAPPERS[here](nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2)))
    assert checkpoint.differences(state, target) == []
    found = checkpoint.renamed(state, target)
    assert (found is state) == (list(state) == list(target.state_dict()))
    target.load_state_dict(found)
    for one, other in zip(target.parameters(), source.parameters(), strict=True):
        assert torch.equal(one, other)
    assert found._metadata.keys() >= {name for name, _ in target.named_modules()}


def test_an_averaged_models_state_differs_by_its_counter_alone() -> None:
    state = AveragedModel(model()).state_dict()
    assert checkpoint.differences(state, model()) == ["'n_averaged' is only in the file"]
    assert list(checkpoint.renamed(state, model()))[1:] == list(model().state_dict())


def test_the_version_of_a_layer_travels_with_its_new_name() -> None:
    state = compiled(model()).state_dict()
    state._metadata["_orig_mod.1"] = {"version": 1}
    del state["_orig_mod.1.num_batches_tracked"]  # not there in version 1
    model().load_state_dict(checkpoint.renamed(state, model()))


def test_a_submodule_that_is_called_module_is_left_alone() -> None:
    class Outer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.module, self.weight = nn.Linear(2, 2), nn.Parameter(torch.ones(2))

    outer = Outer()
    state = outer.state_dict()
    assert checkpoint.renamed(state, outer) is state
    assert checkpoint.differences(outer.state_dict(), outer) == []


def test_what_differs_from_a_model_is_said_key_by_key() -> None:
    state = model().state_dict()
    del state["0.bias"]
    state["extra"] = torch.ones(1)
    state["2.weight"] = torch.ones(2, 5)
    state["1.bias"] = "text"
    assert checkpoint.differences(state, model()) == [
        "'0.bias' is only in the model",
        "'extra' is only in the file",
        "'1.bias' is of type str there, and a tensor here",
        "'2.weight' has shape (2, 5) there and (2, 4) here",
    ]


def test_what_differs_from_an_optimiser_is_said_key_by_key() -> None:
    def adam(network: nn.Module) -> torch.optim.Adam:
        optimizer = torch.optim.Adam(network.parameters())
        network(torch.randn(4, 3)).sum().backward()
        optimizer.step()
        return optimizer

    state = adam(model()).state_dict()
    assert checkpoint.differences(state, adam(model())) == []
    wider = torch.optim.Adam(nn.Sequential(nn.Linear(3, 5), *model()[1:]).parameters())
    assert checkpoint.differences(state, wider) == [
        f"{name!r} of parameter {index} has shape {there} there, and the parameter has {here} here"
        for index, there, here in ((0, (4, 3), (5, 3)), (1, (4,), (5,)))
        for name in ("exp_avg", "exp_avg_sq")
    ]
    fewer = torch.optim.Adam(model()[0].parameters())
    assert checkpoint.differences(state, fewer) == [
        "parameter group 0 has 6 parameters there and 2 here"
    ]
    groups = torch.optim.Adam([{"params": layer.parameters()} for layer in model()])
    assert checkpoint.differences(state, groups) == ["it has 1 parameter groups there and 3 here"]
    sgd = torch.optim.SGD(model().parameters(), lr=0.1)
    assert "parameter group 0 has no 'momentum' there" in checkpoint.differences(state, sgd)
    assert checkpoint.differences({}, sgd) == [
        "it is not the state of an optimiser, which has 'state' and 'param_groups'"
    ]


@pytest.mark.parametrize(
    ("state", "target", "said"),
    [
        (None, nn.Linear(1, 1), r"The state is None; give what state_dict\(\) returned\."),
        ({1: 2}, nn.Linear(1, 1), r"The state has a name that is of type int; give what"),
        ({}, 3, r"The second argument is of type int; give the object that is to load the state"),
    ],
)
def test_what_is_no_state_or_no_model_is_refused(state: object, target: object, said: str) -> None:
    with pytest.raises(TypeError, match=said):
        checkpoint.differences(state, target)
