"""A stand-in for a tensor on a GPU, for checks that run on machines without one.

Its values are in the CPU's memory. It reports the device cuda:0, refuses what a CUDA tensor
refuses, and results computed from it are stand-ins too, until `.cpu()` or the like copies them
to the CPU.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

_CONSTRUCTORS = (torch.as_tensor, torch.asarray, torch.tensor)
_TO_NUMPY = (torch.Tensor.numpy, torch.Tensor.__array__)
_Tensor: Any = torch.Tensor  # for a type checker its attributes are values, not descriptors
_DEVICE_ATTRIBUTES = {
    _Tensor.device.__get__: torch.device("cuda", 0),
    _Tensor.is_cuda.__get__: True,
    _Tensor.is_cpu.__get__: False,
}


class FakeCudaTensor(torch.Tensor):
    """A tensor that says it is on a GPU: `tensor.as_subclass(FakeCudaTensor)`.

    `torch.tensor` and the like know it only inside `FakeCudaMode`.
    """

    @classmethod
    def __torch_function__(
        cls, function: Callable, types: Any, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        """Answer as a CUDA tensor would."""
        kwargs = kwargs or {}
        if function in _DEVICE_ATTRIBUTES:
            return _DEVICE_ATTRIBUTES[function]
        if function in _TO_NUMPY:
            raise TypeError(
                "can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() to copy the "
                "tensor to host memory first."
            )
        with torch._C.DisableTorchFunctionSubclass():
            result = function(*args, **kwargs)
        if function is torch.Tensor.copy_:
            return args[0]
        to_cpu = function is torch.Tensor.cpu
        if function in (torch.Tensor.to, torch.Tensor.type):
            to_cpu = _names_cpu(args[1:], kwargs)
        return _on(result, torch.Tensor if to_cpu else cls)


class FakeCudaMode(TorchFunctionMode):
    """A context in which `torch.as_tensor` and the like keep a stand-in on its device."""

    def __torch_function__(
        self, function: Callable, types: Any, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        """Construct from a stand-in a stand-in, unless the CPU is asked for."""
        kwargs = kwargs or {}
        if function not in _CONSTRUCTORS or not args or not isinstance(args[0], FakeCudaTensor):
            return function(*args, **kwargs)
        result = function(args[0].as_subclass(torch.Tensor), *args[1:], **kwargs)
        return _on(result, torch.Tensor if _names_cpu(args[1:], kwargs) else FakeCudaTensor)


def _on(result: Any, kind: type) -> Any:
    """A tensor as one of a kind, on the CPU or the fake GPU; anything else as it is."""
    return result.as_subclass(kind) if isinstance(result, torch.Tensor) else result


def _names_cpu(args: tuple, kwargs: dict) -> bool:
    """Whether the arguments of `.to`, `.type` or `as_tensor` name the CPU."""
    named = [*args, *kwargs.values()]
    on_cpu = [one for one in named if type(one) is torch.Tensor]
    words = [str(one) for one in named if isinstance(one, (str, torch.device))]
    types = [one for one in named if isinstance(one, type) or str(one).startswith("torch.Float")]
    return bool(on_cpu or types or any(word.startswith("cpu") for word in words))
