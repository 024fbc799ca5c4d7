"""Data for the course: its own files as tensors, loaders, and what can be downloaded.

`digits`, `wine`, `photograph` and `sunspots` read the data that lies beside the course,
`TensorLoader` cuts tensors in memory into batches, `TensorRows` and `loader` lead to PyTorch's
`DataLoader`, and `download` fetches the MNIST family for those who are online. `script` finds the
programs that chapters run.
"""

from helpers.data import download
from helpers.data._dataloader import TensorRows, in_a_new_python, loader
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
from helpers.data._scripts import script
from helpers.data._tensor_loader import TensorLoader
from helpers.data.download import DownloadError

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
    "script",
    "sunspots",
    "wine",
    "write_image_folder",
]
