from playwright.sync_api import expect

from tests.browser.pages import open_page
from tests.browser.windows import OpenWindow


def test_trying_an_operation(open_window: OpenWindow) -> None:
    """The forms of Swagger UI work under the content security policy, and show the answer of this server."""
    with open_window() as window:
        open_page(window.page, "docs")
        operation = window.page.locator(".opblock", has_text="/v1/forces").first
        operation.locator(".opblock-summary-control").click()
        operation.locator("button.execute").click()
        expect(operation.locator(".live-responses-table .response-col_status").nth(1)).to_have_text("200")
        expect(operation.locator(".live-responses-table")).to_contain_text("metropolitan")
