"""Write docs/gallery.md and its pictures from the shipped records: `python docs/make_gallery.py`."""

from __future__ import annotations

import io
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from dashboard.products.export import ordered, product_bytes
from dashboard.products.options import PageOptions
from dashboard.products.single_file import html_bytes
from dashboard.view import View
from geodata.data_files import data_path
from geodata.dataset import load_dataset

DOCS = Path(__file__).parent
WIDTH = 1000
#: The palette of a picture is spread over all its colours: a frequent grey must not crowd out a symbol's green.
COLOURS, METHOD = 255, Image.Quantize.MAXCOVERAGE
FLAGS = ["--no-sandbox", "--disable-gpu"]
REASON = "shown as an example"


@dataclass(frozen=True)
class Example:
    """One picture: its name, what it shows, the view, and the ending and page of the product."""

    name: str
    words: str
    view: str
    ending: str = ".png"
    page: str = "a4-landscape"


EXAMPLES = (
    Example("page", "An A4 page of all records, titled and explained from the selection.", ""),
    Example("window", "A window of two months: hollow symbols only may fall into it.", "from=2021-06-01&to=2021-07-31"),
    Example("claimants", "Coloured by who claimed an act, with the caveat that a claim is no evidence.",
            "colour=claimed&from=2021-01-01"),
    Example("baghdad", "One governorate: the frame, the scale and the inset follow.", "governorate=IQ.baghdad"),
    Example("density", "Density spreads each record over where it may lie.", "layers=density,governorates"),
    Example("threats", "Threats and capabilities are areas and outlines, never points of attacks.",
            "type=threat&type=capability"),
    Example("slide", "The same layout as a slide.", "from=2021-01-01", page="slide"),
    Example("html", "The single-file HTML in a browser, opened from disk with the network cut.", "", ".html"),
    Example("html-claimants", "The same file, coloured by the assessed actor and narrowed to one window.",
            "colour=assessed&from=2021-05-01&to=2021-09-30", ".html"),
)  # fmt: skip


def main() -> None:
    dataset = load_dataset(data_path())
    for example in EXAMPLES:
        view, problems = View.from_query(example.view)
        assert not problems, problems
        options = PageOptions(
            produced="2026-01-02", page=example.page, dpi=96, marking="TLP:CLEAR",
            overrides=dict.fromkeys(("unplaced", "drafts", "no-source"), REASON),
        )  # fmt: skip
        if example.ending == ".html":
            picture = screenshot(html_bytes(ordered(dataset, view, ".html", options, strict=False)))
        else:
            picture = product_bytes(dataset, view, example.ending, options)[0]
        save(picture, DOCS / "pictures" / f"gallery-{example.name}.png")
    (DOCS / "gallery.md").write_text(gallery(), encoding="utf-8")


def screenshot(html: bytes) -> bytes:
    """Open a file from disk with the network cut and take its picture."""
    sys.path.insert(0, str(DOCS.parent / "tests"))
    from browser_setup import chromium  # the tests' own way to a browser

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "map.html"
        file.write_bytes(html)
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = browser.new_context(viewport={"width": 1280, "height": 1150}, offline=True, locale="en-GB").new_page()
        page.goto(file.as_uri())
        page.wait_for_selector("#map[data-texts=true][data-settled=true]")
        taken = page.screenshot()
        browser.close()
    return taken


def save(picture: bytes, path: Path) -> None:
    """Keep a picture small: as wide as a page of the docs shows it, in a palette."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image = image.resize((WIDTH, round(image.height * WIDTH / image.width)), Image.Resampling.LANCZOS)
    image.quantize(COLOURS, method=METHOD, kmeans=2, dither=Image.Dither.NONE).save(path, optimize=True)


def gallery() -> str:
    parts = ["# Gallery", "Every picture is made by the tool from the shipped records (`python docs/make_gallery.py`)."]
    for example in EXAMPLES:
        parts.append(f"![{example.words}](pictures/gallery-{example.name}.png)")
        query = f"`{example.view}`" if example.view else "no filter"
        parts.append(f"{example.words} View: {query}.")
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    main()
