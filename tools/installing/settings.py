"""The user's settings: which of them count while packages are installed, and for whom.

pip and uv run without the user's settings, apart from those of pip that say how packages and
certificates are reached, and where the cache lies (KEPT). uv is told the same in its own words.
"""

import configparser
import os
import sys
from pathlib import Path

KEPT = {
    *("index-url", "extra-index-url", "find-links", "no-index", "trusted-host", "keyring-provider"),
    *("cert", "client-cert", "proxy", "timeout", "retries", "cache-dir", "no-cache-dir"),
}
OTHER_NAMES = {"default-timeout": "timeout", "pypi-url": "index-url"}
# Of uv's own settings: where its cache lies and how it downloads; nothing about what is installed.
UV_KEPT = {
    *("UV_CACHE_DIR", "UV_NO_CACHE", "UV_LINK_MODE", "UV_SYSTEM_CERTS", "UV_HTTP_TIMEOUT"),
    *("UV_HTTP_RETRIES", "UV_CONCURRENT_DOWNLOADS", "UV_CONCURRENT_BUILDS"),
}
# pip's settings that uv knows under another name, with values of the same form.
SAME_FOR_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "client-cert": "SSL_CLIENT_CERT",
    "timeout": "UV_HTTP_TIMEOUT",
    "retries": "UV_HTTP_RETRIES",
    "keyring-provider": "UV_KEYRING_PROVIDER",
}
PIP_FILE = "Note: pip's settings in {path} are left out, because the file cannot be read: {error}"


def pip_files(prefix: Path) -> list:
    """The files in which pip looks for settings; later ones win."""
    own = os.environ.get("PIP_CONFIG_FILE", "")
    if own == os.devnull:
        return []
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 (Path.home raises where there is none)
    if os.name == "nt":
        shared: list = [os.environ.get("PROGRAMDATA", "C:\\ProgramData") + "\\pip"]
        user = [home / "pip", Path(os.environ.get("APPDATA", home), "pip")]
    else:
        xdg = os.environ.get("XDG_CONFIG_DIRS") or "/etc/xdg"
        shared = [*(Path(path, "pip") for path in xdg.split(":")), "/etc"]
        user = [home / ".pip", Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config", "pip")]
    if sys.platform == "darwin":
        library = "Library/Application Support/pip"
        shared = ["/" + library]
        user += [home / library]
    folders = [*shared, *([] if own and Path(own).exists() else user), prefix]
    name = "pip.ini" if os.name == "nt" else "pip.conf"
    return [Path(folder, name) for folder in folders] + ([Path(own)] if own else [])


def pip_variables(prefix: Path) -> dict:
    """Variables that give pip the user's settings which are KEPT, and no others."""
    sections: dict = {"global": {}, "install": {}}  # settings for `install` win over those for all
    for path in pip_files(prefix):
        parser = configparser.RawConfigParser()
        try:
            parser.read(str(path))
            for section, values in sections.items():
                values.update(parser.items(section) if parser.has_section(section) else [])
        except OSError:
            pass  # pip passes over it too
        except (configparser.Error, ValueError) as error:
            print(PIP_FILE.format(path=path, error=" ".join(str(error).split())), flush=True)
    own = [(name, value) for name, value in os.environ.items() if name.startswith("PIP_")]
    found = {}
    for name, value in [*sections["global"].items(), *sections["install"].items(), *own]:
        if value and setting(name) in KEPT:
            found[variable(setting(name))] = value
    return found


def setting(name: str) -> str:
    """The name of pip's setting behind a variable or a line of its file."""
    name = name[4:] if name.startswith("PIP_") else name
    name = name.lower().replace("_", "-").lstrip("-")
    return OTHER_NAMES.get(name, name)


def variable(name: str) -> str:
    """The environment variable of one of pip's settings."""
    return "PIP_" + name.upper().replace("-", "_")


def clean_variables() -> dict:
    """The environment variables without the user's settings of pip, uv and Python."""
    own = ("PIP_", "UV_", "PYTHON", "DIST_EXTRA_CONFIG", "__PYVENV")
    variables = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(own) or name in UV_KEPT
    }
    variables.update(
        PIP_CONFIG_FILE=os.devnull,
        PIP_DISABLE_PIP_VERSION_CHECK="1",
        PIP_NO_INPUT="1",  # a question would not be seen
        PIP_ROOT_USER_ACTION="ignore",
        PYTHONNOUSERSITE="1",
    )
    return variables


def kept(variables: dict) -> dict:
    """Of the variables for pip, the user's: setting to value."""
    found = {setting(name): value for name, value in variables.items() if name[:4] == "PIP_"}
    return {name: value for name, value in found.items() if name in KEPT}


def is_on(value: str) -> bool:
    """Whether pip takes a setting's value for yes."""
    return value.strip().lower() not in ("", "0", "false", "off", "no", "n", "f")


def unknown_to_uv(variables: dict) -> str:
    """The setting of the user's that only pip can follow; empty if there is none."""
    own = kept(variables)
    if own.get("keyring-provider", "auto") not in ("auto", "disabled", "subprocess"):
        return "keyring-provider"
    return "proxy" if own.get("proxy", "").startswith("socks") else ""


def uv_variables(variables: dict) -> dict:
    """All variables for uv: those for pip, and the user's settings of pip in uv's words."""
    own, found = kept(variables), dict(variables)
    found.update(
        UV_NO_CONFIG="1",
        UV_NO_PYTHON_DOWNLOADS="1",
        UV_NO_WRAP="1",
    )
    for name, uvs in SAME_FOR_UV.items():
        if name in own and own[name] != "auto":  # without a terminal, pip's "auto" asks no keyring
            found[uvs] = own[name]
    if "extra-index-url" in own:
        found["UV_INDEX"] = " ".join(own["extra-index-url"].split())
        # pip takes a version from whichever index has it; uv would ask the first one alone.
        found["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    if "find-links" in own:
        # A comma ends a place here, a space in pip's settings.
        found["UV_FIND_LINKS"] = ",".join(map(without_comma, own["find-links"].split()))
    if "trusted-host" in own:
        found["UV_INSECURE_HOST"] = " ".join(own["trusted-host"].split())
    if "proxy" in own:
        proxy = own["proxy"] if "://" in own["proxy"] else "http://" + own["proxy"]
        found.update(HTTP_PROXY=proxy, HTTPS_PROXY=proxy, http_proxy=proxy, https_proxy=proxy)
    found.update(certificates(own, found))
    if is_on(own.get("no-cache-dir", "")):
        found["UV_NO_CACHE"] = "1"
    elif "cache-dir" in own and "UV_CACHE_DIR" not in found:
        found["UV_CACHE_DIR"] = str(Path(own["cache-dir"]).expanduser() / "uv")
    return found


def uv_flags(variables: dict) -> list:
    """The user's setting of pip for which uv has a flag alone."""
    return ["--no-index"] if is_on(kept(variables).get("no-index", "")) else []


def without_comma(place: str) -> str:
    """An address or a path, written so that it holds no comma."""
    if "," in place and "://" not in place:
        place = Path(place).expanduser().absolute().as_uri()
    return place.replace(",", "%2C")


def certificates(own: dict, variables: dict) -> dict:
    """Variables with which uv accepts the certificates that pip does."""
    for given in (own.get("cert"), *map(variables.get, ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"))):
        if given:
            return {"SSL_CERT_DIR" if Path(given).is_dir() else "SSL_CERT_FILE": given}
    return {"UV_SYSTEM_CERTS": variables.get("UV_SYSTEM_CERTS", "1")}  # as pip does
