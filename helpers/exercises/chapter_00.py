"""Exercises and predictions of chapter 00, start here."""

import torch

from helpers import data
from helpers.exercises.exercise import Exercise, Slip, Wrong
from helpers.exercises.prediction import Choice, Prediction


def _reader() -> torch.nn.Module:
    """A model that compares an image with the mean image of each digit.

    It takes (batch, 8, 8) from 0 to 1 and gives scores, (batch, 10). The mean nearest to
    an image has the largest score: m @ x - m @ m / 2, which is the squared distance
    |x - m|^2 without what all digits share, times -1/2.
    """
    images, labels = data.digits()
    means = torch.stack([(images[labels == k] / 16).mean(dim=0) for k in range(10)])
    layer = torch.nn.utils.skip_init(torch.nn.Linear, 64, 10)
    with torch.no_grad():
        layer.weight.copy_(means.flatten(1))
        layer.bias.copy_(-means.flatten(1).pow(2).sum(dim=1) / 2)
    return torch.nn.Sequential(torch.nn.Flatten(), layer)


def _ink_meter() -> torch.nn.Module:
    """A model that answers with the amount of ink, so that each change of scale shows.

    It takes (batch, 8, 8) from 0 to 1 and gives scores, (batch, 10). Digit k has the
    largest score where the mean pixel is nearest to 0.2 + 0.02 k.
    """
    centres = 0.2 + 0.02 * torch.arange(10)
    layer = torch.nn.utils.skip_init(torch.nn.Linear, 64, 10)
    with torch.no_grad():
        layer.weight.copy_((centres / 64)[:, None].expand(10, 64))
        layer.bias.copy_(-centres.pow(2) / 2)
    return torch.nn.Sequential(torch.nn.Flatten(), layer)


def _images_to_read() -> list[tuple]:
    """A 7, a 3, and a faint image, for which 15 or its own maximum will not do."""
    images = data.digits().images
    return [(_reader(), images[467]), (_reader(), images[409]), (_ink_meter(), images[1283])]


def _half_wrong_targets() -> list[tuple]:
    """A model with images; every third, or every second, has the next digit as target.

    The last model gives other answers where the images are not divided by 16.
    """
    images, labels = data.digits()
    cases = []
    for first, count, every in ((580, 30, 3), (700, 25, 2)):
        chosen = slice(first, first + count)
        moved = (torch.arange(count) % every == 0).long()
        cases.append((_reader(), images[chosen], (labels[chosen] + moved) % 10))
    chosen = images[:12]
    read = _ink_meter()(chosen / 16).argmax(dim=1)
    return [*cases, (_ink_meter(), chosen, (read + torch.arange(12) % 2) % 10)]


PIXEL_COUNT = Exercise(
    chapter="00",
    signature="pixel_count(height, width)",
    title="count the pixels",
    prompt="""
        A grey image of `height` rows and `width` columns has one number for each pixel.
        Write `pixel_count(height, width)`: how many numbers are these? Replace the three
        dots by your answer, and run the cell.
    """,
    shapes="height, width: int. Returns an int.",
    cases=lambda: [(8, 8), (427, 640)],
    model_answer="height * width",
    why="Each of the rows has `width` pixels.",
    hints=(
        "An image with 2 rows of 3 pixels each has 6 pixels.",
        "Rows times columns.",
        "height * …",
    ),
    right=(
        "width * height",
        "torch.zeros(height, width).numel()",
        "sum(width for row in range(height))",
    ),
    slips=(
        Slip("height + width", "you added; each of the rows has `width` pixels: multiply"),
        Slip("2 * (height + width)", "this is the way around the image"),
        Slip("height * height", "this is right for a square image only; use width"),
    ),
    wrong=(
        Wrong("pixels = height * width", "a function without `return` gives"),
        Wrong("float(height * width)", "the type is float; int was asked for"),
        Wrong("heigth * width", "NameError"),
    ),
)

