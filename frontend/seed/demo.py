"""Filling an empty installation with the demonstration, through the operations everyone else uses too.

Everything is found again by its slug, address or id, so a second time adds only what is missing.
"""

from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from crowd.accounts import operations as accounts
from crowd.cofunding.scheme_operations import open_scheme
from crowd.cofunding.scheme_rules import NewScheme
from crowd.initiatives import draft_operations as drafts
from crowd.initiatives import operations as initiatives
from crowd.initiatives import queries as initiative_queries
from crowd.initiatives.rules import InitiativeNotFound
from crowd.municipalities import operations as municipalities
from crowd.shared.actor import Actor, operator
from crowd.shared.clock import local_date
from crowd.shared.errors import Forbidden, msg
from crowd.shared.money import Money
from frontend.demo import PEOPLE, DemoPerson
from frontend.runtime import Runtime
from frontend.seed.plans import Plan, plans
from frontend.seed.town import BANK_ACCOUNT, DESCRIPTION, NEIGHBOURS, QUARTERS, SCHEME, TOPICS
from frontend.seed.volunteers import VOLUNTEERS, Neighbour
from matching.roles import operations as roles
from matching.roles.rules import RoleDraft, ShiftDraft
from matching.vocabulary.operations import lay_skills
from matching.vocabulary.queries import skills
from matching.vocabulary.rules import ALL_CELLS, language_mask
from matching.volunteers.operations import write_profile
from matching.volunteers.queries import profile
from matching.volunteers.rules import Profile
from payments.bank.queries import money_terms
from payments.bank.rules import CASH_ALONE
from payments.bank.terms_operations import set_money_terms

# How long a plan was on the road before it went live or was looked at.
_DAYS_WRITTEN: Final = 6
_DAYS_SUBMITTED: Final = 4
_DAYS_APPROVED: Final = 2


class OnlyInADemonstration(Forbidden):
    """Invented people and plans have no place in a real installation."""

    sentence = msg("This can only be done in a demonstration (DEMO=yes).")


def seed(runtime: Runtime) -> int:
    """Add what is missing of the demonstration; return how many initiatives are new. Raises OnlyInADemonstration."""
    if not runtime.settings.demo:
        raise OnlyInADemonstration
    with runtime.database.transaction() as session:
        now = runtime.clock.now(session)
        town = _Town(session, now)
        return sum(town.add(plan) for plan in plans())


