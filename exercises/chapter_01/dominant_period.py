"""Exercise dominant_period: the strongest period."""

import torch

from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer


def _waves(samples: int, strong: int, weak: int) -> torch.Tensor:
    """A strong sine and a weak cosine around 3, float32 (samples,)."""
    angle = torch.arange(samples) * 2 * torch.pi / samples
    return torch.sin(strong * angle) + 0.4 * torch.cos(weak * angle) + 3


DOMINANT_PERIOD = Exercise(
    chapter="01",
    signature="dominant_period(series)",
    title="the strongest period",
    prompt="""
        Write `dominant_period(series)`: after how many samples does the strongest wave in
        the series repeat? Subtract the mean, take `torch.fft.rfft`, find the frequency
        with the largest magnitude. Frequency number `k` fits `k` waves into the series.
        Return a `float`.
    """,
    shapes="series: (samples,), float32. Returns a float, in samples.",
    cases=lambda: [
        (_waves(40, 5, 2),),
        (_waves(45, 7, 3),),
    ],
    model_answer="""
        spectrum = torch.fft.rfft(series - series.mean()).abs()
        return len(series) / spectrum.argmax().item()
    """,
    why="k waves in n samples: one wave lasts n / k samples.",
    hints=(
        "A mean that is not zero is a wave of frequency 0; subtract it.",
        "torch.fft.rfft(…).abs() holds the magnitude of each frequency.",
        "len(series) / (position of the largest magnitude)",
    ),
    right=(
        """
        power = torch.fft.rfft(series - series.mean()).abs() ** 2
        return 1 / torch.fft.rfftfreq(len(series))[power.argmax()].item()
        """,
        """
        spectrum = torch.fft.rfft(series).abs()[1:]
        return len(series) / (int(spectrum.argmax()) + 1)
        """,
    ),
    rejected=(
        RejectedAnswer(
            """
            spectrum = torch.fft.rfft(series - series.mean()).abs()
            return float(len(series) // spectrum.argmax().item())
            """,
            "Expected: 6.429",
        ),
    ),
    mistakes=(
        KnownMistake(
            "len(series) / torch.fft.rfft(series).abs().argmax().item()",
            "the mean was left in: frequency 0 wins, and n / 0 fails",
        ),
        KnownMistake(
            "len(series) / torch.fft.rfft(series).abs()[1:].argmax().item()",
            "after cutting off frequency 0, position 0 means frequency 1",
        ),
        KnownMistake(
            "len(series) / torch.fft.rfft(series - series.mean()).real.argmax().item()",
            "the spectrum is complex; how strong a wave is, says .abs()",
        ),
        KnownMistake(
            "torch.fft.rfft(series - series.mean()).abs().argmax().item()",
            "this is the number of waves; the period is len(series) divided by it",
        ),
        KnownMistake(
            "torch.fft.rfft(series - series.mean()).abs().argmax().item() / len(series)",
            "this is waves per sample; turn the fraction round",
        ),
    ),
)