TRAINING_STEPS = Exercise(
    chapter="00",
    signature="training_steps(images, batch_size, epochs)",
    title="count the steps of a training",
    prompt="""
        A dataset has `images` images. They are cut into batches of `batch_size`; where
        the division leaves a remainder, the last batch is smaller. The model sees all of
        them `epochs` times. Write `training_steps(images, batch_size, epochs)`: how many
        times does the optimiser change the parameters?
    """,
    shapes="images, batch_size, epochs: int. Returns an int.",
    cases=lambda: [(1500, 50, 20), (1500, 64, 20), (10, 4, 3)],
    model_answer="""
        batches, remainder = divmod(images, batch_size)
        if remainder:
            batches += 1
        return batches * epochs
    """,
    why="One step for each batch, also for a small last one, in each epoch.",
    hints=(
        "How many batches are there in one epoch? 10 images in batches of 4: 4, 4 and 2.",
        "images // batch_size counts the full batches; images % batch_size is the remainder.",
        "One batch more if there is a remainder, and then times epochs.",
    ),
    right=(
        "-(-images // batch_size) * epochs",
        "math.ceil(images / batch_size) * epochs",
        "len(torch.arange(images).split(batch_size)) * epochs",
        "len(range(0, images, batch_size)) * epochs",
    ),
    slips=(
        Slip(
            "images // batch_size * epochs",
            "the smaller batch at the end is missing; it is a batch too",
        ),
        Slip(
            "(images // batch_size + 1) * epochs",
            "where the division leaves no remainder there is no smaller batch at the end",
        ),
        Slip("images * epochs", "this counts images; there is one step for each batch"),
        Slip("-(-images // batch_size)", "these are the steps of one epoch only"),
        Slip(
            "images / batch_size * epochs",
            "/ gives a float; a number of steps is whole, and a small batch counts as one",
        ),
        Slip(
            "int(images / batch_size * epochs)",
            "the small last batch comes in each epoch: round up before you multiply",
        ),
        Slip(
            "math.ceil(images / batch_size * epochs)",
            "rounded up once, at the end; round up in each epoch, before you multiply",
        ),
    ),
    wrong=(
        Wrong("float(-(-images // batch_size) * epochs)", "the type is float; int was asked for"),
        Wrong("torch.tensor(-(-images // batch_size) * epochs)", "`.item()`"),
    ),
)

GRADIENT_STEP = Exercise(
    chapter="00",
    signature="gradient_step(weight, gradient, rate)",
    title="be the optimiser",
    prompt="""
        An optimiser of the simplest kind takes `rate` times the gradient away from the
        parameters. Write `gradient_step(weight, gradient, rate)`, which returns the new
        weights. The given tensors must not change.
    """,
    shapes="weight, gradient: the same shape, float32. rate: float. Returns that shape.",
    cases=lambda: [
        (torch.tensor([1.0, 2.0, -1.0]), torch.tensor([4.0, -2.0, 0.5]), 0.1),
        (torch.tensor([[0.5], [3.0]]), torch.tensor([[-1.0], [8.0]]), 0.01),
    ],
    model_answer="weight - rate * gradient",
    why="Minus, because the loss grows along the gradient; rate keeps the step small.",
    hints=(
        "Tensors are added, subtracted and multiplied element by element, with + - *.",
        "The step is rate * gradient.",
        "weight - …",
    ),
    right=(
        "weight.sub(gradient, alpha=rate)",
        "torch.add(weight, gradient, alpha=-rate)",
        "weight + gradient * (-rate)",
    ),
    slips=(
        Slip("weight + rate * gradient", "this goes along the gradient: the loss would grow"),
        Slip("weight - 0.2 * gradient", "0.2 was this chapter's rate; use the argument rate"),
        Slip("weight - gradient", "the rate is missing, and the step is too long"),
        Slip("rate * gradient", "this is the step; take it away from the weight"),
        Slip("weight - gradient / rate", "you divided by the rate; multiply"),
        Slip("(weight - gradient) * rate", "only the gradient is multiplied by the rate"),
    ),
    wrong=(
        Wrong("weight -= rate * gradient\nreturn weight", "changed its input"),
        Wrong("(weight - rate * gradient).tolist()", "Tensor was asked for"),
        Wrong("(weight - rate * gradient).double()", "the dtype is not"),
    ),
)

