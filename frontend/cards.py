"""From a campaign as the domain knows it to a campaign as a page shows it."""

from typing import cast

from crowd.closing.campaign_queries import CampaignCard
from crowd.initiatives.picture_rules import WIDTHS
from crowd.shared.money import Money
from frontend.formats import Language
from frontend.views.initiatives import CampaignState, Card, Picture, Progress


def card_view(card: CampaignCard, language: Language) -> Card:
    """Return the card in the reader's language, with its photo, or the drawing of its theme."""
    return Card(
        slug=card.slug,
        title=card.title,
        summary=card.summary,
        theme=card.theme_en if language == "en" else card.theme_nl,
        neighbourhood=card.neighbourhood,
        state=cast("CampaignState", card.state),
        picture=picture_view(card),
        progress=Progress(
            neighbours=Money(card.neighbours_cents),
            municipality=Money(card.match_cents),
            minimum=Money(card.minimum_cents),
            target=Money(card.target_cents),
            supporters=card.supporters,
        ),
        deadline_at=card.deadline_at,
    )


def picture_view(card: CampaignCard) -> Picture:
    """Return the photo in every width and format we keep; without one, a drawing that is always the same."""
    if card.picture_id is None:
        return Picture(src=f"/beeld/{card.theme_picture or 'buurt'}/{card.slug}.svg")
    widths = [width for width in WIDTHS if width <= card.picture_width] or [WIDTHS[0]]

    def sources(kind: str) -> str:
        return ", ".join(f"/fotos/{card.picture_id}/{width}.{kind} {width}w" for width in widths)

    return Picture(
        src=f"/fotos/{card.picture_id}/{widths[-1]}.jpeg",
        alt=card.picture_alt,
        width=card.picture_width,
        height=card.picture_height,
        sources=(("image/webp", sources("webp")), ("image/jpeg", sources("jpeg"))),
    )
