"""Downloads survive servers that break off, lie, forget or are not there."""

from __future__ import annotations

import contextlib
import errno
import gzip
import hashlib
import re
import socket
import struct
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch
from torchvision.datasets import MNIST, FashionMNIST

from helpers import data
from helpers._folders import cache_folder
from helpers.data import download

IMAGES = torch.randint(0, 256, (40, 28, 28), generator=torch.Generator().manual_seed(0))
LABELS = torch.arange(40) % 10


def archive(tensor: torch.Tensor) -> bytes:
    """Return uint8 numbers in the format of MNIST's files, compressed."""
    header = struct.pack(f">BBBB{tensor.dim()}I", 0, 0, 8, tensor.dim(), *tensor.shape)
    return gzip.compress(header + bytes(tensor.flatten().tolist()), mtime=0)


FILES = {
    "train-images-idx3-ubyte.gz": archive(IMAGES),
    "train-labels-idx1-ubyte.gz": archive(LABELS),
    "t10k-images-idx3-ubyte.gz": archive(IMAGES[:10]),
    "t10k-labels-idx1-ubyte.gz": archive(LABELS[:10]),
}
LARGE = "train-images-idx3-ubyte.gz"


class Server(ThreadingHTTPServer):
    """Serves FILES; the first part of the path says how it behaves.

    good; wrong: other bytes; breaks: at most `SHARE` bytes, then the connection ends;
    stalls: the same, but it stays open; norange: always the whole; other: another range
    than asked for; gone: 404; nonsense, negative, unsaid, short, large: what `Content-Length`
    says; endless: bytes without end; slow: a few bytes at a time; mute: a header without end;
    moved: to the good address; circle: to itself; elsewhere: to another kind of address.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, str, str | None]] = []
        self.sent = 0
        self.over = threading.Event()

    def mirror(self, manner: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{manner}/"


SHARE = 12_000
MOVED = {
    "moved": "/good/{name}",
    "circle": "/circle/{name}",
    "elsewhere": "file:///etc/hostname",
    "nowhere": "http://127.0.0.1:no-port/",
}
LENGTHS = {"nonsense": "abc", "negative": "-5", "unsaid": None, "endless": None, "short": "9"}
LENGTHS |= {"large": "9" * 15, "digits": "9" * 5_000, "raised": "²"}


class Handler(BaseHTTPRequestHandler):
    """Answers one request in the manner that its path names."""

    def do_GET(self) -> None:
        _, manner, name = self.path.split("/")
        wanted = self.headers.get("Range")
        self.server.asked.append((manner, name, wanted))
        if manner == "gone":
            return self.send_error(404)
        if manner in MOVED:
            self.send_response(302)
            self.send_header("Location", MOVED[manner].format(name=name))
            return self.end_headers()
        if manner == "mute":
            return self.drip(b"HTTP/1.0 200 OK\r\nX-Long: " + b"a" * 10_000)
        content = FILES[name]
        if manner == "wrong":
            content = bytes(byte ^ 1 for byte in content)
        start = int(re.findall(r"bytes=(\d+)-", wanted)[0]) if wanted else 0
        if manner == "norange":
            start = 0
        if start >= len(content):
            return self.send_error(416)
        if manner == "other" and start:
            start += 1
        self.answer(manner, content, start)

    def answer(self, manner: str, content: bytes, start: int) -> None:
        """Send the content from `start` on, or its beginning when the manner is to break."""
        self.send_response(206 if start else 200)
        length = LENGTHS.get(manner, str(len(content) - start))
        if length is not None:
            self.send_header("Content-Length", length)
        if start:
            last = len(content) - 1
            self.send_header("Content-Range", f"bytes {start}-{last}/{len(content)}")
        self.end_headers()
        body = content[start:]
        if manner == "slow":
            return self.drip(body)
        if manner == "endless":
            with contextlib.suppress(OSError):  # until the client has had enough
                while not self.server.over.is_set():
                    self.wfile.write(bytes(50_000))
            return None
        if manner in ("breaks", "stalls"):
            body = body[:SHARE]
        self.server.sent += len(body)  # before the client, which looks at it, can have read all
        self.wfile.write(body)
        if manner == "stalls" and start + len(body) < len(content):
            self.wfile.flush()
            self.server.over.wait(60)
        self.close_connection = True

    def drip(self, content: bytes) -> None:
        """Send content so slowly that it has no end, each byte in time."""
        with contextlib.suppress(OSError):
            for start in range(0, len(content), 10):
                self.wfile.write(content[start : start + 10])
                self.wfile.flush()
                if self.server.over.wait(0.05):
                    return

    def log_message(self, *_: object) -> None:
        """Keep standard error clean."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Give a server on this computer, and checksums of what it has for FashionMNIST."""
    monkeypatch.setenv("no_proxy", "*")
    sums = [(name, hashlib.md5(content).hexdigest()) for name, content in FILES.items()]
    monkeypatch.setattr(FashionMNIST, "resources", sums)
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.over.set()
        running.shutdown()
        thread.join()