SEEDED_DRAW = Exercise(
    chapter="00",
    signature="seeded_draw(seed)",
    title="numbers that can be drawn again",
    prompt="""
        Write `seeded_draw(seed)`. It makes a generator, seeds it with `seed`, and returns
        three numbers that `torch.rand` draws from it. So `seeded_draw(7)` gives the same
        three numbers each time that it is called.
    """,
    shapes="seed: int. Returns (3,), float32.",
    cases=lambda: [(1,), (7,), (2026,)],
    model_answer="""
        generator = torch.Generator().manual_seed(seed)
        return torch.rand(3, generator=generator)
    """,
    why="This generator disturbs no other random numbers; torch.manual_seed(seed) gives the "
    "same three, and seeds everything else as well.",
    hints=(
        "The cell above draws whole numbers from a generator of its own.",
        "torch.Generator().manual_seed(seed) is such a generator.",
        "torch.rand(3, generator=…)",
    ),
    right=(
        "torch.manual_seed(seed)\nreturn torch.rand(3)",
        """
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return torch.rand(3)
        """,
        "torch.empty(3).uniform_(generator=torch.Generator().manual_seed(seed))",
    ),
    slips=(
        Slip(
            "torch.rand(3)",
            "`seed` does not reach PyTorch's generator; random.seed and numpy's seed do not either",
        ),
        Slip(
            "torch.randn(3, generator=torch.Generator().manual_seed(seed))",
            "randn draws around 0, without limits; rand draws between 0 and 1",
        ),
        Slip(
            "torch.rand(3, generator=torch.Generator())",
            "the generator was not seeded: .manual_seed(seed)",
        ),
        Slip(
            "torch.rand(1, generator=torch.Generator().manual_seed(seed))",
            "this is one number; three were asked for",
        ),
    ),
    wrong=(
        Wrong("np.random.default_rng(seed).random(3)", "a NumPy array was returned"),
        Wrong(
            "torch.rand(3, generator=torch.Generator().manual_seed(seed)).tolist()",
            "Tensor was asked for",
        ),
        Wrong("torch.Generator().manual_seed(seed)", "a plain torch.Tensor"),
    ),
)

TUNNEL = Exercise(
    chapter="00",
    signature="tunnel(user, server, own_port, server_port)",
    title="write the command for a tunnel",
    prompt="""
        Write `tunnel(user, server, own_port, server_port)`, which returns the command that
        makes port `own_port` of your computer lead to port `server_port` of `server`, as in
        `ssh -N -L 9000:127.0.0.1:8888 ada@lab`. ssh takes the parts in other orders, too;
        the check wants exactly this order, with one space between the parts.
    """,
    shapes="user, server: str. own_port, server_port: int. Returns a str.",
    cases=lambda: [("ada", "lab", 9000, 8888), ("kim", "192.0.2.7", 8888, 8890)],
    model_answer='f"ssh -N -L {own_port}:127.0.0.1:{server_port} {user}@{server}"',
    why="Your own port comes first; 127.0.0.1 is the server as it sees itself.",
    hints=(
        "An f-string puts values between braces: f'{user}@{server}'.",
        "After -L come three parts: own port, address as the server sees it, its port.",
        "f'ssh -N -L {own_port}:127.0.0.1:…",
    ),
    right=(
        """
        route = f"{own_port}:127.0.0.1:{server_port}"
        return " ".join(["ssh", "-N", "-L", route, f"{user}@{server}"])
        """,
        '"ssh -N -L {}:127.0.0.1:{} {}@{}".format(own_port, server_port, user, server)',
        '"ssh -N -L %d:127.0.0.1:%d %s@%s" % (own_port, server_port, user, server)',
    ),
    slips=(
        Slip(
            'f"ssh -N -L {server_port}:127.0.0.1:{own_port} {user}@{server}"',
            "the ports are exchanged; your own comes first",
        ),
        Slip(
            'f"ssh -N -R {own_port}:127.0.0.1:{server_port} {user}@{server}"',
            "-R opens the port on the server; -L opens it on your computer",
        ),
        Slip(
            'f"ssh -L {own_port}:127.0.0.1:{server_port} {user}@{server}"',
            "-N is missing: a shell would open on the server beside the tunnel",
        ),
        Slip(
            'f"ssh -N -L {own_port}:{server}:{server_port} {user}@{server}"',
            "Jupyter answers at 127.0.0.1 only; the middle part is read on the server",
        ),
        Slip(
            'f"ssh -N -L {own_port}:localhost:{server_port} {user}@{server}"',
            "localhost often works too; write 127.0.0.1, where the server listens",
        ),
        Slip(
            'f"ssh -NL {own_port}:127.0.0.1:{server_port} {user}@{server}"',
            "ssh takes -NL for the same; write -N -L as in the example",
        ),
        Slip(
            'f"ssh -L {own_port}:127.0.0.1:{server_port} -N {user}@{server}"',
            "ssh takes this order, too; here write -N first, as in the example",
        ),
        Slip(
            '"ssh -N -L {own_port}:127.0.0.1:{server_port} {user}@{server}"',
            "the f before the quotes is missing, so the braces stay as they are",
        ),
    ),
    wrong=(
        Wrong(
            '["ssh", "-N", "-L", f"{own_port}:127.0.0.1:{server_port}"]',
            "the type is list; str was asked for",
        ),
        Wrong('command = f"ssh -N -L {own_port}"', "a function without `return` gives"),
    ),
)

