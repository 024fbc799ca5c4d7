"""The state of the global random generators, as plain data for a checkpoint."""

import random
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from helpers._validation import kind_of
from helpers.checkpoint._files import CheckpointError


def random_state() -> dict[str, Any]:
    """Return the state of the global generators: torch on CPU and CUDA, numpy, Python.

    Plain data, for `save` and `restore_random_state`. CUDA's are there only once it is in use.
    Raises ValueError when numpy's global generator was replaced by one of another kind.
    """
    version, numbers, gauss = random.getstate()
    numpy_state = np.random.get_state(legacy=False)
    if numpy_state["bit_generator"] != "MT19937":
        raise ValueError(
            f"numpy's global generator is a {numpy_state['bit_generator']}, whose state cannot be "
            "saved; put the first one back with np.random.set_bit_generator(np.random.MT19937())."
        )
    return {
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else [],
        "numpy": {
            "key": torch.from_numpy(numpy_state["state"]["key"].astype(np.int64)),
            "pos": int(numpy_state["state"]["pos"]),
            "has_gauss": int(numpy_state["has_gauss"]),
            "gauss": float(numpy_state["gauss"]),
        },
        "python": {
            "version": version,
            "numbers": torch.tensor(numbers, device="cpu"),
            "gauss": gauss,
        },
    }


def restore_random_state(state: Mapping[str, Any]) -> None:
    """Put the global generators where they were at `random_state()`.

    The CUDA generators are left alone where there are fewer GPUs than then.
    Raises CheckpointError when `state` is damaged or of something else; no generator is changed
    then.
    """
    try:
        on_cpu, on_cuda = _of_torch(state)
        of_numpy = _of_numpy(state["numpy"])
        of_python = _of_python(state["python"])
    except Exception as error:  # a state of another form fails in as many ways as there are forms
        raise CheckpointError(
            f"The state of the random generators, {kind_of(state)}, is damaged or of something "
            f"else ({type(error).__name__}: {error}); give what checkpoint.random_state() returned."
        ) from error
    torch.set_rng_state(on_cpu)
    if on_cuda and torch.cuda.device_count() >= len(on_cuda):
        torch.cuda.set_rng_state_all(on_cuda)
    np.random.set_state(of_numpy)
    random.setstate(of_python)


# Each is tried on a generator of its own first, which says whether the global one would take it.


def _of_torch(state: Mapping[str, Any]) -> tuple[Tensor, list[Tensor]]:
    on_cpu, on_cuda = state["torch"].cpu(), [each.cpu() for each in state["cuda"]]
    torch.Generator().set_state(on_cpu)
    if on_cuda and torch.cuda.device_count() >= len(on_cuda):
        for index, each in enumerate(on_cuda):
            torch.Generator(f"cuda:{index}").set_state(each)
    return on_cpu, on_cuda


def _of_numpy(own: Mapping[str, Any]) -> Any:
    key = own["key"].cpu().numpy().astype(np.uint32)
    found = ("MT19937", key, own["pos"], own["has_gauss"], own["gauss"])
    np.random.RandomState().set_state(found)
    return found


def _of_python(own: Mapping[str, Any]) -> Any:
    found = (own["version"], tuple(own["numbers"].tolist()), own["gauss"])
    random.Random().setstate(found)
    return found
