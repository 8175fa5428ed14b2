"""Staff extend the vocabulary, and make two skills one without anybody losing anything; it can be undone."""

from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from crowd.shared.audit import AuditRow
from crowd.shared.ids import new_id
from matching.curation.operations import merge_skills, undo_merge
from matching.curation.queries import merges, use_of
from matching.curation.rules import MergeNotFound, SameSkill, SharedSkill
from matching.roles.queries import role
from matching.vocabulary import operations
from matching.vocabulary.queries import by_slug, names_of, search, skills
from matching.vocabulary.skill_rules import Names, NameTaken, SkillDraft, SkillNotFound
from matching.volunteers.queries import profile
from tests.factories import NOW, acting, make_municipality, make_person
from tests.people_at_work import lay_town, make_role, make_volunteer, skill


def add(session: Session, here: UUID, label: str, **more: object) -> int:
    """A skill of the municipality's own; its id."""
    clerk = acting(here, make_person(session, municipality_id=here), "clerk")
    draft = SkillDraft(label_nl=label, label_en=f"{label} (en)", **more)  # type: ignore[arg-type]  # names as given
    slug = operations.add_skill(session, draft=draft, actor=clerk, now=NOW)
    return by_slug(session, municipality_id=here)[slug].id


def test_what_staff_add_is_found_here_and_nowhere_else(session: Session) -> None:
    here, elsewhere = lay_town(session), make_municipality(session)
    added = add(session, here, "Houtkachels stoken", names_nl=("openhaard",), parent="klussen")

    assert [one.id for one in search(session, municipality_id=here, typed="openhaart")][:1] == [added]
    assert added not in [one.id for one in search(session, municipality_id=elsewhere, typed="openhaard")]


def test_a_word_staff_add_to_a_shared_skill_is_theirs(session: Session) -> None:
    here, elsewhere = lay_town(session), make_municipality(session)
    clerk = acting(here, make_person(session, municipality_id=here), "clerk")
    cooking = skill(session, here, "koken")
    operations.add_names(session, skill_id=cooking, names=Names(nl=("Prakjes",)), actor=clerk, now=NOW)

    assert ("nl", "prakjes") in names_of(session, municipality_id=here, skill_id=cooking)
    assert ("nl", "prakjes") not in names_of(session, municipality_id=elsewhere, skill_id=cooking)


def test_a_name_that_is_known_is_not_added_again(session: Session) -> None:
    here = lay_town(session)
    with pytest.raises(NameTaken) as refused:
        add(session, here, "Hovenier")
    assert "Tuinieren" in str(refused.value)


def test_two_labels_that_look_alike_in_an_address_get_two_addresses(session: Session) -> None:
    here = lay_town(session)
    add(session, here, "Koken!")
    assert {"koken", "koken-2"} <= set(by_slug(session, municipality_id=here))