@pytest.fixture
def use(server: Server, monkeypatch: pytest.MonkeyPatch):
    """Give a function that makes servers of these manners FashionMNIST's mirrors."""

    def chosen(*manners: str) -> Server:
        mirrors = [server.mirror(manner) if "/" not in manner else manner for manner in manners]
        monkeypatch.setattr(FashionMNIST, "mirrors", mirrors)
        server.asked.clear()
        server.sent = 0
        return server

    return chosen


@pytest.fixture
def nobody() -> Iterator[str]:
    """Give an address at which nobody listens, and no other program can meanwhile."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{deaf.getsockname()[1]}/"


def assert_readable(folder: Path) -> None:
    """Assert that torchvision reads from `folder` what the server has, and nothing is left over."""
    train = FashionMNIST(folder, train=True, download=False)
    assert torch.equal(train.data, IMAGES.to(torch.uint8)) and torch.equal(train.targets, LABELS)
    assert len(FashionMNIST(folder, train=False, download=False)) == 10
    assert not list(folder.rglob("*.part"))


def test_torchvision_reads_what_was_downloaded(use, tmp_path: Path):
    server = use("good")
    assert data.download.mnist("FashionMNIST", tmp_path / "new") == tmp_path / "new"
    assert_readable(tmp_path / "new")
    assert server.sent == sum(map(len, FILES.values()))


def test_what_is_there_is_not_asked_for_again(use, tmp_path: Path):
    use("good")
    download.mnist(folder=str(tmp_path))
    server = use("gone")
    download.mnist(folder=tmp_path)
    assert server.asked == []


@pytest.mark.parametrize("manner", ["breaks", "stalls"])
def test_a_broken_download_goes_on_where_it_was(
    manner: str, use, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    if manner == "stalls":  # two times; long enough for a loaded machine to answer in
        monkeypatch.setattr(download, "SILENCE", 3.0)
    server = use(manner)
    download.mnist(folder=tmp_path)
    assert_readable(tmp_path)
    ranges = [wanted for _, name, wanted in server.asked if name == LARGE]
    expected = [f"bytes={start}-" for start in range(SHARE, len(FILES[LARGE]), SHARE)]
    assert len(expected) >= 2 and ranges == [None, *expected]
    assert server.sent == sum(map(len, FILES.values())), "a byte was sent twice"


def test_a_later_call_goes_on_from_what_was_kept(use, tmp_path: Path):
    use("good", "gone")
    (tmp_path / "FashionMNIST" / "raw").mkdir(parents=True)
    (tmp_path / "FashionMNIST" / "raw" / (LARGE + ".part")).write_bytes(FILES[LARGE][:12_345])
    use("gone")
    with pytest.raises(data.DownloadError, match=f"12,345 bytes of {LARGE} are kept: call again"):
        download.mnist(folder=tmp_path)
    server = use("good")
    download.mnist(folder=tmp_path)
    assert_readable(tmp_path)
    assert server.asked[0] == ("good", LARGE, "bytes=12345-")


def test_a_server_that_ignores_ranges_is_read_from_the_beginning(use, tmp_path: Path):
    use("good")
    part = tmp_path / "FashionMNIST" / "raw" / (LARGE + ".part")
    part.parent.mkdir(parents=True)
    part.write_bytes(FILES[LARGE][:12_345])
    server = use("norange")
    download.mnist(folder=tmp_path)
    assert_readable(tmp_path)
    assert server.asked[0][2] == "bytes=12345-"
    assert server.sent == sum(map(len, FILES.values()))


def test_a_server_that_sends_another_range_is_left_for_the_next(use, tmp_path: Path):
    part = tmp_path / "FashionMNIST" / "raw" / (LARGE + ".part")
    part.parent.mkdir(parents=True)
    part.write_bytes(FILES[LARGE][:12_345])
    server = use("other", "good")
    download.mnist(folder=tmp_path)
    assert_readable(tmp_path)
    assert server.asked[:2] == [("other", LARGE, "bytes=12345-"), ("good", LARGE, None)]


@pytest.mark.parametrize("kept", [FILES[LARGE], FILES[LARGE] + b"more", b"other" * 5_000, b"x"])
def test_what_was_kept_may_be_whole_or_wrong(kept: bytes, use, tmp_path: Path):
    part = tmp_path / "FashionMNIST" / "raw" / (LARGE + ".part")
    part.parent.mkdir(parents=True)
    part.write_bytes(kept)
    use("good")
    download.mnist(folder=tmp_path)
    assert_readable(tmp_path)


@pytest.mark.parametrize("manner", ["wrong", "gone", "nobody"])
def test_the_next_mirror_is_tried(manner: str, use, nobody: str, tmp_path: Path):
    use(nobody if manner == "nobody" else manner, "good")
    download.mnist(folder=tmp_path)
    assert_readable(tmp_path)


@pytest.mark.parametrize(
    ("manner", "said"),
    [("wrong", "sent other bytes than expected"), ("gone", "answered 404")],
)
def test_a_mirror_that_fails_is_named_with_what_it_did(manner: str, said: str, use, tmp_path: Path):
    server = use(manner)
    with pytest.raises(data.DownloadError) as raised:
        download.mnist(folder=tmp_path)
    message = str(raised.value)
    assert f"FashionMNIST cannot be downloaded: 127.0.0.1:{server.server_port} {said}." in message
    assert "data.digits()" in message and "\n" not in message
    assert not [path for path in tmp_path.rglob("*ubyte*") if path.is_file()]


def test_offline_is_one_sentence_that_names_the_cure(use, nobody: str, tmp_path: Path):
    use(nobody, "http://no-such-host.invalid/")
    with pytest.raises(data.DownloadError) as raised:
        download.mnist(folder=tmp_path)
    message = str(raised.value)
    assert message.count("cannot be reached (") == 2 and "no-such-host.invalid" in message
    assert "Call again when you are online; the course's own data" in message


def test_a_file_damaged_later_is_mended(use, tmp_path: Path):
    use("good")
    download.mnist(folder=tmp_path)
    raw = tmp_path / "FashionMNIST" / "raw"
    unpacked = raw / LARGE.removesuffix(".gz")
    content = bytearray(unpacked.read_bytes())
    content[500] ^= 1
    unpacked.write_bytes(content)
    server = use("good")
    download.mnist(folder=tmp_path)
    assert_readable(tmp_path)
    assert server.asked == [], "the archive was there to mend it from"
    (raw / LARGE).write_bytes(FILES[LARGE][:-1])
    download.mnist(folder=tmp_path)
    assert_readable(tmp_path)
    assert [name for _, name, _ in server.asked] == [LARGE]


def test_a_full_disk_leaves_no_half_file_under_its_name(use, tmp_path: Path, monkeypatch):
    def full_disk(source, copy) -> None:
        copy.write(source.read(100))
        raise OSError("no space left on device")

    use("good")
    with monkeypatch.context() as patched:
        patched.setattr(download.shutil, "copyfileobj", full_disk)
        with pytest.raises(OSError, match="no space left"):
            download.mnist(folder=tmp_path)
    assert not (tmp_path / "FashionMNIST" / "raw" / LARGE.removesuffix(".gz")).exists()
    download.mnist(folder=tmp_path)
    assert_readable(tmp_path)


# Servers that lie about the size, send too much, too slowly, or lead elsewhere


@pytest.mark.timeout(120)
@pytest.mark.parametrize("manner", ["nonsense", "negative", "unsaid", "digits", "raised", "moved"])
def test_a_length_of_no_use_is_no_obstacle(manner: str, use, tmp_path: Path):
    use(manner)
    download.mnist(folder=tmp_path)
    assert_readable(tmp_path)


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("manner", "said"),
    [
        ("short", "sent other bytes than expected"),
        ("large", "offers 999,999,999,999,999 bytes, more than any file of the data set"),
        ("endless", "sent over 200,000 bytes, more than any file of the data set has"),
        ("slow", r"sent only [\d,]+ bytes in 1 s"),
        ("mute", "did not answer within 1 s"),
        ("circle", "answered 302"),
        ("elsewhere", "answered 302"),
        ("nowhere", r"cannot be reached \(nonnumeric port: 'no-port'\)"),
    ],
)
def test_a_server_that_does_harm_is_left_in_time(manner, said, use, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(download, "LARGEST", 200_000)
    monkeypatch.setattr(download, "GRACE", 1.0)
    monkeypatch.setattr(download, "ANSWER", 1.0)
    use(manner)
    with pytest.raises(data.DownloadError, match=f"127.0.0.1:[0-9]+ {said}"):
        download.mnist(folder=tmp_path)
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) < 200_000
    use(manner, "good")
    download.mnist(folder=tmp_path)
    assert_readable(tmp_path)


def test_a_full_disk_while_downloading_is_said_and_what_came_is_kept(use, tmp_path, monkeypatch):
    class Full:
        def add(self, _: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

    use("breaks")
    said = (
        r"raw cannot be written \(No space left on device\), and what was downloaded is kept; free"
    )
    with monkeypatch.context() as patched:
        patched.setattr(download, "_Pace", Full)
        with pytest.raises(OSError, match=said) as raised:
            download.mnist(folder=tmp_path)
    assert raised.value.errno == errno.ENOSPC
    server = use("good")
    download.mnist(folder=tmp_path)
    assert_readable(tmp_path)
    assert re.fullmatch(r"bytes=[1-9]\d*-", server.asked[0][2])
    assert server.sent < sum(map(len, FILES.values()))


def test_a_disk_without_locks_is_downloaded_to(use, tmp_path: Path, monkeypatch):
    def no_locks(_: object) -> None:
        raise NotImplementedError("FileSystem does not appear to support flock")

    monkeypatch.setattr("filelock.FileLock.acquire", no_locks)
    use("good")
    download.mnist(folder=tmp_path)
    assert_readable(tmp_path)


def test_two_calls_at_once_download_once(use, tmp_path: Path):
    server = use("good")
    threads = [
        threading.Thread(target=download.mnist, kwargs={"folder": tmp_path}) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert_readable(tmp_path)
    assert len(server.asked) == len(FILES)


def test_an_unknown_name_is_refused():
    with pytest.raises(
        ValueError, match="name='EMNIST' is not known; it is MNIST, FashionMNIST or"
    ):
        download.mnist("EMNIST")


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(FileExistsError, match=r"thesis\.txt is a file; give the name of a new"):
        download.mnist(folder=tmp_path / "thesis.txt")
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_the_lists_are_torchvisions_own():
    assert len(MNIST.mirrors) >= 1 and {name for name, _ in MNIST.resources} == set(FILES)
    assert cache_folder().is_absolute()
