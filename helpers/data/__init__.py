"""Data for the course: its own files as tensors, loaders, and what can be downloaded.

`files` reads the data that lies beside the course, `loaders` cuts tensors in memory into
batches, `rows` and `workers` lead to PyTorch's `DataLoader`, and `download` fetches the
MNIST family for those who are online.
"""

from __future__ import annotations

from . import download
from .download import DownloadError
from .files import (
    DATA_FOLDER,
    DataFileError,
    Digits,
    Sunspots,
    Wine,
    digits,
    photograph,
    sunspots,
    wine,
    write_image_folder,
)
from .loaders import TensorLoader
from .rows import TensorRows
from .workers import in_a_new_python, loader

__all__ = [
    "DATA_FOLDER",
    "DataFileError",
    "Digits",
    "DownloadError",
    "Sunspots",
    "TensorLoader",
    "TensorRows",
    "Wine",
    "digits",
    "download",
    "in_a_new_python",
    "loader",
    "photograph",
    "sunspots",
    "wine",
    "write_image_folder",
]
