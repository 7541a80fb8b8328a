"""The Streamlit options the page is started with, wherever and however it is started.

``.streamlit/config.toml`` says the same for people who start Streamlit themselves in the checkout; a test holds the
two equal. The launcher passes ``STREAMLIT_OPTIONS`` to ``st.App.run(config=...)``, because an installed wheel has no
``config.toml``, and because the ``STREAMLIT_*`` environment variables are not read when an ASGI server starts the app.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

#: The folder whose content the page may fetch: our own scripts and styles, and ``vendor/`` with the files of others.
STATIC_FOLDER: Final = Path(__file__).parent / "static"

#: Where the server shows ``STATIC_FOLDER``. Streamlit keeps ``/static``, ``/media`` and ``/component`` for itself.
ASSETS_URL: Final = "/assets"

#: Where the page finds the files of others.
VENDOR_URL: Final = f"{ASSETS_URL}/vendor"

# Arabic script and its presentation forms: the browser fetches these fonts only when such a letter is on the page.
_ARABIC: Final = "U+0600-06FF, U+0750-077F, U+08A0-08FF, U+FB50-FDFF, U+FE70-FEFF"

_FONT_FACES: Final = [
    {
        "family": "Noto Sans Arabic",
        "url": f"{VENDOR_URL}/fonts/NotoSansArabic-{style}.ttf",
        "weight": weight,
        "unicodeRange": _ARABIC,
    }
    for style, weight in (("Regular", 400), ("Bold", 700))
]

#: Streamlit's options by dotted name.
STREAMLIT_OPTIONS: Final[dict[str, object]] = {
    # Nothing leaves the machine: no usage statistics, and no look-up of the machine's external address, which
    # Streamlit makes when it is not headless or has no fixed address.
    "browser.gatherUsageStats": False,
    "server.headless": True,
    "server.address": "127.0.0.1",
    "server.port": 8501,
    # Megabytes, held in memory per session.
    "server.maxUploadSize": 50,
    # Only our own files are served, by our own route.
    "server.enableStaticServing": False,
    # The page is a tool, not a development session: no rerun on file changes, no deploy button, no traces.
    "server.fileWatcherType": "none",
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    # Streamlit offers to send an error to a search engine when it runs on localhost.
    "client.showErrorLinks": False,
    # The launcher says where the page is.
    "logger.hideWelcomeMessage": True,
    # The table's page number has a default of its own and is set by each new view: no trace in the terminal for that.
    "global.disableWidgetStateDuplicationWarning": True,
    # What the browser was sent before is only named when it comes again: above all the table's page, 7 kB of a move
    # that leaves its rows as they are. Smaller messages change with every move, and each that is kept adds its name to
    # every question. What is named must still be kept there: not so many runs end while a question is on its way.
    "global.minCachedMessageSize": 4000.0,
    "global.maxCachedMessageAge": 8,
    # A full garbage collection after every run cost 81 % of the CPU time with a million records loaded.
    "runner.postScriptGC": False,
    # Quiet grey-beige or grey-black as the reader's system asks, one accent; the data carries the colour.
    "theme.baseRadius": "small",
    "theme.font": "sans-serif, Noto Sans Arabic",
    "theme.headingFont": "sans-serif, Noto Sans Arabic",
    "theme.fontFaces": _FONT_FACES,
    "theme.light.primaryColor": "#1f6f8b",
    "theme.light.backgroundColor": "#fbfaf7",
    "theme.light.secondaryBackgroundColor": "#f0ede6",
    "theme.light.textColor": "#24292d",
    "theme.light.borderColor": "#d8d3c8",
    "theme.dark.primaryColor": "#6bb7d1",
    "theme.dark.backgroundColor": "#1d2023",
    "theme.dark.secondaryBackgroundColor": "#272b2f",
    "theme.dark.textColor": "#e8e5de",
    "theme.dark.borderColor": "#41464b",
}
