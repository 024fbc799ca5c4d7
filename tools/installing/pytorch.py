"""Which of PyTorch's builds is installed: with CUDA, as the package index has it, or without.

On Linux the package index has torch with NVIDIA's libraries, 3 GB in all. PyTorch's own CPU index
has torch and torchvision without them, in the same versions. Both always come from one source.
"""

import os
import re
import shutil
import sys
from pathlib import Path

BUILDS = ("cpu", "default")
# PyTorch's own, as its documentation has it. COURSE_TORCH_INDEX names another, or a folder.
INDEX = "https://download.pytorch.org/whl/cpu"
BOTH = ("torch", "torchvision")
CUDA_ONLY = re.compile(r"(nvidia-|cuda-|triton\b)")
NVIDIA = (
    *("/proc/driver/nvidia/version", "/dev/nvidiactl", "/dev/nvidia0"),
    *("/usr/lib/wsl/lib/nvidia-smi", "/dev/nvhost-gpu", "/dev/nvmap"),  # Windows' Linux; Jetson
)
NO_GPU = """\
No NVIDIA GPU was found: `{command}` downloads 0.3 GB in place of 3.
To take that, stop this with Ctrl-C; the course is the same on both."""


def wanted(asked: str, noted: str) -> str:
    """The build to install: what is asked for now, else what was asked for the last time."""
    if not sys.platform.startswith("linux"):  # elsewhere the package index has no other build
        return "default"
    return asked or (noted if noted in BUILDS else "default")


def has_nvidia_gpu() -> bool:
    """Whether this Linux knows a GPU that torch's usual build could use."""
    return any(map(os.path.exists, NVIDIA)) or shutil.which("nvidia-smi") is not None


def note_missing_gpu(build: str, here: bool) -> None:
    """Say what to run instead where 3 GB would be downloaded for no GPU."""
    if sys.platform.startswith("linux") and build == "default" and not has_nvidia_gpu():
        command = "python tools/environment.py course --here --torch cpu"
        print(NO_GPU.format(command=command if here else "make lab TORCH=cpu"), flush=True)


def source(variables: dict) -> dict:
    """The variables for pip with which torch comes from the CPU index and nowhere else."""
    own = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX")
    found = {name: value for name, value in variables.items() if name not in own}
    place = os.environ.get("COURSE_TORCH_INDEX") or INDEX
    if Path(place).is_dir():
        found.update(PIP_NO_INDEX="1", PIP_FIND_LINKS=Path(place).resolve().as_uri())
    else:
        found["PIP_INDEX_URL"] = place
    return found


def requirements(pins: list) -> list:
    """Of all pins, those of torch and torchvision, for the CPU: `torch==2.15.0+cpu`."""
    both = {pin for pin in pins if pin.partition("==")[0] in BOTH}
    return [pin + "+cpu" for pin in sorted(both)]


def without_cuda(pins: list) -> list:
    """The pins for a computer without CUDA: torch's own build, and none of NVIDIA's packages."""
    rest = [pin for pin in pins if pin.partition("==")[0] not in BOTH and not CUDA_ONLY.match(pin)]
    return requirements(pins) + rest


def superfluous(installed: dict, build: str) -> list:
    """Of the installed packages (name to version), those that belong to the other build."""
    has_cpu = installed.get("torch", "").endswith("+cpu")
    if "torch" not in installed or has_cpu == (build == "cpu"):
        return []
    return sorted(name for name in installed if name in BOTH or CUDA_ONLY.match(name))