def test_merging_keeps_who_had_either_and_which_role_asked_either(session: Session) -> None:
    here = lay_town(session)
    own, garden = add(session, here, "Bloembakken", names_nl=("plantenbak",)), skill(session, here, "tuinieren")
    only_own = make_volunteer(session, here, skills={own: 3})
    both = make_volunteer(session, here, skills={own: 3, garden: 1})
    neither = make_volunteer(session, here, skills={skill(session, here, "koken"): 2})
    asks_own = make_role(session, here, required_skills=frozenset({own}), desired_skills=frozenset({garden}))
    clerk = acting(here, make_person(session, municipality_id=here), "clerk")
    before = [profile(session, person_id=one) for one in (only_own, both, neither)], role(session, role_id=asks_own)
    merge_id = new_id()

    merge_skills(session, merge_id=merge_id, source_id=own, target_id=garden, actor=clerk, now=NOW)
    merge_skills(session, merge_id=merge_id, source_id=own, target_id=garden, actor=clerk, now=NOW)

    stored = [profile(session, person_id=one) for one in (only_own, both, neither)]
    assert [one.skills.get(garden) for one in stored if one] == [3, 3, None]
    assert not any(own in one.skills for one in stored if one)
    assert [(one[0], one[4]) for one in role(session, role_id=asks_own).skills] == [(garden, True)]
    assert [one.id for one in search(session, municipality_id=here, typed="plantenbak")][:1] == [garden]
    assert by_slug(session, municipality_id=here)["bloembakken"].id == garden
    assert own not in [one.id for one in skills(session, municipality_id=here)]
    # Laying the vocabulary again brings nothing back.
    operations.lay_skills(session)
    assert own not in [one.id for one in skills(session, municipality_id=here)]
    acts = session.execute(select(AuditRow.action, AuditRow.facts).where(AuditRow.subject_id == merge_id)).all()
    assert [(row.action, row.facts["people"], row.facts["roles"]) for row in acts] == [("skill.merged", 2, 1)]

    undo_merge(session, merge_id=merge_id, actor=clerk, now=NOW)

    after = [profile(session, person_id=one) for one in (only_own, both, neither)], role(session, role_id=asks_own)
    assert after == before
    assert [one.id for one in search(session, municipality_id=here, typed="plantenbak")][:1] == [own]
    assert garden not in [one.id for one in search(session, municipality_id=here, typed="plantenbak")][:1]
    assert merges(session, municipality_id=here) == []
    with pytest.raises(MergeNotFound):
        undo_merge(session, merge_id=merge_id, actor=clerk, now=NOW)


def test_undoing_gives_nothing_back_to_who_dropped_it_since(session: Session) -> None:
    here = lay_town(session)
    own, garden = add(session, here, "Bloembakken"), skill(session, here, "tuinieren")
    kept, dropped = (make_volunteer(session, here, skills={own: 2}) for _ in range(2))
    clerk = acting(here, make_person(session, municipality_id=here), "clerk")
    merge_id = new_id()
    merge_skills(session, merge_id=merge_id, source_id=own, target_id=garden, actor=clerk, now=NOW)
    make_volunteer(session, here, person_id=dropped, skills={skill(session, here, "koken"): 2})

    undo_merge(session, merge_id=merge_id, actor=clerk, now=NOW)

    assert use_of(session, skill_id=own) == (1, 0)
    found = profile(session, person_id=kept)
    assert found is not None
    assert found.skills == {own: 2}


def test_narrower_skills_go_along_and_come_back(session: Session) -> None:
    here = lay_town(session)
    own = add(session, here, "Stadsnatuur")
    below = add(session, here, "Bijenhotels timmeren", parent="stadsnatuur")
    garden, pruning = skill(session, here, "tuinieren"), skill(session, here, "snoeien")
    clerk = acting(here, make_person(session, municipality_id=here), "clerk")
    merge_id = new_id()

    merge_skills(session, merge_id=merge_id, source_id=own, target_id=pruning, actor=clerk, now=NOW)
    assert next(one.parent_id for one in skills(session, municipality_id=here) if one.id == below) == garden

    undo_merge(session, merge_id=merge_id, actor=clerk, now=NOW)
    assert next(one.parent_id for one in skills(session, municipality_id=here) if one.id == below) == own


def test_what_is_shared_or_elsewhere_is_not_merged_away(session: Session) -> None:
    here, elsewhere = lay_town(session), make_municipality(session)
    own, garden = add(session, here, "Bloembakken"), skill(session, here, "tuinieren")
    clerk = acting(here, make_person(session, municipality_id=here), "clerk")
    stranger = acting(elsewhere, make_person(session, municipality_id=elsewhere), "clerk")

    for actor, source, target, refusal in (
        (clerk, garden, own, SharedSkill),
        (clerk, own, own, SameSkill),
        (stranger, own, garden, SkillNotFound),
    ):
        with pytest.raises(refusal):
            merge_skills(session, merge_id=new_id(), source_id=source, target_id=target, actor=actor, now=NOW)
