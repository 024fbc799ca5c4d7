"""Explorers: change a shape, a view, an index, and see at once what PyTorch does.

Each function returns an object that Jupyter displays: controls and a figure where
widgets run, the figure with its text alternative where they do not.
"""

from helpers.explore._backward import backward
from helpers.explore._broadcasting import broadcasting
from helpers.explore._convolution import convolution
from helpers.explore._optimisers import optimisers
from helpers.explore._strides import strides
from helpers.explore._transforms import transforms

__all__ = ["backward", "broadcasting", "convolution", "optimisers", "strides", "transforms"]
