"""The files of others: in place, unchanged, licensed, listed, and put there by the build."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

import hatch_build

PROJECT = Path(__file__).parents[1]
STATIC = PROJECT / "dashboard" / "static"
RECIPE = json.loads((STATIC / "assets.json").read_text(encoding="utf-8"))
LOCK = json.loads((STATIC / "package-lock.json").read_text(encoding="utf-8"))
PLACES = {place: file for package in RECIPE["packages"] for place, file in package["files"].items()}


@pytest.mark.parametrize("place", PLACES)
def test_the_file_is_there_and_unchanged(place: str) -> None:
    assert hatch_build.digest(STATIC / "vendor" / place) == PLACES[place]["sha256"]


def test_nothing_else_is_there() -> None:
    vendor = STATIC / "vendor"
    assert {str(path.relative_to(vendor)) for path in vendor.rglob("*") if path.is_file()} == set(PLACES)


def test_the_lock_file_holds_a_hash_and_no_address_for_every_package() -> None:
    packages = {name: entry for name, entry in LOCK["packages"].items() if name}
    assert {name.removeprefix("node_modules/") for name in packages} == {p["name"] for p in RECIPE["packages"]}
    assert all(re.fullmatch(r"sha512-[\w+/]+=*", entry["integrity"]) for entry in packages.values())
    assert not any("resolved" in entry for entry in packages.values())


def test_a_style_sheet_asks_only_for_files_that_are_there() -> None:
    sheets = [STATIC / "vendor" / place for place in PLACES if place.endswith(".css")]
    asked = [
        (sheet, address)
        for sheet in sheets
        for address in re.findall(r"url\(['\"]?([^'\")]+)", sheet.read_text(encoding="utf-8"))
        if not address.startswith(("#", "data:"))
    ]
    assert asked
    assert [str(sheet.parent / address) for sheet, address in asked if not (sheet.parent / address).is_file()] == []


@pytest.mark.parametrize("package", RECIPE["packages"], ids=lambda package: package["name"])
def test_the_licence_comes_with_the_files_and_is_listed(package: dict[str, str]) -> None:
    assert (STATIC / "vendor" / package["licence_file"]).stat().st_size > 500
    listed = (PROJECT / "docs" / "LICENSES-third-party.md").read_text(encoding="utf-8")
    version = LOCK["packages"][f"node_modules/{package['name']}"]["version"]
    assert f"| {package['name']} {version} | {package['licence']} | {package['purpose']} |" in listed


def test_a_complete_folder_needs_no_npm(tmp_path: Path) -> None:
    static = copy_of_static(tmp_path)
    assert hatch_build.outdated(static) == []


def test_a_missing_or_altered_file_is_noticed(tmp_path: Path) -> None:
    static = copy_of_static(tmp_path)
    (static / "vendor" / "leaflet" / "leaflet.js").unlink()
    (static / "vendor" / "leaflet" / "leaflet.css").write_text("altered", encoding="utf-8")
    assert hatch_build.outdated(static) == ["leaflet/leaflet.js", "leaflet/leaflet.css"]


def test_a_package_that_is_not_the_one_described_stops_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    static = copy_of_static(tmp_path)

    def other_files(folder: Path) -> None:
        for source, _ in hatch_build.wanted(static).values():
            target = folder / "node_modules" / source
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text("not what was reviewed", encoding="utf-8")

    monkeypatch.setattr(hatch_build, "install", other_files)
    with pytest.raises(RuntimeError, match=r"not the file that assets\.json describes"):
        hatch_build.fill(static)
    assert hatch_build.outdated(static) == [], "the files in place must stay as they were"


def copy_of_static(folder: Path) -> Path:
    static = folder / "dashboard" / "static"
    shutil.copytree(STATIC / "vendor", static / "vendor")
    for name in ("assets.json", "package.json", "package-lock.json", ".npmrc"):
        shutil.copy(STATIC / name, static)
    return static
