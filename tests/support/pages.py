"""What every HTML page must hold."""

from bs4 import BeautifulSoup, Tag


def parse(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def main_text(html: str) -> str:
    """The text of the page's main part with single spaces."""
    main = parse(html).find("main")
    assert isinstance(main, Tag)
    return " ".join(main.get_text(" ").split())


def errors_beside_fields(html: str) -> dict[str, str]:
    """The error text beside each field, by the field's id."""
    return {
        element["id"].removesuffix("-error"): " ".join(element.get_text(" ").split())
        for element in parse(html).select("[id$='-error']")
        if element.get_text(strip=True)
    }


def check_page(html: str) -> None:
    """Assert one h1, a title, unique ids, a label for each control, nothing inline. Fragments have no <html>."""
    page = parse(html)
    ids = [element["id"] for element in page.select("[id]")]
    assert len(ids) == len(set(ids)), f"ids used twice: {sorted({i for i in ids if ids.count(i) > 1})}"
    assert not page.select("[style], style, script:not([src]):not([type='application/ld+json'])"), (
        "inline style or script"
    )
    assert not page.select("a[href='']"), "link without an address"
    for control in page.select("input:not([type=hidden]):not([type=submit]), select, textarea"):
        assert _is_labelled(page, control), f"control without a label: {control.get('name')}"
    if page.html is None:
        return
    assert page.html.get("lang") in {"ja", "en"}
    assert len(page.find_all("h1")) == 1, f"{len(page.find_all('h1'))} h1 elements"
    assert page.title is not None
    assert len(page.title.get_text(strip=True)) > len("- 協創マッチング"), "a page needs a title of its own"
    assert "Undefined" not in page.get_text()


def _is_labelled(page: BeautifulSoup, control: Tag) -> bool:
    if control.get("aria-label") or control.get("aria-labelledby") or control.find_parent("label"):
        return True
    return bool(control.get("id")) and page.find("label", attrs={"for": control["id"]}) is not None
