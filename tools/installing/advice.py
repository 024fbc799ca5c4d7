"""What to do about a failure, from what pip, uv or the system said of it."""

import os
import re
import sys
from pathlib import Path

from tools.installing.running import interpreter
from tools.installing.settings import kept, variable

ANOTHER_PYTHON = (
    r"py -3.13 tools\environment.py course" if os.name == "nt" else "make lab PYTHON=python3.13"
)
NETWORK = """\
The download failed. Check the network, then run the same command again:
it repairs what is half done."""
CERTIFICATE = """\
A certificate was not accepted. Where a proxy has one of its own, set PIP_CERT to the
file that holds it, then run the same command again."""
LOGIN = """\
The package index or the proxy refused the login. Check the name and password in its
address, then run the same command again."""
NO_MATCH = """\
No version of this package fits this computer and Python {version}, or the package index
lacks it or cannot be reached. The course is tested on Python 3.11 to 3.15."""
BAD_SETTING = """\
pip does not accept one of your settings. Correct it, then run the same command again."""
READ_ONLY = """\
Nothing can be written to {folder} ({found}).
Copy the course to a folder of your own and run the command there."""
NOT_YOURS = """\
Nothing can be installed into {folder} ({found}).
Activate an environment of your own, or leave --here out."""
FULL = """\
The disk is full. Free {size} for {folder}, and where downloads and temporary files
go, then run the same command again."""
OPEN = """\
A file of {folder} is open in another program. Close JupyterLab and every other
program that runs from it first, then run the same command again."""
KILLED = """\
Something else ended pip; often the memory is too small. Close other programs,
then run the same command again."""
UNKNOWN = "Run the same command again: it repairs what is half done."
# The first that is found counts.
CAUSES = [
    (r"(?i)no space left|quota exceeded|not enough space|(WinError|os error) 112\b", FULL),
    (
        r"(?i)file name too long|(WinError|os error) 206\b|long path support",
        "A path below {folder} is too long for this system.\n"
        "Move the course to a shorter path, then run the same command again.",
    ),
    (
        r"(?i)being used by another process|(WinError|os error) 32\b|text file busy"
        r"|WinError 5\b|Access is denied",
        OPEN,
    ),
    (
        r"No module named '?pip\b",
        "{folder} has no pip. Run {python} -m ensurepip\n"
        "or conda install pip, then run the same command again.",
    ),
    (
        r"(?i)ssl module is not available",
        "This Python was built without SSL and cannot download anything.\n"
        "Use another one, for example: " + ANOTHER_PYTHON,
    ),
    (r"ended by signal", KILLED),
    (r"(?i)\boption -*[\w-]+: invalid|not a valid value for|invalid proxy", BAD_SETTING),
    (
        r"SSLError|SSLCert|CERTIFICATE_VERIFY_FAILED|TLS (CA )?certificate"
        r"|(?i:invalid peer certificate|UnknownIssuer|certificate (is not|verify|has expired))",
        CERTIFICATE,
    ),
    (
        r"\b(401|403|407) (Client )?Error|HTTP error (401|403|407)|connection failed: 407"
        r"|\((401 Unauthorized|403 Forbidden|407 Proxy Authentication Required)\)"
        r"|(?i:status code (401|403|407)|authorization required|missing credentials)",
        LOGIN,
    ),
    (
        r"(?i)connectionpool|connection ?(error|broken|refused|reset|aborted)|timed out"
        r"|failed to connect|name resolution|unreachable|incomplete ?read|proxy ?error"
        r"|error sending request|dns error|error decoding response body|tcp connect error"
        r"|request failed after|failed to download|operation timed out",
        NETWORK,
    ),
    (
        r"No matching distribution|not a supported wheel|requires a different Python"
        r"|No solution found|no wheels? with a matching|there is no version of"
        r"|not found in the (package registry|provided package locations)",
        NO_MATCH,
    ),
    (r"(?i)permission denied|read-only file system|not permitted|externally.managed", READ_ONLY),
]
# What no other installer could do better.
SHARED = (FULL, OPEN, KILLED, READ_ONLY, NETWORK)


def cause(said: str) -> tuple:
    """The words that tell a cause (None where none is known), and the advice that fits."""
    causes = ((re.search(pattern, said), text) for pattern, text in CAUSES)
    found, text = next((each for each in causes if each[0]), (None, UNKNOWN))
    return found[0] if found else None, text


def advice(said: str, folder: Path, variables: dict, root: Path) -> str:
    """What to do about a failure in `folder`, for the course in `root`."""
    found, text = cause(said)
    inside = root in (folder, *folder.parents)
    given = sorted(map(variable, kept(variables)))
    if text in (NETWORK, CERTIFICATE, LOGIN, NO_MATCH, BAD_SETTING) and given:
        text += "\nYour settings of pip have a part in it: {}.".format(", ".join(given))
    return (NOT_YOURS if text is READ_ONLY and not inside else text).format(
        folder=os.path.realpath(str(folder)),
        found=found,
        python=interpreter(folder),
        size="8 GB" if sys.platform == "linux" else "3 GB",
        version="{}.{}".format(*sys.version_info),
    )
