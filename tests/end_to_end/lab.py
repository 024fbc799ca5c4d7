"""JupyterLab in a browser, as a learner uses it: open, run, type, click, look."""

import os
import re
from pathlib import Path

from playwright.sync_api import Browser, JSHandle, Locator, Page

ARTEFACTS = Path(
    os.environ.get("COURSE_ARTEFACTS") or Path(__file__).resolve().parent / "artefacts"
)
PATIENCE = 180_000  # milliseconds for what takes seconds; a loaded machine is slow
REDRAWN = 600_000  # for all cells of all open notebooks, which another theme takes
ELSEWHERE = re.compile(r"^(?!(https?|wss?)://(127\.0\.0\.1|localhost)[:/]|data:|blob:)")
# Jupyter's server answers 500 where the page asks, as it does time and again, which kernels
# there are while one starts (its last_activity is not set yet). The page asks again.
# JupyterLab's splash screen, asked for twice within 200 ms, is taken away twice: by a timer, so
# that nothing else is on the stack. The page is whole.
SPLASH = re.compile(r"'removeChild' on 'Node'[^\n]*\n +at [^\n]*/static/lab/jlab_core\.[^\n]*\s*\Z")
STARTING = re.compile(r"/api/kernels\?\d+$")

PANEL = """path => [...window.jupyterapp?.shell.widgets('main') ?? []].find(
    panel => panel.context?.path === path && panel.content?.model?.cells.length)"""
CONNECT = """
    const session = panel.context.sessionContext;
    await panel.context.ready;
    await session.ready;
    await session.session.kernel.info;"""
# Cells far down are drawn when the browser has time for them.
DRAWN = "panel => panel.content.widgets.every(cell => !cell.isPlaceholder())"
FORGET_ALL = """
    for (const {model} of panel.content.widgets)
        if (model.type === 'code') model.executionCount = null;"""
# Commands act on the tab in front, which another becomes when the browser has time for it.
IN_FRONT = """
    jupyterapp.shell.activateById(panel.id);
    while (jupyterapp.shell.currentWidget !== panel || !panel.node.contains(document.activeElement))
        await new Promise(done => setTimeout(done, 20));"""
RUN_ALL = f"""{IN_FRONT}
    jupyterapp.commands.execute('notebook:run-all-cells');"""
CODE = """panel => panel.content.widgets.flatMap(({model}, place) =>
    model.type === 'code' && model.sharedModel.source.trim() ? [place] : [])"""
IN_ORDER = """panel => panel.content.widgets.filter(({model}) => model.type === 'code')
    .every(({model}, place) => model.executionCount === place + 1)"""
SAVE = f"""{IN_FRONT}
    await jupyterapp.commands.execute('docmanager:save');"""
FORGET = "panel.content.widgets[place].model.executionCount = null;"
RAN = """([panel, place]) => {
    const {model} = panel.content.widgets[place];
    return model.executionState !== 'running' && model.executionCount;
}"""
SHOW = """
    jupyterapp.shell.activateById(panel.id);
    panel.content.activeCellIndex = place;
    await panel.content.scrollToItem(place, 'start', 0);"""
SEEN = """panel => panel.content.widgets.map(cell =>
    [...cell.node.querySelectorAll('.jp-OutputArea-output')].some(
        output => output.checkVisibility()))"""

ALTERNATIVES = """panel => [...panel.node.querySelectorAll('.jp-OutputArea-output img')]
    .map(picture => picture.alt)"""


class Lab:
    """One window of JupyterLab.

    Attributes:
        browser: What the window belongs to.
        page: The window.
        elsewhere: Addresses outside this machine that the page asked for; they are cut off.
        complaints: What the page's own code reported as errors.
        refused: Status and address of each answer that says no, in frames too.
    """

    def __init__(self, browser: Browser, address: str, token: str) -> None:
        """Open the address that `make lab` prints."""
        self.elsewhere: list[str] = []
        self.complaints: list[str] = []
        self.refused: list[str] = []
        self.browser = browser
        self.where = (browser, address, token)
        self.page = browser.new_page(viewport={"width": 1200, "height": 1000})
        self.page.set_default_timeout(PATIENCE)
        self.page.route(ELSEWHERE, self._cut_off)
        self.page.on("websocket", self._note_socket)
        self.page.on("pageerror", self._note_error)
        self.page.on("console", self._note_message)
        self.page.on("response", self._note_answer)
        self.page.goto(f"{address}/?token={token}")

    def another(self) -> "Lab":
        """A second window on the same server, with lists of its own."""
        return Lab(*self.where)

    def _cut_off(self, route) -> None:
        self.elsewhere.append(route.request.url)
        route.abort()

    def _note_socket(self, socket) -> None:
        if ELSEWHERE.match(socket.url):
            self.elsewhere.append(socket.url)

    def _note_error(self, error) -> None:
        stack = error.stack or ""
        if not SPLASH.search(stack):
            self.complaints.append(f"{error} {stack}")

    def _note_message(self, message) -> None:
        address = message.location.get("url") or ""
        starting = "status of 500" in message.text and STARTING.search(address)
        if message.type == "error" and not starting:
            self.complaints.append(f"{message.text} ({address})")

    def _note_answer(self, answer) -> None:
        starting = answer.status == 500 and STARTING.search(answer.url)
        if answer.status >= 400 and not starting:
            self.refused.append(f"{answer.status} {answer.url}")

    def notebook(self, path: str) -> "Notebook":
        """A notebook that is open or being opened, once it is drawn and its kernel answers."""
        panel = self.page.wait_for_function(PANEL, arg=path)
        notebook = Notebook(self.page, panel)
        notebook.act(CONNECT)
        self.page.wait_for_function(DRAWN, arg=panel, polling=100)
        return notebook

    def open(self, path: str) -> "Notebook":
        """Open a notebook in a tab beside the others."""
        self.page.evaluate(
            "async path => { await jupyterapp.commands.execute('docmanager:open', {path}) }",
            path,
        )
        return self.notebook(path)

    def theme(self, name: str) -> None:
        """Change to "JupyterLab Light" or "JupyterLab Dark"."""
        light = "true" if name.endswith("Light") else "false"
        self.page.evaluate(
            "async theme => { await jupyterapp.commands.execute("
            "'apputils:change-theme', {theme}) }",
            name,
        )
        themed = self.page.locator(f"body[data-jp-theme-light={light}]")
        themed.wait_for(state="attached", timeout=REDRAWN)

    def picture(self, name: str) -> None:
        """Keep a screenshot for people to look at."""
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=ARTEFACTS / f"{name}.png")


