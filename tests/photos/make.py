#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes many photos of the few portraits: `make.py OUT` writes OUT/PERSON/NAME-VARIANT.{jpg,png}.

Mirror, sizes, crops, grey, CMYK, progressive, low quality, PNG with alpha, and the eight EXIF orientations. The turned
ones go through jpegtran, so displayed pixels stay the same: a JPEG cropped to whole blocks is turned without loss, and
its tag turns it back. The same input gives the same bytes.
"""
import io
import pathlib
import struct
import subprocess
import sys

from PIL import Image, ImageOps

GALLERY = pathlib.Path(__file__).resolve().parent / "gallery"

# What jpegtran must do so that a viewer that obeys the tag shows the picture as it was: the inverse of the tag's
# transformation (EXIF 2.32, 4.6.4 A, Orientation).
TURNS = {
    1: [], 2: ["-flip", "horizontal"], 3: ["-rotate", "180"], 4: ["-flip", "vertical"],
    5: ["-transpose"], 6: ["-rotate", "270"], 7: ["-transverse"], 8: ["-rotate", "90"],
}


def jpeg(picture, **options):
    out = io.BytesIO()
    picture.save(out, "JPEG", **{"quality": 92, **options})
    return out.getvalue()


def png(picture):
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def exif(orientation):
    """An APP1 segment with one IFD of one entry: Orientation, SHORT, big-endian."""
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def with_orientation(data, orientation):
    turned = data
    if TURNS[orientation]:
        turned = subprocess.run(["jpegtran", "-perfect", *TURNS[orientation]], input=data, capture_output=True,
                                check=True).stdout
    return turned[:2] + exif(orientation) + turned[2:]


def whole_blocks(picture):
    return picture.crop((0, 0, picture.width // 16 * 16, picture.height // 16 * 16))


def scaled(picture, factor):
    return picture.resize((round(picture.width * factor), round(picture.height * factor)), Image.Resampling.LANCZOS)


def variants(picture):
    w, h = picture.size
    yield "plain.jpg", jpeg(picture)
    yield "plain.png", png(picture)
    yield "mirror.jpg", jpeg(ImageOps.mirror(picture))
    yield "smaller.jpg", jpeg(scaled(picture, 0.75))
    yield "larger.jpg", jpeg(scaled(picture, 1.5))
    yield "low-quality.jpg", jpeg(picture, quality=60)
    yield "progressive.jpg", jpeg(picture, progressive=True)
    yield "grey.jpg", jpeg(picture.convert("L"))
    yield "cmyk.jpg", jpeg(picture.convert("CMYK"))
    yield "border.jpg", jpeg(ImageOps.expand(picture, (w // 4, h // 8), (90, 120, 90)))
    yield "crop.jpg", jpeg(picture.crop((w // 20, h // 40, w - w // 20, h - h // 4)))
    clear = picture.convert("RGBA")
    clear.putalpha(240)
    yield "alpha.png", png(clear)
    base = jpeg(whole_blocks(picture), subsampling="4:2:0")
    for orientation in TURNS:
        yield f"exif-{orientation}.jpg", with_orientation(base, orientation)


def main():
    out = pathlib.Path(sys.argv[1])
    made = 0
    for source in sorted(GALLERY.glob("*/*")):
        picture = Image.open(source).convert("RGB")
        folder = out / source.parent.name
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in variants(picture):
            (folder / f"{source.stem}-{name}").write_bytes(data)
            made += 1
    print(f"{made} photos in {out}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: make.py OUT")
    main()
