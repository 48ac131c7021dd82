"""Pages in headless Chromium, opened from a file with the network off; everything that they do is noted."""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import pytest

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
AXE = Path(__file__).parent.parent / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = ("serious", "critical")
WIDTHS = "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
# Words on the stage that are cut by its edge, or lie on other words by more than a letter's corner.
COLLISIONS = """() => {
  const svg = document.querySelector('svg.stage'), stage = svg.getBoundingClientRect();
  const words = [...svg.querySelectorAll('text')]
    .filter(e => e.textContent.trim() && !e.closest('[opacity="0"]'))
    .map(e => ({text: e.textContent, key: e.dataset.key, box: e.getBoundingClientRect()}));
  const found = [];
  for (const [k, a] of words.entries()) {
    const {left, right, bottom} = a.box;
    if (left < stage.left - 1 || right > stage.right + 1 || bottom > stage.bottom + 1)
      found.push(`cut: ${a.text} (${a.key})`);
    for (const b of words.slice(k + 1)) {
      const wide = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
      const high = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
      if (wide > 2 && high > 5) found.push(`${a.text} (${a.key}) on ${b.text} (${b.key})`);
    }
  }
  return found;
}"""


@dataclass
class Visit:
    """An open page, and everything that it did."""

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def went_well(self) -> None:
        """Nothing was asked for but the file itself, and nothing went wrong."""
        assert self.complaints == []
        assert [url for url in self.requests if not url.startswith(("file://", "data:,"))] == []
        assert sum(url.startswith("file://") for url in self.requests) == 1


def absent(missing: str) -> NoReturn:
    """Skips where a person works without it; in CI the tests must run."""
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser; skips, saying so, where there is none."""
    if importlib.util.find_spec("playwright") is None:
        absent("Playwright for Python is not installed: pip install playwright")
    if not Path(CHROMIUM).exists():
        absent(f"there is no Chromium at {CHROMIUM}: apt-get install chromium")
    sync_api = importlib.import_module("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        browser.close()


def opened(
    browser: Any,
    path: Path,
    anchor: str = "",
    *,
    width: int = 1280,
    before: Callable[[Any], object] = lambda page: None,
    **context: Any,
) -> Visit:
    """A page in a context of its own; `before` is called with it before anything is loaded."""
    made = browser.new_context(viewport={"width": width, "height": 900}, offline=True, **context)
    visited = Visit(made.new_page())
    visited.page.set_default_timeout(120_000)  # for what hangs: a busy machine is slow
    visited.page.on("request", lambda request: visited.requests.append(request.url))
    visited.page.on("console", lambda message: visited.complaints.append(message.text))
    visited.page.on("pageerror", lambda error: visited.complaints.append(str(error)))
    before(visited.page)
    visited.page.goto(path.as_uri() + (f"#{anchor}" if anchor else ""))
    return visited


def settle(page: Any) -> None:
    """Two frames: one takes the change in, the next one has drawn it."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))")


GO = """place => new Promise(done => {
  const drawn = () => requestAnimationFrame(() => requestAnimationFrame(() => done()));
  if (location.hash === `#${place}`) return drawn();
  addEventListener('hashchange', drawn, {once: true});
  location.hash = place;
})"""


def go(page: Any, place: str) -> None:
    """Another place in the address of an open page, and the two frames in which it is taken in and drawn."""
    page.evaluate(GO, place)


def still_clock(page: Any) -> None:
    """Time that passes in `page.clock.run_for(milliseconds)` alone: frames, timers and what the page reads of it."""
    page.clock.install(time=0)
    page.clock.pause_at(1)


def offences(page: Any) -> list[str]:
    """What axe finds serious or critical on an open page."""
    if not AXE.exists():
        absent("axe-core is not installed: npm install")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found["violations"] if each["impact"] in SERIOUS]