class _Town:
    """Voorbeeldstad as it is being filled: what was made, by the names the plans use."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now = session, now
        self.id = municipalities.set_up(session, description=DESCRIPTION, now=now)
        if not money_terms(session, municipality_id=self.id).bank_account:
            set_money_terms(
                session,
                municipality_id=self.id,
                bank_account=BANK_ACCOUNT,
                cash_alone=CASH_ALONE,
                actor=operator(self.id),
                now=now,
            )
        self.quarters = {
            quarter.slug: municipalities.add_neighbourhood(
                session, municipality_id=self.id, slug=quarter.slug, name=quarter.name
            )
            for quarter in QUARTERS
        }
        for quarter in QUARTERS:
            municipalities.add_areas(
                session,
                municipality_id=self.id,
                areas=quarter.areas,
                neighbourhood_id=self.quarters[quarter.slug],
            )
        self.topics = {
            topic.slug: municipalities.add_theme(
                session,
                municipality_id=self.id,
                slug=topic.slug,
                label_nl=topic.label_nl,
                label_en=topic.label_en,
                picture=topic.picture,
            )
            for topic in TOPICS
        }
        self.people = {name: self._settle(person) for name, person in {**PEOPLE, **NEIGHBOURS}.items()}
        self._open_scheme()
        lay_skills(session)
        self.skills = {skill.slug: skill.id for skill in skills(session, municipality_id=self.id)}
        self._offer_hands()

    def add(self, plan: Plan) -> bool:
        """Bring a plan to its state through everything its initiator and the counter did; False when it was there."""
        try:
            initiative_queries.campaign_facts(self.session, initiative_id=plan.id)
        except InitiativeNotFound:
            self._write(plan)
            self._review(plan)
            self._ask_for_hands(plan)
            return True
        return False

    def _settle(self, person: DemoPerson) -> UUID:
        person_id = accounts.find_or_add_person(
            self.session,
            municipality_id=self.id,
            email=person.email,
            locale="nl",
            now=self.now,
            name=person.name,
        )
        accounts.confirm_address(self.session, person_id=person_id, now=self.now)
        if person.role:
            accounts.grant_role(
                self.session,
                person_id=person_id,
                role=person.role,
                mandate_cents=person.mandate_cents,
                actor=operator(self.id),
                now=self.now,
            )
        return person_id

    def _open_scheme(self) -> None:
        today = local_date(self.now)
        open_scheme(
            self.session,
            municipality_id=self.id,
            scheme=NewScheme(
                name=SCHEME.name,
                legal_basis=SCHEME.legal_basis,
                ratio_percent=SCHEME.ratio_percent,
                donor_cap=Money(SCHEME.donor_cap_cents),
                project_cap=Money(SCHEME.project_cap_cents),
                pot=Money(SCHEME.pot_cents),
                opens_on=date(today.year, 1, 1),
                closes_on=date(today.year + 1, 12, 31),
            ),
            neighbourhood_ids=[self.quarters[slug] for slug in SCHEME.quarters],
            actor=operator(self.id),
            now=self.now,
        )

    def _write(self, plan: Plan) -> None:
        author = Actor(municipality_id=self.id, person_id=self.people[plan.initiator])
        began = self._ago(plan, _DAYS_WRITTEN)
        drafts.start_draft(self.session, initiative_id=plan.id, actor=author, now=began)
        for section in plan.sections(theme_id=self.topics[plan.theme], today=local_date(self.now)):
            drafts.save_section(self.session, initiative_id=plan.id, section=section, actor=author, now=began)
        if plan.state != "draft":
            drafts.submit(self.session, initiative_id=plan.id, actor=author, now=self._ago(plan, _DAYS_SUBMITTED))

    def _review(self, plan: Plan) -> None:
        clerk = Actor(municipality_id=self.id, person_id=self.people["clerk"], roles=frozenset({"clerk"}))
        author = Actor(municipality_id=self.id, person_id=self.people[plan.initiator])
        reviewed = self._ago(plan, _DAYS_APPROVED)
        if plan.state == "changes_requested":
            initiatives.request_changes(
                self.session, initiative_id=plan.id, actor=clerk, now=reviewed, reason=plan.reason
            )
        if plan.state in {"approved", "live"}:
            initiatives.approve(self.session, initiative_id=plan.id, actor=clerk, now=reviewed)
        if plan.state == "live":
            initiatives.publish(self.session, initiative_id=plan.id, actor=author, now=self._ago(plan, 0))

    def _ask_for_hands(self, plan: Plan) -> None:
        author = Actor(municipality_id=self.id, person_id=self.people[plan.initiator])
        for number, (role, skill, days, starts, ends, places) in enumerate(plan.shifts):
            role_id = plan.id_of(f"role/{number}")
            roles.add_role(
                self.session,
                role_id=role_id,
                initiative_id=plan.id,
                draft=RoleDraft(title=role, desired_skills=frozenset({self.skills[skill]})),
                actor=author,
                now=self.now,
            )
            roles.add_shift(
                self.session,
                shift_id=plan.id_of(f"shift/{number}"),
                role_id=role_id,
                draft=ShiftDraft(
                    on=local_date(self.now) + timedelta(days=days),
                    starts=time.fromisoformat(starts),
                    ends=time.fromisoformat(ends),
                    capacity=places,
                    pc4=plan.pc4,
                    meeting_point=plan.place_note,
                ),
                actor=author,
                now=self.now,
            )

    def _offer_hands(self) -> None:
        volunteer = self.people["volunteer"]
        if profile(self.session, person_id=volunteer) is None:
            write_profile(
                self.session,
                person_id=volunteer,
                municipality_id=self.id,
                profile=Profile(
                    pc4=QUARTERS[0].areas[0].pc4,
                    radius_km=8,
                    languages=language_mask(["nl", "en"]),
                    cells=ALL_CELLS,
                    skills={self.skills["tuinieren"]: 2, self.skills["koken"]: 1},
                    themes=frozenset({self.topics["groen"], self.topics["ontmoeten"]}),
                ),
                actor=Actor(municipality_id=self.id, person_id=volunteer),
                now=self.now,
            )
        for neighbour in VOLUNTEERS:
            self._welcome(neighbour)

    def _welcome(self, neighbour: Neighbour) -> None:
        person_id = accounts.find_or_add_person(
            self.session,
            municipality_id=self.id,
            email=neighbour.email,
            locale="nl",
            now=self.now,
            name=neighbour.name,
        )
        if profile(self.session, person_id=person_id) is not None:
            return
        write_profile(
            self.session,
            person_id=person_id,
            municipality_id=self.id,
            profile=Profile(
                pc4=neighbour.pc4,
                radius_km=neighbour.radius_km,
                languages=language_mask(neighbour.languages),
                cells=neighbour.cells,
                skills={self.skills[slug]: level for slug, level in neighbour.skills},
                themes=frozenset(self.topics[slug] for slug in neighbour.themes),
            ),
            actor=operator(self.id),
            now=self.now,
        )

    def _ago(self, plan: Plan, days: int) -> datetime:
        return self.now - timedelta(days=plan.live_days + days)
