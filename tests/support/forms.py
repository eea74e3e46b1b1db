"""Fill in forms as a browser would."""

from tests.support.client import InspectingClient
from tests.support.pages import parse


def field_values(html: str, form: str = "main form[method=post]") -> dict[str, list[str]]:
    """What a browser would send if nothing were changed."""
    values: dict[str, list[str]] = {}
    element = parse(html).select_one(form)
    assert element is not None, f"no {form}"
    for control in element.select("input[name], textarea[name], select[name]"):
        name, kind = str(control["name"]), control.get("type")
        if kind == "file" or (kind in {"checkbox", "radio"} and not control.has_attr("checked")):
            continue
        if control.name == "select":
            chosen = control.select_one("option[selected]") or control.select_one("option")
            value = str(chosen["value"]) if chosen else ""
        elif control.name == "textarea":
            value = control.get_text().removeprefix("\r\n").removeprefix("\n")
        else:
            value = str(control.get("value", "on"))
        values.setdefault(name, []).append(value)
    values.pop("csrf_token", None)
    return values


def opened(client: InspectingClient, address: str, form: str = "main form[method=post]") -> dict[str, list[str]]:
    """Open a page and take its form, the first one where nothing else is said."""
    return field_values(client.get(address).get_data(as_text=True), form)
