"""Who is who, and who stood above whom."""

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


def test_the_parent_is_the_highest_body_that_fronts_affiliates_orders_and_membership_lead_to() -> None:
    actors = load_actors()
    assert [(found.relation, found.parent) for found in actors.chain("kataib-hezbollah-affiliated-militants")] == [
        ("affiliated_with", "kataib-hezbollah"),
        ("commanded_by", "irgc-quds-force"),
        ("part_of", "islamic-revolutionary-guard-corps"),
    ]
    for below in ("kataib-hezbollah-affiliated-militants", "kataib-hezbollah", "irgc-quds-force", "raba-allah"):
        assert actors.assessed_parent(below) == "islamic-revolutionary-guard-corps"


def test_no_chain_ends_at_a_state() -> None:
    actors = load_actors()
    assert actors.parents("islamic-revolutionary-guard-corps")[0].parent == "iran"
    for stands_for_itself in ("islamic-revolutionary-guard-corps", "iran", "us-forces", "unidentified-militants"):
        assert actors.assessed_parent(stands_for_itself) == stands_for_itself
    assert all(actors.actor(actors.assessed_parent(one.id)).kind != "state" for one in actors if one.kind != "state")


@pytest.mark.parametrize("alliance", ["bloc", "coalition"])
def test_a_member_of_an_alliance_is_not_under_it_but_who_is_commanded_by_it_is(alliance: str) -> None:
    actors = Actors(
        [actor("Member"), actor("Troops"), actor("Alliance", kind=alliance)],
        [link("member", "part_of", "alliance"), link("troops", "commanded_by", "alliance")],
    )
    assert [actors.assessed_parent(one) for one in ("member", "troops")] == ["member", "alliance"]


def test_of_several_relations_the_closest_leads_whatever_their_order() -> None:
    actors = Actors(
        [actor("A"), actor("Army"), actor("Force"), actor("Group")],
        [link("a", "part_of", "army"), link("a", "commanded_by", "force"), link("a", "facade_of", "group")],
    )
    assert [found.relation for found in actors.parents("a")] == ["facade_of", "commanded_by", "part_of"]
    assert actors.assessed_parent("a") == "group"


def test_between_two_equal_parents_nobody_decides_until_a_day_does() -> None:
    links = [link("a", "facade_of", "b", until="2020-06"), link("a", "facade_of", "c", since="2020-07")]
    actors = Actors([actor("A"), actor("B"), actor("C")], links)
    assert actors.assessed_parent("a", date(2020, 6, 30)) == "b"
    assert actors.assessed_parent("a", date(2020, 7, 1)) == "c"
    assert actors.assessed_parent("a") == "a"


def test_nobody_stands_above_the_actors_of_a_circle() -> None:
    actors = Actors(
        [actor("A"), actor("B"), actor("Front")],
        [link("a", "part_of", "b"), link("b", "part_of", "a"), link("front", "facade_of", "a")],
    )
    assert [actors.assessed_parent(one) for one in ("a", "b", "front")] == ["a", "b", "a"]


@pytest.mark.parametrize(
    ("since", "until", "days"),
    [("", "", ""), ("2020-10", "", "since 2020-10"), ("2020", "2021-07-29", "since 2020 until 2021-07-29")],
)
def test_a_link_says_when_it_held_as_exactly_as_it_is_known(since: str, until: str, days: str) -> None:
    assert link("a", "part_of", "b", since, until).days == days


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
