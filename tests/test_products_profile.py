"""What readers of a profile see, what they do not, and that the product says how much was left out."""

from __future__ import annotations

import csv
import io

import pytest
from small_store import PLACES, row, small_dataset

from dashboard.products.export import FORMATS, product_bytes, product_name, remake
from dashboard.products.job import Job, job_for
from dashboard.products.linter import lint
from dashboard.products.options import PageOptions
from dashboard.view import View
from geodata.dataset import Dataset
from geodata.errors import QueryError
from geodata.release import SENTENCE

SOURCE = "https://one.example/a | grade=B2"
SECRETS = ("ask Layla at the desk", "checked against the cable", "Layla, room 4")


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    desk = {"notes": SECRETS[0], "reviewed_against": SECRETS[1], "sources": SOURCE}
    rows = (
        row("draft-1", **desk),
        row("draft-2", place="erbil", **desk),
        row("reviewed-1", place="airport", status="reviewed", **desk),
        row("released-1", place="embassy", status="released", event_type="drone_attack", **desk),
        row("released-2", place="harir", status="released", **desk),
    )
    return small_dataset([{**one, "desk_contact": SECRETS[2]} for one in rows])


def job_of(dataset: Dataset, query: str = "", **choices: str) -> Job:
    return job_for(dataset, View.from_query(query)[0], PageOptions(produced="2026-01-02", **choices), "csv")


def shown(job: Job) -> set[str]:
    return set(job.store.records.column("id", job.answer.rows))


def test_each_profile_shows_its_records_and_counts_the_others(dataset: Dataset) -> None:
    internal, partner, public = (job_of(dataset, profile=name) for name in ("internal", "partner", "public"))
    assert len(shown(internal)) == 5
    assert internal.words.redaction == ""
    assert shown(partner) == {"reviewed-1", "released-1", "released-2"}
    assert "2 draft records of the selection left out" in partner.words.redaction
    assert shown(public) == {"released-1", "released-2"}
    assert "2 draft and 1 reviewed records of the selection left out" in public.words.redaction
    assert SENTENCE in public.words.redaction
    assert public.left_out == {"draft": 2, "reviewed": 1}
    counts = public.answer.counts
    assert counts.read == counts.rejected + counts.shown + sum(counts.hidden.values())


@pytest.mark.parametrize("suffix", sorted(set(FORMATS) - {".gif", ".mp4"}))
@pytest.mark.parametrize("profile", ["partner", "public"])
def test_nothing_of_the_desk_is_in_any_file(dataset: Dataset, suffix: str, profile: str) -> None:
    choices = PageOptions(produced="2026-01-02", dpi=96, profile=profile, contact="Layla, room 4")
    data, _ = product_bytes(dataset, View(), suffix, choices)
    held = {name for name in SECRETS if name.encode() in _unpacked(suffix, data)}
    assert held <= ({"Layla, room 4"} if profile == "partner" else set())  # a partner may be told whom to ask
    if profile == "public" and suffix in (".csv", ".geojson", ".kmz", ".xlsx"):  # a drawing has any number by chance
        assert f"{PLACES['harir'].longitude}".encode() not in _unpacked(suffix, data)


def _unpacked(suffix: str, data: bytes) -> bytes:
    """Give all that a file says, without its compression."""
    import re
    import zipfile
    import zlib
    from base64 import b64decode

    if suffix in (".xlsx", ".pptx", ".kmz"):
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            return b"\n".join(packed.read(name) for name in packed.namelist())
    if suffix == ".html":
        return data + b"".join(
            zlib.decompress(b64decode(part), -15) for part in re.findall(rb">([\w+/=]{2000,})<", data)
        )
    return data


def test_a_public_csv_has_empty_cells_for_places_and_notes(dataset: Dataset) -> None:
    data, _ = product_bytes(dataset, View(), ".csv", PageOptions(produced="2026-01-02", profile="public"))
    records = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert {record["id"] for record in records} == {"released-1", "released-2"}
    for record in records:
        assert (record["place"], record["notes"], record["reviewed_against"], record["desk_contact"]) == ("",) * 4
        assert record["placed_precision"] == "near"


def test_a_view_of_drafts_is_no_public_product(dataset: Dataset) -> None:
    with pytest.raises(QueryError, match="released records only, the view asks for draft"):
        job_of(dataset, "status=draft", profile="public")
    assert shown(job_of(dataset, "status=draft&status=released", profile="public")) == {"released-1", "released-2"}


def test_a_public_product_is_made_again_from_its_recipe_without_the_contact(dataset: Dataset) -> None:
    choices = PageOptions(produced="2026-01-02", profile="public", contact="Layla, room 4", dpi=96)
    data, recipe = product_bytes(dataset, View(), ".svg", choices)
    assert "Layla" not in recipe.to_json()
    assert remake(recipe, dataset) == data


def test_the_linter_knows_the_profiles(dataset: Dataset) -> None:
    def codes(job: Job, *, blocks: bool) -> set[str]:
        return {finding.code for finding in lint(job) if finding.blocks is blocks}

    assert "public-marking" in codes(job_of(dataset, profile="public", marking="TLP:AMBER"), blocks=True)
    assert "public-marking" not in codes(job_of(dataset, profile="public", marking="TLP:CLEAR"), blocks=True)
    assert {"left-out", "public-words"} <= codes(job_of(dataset, profile="public"), blocks=False)
    assert "public-places-only" in codes(job_of(dataset, "public=1"), blocks=False)
    assert "drafts" not in codes(job_of(dataset, profile="partner"), blocks=False)


def test_a_file_s_own_marking_counts_for_every_profile() -> None:
    marked = small_dataset([{**row("a", sources=SOURCE, status="released"), "tlp": "TLP:RED"}])
    for profile in ("internal", "partner", "public"):
        job = job_of(marked, profile=profile, marking="TLP:CLEAR")
        assert "marking-too-low" in {finding.code for finding in lint(job)}


def test_places_fuzzed_on_the_page_are_said_to_be_in_every_product(dataset: Dataset) -> None:
    assert SENTENCE in job_of(dataset, "public=1").words.redaction
    for suffix in (".svg", ".html", ".csv", ".geojson", ".kmz", ".xlsx", ".pptx"):
        data, _ = product_bytes(dataset, View(public=True), suffix, PageOptions(produced="2026-01-02"))
        assert b"snapped" in _unpacked(suffix, data), suffix


def test_a_file_is_named_for_its_place_page_day_and_marking(dataset: Dataset) -> None:
    assert product_name(job_of(dataset, marking="TLP:AMBER+STRICT")) == "INC_iraq_A4_20260102_TLP-AMBER+STRICT"
    assert product_name(job_of(dataset, title="Überfall: x", page="slide")) == "INC_berfall_SLIDE_20260102"
