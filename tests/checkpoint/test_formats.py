"""Good files of another kind are named, with what reads them; none is said to be deleted."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from helpers import checkpoint
from helpers.checkpoint import CheckpointError


def old_format(path: Path) -> None:
    torch.save(nn.Linear(2, 2).state_dict(), path, _use_new_zipfile_serialization=False)


def torchscript(path: Path) -> None:
    class Double(nn.Module):
        def forward(self, values: torch.Tensor) -> torch.Tensor:
            return 2 * values

    torch.jit.trace(Double(), torch.ones(2)).save(str(path))


def safetensors(path: Path) -> None:
    header = json.dumps({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(4))


def tar(path: Path) -> None:
    with tarfile.open(path, "w") as archive:
        info = tarfile.TarInfo("storages")
        archive.addfile(info, io.BytesIO())


def archive_of(*names: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in names:
                archive.writestr(name, "content")

    return write


def of_bytes(content: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content)


def npz(path: Path) -> None:
    with path.open("wb") as file:
        np.savez_compressed(file, a=np.ones(3))


def npy(path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, np.ones(3))


FILES = {
    "old format": (old_format, "from before PyTorch 1.6", "torch.load(path, weights_only=True)"),
    "TorchScript": (torchscript, "a program of TorchScript", "torch.jit.load(path)"),
    "export": (archive_of("m/archive_format"), "torch.export", "torch.export.load(path)"),
    "safetensors": (safetensors, "a file of safetensors", "safetensors.torch.load_file(path)"),
    "npy": (npy, "an array of numpy", "numpy.load(path, allow_pickle=False)"),
    "npz": (npz, "an archive of numpy arrays", "numpy.load(path, allow_pickle=False)"),
    "pickle 2": (of_bytes(pickle.dumps([1], 2)), "a plain pickle", "only if you trust its origin"),
    "pickle 5": (of_bytes(pickle.dumps([1], 5)), "a plain pickle", "only if you trust its origin"),
    "keras": (
        archive_of("config.json", "model.weights.h5"),
        "a model of Keras",
        "load_model(path)",
    ),
    "office": (archive_of("[Content_Types].xml"), "an Office document", "that wrote it"),
    "zip": (archive_of("a.txt"), "a zip archive that torch.save did not write", "zipfile.ZipFile"),
    "HDF5": (of_bytes(b"\x89HDF\r\n\x1a\n" + bytes(9)), "an HDF5 file", "h5py.File(path)"),
    "GGUF": (of_bytes(b"GGUF" + bytes(9)), "a GGUF file", "the package gguf"),
    "gzip": (of_bytes(gzip.compress(b"a")), "compressed with gzip", "gzip.open(path)"),
    "tar": (tar, "a tar archive, as torch.save wrote before", "tarfile.open(path)"),
    "image": (of_bytes(b"\x89PNG\r\n\x1a\n"), "a PNG image", "PIL.Image.open(path)"),
    "LFS": (of_bytes(b"version https://git-lfs.github.com/spec/v1\n"), "Git LFS", "git lfs pull"),
    "page": (of_bytes(b"\n<!DOCTYPE html><p>404"), "a web page, as a failed download", "a browser"),
    "JSON": (of_bytes(b'{"a": 1}'), "a JSON file", "json.loads(path.read_text())"),
}


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("name", FILES)
def test_a_file_of_another_kind_is_named_with_what_reads_it(name: str, tmp_path: Path) -> None:
    write, what, how = FILES[name]
    path = tmp_path / "model.bin"
    write(path)
    before = path.read_bytes()
    with pytest.raises(CheckpointError) as caught:
        checkpoint.load(path)
    said = str(caught.value)
    assert said.startswith(f"{path} is ") and what in said and how in said
    assert "delete" not in said and said.endswith(".")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            nn.Linear(2, 2).state_dict(),
            r"holds the state_dict of a model with 'weight', 'bias',",
        ),
        ({"epoch": 3, "a": 1, "b": 2, "c": 3}, r"holds a dict with 'epoch', 'a', 'b' …, and"),
        (torch.ones(2, 3), r"holds one tensor of shape \(2, 3\), and"),
        ([1, 2], r"holds an object of type list, and"),
    ],
)
def test_what_torch_save_wrote_alone_is_said(content: object, said: str, tmp_path: Path) -> None:
    torch.save(content, tmp_path / "run.pt")
    with pytest.raises(CheckpointError, match=said) as caught:
        checkpoint.load(tmp_path / "run.pt")
    assert "read it with torch.load(path, weights_only=True)" in str(caught.value)


def test_a_model_saved_whole_is_named(tmp_path: Path) -> None:
    torch.save(nn.Linear(2, 2), tmp_path / "run.pt")
    with pytest.raises(CheckpointError, match=r"text \(torch\.nn\.modules\.linear\.Linear\), and"):
        checkpoint.load(tmp_path / "run.pt")


def test_an_empty_file_and_text_are_damaged(tmp_path: Path) -> None:
    for content, said in (
        (b"", "it is empty"),
        (b"some text", "it is not whole, or"),
    ):
        (tmp_path / "run.pt").write_bytes(content)
        with pytest.raises(CheckpointError, match=f"cannot be read: {said}"):
            checkpoint.load(tmp_path / "run.pt")
