"""Exercise read_folder: a folder with broken files."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy
import torch

from exercises.chapter_05._shared import as_tuple
from helpers import data
from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer

NO_IMAGE = b"no image"
_root: list[str] = []  # where the folders of the running check are


def _image_folder(*classes: str) -> str:
    """A folder of PNG images, two of each class, and files that are no images."""
    folder = Path(_root[-1]) / "-".join(classes)
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


@contextmanager
def _temporary() -> Iterator[None]:
    """A folder for the files, which are there only while an answer is checked."""
    with tempfile.TemporaryDirectory(prefix="course-05-") as folder:
        _root.append(folder)
        try:
            yield
        finally:
            _root.remove(folder)


def _one_grey(result: Any, folder: str) -> Any:
    """The images as PIL makes them grey, where they are at most one step of 255 from it.

    To grey and then to floats, or to floats and then to grey, differ by that much.
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
        images = ours
    return images, *result[1:]


def _is_whole(path: Path) -> bool:
    """Whether the file was written as an image and left so."""
    return path.stem.startswith(f"{path.parent.name}-") and path.stat().st_size > len(NO_IMAGE)


def _grey(path: Path) -> torch.Tensor:
    """A PNG in grey, float32 (1, rows, columns) in 0..1."""
    from PIL import Image

    pixels = numpy.array(Image.open(path).convert("L"))
    return torch.from_numpy(pixels)[None].float() / 255


_READ = """
    from pathlib import Path
    from torchvision.datasets import ImageFolder
    from torchvision.transforms import v2

    recipe = [
        {recipe},
    ]
    found = ImageFolder(folder, transform=v2.Compose(recipe))
    images, labels, failed = [], [], []
    for index, (path, label) in enumerate(found.imgs):
        try:
            image = found[index][0]
        except {errors}:
            {failed}
            continue
        images.append({image})
        labels.append({label})
    return torch.stack(images), {labels}, {told}
"""


def _read(
    recipe: str = "v2.Grayscale(), v2.ToImage(),\n        v2.ToDtype(torch.float32, scale=True)",
    image: str = "image",
    failed: str = "failed.append(Path(path).name)",
    label: str = "label",
    told: str = "sorted(failed)",
    errors: str = "(OSError, SyntaxError, ValueError)",
    labels: str = "torch.tensor(labels)",
) -> str:
    """The reading of a folder with one part in another way."""
    return _READ.format(
        recipe=recipe,
        image=image,
        failed=failed,
        label=label,
        told=told,
        errors=errors,
        labels=labels,
    )


_BY_HAND = """
    from pathlib import Path
    from PIL import Image

    classes = {classes}
    images, labels, failed = [], [], []
    for number, name in enumerate(classes):
        for path in sorted((Path(folder) / name).iterdir()):
            try:
                picture = {opened}
            except (OSError, SyntaxError, ValueError):
                failed.append(path.name)
            else:
                pixels = np.array({pixels})
                images.append(torch.from_numpy(pixels)[None].float() / 255)
                labels.append(number)
    return torch.stack(images), torch.tensor(labels), sorted(failed)
"""


def _by_hand(
    classes: str = "sorted(place.name for place in Path(folder).iterdir())",
    opened: str = "Image.open(path).convert('L')",
    pixels: str = "picture",
) -> str:
    """The reading without ImageFolder, with one part in another way."""
    return _BY_HAND.format(classes=classes, opened=opened, pixels=pixels)