READ_DIGIT = Exercise(
    chapter="00",
    signature="read_digit(model, image)",
    title="read one image",
    prompt="""
        Write `read_digit(model, image)`: which digit does the model read in this one
        image? The pixels run from 0 to 16, and the model was trained on numbers from 0
        to 1. It expects a batch: `image[None]` makes a batch of one image, of shape
        (1, 8, 8). Return a whole number of Python.
    """,
    shapes="image: (8, 8), uint8, 0 to 16. model: gives (batch, 10). Returns an int.",
    cases=_images_to_read,
    model_answer="""
        scores = model(image[None] / 16)  # (1, 10)
        return scores.argmax().item()
    """,
    why="A batch of one, the range of the training, and the place of the largest score.",
    hints=(
        "The program of this chapter reads many images at once; one image is a batch of 1.",
        "model(image[None] / 16) gives ten scores. argmax finds where the largest is.",
        "model(image[None] / 16).argmax().…",
    ),
    right=(
        "int(model(image.unsqueeze(0) / 16).argmax(dim=1))",
        "model(image.reshape(1, 8, 8).float() / 16)[0].argmax().item()",
        """
        with torch.no_grad():
            scores = model((image / 16)[None])
        return scores.max(dim=1).indices.item()
        """,
    ),
    slips=(
        Slip(
            "model(image[None].float()).argmax().item()",
            "the pixels still run from 0 to 16; divide by 16 as in training",
        ),
        Slip(
            "model(image[None] / 255).argmax().item()",
            "divided by 255; these pixels run from 0 to 16",
        ),
        Slip(
            "model(image[None] / 16).max().item()",
            "this is the largest score; argmax gives its place, which is the digit",
        ),
        Slip(
            "model(image[None] / 15).argmax().item()",
            "divided by 15; the largest value that a pixel may have is 16",
        ),
        Slip(
            "model(image[None] / image.max()).argmax().item()",
            "divided by the largest pixel of this image; in training all were divided by 16",
        ),
        Slip("model(image[None] / 16).argmin().item()", "this is the least likely digit"),
        Slip(
            "model(image / 16).argmax().item()",
            "the model expects a batch, and took the 8 rows for 8 images; use image[None]",
        ),
        Slip(
            "model(image[None]).argmax().item()",
            "the pixels are uint8; / 16 makes float32 of them, from 0 to 1",
        ),
    ),
    wrong=(
        Wrong("model(image[None] / 16).argmax()", "`.item()` makes it a number"),
        Wrong("model(image[None] / 8).argmax().item()", "Expected"),
        Wrong("image /= 16\nreturn model(image[None])", "Error"),
    ),
)

