# SPDX-License-Identifier: MIT
"""What can go wrong between a client and a server, on command.

A fault is given as {"kind": ..., "times": 1, "skip": 0, "every": 1, "match": text in the path, "method": ...} and
the fields of its kind. before() acts when the head of a request was read, after() instead of the answer; both return
True when they have answered (or hung up) themselves. `applies`: whether the request is carried out.
"""
import json
import os
import socket
import struct
import time


class Gone(Exception):
    """The connection ends here."""


HTML = b"<html>\r\n<head><title>%d</title></head>\r\n<body>nginx</body></html>"


def hang_up(handler, reset=False):
    if reset:
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True
    if not reset:
        handler.connection.shutdown(socket.SHUT_RDWR)
    handler.connection.close()
    return True


def drain(handler):
    left = int(handler.headers.get("Content-Length") or 0)
    while left > 0:
        got = len(handler.rfile.read(min(left, 1 << 20)))
        if got == 0:
            return
        left -= got


def head(handler, length, kind="application/json"):
    handler.send_response(200)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(length))
    handler.end_headers()
    handler.wfile.flush()


class Fault:
    def __init__(self, options):
        self.options = options
        self.kind = options["kind"]
        self.applies = self.kind not in ("lost", "acknowledged")

    def before(self, handler):
        options = self.options
        if self.kind == "latency":
            time.sleep(options.get("seconds", 0.2))
        if self.kind == "drop_before":
            return hang_up(handler)
        if self.kind == "drop_in":
            handler.rfile.read(int(handler.headers.get("Content-Length") or 0) // 2)
            return hang_up(handler, reset=True)
        if self.kind == "drop_unapplied":
            drain(handler)
            return hang_up(handler)
        if self.kind == "status":
            text = options.get("text", "scripted")
            body = json.dumps({"status": {"error": text}, "time": 0.0, "result": None}).encode()
            headers = [("Retry-After", str(options["retry_after"]))] if "retry_after" in options else []
            return self.refuse(handler, options["status"], body, "application/json", headers)
        if self.kind == "unauthorised":
            return self.refuse(handler, 401, b"Invalid API key or JWT", "text/plain")
        if self.kind == "redirect":
            return self.refuse(handler, 307, b"", "text/plain", [("Location", options.get("to", "http://127.0.0.1:1/"))])
        if self.kind == "page":
            return self.refuse(handler, options["status"], HTML % options["status"], "text/html")
        return False

    @staticmethod
    def refuse(handler, status, body, kind, headers=()):
        drain(handler)
        handler.reply(status, body, kind, headers)
        return True

    def pretended(self):
        status = "completed" if self.kind == "lost" else "acknowledged"
        return json.dumps({"result": {"operation_id": 0, "status": status}, "status": "ok", "time": 0.0}).encode()

    def after(self, handler, data):
        if self.kind == "drop_after":
            return hang_up(handler)
        if self.kind == "drop_in_answer":
            head(handler, len(data))
            handler.wfile.write(data[:len(data) // 2])
            handler.wfile.flush()
            return hang_up(handler)
        if self.kind == "truncated":
            handler.reply(200, data[:len(data) // 2])
            return True
        if self.kind == "garbage":
            handler.reply(200, os.urandom(4096))
            return True
        if self.kind == "empty":
            handler.reply(200, b"")
            return True
        if self.kind == "deep":
            handler.reply(200, b"[" * 2000000)
            return True
        if self.kind == "huge":
            return self.huge(handler)
        if self.kind == "drip":
            return self.drip(handler, data)
        if self.kind == "wrong_type":
            handler.reply(200, b"<html><body>Welcome to the hotel's network</body></html>", "text/html")
            return True
        if self.kind in ("nan_scores", "null_scores"):
            answer = json.loads(data)
            for point in answer["result"].get("points", []):
                point["score"] = float("nan") if self.kind == "nan_scores" else None
            handler.reply(200, json.dumps(answer).encode())
            return True
        return False

    @staticmethod
    def huge(handler):
        head(handler, 1 << 30)
        piece = b'{"result":"' + b"x" * (1 << 20)
        handler.close_connection = True
        for _ in range(1 << 10):
            handler.wfile.write(piece)
        return True

    def drip(self, handler, data):
        """One byte at a time, each before a usual time-out of a read."""
        head(handler, len(data))
        handler.close_connection = True
        for i in range(len(data)):
            handler.wfile.write(data[i:i + 1])
            handler.wfile.flush()
            time.sleep(self.options.get("seconds", 0.2))
        return True


class Faults:
    def __init__(self):
        self.pending = []
        self.fired = 0
        self.bad_point = None

    def add(self, options):
        if options["kind"] == "none":
            self.pending, self.fired, self.bad_point = [], 0, None
        elif options["kind"] == "bad_point":
            self.bad_point = options["id"]
        else:
            self.pending.append({"times": 1, "skip": 0, "every": 1, "seen": 0, **options})

    def next(self, method, path):
        for options in self.pending:
            if options.get("match", "") not in path or options.get("method", method) != method or not options["times"]:
                continue
            options["seen"] += 1
            if options["seen"] <= options["skip"] or (options["seen"] - options["skip"] - 1) % options["every"]:
                continue
            options["times"] -= 1
            self.fired += 1
            return Fault(options)
        return None
