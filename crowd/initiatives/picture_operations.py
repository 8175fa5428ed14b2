"""Keeping photos: the bytes live in the database, so that a backup of it is a backup of everything."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from crowd.initiatives.models import Picture, PictureSize
from crowd.initiatives.picture_rules import ShownPicture
from crowd.shared import audit
from crowd.shared.actor import Actor
from crowd.shared.errors import Conflict, msg


class PictureIdTaken(Conflict):
    """The id the form chose already holds another photo."""

    sentence = msg("This form was used before for another photo. Open the step again and choose the photo once more.")


def keep_picture(session: Session, *, picture_id: UUID, picture: ShownPicture, actor: Actor, now: datetime) -> None:
    """Store a photo under the id its form chose; storing the same again changes nothing. Raises PictureIdTaken."""
    made = session.execute(
        upsert(Picture)
        .on_conflict_do_nothing(index_elements=[Picture.id])
        .values(
            id=picture_id,
            municipality_id=actor.municipality_id,
            uploaded_by=actor.person_id,
            uploaded_at=now,
            sha256=picture.sha256,
            width=picture.width,
            height=picture.height,
            sizes={f"{width}.{kind}": len(content) for (width, kind), content in picture.files.items()},
        )
        .returning(Picture.id)
    ).first()
    if made is None:
        kept = session.execute(select(Picture.sha256).where(Picture.id == picture_id)).scalar_one()
        if kept != picture.sha256:
            raise PictureIdTaken(field="picture")
        return
    session.execute(
        insert(PictureSize),
        [
            {"picture_id": picture_id, "width": width, "format": kind, "content": content}
            for (width, kind), content in picture.files.items()
        ],
    )
    audit.record(session, actor=actor, action="picture.kept", subject_type="picture", subject_id=picture_id, now=now)
