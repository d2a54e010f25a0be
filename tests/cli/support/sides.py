#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Photos side by side on one: sides.py PHOTO... OUT.jpg, each as wide as the first."""
import sys

from PIL import Image

photos = [Image.open(path).convert("RGB") for path in sys.argv[1:-1]]
width = photos[0].width
photos = [photo.resize((width, photo.height * width // photo.width)) for photo in photos]
out = Image.new("RGB", (width * len(photos), max(photo.height for photo in photos)))
for i, photo in enumerate(photos):
    out.paste(photo, (i * width, 0))
out.save(sys.argv[-1], quality=95)
