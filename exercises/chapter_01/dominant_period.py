import torch

from helpers.grading.exercise import Exercise, edit


def _waves(samples: int, strong: int, weak: int) -> torch.Tensor:
    """A strong sine and a weak cosine around 3, float32 (samples,)."""
    angle = torch.arange(samples) * 2 * torch.pi / samples
    return torch.sin(strong * angle) + 0.4 * torch.cos(weak * angle) + 3


exercise = Exercise(
    "dominant_period(series)",
    title="the strongest period",
    prompt="""
        Write `dominant_period(series)`: after how many samples does the strongest wave in
        the series repeat? Subtract the mean, take `torch.fft.rfft`, find the frequency
        with the largest magnitude. Frequency number `k` fits `k` waves into the series.
        Return a `float`.
    """,
    shapes="series: (samples,), float32. Returns a float, in samples.",
    cases=[
        lambda: (_waves(40, 5, 2),),
        lambda: (_waves(45, 7, 3),),
        lambda: (_waves(30, 1, 4),),
    ],
    hints=(
        "A mean that is not zero is a wave of frequency 0; subtract it.",
        "torch.fft.rfft(…).abs() holds the magnitude of each frequency.",
        "len(series) / (position of the largest magnitude)",
    ),
)


@exercise.answer(why="k waves in n samples: one wave lasts n / k samples.")
def dominant_period(series):
    spectrum = torch.fft.rfft(series - series.mean()).abs()
    return len(series) / spectrum.argmax().item()


@exercise.right
def _(series):
    power = torch.fft.rfft(series - series.mean()).abs() ** 2
    return 1 / torch.fft.rfftfreq(len(series))[power.argmax()].item()


@exercise.right
def _(series):
    spectrum = torch.fft.rfft(series).abs()[1:]
    return len(series) / (int(spectrum.argmax()) + 1)


exercise.mistake(
    "the mean was left in: frequency 0 wins, and n / 0 fails",
    edit("series - series.mean()", "series"),
)
exercise.mistake(
    "after cutting off frequency 0, position 0 means frequency 1",
    lambda series: len(series) / torch.fft.rfft(series).abs()[1:].argmax().item(),
)
exercise.mistake(
    "the spectrum is complex; how strong a wave is, says .abs()",
    edit("abs()", "real"),
)
exercise.mistake(
    "this is the number of waves; the period is len(series) divided by it",
    edit("return len(series) /", "return"),
)
exercise.mistake(
    "this is waves per sample; turn the fraction round",
    lambda series: torch.fft.rfft(series - series.mean()).abs().argmax().item() / len(series),
)


@exercise.rejected("Expected: 6.429")
def _(series):
    spectrum = torch.fft.rfft(series - series.mean()).abs()
    return float(len(series) // spectrum.argmax().item())