_EVERY_IMAGE_COUNTS = (
    "all images were counted: `len` counts True and False alike, and `argmax` without "
    "dim=1 gives one place in the whole table"
)
_NOT_THE_ARGUMENTS = (
    "these are the 297 pictures of the notebook; use the arguments images and targets"
)

MISTAKES = Exercise(
    chapter="00",
    signature="mistakes(model, images, targets)",
    title="count what is read wrongly",
    prompt="""
        Write `mistakes(model, images, targets)`: how many of the images does the model
        read as another digit than the target? `argmax(dim=1)` gives one digit for each
        image, `!=` compares element by element, `sum` counts what is `True`. Return a
        whole number of Python.
    """,
    shapes="images: (n, 8, 8), uint8, 0 to 16. targets: (n,), int64. Returns an int.",
    cases=_half_wrong_targets,
    model_answer="""
        answers = model(images / 16).argmax(dim=1)  # (n,)
        return (answers != targets).sum().item()
    """,
    why="True counts as 1 in a sum, so the sum counts the images that differ.",
    hints=(
        "First the digits that the model reads, then the comparison, then the count.",
        "answers = model(images / 16).argmax(dim=1)",
        "(answers != targets).sum().…",
    ),
    right=(
        "int((model(images / 16).argmax(dim=1) != targets).sum())",
        "torch.count_nonzero(model(images / 16).argmax(1) - targets).item()",
        """
        with torch.no_grad():
            right = (model(images / 16).argmax(dim=1) == targets).sum().item()
        return len(targets) - right
        """,
    ),
    slips=(
        Slip(
            "(model(images / 16).argmax(dim=1) == targets).sum().item()",
            "these are the ones that were read rightly; use !=",
        ),
        Slip(
            "(model(images / 16).argmax(dim=1) != targets).float().mean().item()",
            "mean gives the share of the mistakes; sum counts them",
        ),
        Slip(
            "(model(images / 16).argmax(dim=0) != targets).sum().item()",
            "dim=0 picks an image for each digit; dim=1 picks a digit for each image",
        ),
        Slip(
            "(model(images / 16).argmax() != targets).sum().item()",
            _EVERY_IMAGE_COUNTS,
        ),
        Slip("len(model(images / 16).argmax(dim=1) != targets)", _EVERY_IMAGE_COUNTS),
        Slip(
            "(model(images[1500:] / 16).argmax(dim=1) != targets[1500:]).sum().item()",
            "the check gives you 30 images, and you took those from 1500 on; use them all",
        ),
        Slip("(torch.zeros(297) != targets).sum().item()", _NOT_THE_ARGUMENTS),
        Slip(
            """
            from helpers import data
            images, targets = data.digits()
            answers = model(images[1500:] / 16).argmax(dim=1)
            return (answers != targets[1500:]).sum().item()
            """,
            _NOT_THE_ARGUMENTS,
        ),
        Slip(
            "(model(images).argmax(dim=1) != targets).sum().item()",
            "the pixels are uint8; / 16 makes float32 of them, from 0 to 1",
        ),
        Slip(
            "(model(images.float()).argmax(dim=1) != targets).sum().item()",
            "the pixels still run from 0 to 16; divide by 16 as in training",
        ),
    ),
    wrong=(
        Wrong("(model(images / 16).argmax(dim=1) != targets).sum()", "`.item()`"),
        Wrong("model(images / 16).argmax(dim=1) != targets", "int was asked for"),
        Wrong("(model(images / 15).argmax(dim=1) != targets).sum().item()", "Expected"),
    ),
)

EXERCISES = (
    PIXEL_COUNT,
    TRAINING_STEPS,
    GRADIENT_STEP,
    SEEDED_DRAW,
    TUNNEL,
    READ_DIGIT,
    MISTAKES,
)


def _prediction(name: str, question: str, *choices: Choice) -> Prediction:
    """A prediction of this chapter."""
    return Prediction(chapter="00", name=name, question=question, choices=choices)


