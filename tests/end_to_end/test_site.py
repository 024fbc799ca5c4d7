"""The site in Chromium, without a network, as a reader meets it: from a server, and as a file.

It is built once for all tests. Screenshots go to `artefacts/`, or to $COURSE_ARTEFACTS.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Request, expect

import exercises
from helpers.grading.prediction import Prediction
from tests.end_to_end.chromium import browsing
from tests.end_to_end.lab import ARTEFACTS, PATIENCE
from tests.end_to_end.offline import loopback_only
from tests.end_to_end.required import IN_CI, NO_BROWSER, NO_CUT, go_without
from tests.end_to_end.test_browser import CONTRASTS, LEAST_CONTRAST
from tools import notebooks
from tools.site.build import build
from tools.site.course import Settings

pytestmark = pytest.mark.xdist_group("site")
expect.set_options(timeout=PATIENCE)
CHAPTERS = {notebooks.chapter_of(path): path for path in notebooks.paths()}
WIDTHS = (400, 800, 1400)


@dataclass
class Site:
    """The built site, a server of it, and a browser; what a page asked for in vain is noted."""

    folder: Path
    address: str
    browser: Browser
    troubles: list[str] = field(default_factory=list)

    @contextmanager
    def page(self, path: str = "", as_file: bool = False, **options) -> Iterator[Page]:
        """A page in a window of its own; `options` are those of a browser's context."""
        base = f"{self.folder.as_uri()}/" if as_file else self.address
        context = self.browser.new_context(**options)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("console", lambda m: m.type == "error" and self.troubles.append(m.text))
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("requestfailed", self._note_failure)
        page.on(
            "request",
            lambda request: (
                request.url.startswith((base, "data:")) or self.troubles.append(request.url)
            ),
        )
        page.on("response", lambda r: r.status >= 400 and self.troubles.append(r.url))
        if path:
            page.goto(base + path)
        yield page
        context.close()

    def _note_failure(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the next page was opened before it came
            self.troubles.append(f"{request.url}: {request.failure}")

    def chapter(self, number: str, **options):
        """The page of a chapter."""
        return self.page(f"notebooks/{CHAPTERS[number].stem}.html", **options)

    def pages(self) -> list[str]:
        """Paths of all pages."""
        found = sorted(self.folder.rglob("*.html"))
        return [path.relative_to(self.folder).as_posix() for path in found]


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("browser")
    folder = tmp_path_factory.mktemp("site") / "mon site é"
    with loopback_only() as prefix, browsing(prefix, home) as browser:
        if browser is None:
            go_without(NO_BROWSER, required=IN_CI)
        if not prefix:
            go_without(NO_CUT, required=IN_CI)
        build(folder, Settings())
        command = [*prefix, sys.executable, "-u", "-m", "http.server", "--bind", "127.0.0.1"]
        with subprocess.Popen(
            [*command, "--directory", str(folder), "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as server:
            address = re.search(r"http://\S+/", server.stdout.readline())
            yield Site(folder, address[0], browser)
            server.terminate()


@pytest.fixture(autouse=True)
def nothing_is_asked_for_in_vain(site: Site) -> Iterator[None]:
    """No page of any test fails to load something, asks another site, or reports an error."""
    site.troubles.clear()
    yield
    assert site.troubles == []


def shown(locator: Locator) -> list[bool]:
    """Whether each element can be seen, folds considered."""
    return locator.evaluate_all("all => all.map(e => e.checkVisibility())")


def results(page: Page) -> Locator:
    """The outputs of all cells that reveal something."""
    return page.locator(".cell.tag_reveal .cell_output")


def declared(number: str) -> dict[str, Prediction]:
    return {each.name: each for each in exercises.chapter(number).predictions}


def choose(page: Page, prediction: Prediction, index: int) -> None:
    """Click on a choice, and compare what unfolds with what is declared."""
    question = page.locator(f"[aria-labelledby=question-{prediction.name}]")
    choice = question.locator("details.choice").nth(index)
    meant = prediction.choices[index]
    expect(choice.locator(".text")).to_have_text(meant.text.replace("`", ""))
    choice.locator("summary").click()
    words = Settings().words["right" if meant.right else "wrong"]
    reason = f"{words} {meant.reason}".replace("`", "")
    expect(choice.locator(".reason")).to_be_visible()
    expect(choice.locator(".reason")).to_have_text(reason)
    expect(question.get_by_role("status")).to_have_text(reason)


@pytest.mark.parametrize("as_file", [False, True], ids=["from a server", "as a file"])
def test_every_page_loads_with_the_network_cut(site, as_file):
    with site.page(as_file=as_file) as page:
        for path in site.pages():
            page.goto((f"{site.folder.as_uri()}/" if as_file else site.address) + path)
            expect(page.locator("footer")).to_be_visible()
            drawn = "[...document.images].every(i => i.complete && i.naturalWidth > 0)"
            page.wait_for_function(drawn)


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_the_window(site, width):
    with site.page(viewport={"width": width, "height": 900}) as page:
        for path in site.pages():
            page.goto(site.address + path)
            assert page.evaluate("document.scrollingElement.scrollWidth") <= width, path


@pytest.mark.parametrize("number", CHAPTERS)
def test_nothing_is_revealed_before_the_reader_asks(site, number):
    reference = notebooks.read(CHAPTERS[number])
    revealing = [c for c in reference.cells if "reveal" in notebooks.tags(c) and c.outputs]
    with site.chapter(number) as page:
        assert shown(results(page)) == [False] * len(revealing)
        assert not any(shown(page.locator(".reason, .hint p, .solution .highlight")))


def test_every_choice_of_a_chapter_unfolds_its_declared_reason(site):
    with site.chapter("01") as page:
        for prediction in declared("01").values():
            before = sum(shown(results(page)))
            for index in range(len(prediction.choices)):
                choose(page, prediction, index)
            assert sum(shown(results(page))) > before  # the result below, once it is answered
        assert all(shown(results(page)))
        first_right = sum(p.choices[0].right for p in declared("01").values())
        score = page.locator(".score")
        expect(score).to_contain_text(f"{first_right} of {len(declared('01'))} predictions right")
        page.locator(".prediction").nth(1).scroll_into_view_if_needed()
        page.screenshot(path=ARTEFACTS / "site-predictions.png", timeout=PATIENCE)


@pytest.mark.parametrize("number", [number for number in CHAPTERS if number != "01"])
def test_choices_of_the_other_chapters_unfold_theirs(site, number):
    found = list(declared(number).values())
    with site.chapter(number) as page:
        for prediction in (found[0], found[len(found) // 2], found[-1]):
            right = next(i for i, choice in enumerate(prediction.choices) if choice.right)
            choose(page, prediction, right)


@pytest.mark.parametrize("number", ["00", "05"])
def test_hints_come_one_after_another_and_the_solution_is_the_declared_one(site, number):
    exercise = exercises.chapter(number).exercises[0]
    with site.chapter(number) as page:
        place = page.locator(".help").first
        hints = place.locator("details.hint")
        for index, hint in enumerate(exercise.hints):
            assert shown(hints) == [True] * (index + 1) + [False] * (
                len(exercise.hints) - index - 1
            )
            hints.nth(index).locator("> summary").click()
            expect(hints.nth(index).locator("> p")).to_have_text(hint.replace("`", ""))
        place.locator(".solution summary").click()
        code = exercise.source(exercise.model_answer)
        assert place.locator(".solution pre").inner_text().strip() == code
        expect(place.locator(".solution > p")).to_contain_text(exercise.why.replace("`", ""))


def test_without_a_script_everything_folds_and_unfolds(site):
    with site.chapter("02", java_script_enabled=False) as page:
        choice = page.locator(".choice").first
        expect(choice.locator(".reason")).to_be_hidden()
        choice.locator("summary").click()
        expect(choice.locator(".reason")).to_be_visible()
        result = page.locator(".cell.tag_reveal").first
        expect(result.locator(".cell_output")).to_be_hidden()
        result.locator("summary").click()
        expect(result.locator(".cell_output")).to_be_visible()


def test_a_keyboard_is_enough(site):
    with site.chapter("03") as page:
        choices = page.locator(".prediction").first.locator("summary")
        choices.first.focus()
        page.keyboard.press("Tab")
        expect(choices.nth(1)).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator(".reason").nth(1)).to_be_visible()
        expect(page.locator(".prediction [role=status]").first).not_to_be_empty()


@pytest.mark.parametrize("as_file", [False, True], ids=["from a server", "as a file"])
def test_search_finds_a_section_without_a_network(site, as_file):
    with site.page("index.html", as_file=as_file) as page:
        page.locator(".sidebar-search").fill("broadcasting")
        page.keyboard.press("Enter")
        found = page.locator("#search-results li a", has_text="Broadcasting").first
        expect(found).to_be_visible()
        found.click()
        expect(page.locator("article h1")).to_contain_text("Tensors")


def test_a_topic_leads_to_its_section(site):
    with site.page("docs/topics.html", viewport={"width": 1400, "height": 900}) as page:
        topic = page.locator(".topics li", has_text=re.compile("^gather "))
        topic.locator("a").first.click()
        page.wait_for_url(re.compile(r"01_tensors\.html#cell-id="))
        heading = page.get_by_role("heading", name="gather and scatter")
        expect(heading).to_be_in_viewport()


def test_the_notebook_that_is_downloaded_is_the_learners(site):
    with site.chapter("04") as page, page.expect_download() as download:
        page.get_by_text(Settings().words["download"], exact=True).click()
    notebook = notebooks.read(site.folder / "download" / download.value.suggested_filename)
    assert not any(cell.outputs for cell in notebooks.code_cells(notebook))
    cells = notebooks.read(CHAPTERS["04"]).cells
    assert [(c.id, c.source) for c in notebook.cells] == [(c.id, c.source) for c in cells]


@pytest.mark.parametrize("scheme", ["light", "dark", "dark by the button"])
def test_text_stands_out_on_light_and_dark_pages(site, scheme):
    by_button = scheme.endswith("button")
    with site.chapter("01", color_scheme="light" if by_button else scheme) as page:
        if by_button:
            page.locator(".content-icon-container .theme-toggle").click()
            expect(page.locator("body")).to_have_attribute("data-theme", "dark")
        page.locator("details").evaluate_all("all => all.forEach(e => { e.open = true; })")
        found = page.locator("article").evaluate(CONTRASTS)
        assert len(found) > 1000
        assert [(text, ratio) for text, ratio, _ in found if ratio < LEAST_CONTRAST] == []


def test_in_print_results_are_open_and_answers_are_left_out(site):
    with site.chapter("01") as page:
        page.emulate_media(media="print")
        assert all(shown(results(page)))
        assert not any(shown(page.locator(".reason, .help, .buttons, .sidebar-drawer")))
        assert all(shown(page.locator(".choice .text")))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_pictures_are_taken(site, width, scheme):
    window = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    for name in ("index", "notebooks/01_tensors", "docs/topics"):
        with site.page(f"{name}.html", **window) as page:
            picture = ARTEFACTS / f"site-{Path(name).name}-{width}-{scheme}.png"
            page.screenshot(path=picture, timeout=PATIENCE)
            colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
            light = sum(map(int, re.findall(r"\d+", colour)[:3])) > 382
            assert light == (scheme == "light")
