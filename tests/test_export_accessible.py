"""The web page of an export is for everyone: WCAG 2.2 AA by axe-core in a real browser, on two whole cycles."""

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from chromium import AXE, REMEDY, Page, browsers, page_in
from exported import dossier_in, dossier_of
from group import group
from played import played

from doetank_bot.export import as_html
from doetank_bot.text.catalogue import Catalogue

GOLDEN = Path(__file__).parent / "golden"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice", "EN-301-549"]
PHONE, REFLOWED, DESK = 390, 320, 1280
NAIVE = """<html><head><title></title></head><body><h1>Ronde</h1><h3>Foto</h3><img src="data:,">
<p style="color: #aaa; background: #fff">Bijna niet te lezen</p><a href="#x"></a></body></html>"""


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    """A tab of the first browser that starts. In CI there has to be one."""
    for number, (browser, needs) in enumerate(browsers()):
        profile = tmp_path / f"browser-{number}"
        profile.mkdir()
        try:
            async with page_in(browser, needs, profile) as tab:
                yield tab
                return
        except TimeoutError:
            continue
    if os.environ.get("CI"):
        pytest.fail(REMEDY)
    pytest.skip(REMEDY)


async def checked(page: Page) -> dict[str, Any]:
    """Return what axe says of the page that is shown."""
    await page.run(AXE.read_text("utf-8"))
    told = await page.run(f"axe.run({{runOnly: {json.dumps(RULES)}}})")
    assert isinstance(told, dict)
    return told


def violations(told: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["id"], node["html"]) for one in told["violations"] for node in one["nodes"]]


@pytest.mark.parametrize("language", ["nl", "en"])
async def test_a_whole_cycle_as_a_page_has_no_fault_in_light_or_dark_narrow_or_wide(
    tmp_path: Path, page: Page, language: str
) -> None:
    await played((GOLDEN / f"cycle.{language}.chat").read_text("utf-8"), tmp_path, language)
    html = as_html(await dossier_in(tmp_path), Catalogue.load())
    assert f'<html lang="{language}">' in html
    for width, is_dark in ((REFLOWED, False), (PHONE, True), (DESK, False), (DESK, True)):
        await page.show(html, width=width, is_dark=is_dark)
        told = await checked(page)
        assert (violations(told), told["incomplete"]) == ([], []), (width, is_dark)
        contrast = next(one for one in told["passes"] if one["id"] == "color-contrast")
        assert len(contrast["nodes"]) > 100, "the text was really painted"
        assert await page.run("document.documentElement.scrollWidth") <= width, "nobody has to scroll sideways"


async def test_the_check_sees_what_is_wrong_with_a_naive_page(page: Page) -> None:
    await page.show(NAIVE, width=PHONE, is_dark=False)
    found = {rule for rule, _ in violations(await checked(page))}
    assert found >= {"html-has-lang", "image-alt", "color-contrast", "document-title", "link-name", "heading-order"}


async def test_the_page_has_its_style_and_its_policy_lets_nothing_else_in(tmp_path: Path, page: Page) -> None:
    async with group(tmp_path) as here:
        html = as_html(await dossier_of(here.house), Catalogue.load())
    foreign = '<p id="new" style="color: red">x</p><script>document.title = "run"</script></main>'
    await page.show(html.replace("</main>", foreign), width=DESK, is_dark=False)
    assert await page.run("getComputedStyle(document.body).maxWidth") == "672px"
    assert await page.run("getComputedStyle(document.getElementById('new')).color") != "rgb(255, 0, 0)"
    assert await page.run("document.title") == "Parkeren"
