"""What a file is that `load` cannot read: which format, and what reads it."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path

HEAD = 4096  # bytes that are looked at
OLD_MAGIC = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # how torch.save began before 1.6

BY_BEGINNING = {
    OLD_MAGIC: (
        "a file of torch.save in the format from before PyTorch 1.6",
        "torch.load(path, weights_only=True)",
    ),
    b"\x93NUMPY": ("an array of numpy", "numpy.load(path, allow_pickle=False)"),
    b"\x89HDF\r\n\x1a\n": ("an HDF5 file, as Keras writes", "h5py.File(path)"),
    b"GGUF": ("a GGUF file, as llama.cpp reads", "the package gguf"),
    b"\x1f\x8b": ("compressed with gzip", "gzip.open(path), or unpack it first"),
    b"BZh": ("compressed with bzip2", "bz2.open(path), or unpack it first"),
    b"\xfd7zXZ\x00": ("compressed with xz", "lzma.open(path), or unpack it first"),
    b"\x28\xb5\x2f\xfd": ("compressed with zstd", "the program zstd, which unpacks it"),
    b"\x89PNG": ("a PNG image", "PIL.Image.open(path)"),
    b"\xff\xd8\xff": ("a JPEG image", "PIL.Image.open(path)"),
}
BY_TEXT = {
    "version https://git-lfs": (
        "the address of a file in Git LFS, and not the file",
        "Git: `git lfs pull` puts the file in its place",
    ),
    "<!doctype html": ("a web page, as a failed download leaves", "a browser, which shows why"),
    "<html": ("a web page, as a failed download leaves", "a browser, which shows why"),
    "{": ("a JSON file", "json.loads(path.read_text())"),
}
IN_ARCHIVES: dict[str, tuple[str, str]] = {
    "constants.pkl": ("a program of TorchScript", "torch.jit.load(path)"),
    "archive_format": ("a program of torch.export", "torch.export.load(path)"),
    "serialized_exported_program.json": ("a program of torch.export", "torch.export.load(path)"),
    "config.json": ("a model of Keras", "keras.saving.load_model(path)"),
    "[Content_Types].xml": ("an Office document", "the program that wrote it"),
}


def described(path: Path) -> tuple[str, str] | None:
    """Return what a file is, and what reads it, where its beginning says so; else None."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    for beginning, known in BY_BEGINNING.items():
        if head.startswith(beginning):
            return known
    for recognised in (_safetensors, _archive, _tar, _pickle):
        found = recognised(path, head)
        if found:
            return found
    text = head.decode("utf-8", errors="replace").lstrip("\ufeff \t\r\n").lower()
    return next((found for start, found in BY_TEXT.items() if text.startswith(start)), None)


def _safetensors(path: Path, head: bytes) -> tuple[str, str] | None:
    """A length in 8 bytes, then so many bytes of JSON."""
    length = int.from_bytes(head[:8], "little")
    if head[8:9] == b"{" and 2 <= length <= path.stat().st_size - 8:
        return "a file of safetensors", "safetensors.torch.load_file(path)"
    return None


def _archive(path: Path, head: bytes) -> tuple[str, str] | None:
    """A zip archive of something else than `torch.save`."""
    if not head.startswith(b"PK"):
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name.rpartition("/")[2] for name in archive.namelist()]
    except Exception:  # a damaged one is named by its caller
        return None
    for name, found in IN_ARCHIVES.items():
        if name in names:
            return found
    if names and all(name.endswith(".npy") for name in names):
        return "an archive of numpy arrays", "numpy.load(path, allow_pickle=False)"
    if "data.pkl" in names:
        return None
    return "a zip archive that torch.save did not write", "zipfile.ZipFile(path)"


def _tar(path: Path, head: bytes) -> tuple[str, str] | None:
    """A tar archive: torch.save wrote one before PyTorch 0.2."""
    if head[257:262] != b"ustar":
        return None
    return "a tar archive, as torch.save wrote before PyTorch 0.2", (
        "torch.load(path, weights_only=True), or tarfile.open(path)"
    )


def _pickle(path: Path, head: bytes) -> tuple[str, str] | None:
    """A pickle: nothing of it is loaded here, which could run code."""
    if len(head) > 2 and head[0] == 0x80 and head[1] <= pickle.HIGHEST_PROTOCOL:
        return "a plain pickle, which can run any code when it is read", (
            "pickle.load, and only if you trust its origin"
        )
    return None
