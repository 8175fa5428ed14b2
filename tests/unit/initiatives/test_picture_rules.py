"""Photos: judged by content, made safe and small."""

import struct
import zlib
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from crowd.initiatives import picture_rules as rules


def made(width: int, height: int, kind: str = "JPEG", mode: str = "RGB", **options: object) -> bytes:
    picture = Image.linear_gradient("L").resize((width, height)).convert(mode)
    out = BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_made_in_three_widths_and_two_formats(kind: str) -> None:
    shown = rules.make_presentable(made(1600, 900, kind))
    assert set(shown.files) == {(width, kind) for width in (480, 800, 1200) for kind in ("webp", "jpeg")}
    assert opened(shown.files[480, "webp"]).size == (480, 270)
    assert (shown.width, shown.height) == (1200, 675)


def test_a_small_photo_is_not_blown_up() -> None:
    shown = rules.make_presentable(made(600, 400))
    assert opened(shown.files[1200, "jpeg"]).size == (600, 400)
    assert opened(shown.files[480, "jpeg"]).size == (480, 320)


def test_a_photo_taken_sideways_is_turned_upright_and_says_nothing_about_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "Kadestraat 12"
    gps = exif.get_ifd(0x8825)
    gps[1] = "N"
    content = made(900, 600, "JPEG", exif=exif)
    shown = rules.make_presentable(content)
    assert shown.height > shown.width
    for file in shown.files.values():
        assert not opened(file).getexif()
        assert b"Kadestraat" not in file


def test_transparent_parts_become_white() -> None:
    out = BytesIO()
    Image.new("RGBA", (300, 300), (10, 20, 30, 0)).save(out, "PNG")
    shown = rules.make_presentable(out.getvalue())
    assert opened(shown.files[480, "jpeg"]).getpixel((5, 5)) == (255, 255, 255)


def test_a_very_tall_photo_is_cropped() -> None:
    shown = rules.make_presentable(made(300, 2000))
    assert (shown.width, shown.height) == (300, 400)


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", rules.PictureMissing),
        (b"GIF89a" + bytes(500), rules.NotAPicture),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", rules.NotAPicture),
        (b"\xff\xd8\xff\xe0 lies", rules.NotAPicture),
        (made(400, 400)[:900], rules.NotAPicture),
        (made(100, 400), rules.PictureTooSmall),
        (bytes(rules.BYTES_MAX + 1), rules.PictureTooLarge),
    ],
)
def test_what_is_no_photo_is_refused_with_a_reason(content: bytes, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        rules.make_presentable(content)


def test_a_gif_named_jpeg_is_still_a_gif() -> None:
    with pytest.raises(rules.NotAPicture):
        rules.make_presentable(made(300, 300, "GIF"))


def test_a_file_that_unpacks_to_gigabytes_is_refused_before_it_is_unpacked() -> None:
    # A PNG header that promises 40,000 by 40,000 pixels, and a few bytes of data.
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    with pytest.raises(rules.PictureHasTooManyPixels):
        rules.make_presentable(bomb)


SMALL = {kind: made(220, 220, kind) for kind in ("JPEG", "PNG", "WEBP")}


@given(st.sampled_from(sorted(SMALL)), st.integers(0, 5000), st.binary(min_size=1, max_size=8))
def test_a_damaged_file_is_shown_or_refused_but_never_breaks_us(kind: str, at: int, noise: bytes) -> None:
    content = SMALL[kind]
    at %= len(content)
    with suppress(rules.NotAPicture, rules.PictureHasTooManyPixels, rules.PictureTooSmall):
        assert rules.make_presentable(content[:at] + noise + content[at + len(noise) :]).files