PREDICTIONS = (
    _prediction(
        "run_again",
        "You have run the cell cups = 1, and then the cell cups = cups + 1. Now you run "
        "only the second one again. What is cups?",
        Choice("2", "The kernel does not begin anew: cups was 2 before the cell ran."),
        Choice("3", "The kernel remembers, and the cell adds 1 once more.", right=True),
        Choice("1", "The first cell was not run again."),
    ),
    _prediction(
        "untrained",
        "Twenty networks have not been trained. How many of the 297 digits does such a "
        "network read rightly, on average?",
        Choice("none", "Even a blind guess is right about once in ten."),
        Choice(
            "about one in ten",
            "Ten digits, and it can only guess. A single network may have much less or more.",
            right=True,
        ),
        Choice("about half", "For that it would have to know something about digits."),
    ),
    _prediction(
        "unseen",
        "Training shows it the first 1,500 digits, 20 times each. How many of the 297 "
        "digits that it has never seen does it read rightly afterwards?",
        Choice(
            "about one in ten",
            "That would be so if it knew the 1,500 images and nothing about digits.",
        ),
        Choice("more than four in five", "What it has learnt is of use.", right=True),
        Choice("all of them", "Some are hard to read, even for you."),
    ),
    _prediction(
        "steps",
        "1,500 images, batches of 50, 20 epochs: how many times does the optimiser "
        "change the parameters?",
        Choice("20", "Once an epoch? It steps after each batch."),
        Choice("600", "30 batches in an epoch, times 20 epochs.", right=True),
        Choice("30,000", "That is how many images it looked at, 50 for each step."),
    ),
    _prediction(
        "loop_or_tensor",
        "The sum of 20,000 numbers: a loop in Python, or one call of PyTorch. How do they compare?",
        Choice("about the same", "The loop handles 20,000 objects of Python, one by one."),
        Choice(
            "the call is more than 5 times faster",
            "One call, and then no Python until the sum is there.",
            right=True,
        ),
        Choice("the loop is faster", "For three numbers it may be, not for 20,000."),
    ),
    _prediction(
        "script_names",
        "The script uses the name pixels, which your notebook has set. With which of the "
        "two commands does it work?",
        Choice("%run only", "Without -i a script starts with no names of yours."),
        Choice("%run -i only", "-i lets it use the names of your notebook.", right=True),
        Choice("both", "Without -i a script starts with no names of yours."),
    ),
    _prediction(
        "deleted_memory",
        "A cell has shown a large tensor as its result. Now large = None gives the name "
        "another value. Is the memory of the tensor free?",
        Choice("yes", "Out, the notebook's list of results, still holds the tensor."),
        Choice("no", "The list of results, Out, still holds it.", right=True),
    ),
    _prediction(
        "number_or_text",
        "After %env COURSE_BATCH=50, what is os.environ['COURSE_BATCH']?",
        Choice("the number 50", "Environment variables hold nothing but text."),
        Choice("the text '50'", "Always text; int(…) makes a number of it.", right=True),
    ),
    _prediction(
        "one_seed",
        "torch.manual_seed(0) is called twice, and after each call one number is drawn "
        "from random, one from numpy and one from torch. Which repeat?",
        Choice("all three", "Each of the three has a generator of its own."),
        Choice("torch only", "The seed went to the generator of PyTorch.", right=True),
        Choice("numpy and torch", "The two exchange data, but not random numbers."),
    ),
    _prediction(
        "new_environment",
        "You make a new virtual environment with the Python that runs this course. Can "
        "its Python import torch?",
        Choice("yes, from the old one", "An environment sees its own packages only."),
        Choice("no", "It has a Python, but none of the packages yet.", right=True),
    ),
    _prediction(
        "open_address",
        "At which of these addresses must a server listen, so that others can reach it?",
        Choice("127.0.0.1", "This is the computer's own address for itself."),
        Choice("::1", "This is the computer itself again, in IPv6."),
        Choice("0.0.0.0", "It stands for every address that it has.", right=True),
    ),
)
