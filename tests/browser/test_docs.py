"""`/docs` in a browser: under the strict policy, the forms are there and work."""

from playwright.sync_api import Page, expect


def test_trying_an_operation(page: Page) -> None:
    """Whoever opens an operation and presses its button gets the answer of this server."""
    page.goto("/docs")
    operation = page.locator(".opblock", has_text="/v1/forces").first
    operation.locator(".opblock-summary-control").click()
    operation.locator("button.execute").click()
    expect(operation.locator(".live-responses-table .response-col_status").nth(1)).to_have_text("200")
    expect(operation.locator(".live-responses-table")).to_contain_text("metropolitan")
