"""Make folium safe to use here: every script and style from our own server, and no text executed as a template.

``install`` changes folium for the whole process, once, before the first map is made:

- each class's links (``default_js``, ``default_css``) are replaced by addresses of our own server. A link that
  ``assets.json`` does not know becomes an address no browser can open, so that a plugin added without its files shows
  nothing instead of asking a stranger;
- what folium has rendered is passed on as it is. folium 0.20 with branca 0.8 compiles rendered output a second time as
  a Jinja template with full access to Python: text such as ``{{ ... }}`` in a tooltip, a name or a popup was executed.

The second is a wall behind a wall: the text of records never enters a folium object (docs/design.md).
"""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from typing import Any, Final

import folium
import folium.plugins
from branca.element import Element, Figure, MacroElement
from folium.elements import JSCSSMixin
from folium.template import Template

from dashboard.settings import STATIC_FOLDER, VENDOR_URL
from geodata.errors import AtlasError

#: What an unknown link becomes. No browser knows the scheme, so the request is never made.
BLOCKED: Final = "blocked:"


class OfflineError(AtlasError):
    """Maps cannot be drawn safely: a file is missing, or folium is not the version this was written for."""


class Literal(Element):
    """An element that renders as the text it was given, never as a template.

    Parameters
    ----------
    text : str
        What folium rendered.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        # As Jinja does with a template's source, so that ordinary maps come out byte for byte as before.
        self._text = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")

    def render(self, **_: object) -> str:
        """Return the text."""
        return self._text


class DefaultIconPath(MacroElement):
    """Tells Leaflet where its pin pictures are; add it to the map first.

    Leaflet finds the folder by measuring a style, and streamlit-folium does not wait for the style sheets.
    """

    _template = Template(
        "{% macro script(this, kwargs) %}L.Icon.Default.imagePath = {{ this.url | tojson }};{% endmacro %}"
    )

    def __init__(self, base: str = VENDOR_URL) -> None:
        super().__init__()
        self._name = "DefaultIconPath"
        self.url = f"{base}/leaflet/images/"


def install(base: str = VENDOR_URL) -> None:
    """Change folium for this process; calling it again changes nothing.

    Parameters
    ----------
    base : str
        Address of ``vendor/`` on our server. Give the prefix too when the app is served under one
        (``server.baseUrlPath``).

    Raises
    ------
    OfflineError
        If a file of others is missing, or folium still executes text after the change.
    """
    _require_files()
    for kind in classes_with_links():
        kind.default_js = _local_links(kind.default_js, base)
        kind.default_css = _local_links(kind.default_css, base)
    MacroElement.render = _render_macro_element  # type: ignore[method-assign]
    folium.Popup.render = _render_popup  # type: ignore[method-assign]
    _prove_closed()


@cache
def replacements() -> dict[str, str]:
    """Return for each address folium would load the place of its file in ``vendor/``, "" for one that is left out."""
    recipe = _recipe()
    known = dict.fromkeys(recipe["dropped"], "")
    for package in recipe["packages"]:
        for place, file in package["files"].items():
            if "replaces" in file:
                known[file["replaces"]] = place
    return known


def _recipe() -> dict[str, Any]:
    recipe: dict[str, Any] = json.loads((STATIC_FOLDER / "assets.json").read_text(encoding="utf-8"))
    return recipe


def _require_files() -> None:
    missing = [place for place in replacements().values() if place and not (STATIC_FOLDER / "vendor" / place).is_file()]
    if missing:
        msg = (
            f"{len(missing)} files of the map are missing, the first is {missing[0]!r}. They are put in place when the "
            "project is installed: run 'make setup', or 'pip install --force-reinstall --no-deps -e .'."
        )
        raise OfflineError(msg)


def classes_with_links() -> list[type[JSCSSMixin]]:
    """List the classes of folium that load files, those of all its plugins too."""
    # A plugin is a subclass only once its module is imported.
    for module in pkgutil.iter_modules(folium.plugins.__path__):
        importlib.import_module(f"folium.plugins.{module.name}")
    # Our own classes name addresses of our own server and are left alone.
    return sorted(
        {kind for kind in _subclasses(JSCSSMixin) if kind.__module__.startswith("folium.")}, key=lambda k: k.__name__
    )


def _subclasses(kind: type[JSCSSMixin]) -> Iterator[type[JSCSSMixin]]:
    for child in kind.__subclasses__():
        yield child
        yield from _subclasses(child)


def _local_links(links: list[tuple[str, str]], base: str) -> list[tuple[str, str]]:
    local = []
    for name, url in links:
        if not _is_foreign(url):
            local.append((name, url))
        elif url not in replacements():
            local.append((name, BLOCKED + url))
        elif place := replacements()[url]:
            local.append((name, f"{base}/{place}"))
    return local


def _is_foreign(url: str) -> bool:
    return url.startswith(("http:", "https:", "//"))


def _render_macro_element(self: MacroElement, **kwargs: Any) -> None:
    """Do what branca's ``MacroElement.render`` does, with ``Literal`` where it compiles a template."""
    figure = _figure_of(self)
    macros = self._template.module.__dict__
    for part in ("header", "html", "script"):
        macro = macros.get(part)
        if macro is not None:
            getattr(figure, part).add_child(Literal(macro(self, kwargs)), name=self.get_name())
    for child in self._children.values():
        child.render(**kwargs)


def _render_popup(self: folium.Popup, **kwargs: Any) -> None:
    """Do what ``folium.Popup.render`` does, with ``Literal`` where it compiles a template."""
    for child in self._children.values():
        child.render(**kwargs)
    text = self._template.render(this=self, kwargs=kwargs)
    _figure_of(self).script.add_child(Literal(text), name=self.get_name())


def _figure_of(element: Element) -> Figure:
    root = element.get_root()
    if not isinstance(root, Figure):
        msg = f"{element.get_name()!r} can only be rendered inside a Figure; add it to a map first."
        raise OfflineError(msg)
    return root


def _prove_closed() -> None:
    """Render what an attacker would send, and refuse to go on if any of it was executed."""
    probe = "{{ 'exec' ~ 'uted' }}"
    page = folium.Map(tiles=None)
    folium.Marker((0, 0), tooltip=probe, popup=probe).add_to(page)
    html = page.get_root().render()
    if html.count(probe) != 2 or "executed" in html:
        msg = (
            f"folium {version('folium')} with branca {version('branca')} executes text as a template. "
            "Install the versions named in pyproject.toml."
        )
        raise OfflineError(msg)