READ_FOLDER = Exercise(
    context=_temporary,
    chapter="05",
    signature="read_folder(folder)",
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
    cases=lambda: [
        (_image_folder("3", "5", "7"),),
        (_image_folder("2", "10"),),
        (_with_a_broken_class("a", "b", "c"),),
    ],
    model_answer=_read(),
    why="Only the errors of broken files are caught, and each is reported by its name. "
    "`except Exception` would pass this check too, and hide your own mistakes later.",
    hints=(
        "ImageFolder(folder).imgs is the list of (path, class number); go through it.",
        "Read each image in try; except (OSError, SyntaxError, ValueError) notes the file's name.",
        "The recipe: v2.Grayscale(), v2.ToImage(), v2.ToDtype(torch.float32, scale=True).",
        "torch.stack(images), torch.tensor(labels), sorted(failed)",
    ),
    right=(
        _by_hand(),
        _read(recipe="v2.ToImage(), v2.Grayscale(), v2.ToDtype(torch.float32, scale=True)"),
        _read(recipe="v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Grayscale()"),
        """
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
        """,
    ),
    mistakes=(
        KnownMistake(_read(failed="pass"), "the broken files are skipped, but not reported"),
        KnownMistake(
            _read(label="int(Path(path).parent.name)"),
            "this is the folder's name; the class number counts the sorted names from 0",
        ),
        KnownMistake(
            _read(
                label="torch.tensor(label)",
                labels="torch.stack(labels).unique(return_inverse=True)[1]",
            ),
            "the classes are numbered anew among the images that are left; a class whose files "
            "are all broken keeps its number",
        ),
        KnownMistake(
            _by_hand(
                classes="sorted((p.name for p in Path(folder).iterdir()), "
                "key=lambda n: (not n.isdigit(), int(n) if n.isdigit() else n))"
            ),
            "the folders are in the order of numbers; ImageFolder sorts names as text, 10 before 2",
        ),
        KnownMistake(
            _read(recipe="v2.ToImage(), v2.ToDtype(torch.float32, scale=True)"),
            "the images are still in colour: v2.Grayscale() makes them grey",
        ),
        KnownMistake(
            _read(recipe="v2.ToImage(), v2.ToDtype(torch.float32, scale=True)", image="image[:1]"),
            "this is the red channel alone; grey is a weighted sum of all three: v2.Grayscale()",
        ),
        KnownMistake(
            _read(
                recipe="v2.ToImage(), v2.ToDtype(torch.float32, scale=True)",
                image="image.mean(dim=0, keepdim=True)",
            ),
            "a plain mean of the channels is not how bright a colour looks: v2.Grayscale() gives "
            "green the greatest weight",
        ),
        KnownMistake(
            _read(recipe="v2.Grayscale(), v2.ToImage(), v2.ToDtype(torch.float32)"),
            "the pixels still go to 255: ToDtype needs scale=True",
        ),
        KnownMistake(
            _read(failed="failed.append(path)"),
            "these are whole paths; only the file's name was asked for",
        ),
        KnownMistake(
            _read(
                errors="(OSError, SyntaxError, ValueError) as error",
                failed="failed.append(f'{Path(path).name}: {type(error).__name__}')",
            ),
            "these are whole reports; only the file's name was asked for",
        ),
        KnownMistake(
            _read(told="len(failed)"),
            "this is how many failed; the list of their names was asked for",
        ),
        KnownMistake(
            _read(told="failed"),
            "the names are in the order of the folders; sort them",
        ),
        KnownMistake(
            _read(told="sorted(set(failed))"),
            "two files of one name failed, in two folders; a set keeps only one of them",
        ),
        KnownMistake(
            _read(labels="torch.tensor(found.targets)"),
            "these are the labels of all files; a file that failed has no image, and so no label",
        ),
        KnownMistake(
            _read(errors="(OSError, SyntaxError)"),
            "a wrong length in the head of a PNG gives a ValueError; catch that too",
        ),
        KnownMistake(
            "    from PIL import UnidentifiedImageError\n"
            + _read(errors="(UnidentifiedImageError, SyntaxError, ValueError)").lstrip("\n"),
            "a file that begins well and is cut short gives a plain OSError, and only when its "
            "pixels are read, not when it is opened: catch it around the reading too",
        ),
    ),
    rejected=(
        RejectedAnswer(
            "from torchvision.datasets import ImageFolder\n"
            "found = ImageFolder(folder)\n"
            "return [found[i] for i in range(len(found))]",
            "Error",
        ),
        RejectedAnswer(_read(image="image.flip(-1)"), "instead of"),
        RejectedAnswer(
            _by_hand(opened="Image.open(path)", pixels="picture.convert('L')"),
            "when its pixels are read",
        ),
    ),
    canonical=_one_grey,
)
