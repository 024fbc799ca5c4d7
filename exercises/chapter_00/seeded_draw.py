import numpy as np
import torch

from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "seeded_draw(seed)",
    title="numbers drawn again",
    prompt="""
        Write `seeded_draw(seed)`. It makes a generator, seeds it with `seed`, and returns
        three numbers that `torch.rand` draws from it. So `seeded_draw(7)` gives the same
        three numbers each time that it is called.
    """,
    shapes="seed: int. Returns (3,), float32.",
    cases=[lambda: (1,), lambda: (7,), lambda: (2026,)],
    hints=(
        "The cell above draws whole numbers from a generator of its own.",
        "torch.Generator().manual_seed(seed) is such a generator.",
        "torch.rand(3, generator=…)",
    ),
)


@exercise.answer(
    why="This generator disturbs no other random numbers; torch.manual_seed(seed) gives the "
    "same three, and seeds everything else as well."
)
def seeded_draw(seed):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(3, generator=generator)


@exercise.right
def _(seed):
    torch.manual_seed(seed)
    return torch.rand(3)


@exercise.right
def _(seed):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return torch.rand(3)


exercise.right(lambda seed: torch.empty(3).uniform_(generator=torch.Generator().manual_seed(seed)))

exercise.mistake(
    "`seed` does not reach PyTorch's generator; random.seed and numpy's seed do not either",
    lambda seed: torch.rand(3),
)
exercise.mistake(
    "randn draws around 0, without limits; rand draws between 0 and 1",
    edit("torch.rand", "torch.randn"),
)
exercise.mistake("the generator was not seeded: .manual_seed(seed)", edit(".manual_seed(seed)", ""))
exercise.mistake("this is one number; three were asked for", edit("3, generator", "1, generator"))

exercise.rejected("a NumPy array was returned", lambda seed: np.random.default_rng(seed).random(3))
exercise.rejected(
    "Tensor was asked for",
    lambda seed: torch.rand(3, generator=torch.Generator().manual_seed(seed)).tolist(),
)
exercise.rejected("a plain torch.Tensor", lambda seed: torch.Generator().manual_seed(seed))