class Notebook:
    """One open notebook. A cell is known by its place, counted from 0."""

    def __init__(self, page: Page, panel: JSHandle) -> None:
        self.page = page
        self.panel = panel
        self.id = panel.evaluate("panel => panel.id")

    def act(self, script: str, place: int = 0) -> None:
        """Run JavaScript that knows `panel` and `place`; raises where it does not end."""
        self.panel.evaluate(
            f"""(panel, [place, patience]) => Promise.race([
                (async () => {{ {script} }})(),
                new Promise((_, fail) => setTimeout(
                    () => fail(new Error('no answer; the kernel is '
                        + panel.context.sessionContext.kernelDisplayStatus)), patience)),
            ])""",
            [place, PATIENCE],
        )

    @property
    def cells(self) -> list[dict]:
        """All cells as they would be saved."""
        return self.panel.evaluate("panel => panel.content.model.toJSON().cells")

    @property
    def shows_output(self) -> list[bool]:
        """Of each cell, whether a reader who scrolls there sees output."""
        return self.panel.evaluate(SEEN)

    @property
    def alternatives(self) -> list[str]:
        """The alternative text of each picture in the outputs; empty where there is none."""
        return self.panel.evaluate(ALTERNATIVES)

    def run_all(self) -> None:
        """Choose Run All Cells, and wait for each in its turn."""
        self.act(FORGET_ALL + RUN_ALL)
        self._wait_for_all()

    def save(self) -> None:
        """Choose Save Notebook; a question in the way is a failure."""
        self.act(SAVE)
        assert self.page.locator(".jp-Dialog").count() == 0

    def restart_and_run_all(self) -> None:
        """Choose Restart Kernel and Run All Cells from the menu, confirm, wait for each cell."""
        self.act(FORGET_ALL)
        self.show(0)
        self.page.get_by_role("menuitem", name="Kernel", exact=True).click()
        self.page.get_by_role("menuitem", name="Restart Kernel and Run All Cells…").click()
        self.page.locator(".jp-Dialog button.jp-mod-accept").click()
        self._wait_for_all()
        assert self.panel.evaluate(IN_ORDER), "the kernel was not restarted"

    def _wait_for_all(self) -> None:
        """Wait until no code cell is left to run; each has time of its own, however many."""
        for place in self.panel.evaluate(CODE):
            self._wait_for(place)

    def _wait_for(self, place: int) -> None:
        self.page.wait_for_function(RAN, arg=[self.panel, place], polling=100)

    def show(self, place: int) -> Locator:
        """Bring a cell into view."""
        self.act(SHOW, place)
        return self.page.locator(f'[id="{self.id}"] .jp-Notebook-cell').nth(place)

    def start(self, place: int) -> Locator:
        """Start a cell, and do not wait for its end."""
        cell = self.show(place)
        self.act(FORGET, place)
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")
        return cell

    def interrupt(self, place: int) -> None:
        """Interrupt the kernel, and wait for the end of the cell that runs."""
        self.act("await jupyterapp.commands.execute('notebook:interrupt-kernel');")
        self._wait_for(place)

    def run(self, place: int, source: str | None = None) -> Locator:
        """Run a cell, with new text typed into it where `source` is given."""
        cell = self.show(place)
        cell.locator(".cm-content").click()
        if source is not None:
            self.page.keyboard.press("ControlOrMeta+a")
            self.page.keyboard.insert_text(source)
        self.act(FORGET, place)
        self.page.keyboard.press("Control+Enter")
        self._wait_for(place)
        return cell
