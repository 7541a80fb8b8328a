"""Who is who, and who stood behind whom."""

from datetime import date
from pathlib import Path

import pytest

from geodata.actors import Actor, ActorLink, Actors, fold_name, load_actors, read_actors
from geodata.dates import parse_date
from geodata.errors import FileError


def actor(name: str, *variants: str, kind: str = "militia") -> Actor:
    return Actor(name.lower(), name, variants, kind, "", "", "")


def link(child: str, relation: str, parent: str, since: str = "", until: str = "") -> ActorLink:
    dates = [parse_date(text) if text else None for text in (since, until)]
    return ActorLink(child, relation, parent, dates[0], dates[1], "", "")


@pytest.mark.parametrize(
    "spelling", ["Kata'ib Hezbollah", "kataib hezbollah", "Kata’ib-Hezbollah", "KH", "كتائب حزب الله"]
)
def test_spellings_of_a_name_lead_to_one_actor(spelling: str) -> None:
    assert load_actors().resolve(spelling) == "kataib-hezbollah"


def test_arabic_letter_variants_and_latin_accents_fold() -> None:
    assert fold_name("أصحاب الكهف") == fold_name("اصحاب الكهف")
    assert fold_name("Liwā al-Thāʾirīn") == fold_name("Liwa al-Tha'irin")


def test_an_unknown_name_keeps_its_place_in_the_cell() -> None:
    assert load_actors().resolve_cell("Nobody at all; Iran") == (("Nobody at all", ""), ("Iran", "iran"))
    assert load_actors().resolve_cell("") == ()


def test_a_parent_holds_only_between_its_dates() -> None:
    actors = Actors(
        [actor("A"), actor("B"), actor("C")],
        [link("a", "part_of", "b", until="2020-06"), link("a", "part_of", "c", since="2020-07")],
    )
    assert [found.parent for found in actors.parents("a", date(2020, 6, 30))] == ["b"]
    assert [found.parent for found in actors.parents("a", date(2020, 7, 1))] == ["c"]
    assert [found.parent for found in actors.parents("a")] == ["b", "c"]


def test_a_facade_is_lifted_but_a_chain_of_command_is_not() -> None:
    actors = load_actors()
    assert actors.assessed_parent("ashab-al-kahf") == "asaib-ahl-al-haq"
    assert actors.assessed_parent("kataib-hezbollah-affiliated-militants") == "kataib-hezbollah"
    assert actors.assessed_parent("kataib-hezbollah") == "kataib-hezbollah"
    assert [found.parent for found in actors.chain("raba-allah")][:2] == ["kataib-hezbollah", "irgc-quds-force"]


def test_a_circle_of_parents_ends() -> None:
    actors = Actors([actor("A"), actor("B")], [link("a", "part_of", "b"), link("b", "part_of", "a")])
    assert [found.parent for found in actors.chain("a")] == ["b"]


def test_every_link_names_its_grounds_and_its_source() -> None:
    actors = load_actors()
    for known in actors:
        for found in actors.parents(known.id):
            assert found.grounds
            assert found.source.startswith("http")


def test_one_name_for_two_actors_is_an_error() -> None:
    with pytest.raises(FileError, match="keep it with one of them"):
        Actors([actor("A", "Same"), actor("B", "same")])


def test_a_link_to_nobody_is_an_error() -> None:
    with pytest.raises(FileError, match="no actor's id"):
        Actors([actor("A")], [link("a", "part_of", "z")])


def test_an_unknown_kind_and_a_missing_column_are_named(tmp_path: Path) -> None:
    links = tmp_path / "links.csv"
    links.write_text("actor,relation,parent,since,until,grounds,source\n", encoding="utf-8")
    bad = tmp_path / "actors.csv"
    bad.write_text("id,name,variants,kind,aligned_with,notes,source\na,A,,gang,,,\n", encoding="utf-8")
    with pytest.raises(FileError, match="'gang' is no kind of actor"):
        read_actors(bad, links)
    bad.write_text("id,name\na,A\n", encoding="utf-8")
    with pytest.raises(FileError, match="no column variants"):
        read_actors(bad, links)
