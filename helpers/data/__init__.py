"""Data for the course: its own files as tensors, loaders, and what can be downloaded.

`files` reads the data that lies beside the course, `tensor_loader` cuts tensors in memory
into batches, `tensor_rows` and `workers` lead to PyTorch's `DataLoader`, and `download`
fetches the MNIST family for those who are online.
"""

from helpers.data import download
from helpers.data.download import DownloadError
from helpers.data._files import (
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
from helpers.data._tensor_loader import TensorLoader
from helpers.data._tensor_rows import TensorRows
from helpers.data._dataloader import in_a_new_python, loader

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
