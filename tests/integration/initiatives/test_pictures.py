"""Photos in the database."""

from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy.orm import Session

from crowd.initiatives import picture_operations, queries
from crowd.initiatives.picture_rules import make_presentable
from crowd.shared.ids import new_id
from tests.factories import NOW, acting, make_municipality, make_person


def photo(shade: int) -> bytes:
    out = BytesIO()
    Image.new("RGB", (640, 400), (shade, 90, 120)).save(out, "JPEG")
    return out.getvalue()


def test_a_photo_is_kept_once_and_read_back_per_width_and_format(session: Session) -> None:
    here = make_municipality(session)
    actor = acting(here, make_person(session, municipality_id=here))
    picture, shown = new_id(), make_presentable(photo(10))
    for _ in range(2):
        picture_operations.keep_picture(session, picture_id=picture, picture=shown, actor=actor, now=NOW)
    content = queries.picture_content(session, picture_id=picture, width=480, kind="webp")
    assert content == shown.files[480, "webp"]
    assert queries.picture_content(session, picture_id=picture, width=481, kind="webp") is None
    with pytest.raises(picture_operations.PictureIdTaken):
        picture_operations.keep_picture(
            session, picture_id=picture, picture=make_presentable(photo(200)), actor=actor, now=NOW
        )
