"""The Jupyter server that this kernel belongs to, and whether it passes pages on."""

from __future__ import annotations

import http.client
import json
import os
import ssl
from pathlib import Path
from urllib.parse import urlsplit

PROXY = "proxy/absolute/{port}"


def running() -> dict | None:
    """What the kernel's Jupyter server has noted about itself; None outside Jupyter."""
    from jupyter_core.paths import jupyter_runtime_dir

    parent = os.environ.get("JPY_PARENT_PID", "")
    try:
        path = Path(jupyter_runtime_dir(), f"jpserver-{int(parent)}.json")
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    known = isinstance(found, dict) and type(found.get("port")) is int
    return found if known and {"base_url", "url"} <= found.keys() else None


def base() -> str:
    """The path of pages that can be reached through Jupyter's own port; "" outside Jupyter.

    Ends without a slash; `{port}` stands for the port of what serves them.
    """
    found = running()
    return found["base_url"] + PROXY if found else ""


def proxied_path(port: int, path: str) -> str:
    """The path on Jupyter's own port of what another port has at `path`, passed unchanged."""
    found = running()
    return f"{found['base_url']}proxy/{port}{path}" if found else path


def proxy_available(path: str) -> bool:
    """Whether Jupyter answers for `path`: it says 404 where jupyter-server-proxy is missing.

    Without a login it answers with another status, which will do. Its token goes to this
    machine alone, whatever name Jupyter has noted for itself: nobody has proved that name.
    """
    found = running()
    if found is None or not path.startswith(found["base_url"]):
        return False
    address = urlsplit(found["url"])
    host = "::1" if address.hostname == "::1" else "127.0.0.1"
    kind: type[http.client.HTTPConnection] = http.client.HTTPConnection
    options: dict = {"timeout": 5}
    if address.scheme == "https":  # its own certificate, on this machine
        kind = http.client.HTTPSConnection
        options["context"] = ssl._create_unverified_context()
    connection = kind(host, found["port"], **options)
    try:
        headers = {"Authorization": f"token {found['token']}"} if found.get("token") else {}
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status != http.client.NOT_FOUND
    except (OSError, http.client.HTTPException):
        return True  # it may listen elsewhere, and the base URL was made for it
    finally:
        connection.close()
