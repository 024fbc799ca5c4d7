"""Explorers: change a shape, a view, an index, and see at once what PyTorch does.

Each function returns an object that Jupyter displays: controls and a figure where
widgets run, the figure with its text alternative where they do not.
"""

from helpers.explore.backward import backward
from helpers.explore.convolution import convolution
from helpers.explore.optimisers import optimisers
from helpers.explore.shapes import broadcasting
from helpers.explore.transforms import transforms
from helpers.explore.views import strides

__all__ = ["backward", "broadcasting", "convolution", "optimisers", "strides", "transforms"]
