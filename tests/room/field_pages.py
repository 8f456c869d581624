"""The field page as a director has it open: to press a step, and to wait for what it says."""

import json

from playwright.sync_api import Browser, Page

from tests.room.conftest import RunningRoom

LAPTOP = {"width": 1366, "height": 768}
EVERY = "#field-list > li[data-alert]"


def open_field(browser: Browser, room: RunningRoom, name: str, size=LAPTOP, scheme="light") -> Page:
    context = browser.new_context(viewport=size, color_scheme=scheme)
    context.add_init_script(f"window.localStorage.setItem('warroom-name', {json.dumps(name)})")
    page = context.new_page()
    page.asked, page.errors = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.goto(f"{room.url}/field")
    page.wait_for_selector(EVERY)
    return page


def row(page: Page, alert: str):
    return page.locator(f'#field-list > li[data-alert="{alert}"]')


def press(page: Page, alert: str, step: str) -> None:
    row(page, alert).locator(f'[data-step="{step}"]').click()


def says(page: Page, words: str) -> None:
    page.wait_for_function("w => document.getElementById('field-say')?.textContent.includes(w)", arg=words)


def state(page: Page, alert: str, words: str) -> None:
    page.wait_for_function(
        '([id, w]) => document.querySelector(`li[data-alert="${id}"] .f-state`)?.textContent.includes(w)',
        arg=[alert, words],
    )
