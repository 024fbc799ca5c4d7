"""Run pip, uv and venv: what they say is kept, and shown as one line that a person understands."""

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

TICK = 1.0  # seconds after which the line is drawn again, with the time that has passed
UNITS = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30}
PIP_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}
# "Downloading torch (514.2MiB)" and " Downloaded torch" are uv's; the others are pip's.
UV_BEGINS = re.compile(r"Downloading (\S+) \(([\d.]+)([KMG]?)iB\)")
UV_ENDS = re.compile(r" *Downloaded (\S+)$")
PIP_BEGINS = re.compile(
    r" *Downloading ([^\s/]+)-\d\S*\.(?:whl|tar\.gz|zip) \(([\d.]+) ?([kMG]?)B\)"
)
RETRIES = re.compile(r"(?i)WARNING: Retrying|retry(ing)? (after|in)|transient")
INSTALLS = re.compile(r"Installing collected packages|Prepared \d+ package")
RESOLVES = re.compile(r"Collecting |Resolved \d+ package|Using Python ")
BUILDS = re.compile(r" *(?:Building wheel for|Building) ([A-Za-z][\w-]*)")


class Progress:
    """One line that says how far an installation is.

    On a terminal the line is written over; elsewhere a new one is added at each quarter.
    """

    def __init__(self) -> None:
        """Begin to count the time."""
        self.terminal = sys.stdout.isatty()
        self.began = time.monotonic()
        self.sizes = {}  # type: dict
        self.done = set()  # type: set
        self.text = "Looking for the packages"
        self.drawn = ""
        self.quarter = 0
        self.lock = threading.Lock()
        self.ended = threading.Event()
        if self.terminal:
            threading.Thread(target=self._tick, daemon=True).start()

    def read(self, line: str) -> None:
        """Take in a line of pip's or uv's."""
        begins, ends, builds = UV_BEGINS.match(line), UV_ENDS.match(line), BUILDS.match(line)
        pips = PIP_BEGINS.match(line)
        if begins:
            self.sizes[begins[1]] = float(begins[2]) * UNITS[begins[3].lower()]
        elif ends:
            self.done.add(ends[1])
        elif pips:  # one after the other; the one before has ended
            self.done.update(self.sizes)
            self.sizes[pips[1]] = float(pips[2]) * PIP_UNITS[pips[3].lower()]
        if begins or ends or pips:
            self.text = self._downloading(pips[1] if pips else "")
        elif INSTALLS.match(line):
            self.text = "Putting the packages in place"
        elif builds:
            self.text = "Building " + builds[1]
        elif RETRIES.search(line):
            self.text = "The package index does not answer; trying again"
        elif not RESOLVES.match(line):
            return
        self._show(bool(begins or ends or pips))

    def _downloading(self, current: str) -> str:
        """How much has been downloaded; pip does not say how much there will be."""
        done = sum(self.sizes[name] for name in self.done if name in self.sizes)
        if current:
            return f"Downloading {current}: {size(done)} so far"
        waiting = [name for name in self.sizes if name not in self.done]
        largest = max(waiting or self.sizes, key=lambda name: self.sizes.get(name, 0), default="")
        total = sum(self.sizes.values())
        return f"Downloading {largest} and others: {size(done)} of {size(total)}"

    def _show(self, downloads: bool) -> None:
        """Draw the line, or add one where lines cannot be drawn over."""
        if self.terminal:
            self._draw()
            return
        total = sum(self.sizes.values())
        done = sum(self.sizes[name] for name in self.done if name in self.sizes)
        quarter = int(4 * done / total) if total else 0
        if (not downloads and self.text != self.drawn) or quarter > self.quarter:
            self.quarter, self.drawn = quarter, self.text
            print("  " + self.text, flush=True)

    def _draw(self) -> None:
        """Write over the line on the terminal."""
        seconds = int(time.monotonic() - self.began)
        passed = f"{seconds // 60}:{seconds % 60:02}"
        width = max(20, shutil.get_terminal_size().columns - 1)
        with self.lock:
            if not self.ended.is_set():
                line = f"  {self.text} ({passed})"[:width]
                print("\r" + line.ljust(width), end="", flush=True)

    def _tick(self) -> None:
        """Draw the line again from time to time: a large file takes minutes."""
        while not self.ended.wait(TICK):
            self._draw()

    def end(self) -> None:
        """Leave nothing of the line behind."""
        with self.lock:
            self.ended.set()
            if self.terminal:
                width = max(20, shutil.get_terminal_size().columns - 1)
                print("\r" + " " * width + "\r", end="", flush=True)


def size(number: float) -> str:
    """A number of bytes for a reader: "2.9 GB", "514 MB"."""
    if number >= 10**9:
        return f"{number / 10**9:.1f} GB"
    return f"{number / 10**6:.0f} MB"


def run(command: list, variables: dict, folder: Path, progress: bool = False) -> tuple:
    """Exit status of a command that runs in `folder`, and all that it said."""
    said, line_of = [], Progress() if progress else None
    try:
        with subprocess.Popen(
            command,
            cwd=str(folder),
            env=variables,
            stdin=subprocess.DEVNULL,  # a question would not be seen
            close_fds=False,  # the lock, see there
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:
            try:
                for line in process.stdout or []:
                    said.append(line.decode(errors="replace"))
                    if line_of:
                        line_of.read(said[-1].rstrip())
            except BaseException:
                process.kill()
                raise
    finally:
        if line_of:
            line_of.end()
    if process.returncode < 0:
        said.append(f"ended by signal {-process.returncode}\n")
    return process.returncode, "".join(said)


def reason(said: str) -> str:
    """Of what a failed command said, what tells why: uv's last block, or pip's last error."""
    lines = [line.rstrip() for line in said.splitlines() if line.strip()]
    starts = [i for i, line in enumerate(lines) if re.match(r"(error: |  × )", line)]
    if starts and not any(line.startswith("ERROR") for line in lines):
        block = [line for line in lines[starts[-1] :] if "`--" not in line]  # flags of uv's
        return "\n".join(block if len(block) <= 8 else [*block[:4], "  …", *block[-3:]])
    errors = [line.strip() for line in lines if re.match(r"(?i)\s*error\b", line)]
    return "".join((errors or [line.strip() for line in lines])[-1:])


def interpreter(folder: Path) -> Path:
    """The Python of the environment in `folder`."""
    if folder == Path(sys.prefix):
        return Path(sys.executable)
    windows = os.name == "nt"
    return folder / ("Scripts/python.exe" if windows else "bin/python")
