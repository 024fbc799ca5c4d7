"""The exercises of chapter 00, start here: the names of their modules, in order."""

ORDER = (
    "pixel_count",
    "training_steps",
    "gradient_step",
    "seeded_draw",
    "tunnel",
    "read_digit",
    "mistakes",
)
