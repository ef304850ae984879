from playwright.sync_api import expect

from tests.browser.pages import open_page
from tests.browser.windows import OpenWindow


def test_trying_an_operation(open_window: OpenWindow) -> None:
    """Swagger UI's forms work under the content security policy and show this server's answers."""
    with open_window() as window:
        open_page(window.page, "docs")
        window.page.locator("#operations-tag-reference").click()
        operation = window.page.locator(".opblock", has_text="/v1/forces").first
        operation.locator(".opblock-summary-control").click()
        operation.locator("button.execute").click()
        expect(operation.locator(".live-responses-table .response-col_status").nth(1)).to_have_text("200")
        expect(operation.locator(".live-responses-table")).to_contain_text("metropolitan")


def test_forms_start_empty(open_window: OpenWindow) -> None:
    """Forms start with every optional field empty, so executing one requests everything; forces are listed."""
    with open_window() as window:
        open_page(window.page, "docs")
        window.page.locator("#operations-tag-records").click()
        operation = window.page.locator("#operations-records-list-figures")
        operation.locator(".opblock-summary-control").click()
        assert operation.locator("tr[data-param-name=period] input").input_value() == ""
        assert operation.locator("tr[data-param-name=release] input").input_value() == ""
        expect(operation.locator("tr[data-param-name=force] option", has_text="metropolitan")).to_have_count(1)
        operation.locator("button.execute").click()
        # Swagger UI is slow to highlight a hundred records.
        status = operation.locator(".live-responses-table .response-col_status").nth(1)
        expect(status).to_have_text("200", timeout=30_000)
        expect(operation.locator(".request-url")).to_contain_text("/v1/figures")
        expect(operation.locator(".request-url")).not_to_contain_text("?")


def test_the_page_is_short(open_window: OpenWindow) -> None:
    """Groups and lists start collapsed, so the page fits in three screens."""
    with open_window() as window:
        open_page(window.page, "docs")
        assert window.page.evaluate("document.documentElement.scrollHeight") < 3 * 800
