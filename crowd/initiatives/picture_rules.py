"""What may be uploaded as a photo, and how it is made fit to show. Pure: bytes in, bytes out."""

import warnings
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from crowd.shared.errors import Invalid, msg

BYTES_MAX: Final = 10 * 1024 * 1024
WIDTHS: Final = (480, 800, 1200)
_KINDS: Final = ("JPEG", "PNG", "WEBP")
# A JPEG is read at a fraction of its size, so a large one costs little (0.4 s for 48 megapixels); the others are
# unpacked whole, four bytes a pixel. Measured in docs/decisions/0007-photos-are-made-at-once.md.
PIXELS_MAX: Final = {"JPEG": 60_000_000, "PNG": 25_000_000, "WEBP": 25_000_000}
SMALLEST_SIDE: Final = 200
_WEBP_QUALITY: Final = 72
_JPEG_QUALITY: Final = 76
# The tallest shape that still fits beside a text; taller is cropped around its middle.
_TALLEST: Final = (3, 4)


class PictureMissing(Invalid):
    """No file was chosen."""

    sentence = msg("Choose a photo first.")


class PictureTooLarge(Invalid):
    """More bytes than we take."""

    sentence = msg("This photo is larger than {megabytes} MB. Choose a smaller one.")


class PictureHasTooManyPixels(Invalid):
    """A file that unpacks to more than we can hold: a poster, or a trap."""

    sentence = msg("This image is too large to show: make it smaller than {megapixels} megapixels.")


class PictureTooSmall(Invalid):
    """Too few pixels to look at."""

    sentence = msg("This image is too small: it must be at least {pixels} pixels wide and high.")


class NotAPicture(Invalid):
    """The content is no JPEG, PNG or WebP, whatever its name says, or it is damaged."""

    sentence = msg("We cannot read this file as a photo. Choose a JPEG, PNG or WebP file.")


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """A photo fit to show: upright, without metadata. `files` maps (width, format) to bytes.

    `width` and `height` are those of the largest. A photo narrower than a width is kept at its own width there.
    """

    sha256: bytes
    width: int
    height: int
    files: dict[tuple[int, str], bytes]


def make_presentable(content: bytes) -> ShownPicture:
    """Return the photo in `content` turned upright, stripped of all metadata, in three widths and two formats.

    What it is, is judged by its content only. Raises PictureMissing, PictureTooLarge, NotAPicture,
    PictureHasTooManyPixels, PictureTooSmall.
    """
    if not content:
        raise PictureMissing(field="picture")
    if len(content) > BYTES_MAX:
        raise PictureTooLarge(field="picture", megabytes=BYTES_MAX // 1024 // 1024)
    upright = _read(content)
    files: dict[tuple[int, str], bytes] = {}
    largest = _scaled(upright, WIDTHS[-1])
    for width in WIDTHS:
        scaled = largest if width == WIDTHS[-1] else _scaled(largest, width)
        files[width, "webp"] = _written(scaled, "WEBP", quality=_WEBP_QUALITY, method=2)
        files[width, "jpeg"] = _written(scaled, "JPEG", quality=_JPEG_QUALITY, progressive=True, optimize=True)
    return ShownPicture(sha256=sha256(content).digest(), width=largest.width, height=largest.height, files=files)


def _read(content: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            # Our own limit is checked below, before anything is unpacked.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(BytesIO(content), formats=_KINDS)
            _check_size(picture)
            # Twice the largest width: enough to scale down well, a fraction of a large photo's cost.
            picture.draft("RGB", (2 * WIDTHS[-1], 2 * WIDTHS[-1]))
            return _flat(ImageOps.exif_transpose(picture))
    except (Image.DecompressionBombError, MemoryError) as error:
        raise PictureHasTooManyPixels(field="picture", megapixels=PIXELS_MAX["PNG"] // 1_000_000) from error
    # A damaged file makes the decoders raise nearly anything; whatever it is, this is not a photo we can show.
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, TypeError, EOFError, OverflowError) as error:
        raise NotAPicture(field="picture") from error


def _check_size(picture: Image.Image) -> None:
    most = PIXELS_MAX[str(picture.format)]
    if picture.width * picture.height > most:
        raise PictureHasTooManyPixels(field="picture", megapixels=most // 1_000_000)
    if min(picture.size) < SMALLEST_SIDE:
        raise PictureTooSmall(field="picture", pixels=SMALLEST_SIDE)


def _flat(picture: Image.Image) -> Image.Image:
    """Return the picture as plain RGB, transparent parts on white, without any metadata, and not too tall."""
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        seen = picture.convert("RGBA")
        flat = Image.new("RGB", seen.size, "white")
        flat.paste(seen, mask=seen.getchannel("A"))
    else:
        flat = picture.convert("RGB")
    flat.info.clear()
    tallest = flat.width * _TALLEST[1] // _TALLEST[0]
    if flat.height > tallest:
        top = (flat.height - tallest) // 2
        flat = flat.crop((0, top, flat.width, top + tallest))
    return flat


def _scaled(picture: Image.Image, width: int) -> Image.Image:
    if picture.width <= width:
        return picture
    height = max(1, round(picture.height * width / picture.width))
    return picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)


def _written(picture: Image.Image, kind: str, **options: int) -> bytes:
    out = BytesIO()
    # Nothing of the original's metadata is handed on: a photo can say where somebody lives.
    picture.save(out, kind, exif=b"", icc_profile=None, **options)
    return out.getvalue()
