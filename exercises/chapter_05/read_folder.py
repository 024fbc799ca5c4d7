import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import numpy as np
import torch

from exercises._canonical import as_tuple
from helpers import data
from helpers.grading.exercise import Exercise, edit

NO_IMAGE = b"no image"
_FOLDER: ContextVar[Path] = ContextVar("the folder of the images of one check")


@contextmanager
def _folder_of_a_check() -> Iterator[None]:
    """A folder for the images, which is removed at the end of the block."""
    with tempfile.TemporaryDirectory(prefix="course-05-") as folder:
        token = _FOLDER.set(Path(folder))
        try:
            yield
        finally:
            _FOLDER.reset(token)


def _image_folder(*classes: str) -> str:
    """A folder of PNG images, two of each class, and files that are no images."""
    folder = _FOLDER.get() / "-".join(classes)
    if not folder.exists():
        _write_images(folder, classes)
        whole = (folder / classes[1] / f"{classes[1]}-0.png").read_bytes()
        (folder / classes[0] / "short.png").write_bytes(whole[:40])
        (folder / classes[1] / "empty.png").write_bytes(b"")
        (folder / classes[-1] / "cut.png").write_bytes(whole[: 2 * len(whole) // 3])
        header = whole[:11] + b"\x0c" + whole[12:]  # says that it is one byte shorter
        (folder / classes[0] / "header.png").write_bytes(header)
    return str(folder)


def _with_a_broken_class(*classes: str) -> str:
    """The same, where all files of the first class are broken, and two have one name."""
    folder = Path(_image_folder(*classes))
    for place in range(2):
        (folder / classes[0] / f"{classes[0]}-{place}.png").write_bytes(NO_IMAGE)
    (folder / classes[1] / "short.png").write_bytes(b"")
    return str(folder)


def _write_images(folder: Path, classes: tuple[str, ...]) -> None:
    """Two PNG files of 8 rows and 6 columns for each class, the second one in colour."""
    from PIL import Image

    images = data.digits().images * 15
    for place, name in enumerate(classes):
        (folder / name).mkdir(parents=True)
        grey, other = images[2 * place : 2 * place + 2, :, :6]
        in_colour = torch.stack([other, 255 - other, other // 2], dim=-1)
        for number, pixels in enumerate((grey, in_colour)):
            path = folder / name / f"{name}-{number}.png"
            Image.fromarray(pixels.numpy().copy()).save(path)


def _one_grey(result: Any, folder: str) -> Any:
    """The images as PIL makes them grey, where they are at most one step of 255 from it.

    To grey and then to floats, or to floats and then to grey, differ by that much. What was
    grey in the file stays at one of the 256 steps.
    """
    result = as_tuple(result)
    if not isinstance(result, tuple) or not isinstance(result[0], torch.Tensor):
        return result
    paths = sorted(Path(folder).iterdir())
    whole = [path for place in paths for path in sorted(place.iterdir()) if _is_whole(path)]
    ours = torch.stack([_grey(path) for path in whole])
    images = result[0]
    is_like = images.dtype == ours.dtype and images.shape == ours.shape
    if is_like and (images - ours).abs().max() < 1.5 / 255:
        steps = 255 * images[[path.stem.endswith("-0") for path in whole]]
        if (steps - steps.round()).abs().max() < 0.1:
            images = ours
    return images, *result[1:]


def _is_whole(path: Path) -> bool:
    """Whether the file was written as an image and left so."""
    return path.stem.startswith(f"{path.parent.name}-") and path.stat().st_size > len(NO_IMAGE)


def _grey(path: Path) -> torch.Tensor:
    """A PNG in grey, float32 (1, rows, columns) in 0..1."""
    from PIL import Image

    pixels = np.array(Image.open(path).convert("L"))
    return torch.from_numpy(pixels)[None].float() / 255


exercise = Exercise(
    "read_folder(folder)",
    title="a folder with broken files",
    prompt="""
        Write `read_folder(folder)` for a folder of PNG images with one folder for each
        class. Some are in colour, some grey, and some files are broken. Return three
        things: the images, all in grey, `float32` in 0..1 of shape (images, 1, rows,
        columns), in the order of `ImageFolder`; their class numbers as `ImageFolder` gives
        them, `int64`; and the sorted list of the names of the files that failed, such as
        `["a.png", "b.png"]`. A name that failed in two folders stands there twice.
    """,
    shapes="folder: str. Returns (images, labels, failed).",
    cases=[
        lambda: (_image_folder("3", "5", "7"),),
        lambda: (_image_folder("2", "10"),),
        lambda: (_with_a_broken_class("a", "b", "c"),),
    ],
    hints=(
        "ImageFolder(folder).imgs is the list of (path, class number); go through it.",
        "Read each image in try; except (OSError, SyntaxError, ValueError) notes the file's name.",
        "The recipe: v2.Grayscale(), v2.ToImage(), v2.ToDtype(torch.float32, scale=True).",
        "torch.stack(images), torch.tensor(labels), sorted(failed)",
    ),
    canonical=_one_grey,
    context=_folder_of_a_check,
)


@exercise.answer(
    why="Only the errors of broken files are caught, and each is reported by its name. `except "
    "Exception` would pass this check too, and hide your own mistakes later."
)
def read_folder(folder):
    from pathlib import Path

    from torchvision.datasets import ImageFolder
    from torchvision.transforms import v2

    recipe = [
        v2.Grayscale(),
        v2.ToImage(),
        v2.ToDtype(torch.float32, scale=True),
    ]
    found = ImageFolder(folder, transform=v2.Compose(recipe))
    images, labels, failed = [], [], []
    for index, (path, label) in enumerate(found.imgs):
        try:
            image = found[index][0]
        except (OSError, SyntaxError, ValueError):
            failed.append(Path(path).name)
            continue
        images.append(image)
        labels.append(label)
    return torch.stack(images), torch.tensor(labels), sorted(failed)


@exercise.right
def by_hand(folder):
    from pathlib import Path

    from PIL import Image

    classes = sorted(place.name for place in Path(folder).iterdir())
    images, labels, failed = [], [], []
    for number, name in enumerate(classes):
        for path in sorted((Path(folder) / name).iterdir()):
            try:
                picture = Image.open(path).convert("L")
            except (OSError, SyntaxError, ValueError):
                failed.append(path.name)
            else:
                pixels = np.array(picture)
                images.append(torch.from_numpy(pixels)[None].float() / 255)
                labels.append(number)
    return torch.stack(images), torch.tensor(labels), sorted(failed)


exercise.right(edit("v2.Grayscale(),\nv2.ToImage(),", "v2.ToImage(),\nv2.Grayscale(),"))
exercise.right(
    edit("v2.Grayscale(),", "").edit(
        "v2.ToDtype(torch.float32, scale=True),",
        "v2.ToDtype(torch.float32, scale=True),\nv2.Grayscale(),",
    )
)


@exercise.right
def _(folder):
    from pathlib import Path

    from torchvision.datasets import ImageFolder
    from torchvision.transforms.functional import to_tensor

    found = ImageFolder(folder)
    good, failed = [], []
    for path, label in found.imgs:
        try:
            good.append((to_tensor(found.loader(path).convert("L")), label))
        except (OSError, SyntaxError, ValueError):
            failed.append(Path(path).name)
    images, labels = zip(*good)
    return torch.stack(images), torch.tensor(labels), sorted(failed)


exercise.mistake(
    "divided by 256; the largest byte is 255", edit("float() / 255", "float() / 256", of=by_hand)
)
exercise.mistake(
    "the broken files are skipped, but not reported",
    edit("failed.append(Path(path).name)", ""),
)
exercise.mistake(
    "this is the folder's name; the class number counts the sorted names from 0",
    edit("append(label)", "append(int(Path(path).parent.name))"),
)
exercise.mistake(
    "the classes are numbered anew among the images that are left; a class whose files are all "
    "broken keeps its number",
    edit("append(label)", "append(torch.tensor(label))").edit(
        "torch.tensor(labels)", "torch.stack(labels).unique(return_inverse=True)[1]"
    ),
)
exercise.mistake(
    "the folders are in the order of numbers; ImageFolder sorts names as text, 10 before 2",
    edit(
        "sorted(place.name for place in Path(folder).iterdir())",
        "sorted((p.name for p in Path(folder).iterdir()), key=lambda n: (not n.isdigit(), "
        "int(n) if n.isdigit() else n))",
        of=by_hand,
    ),
)
exercise.mistake(
    "the images are still in colour: v2.Grayscale() makes them grey",
    edit("v2.Grayscale(),", ""),
)
exercise.mistake(
    "this is the red channel alone; grey is a weighted sum of all three: v2.Grayscale()",
    edit("v2.Grayscale(),", "").edit("images.append(image)", "images.append(image[:1])"),
)
exercise.mistake(
    "a plain mean of the channels is not how bright a colour looks: v2.Grayscale() gives green "
    "the greatest weight",
    edit("v2.Grayscale(),", "").edit(
        "images.append(image)", "images.append(image.mean(dim=0, keepdim=True))"
    ),
)
exercise.mistake(
    "the pixels still go to 255: ToDtype needs scale=True",
    edit(", scale=True", ""),
)
exercise.mistake(
    "these are whole paths; only the file's name was asked for",
    edit("Path(path).name", "path"),
)
exercise.mistake(
    "these are whole reports; only the file's name was asked for",
    edit("ValueError)", "ValueError) as error").edit(
        "Path(path).name", 'f"{Path(path).name}: {type(error).__name__}"'
    ),
)
exercise.mistake(
    "this is how many failed; the list of their names was asked for",
    edit("sorted(failed)", "len(failed)"),
)
exercise.mistake(
    "the names are in the order of the folders; sort them",
    edit("sorted(failed)", "failed"),
)
exercise.mistake(
    "two files of one name failed, in two folders; a set keeps only one of them",
    edit("sorted(failed)", "sorted(set(failed))"),
)
exercise.mistake(
    "these are the labels of all files; a file that failed has no image, and so no label",
    edit("torch.tensor(labels)", "torch.tensor(found.targets)"),
)
exercise.mistake(
    "a wrong length in the head of a PNG gives a ValueError; catch that too",
    edit(", ValueError", ""),
)


exercise.mistake(
    "a file that begins well and is cut short gives a plain OSError, and only when its pixels "
    "are read, not when it is opened: catch it around the reading too",
    edit(
        "from torchvision.datasets import ImageFolder",
        "from PIL import UnidentifiedImageError\nfrom torchvision.datasets import ImageFolder",
    ).edit("(OSError, ", "(UnidentifiedImageError, "),
)


@exercise.rejected("Error")
def _(folder):
    from torchvision.datasets import ImageFolder

    found = ImageFolder(folder)
    return [found[i] for i in range(len(found))]


exercise.rejected("instead of", edit("append(image)", "append(image.flip(-1))"))
exercise.rejected(
    "when its pixels are read",
    edit('(path).convert("L")', "(path)", of=by_hand).edit("(picture)", '(picture.convert("L"))'),
)
