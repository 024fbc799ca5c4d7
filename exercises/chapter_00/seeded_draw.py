"""Exercise seeded_draw: numbers that can be drawn again."""

from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer

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
    mistakes=(
        KnownMistake(
            "torch.rand(3)",
            "`seed` does not reach PyTorch's generator; random.seed and numpy's seed do not either",
        ),
        KnownMistake(
            "torch.randn(3, generator=torch.Generator().manual_seed(seed))",
            "randn draws around 0, without limits; rand draws between 0 and 1",
        ),
        KnownMistake(
            "torch.rand(3, generator=torch.Generator())",
            "the generator was not seeded: .manual_seed(seed)",
        ),
        KnownMistake(
            "torch.rand(1, generator=torch.Generator().manual_seed(seed))",
            "this is one number; three were asked for",
        ),
    ),
    rejected=(
        RejectedAnswer("np.random.default_rng(seed).random(3)", "a NumPy array was returned"),
        RejectedAnswer(
            "torch.rand(3, generator=torch.Generator().manual_seed(seed)).tolist()",
            "Tensor was asked for",
        ),
        RejectedAnswer("torch.Generator().manual_seed(seed)", "a plain torch.Tensor"),
    ),
)
