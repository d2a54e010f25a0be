#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Says what is in a page of a report, and fails when it needs anything from outside or its elements do not close."""
import base64
import collections
import html.parser
import pathlib
import sys
import xml.etree.ElementTree

VOID = {"meta", "img", "br", "hr", "link", "input"}


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.seen, self.headings = [], collections.Counter(), []

    def handle_starttag(self, tag, attributes):
        self.seen[tag] += 1
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attributes:
            if name in ("href", "srcset") or name == "src" and not value.startswith("data:"):
                sys.exit(f"<{tag} {name}={value[:60]}> is outside of the page")
            if name == "src":
                self.data(*value[5:].split(";base64,"))

    def data(self, kind, text):
        bytes = base64.b64decode(text, validate=True)
        self.seen[kind] += 1
        if kind == "image/svg+xml":
            xml.etree.ElementTree.fromstring(bytes)
        elif kind != "image/jpeg" or not bytes.startswith(b"\xff\xd8") or not bytes.endswith(b"\xff\xd9"):
            sys.exit(f"{kind} is not what it says")

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            sys.exit(f"</{tag}> closes nothing")

    def handle_data(self, text):
        if self.open and self.open[-1] in ("h1", "h2"):
            self.headings.append(text)


text = pathlib.Path(sys.argv[1]).read_text()
page = Page()
page.feed(text)
page.close()
if page.open or not text.startswith("<!DOCTYPE html>") or page.seen["script"]:
    sys.exit(f"not a whole page: {page.open}")
print("; ".join(page.headings))
print(page.seen["table"], "tables,", page.seen["image/svg+xml"], "charts,", page.seen["image/jpeg"], "faces")
