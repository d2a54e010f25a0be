#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A scripted Qdrant for tests, on loopback; no part of the product. Prints its port, ends when its input ends.

Every request is checked against the server's own description (--openapi); what it does not allow is refused and
remembered, so that a test can see it. Keys come from $QDRANT__SERVICE__API_KEY and
$QDRANT__SERVICE__READ_ONLY_API_KEY as with the real server. --store FILE: every write is in the file, with fsync,
before it is acknowledged; started again with the same file it has what it had.

Scripting, below /_fake: POST /_fake/fault {"kind", "times", "skip", "match", "method", ...} (see faults.py),
GET /_fake/stats (requests, foreign keys, faults, violations, ...), POST /_fake/collection/NAME (made without checks).
"""
import argparse
import hashlib
import json
import os
import ssl
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import refusals
from collection import Collection, Refused, point_id
from faults import Faults, Gone
from openapi_check import Description

HEADER_POINT = "00000000-0000-8000-8000-6b6974680001"  # where kith keeps a gallery's header before 1.16
INDEX_TYPES = ("keyword", "integer", "float", "geo", "text", "bool", "datetime", "uuid")


class Server:
    """State and routes, without HTTP."""

    def __init__(self, options):
        self.options = options
        self.description = Description(options.openapi) if options.openapi else None
        self.version = tuple(int(part) for part in options.version.split(".")[:2])
        self.key = os.environ.get("QDRANT__SERVICE__API_KEY")
        self.read_only_key = os.environ.get("QDRANT__SERVICE__READ_ONLY_API_KEY")
        self.lock = threading.RLock()
        self.collections, self.aliases = {}, {}
        self.faults = Faults()
        self.requests, self.violations, self.upserts, self.connections = 0, [], {}, 0
        self.foreign_keys = 0  # requests with a key that is not this server's
        self.log = None
        if options.store:
            self.replay(options.store)
            self.log = open(options.store, "ab")

    def replay(self, path):
        """A last line that a kill cut short was never acknowledged."""
        good = 0
        if os.path.exists(path):
            with open(path, "rb") as stream:
                for line in stream:
                    if not line.endswith(b"\n"):
                        break
                    method, url, query, body = json.loads(line)
                    try:
                        self.route(method, url, query, body)
                    except Refused:
                        pass
                    good += len(line)
            os.truncate(path, good)

    def record(self, method, path, query, body):
        if self.log:
            self.log.write(json.dumps([method, path, query, body], separators=(",", ":")).encode() + b"\n")
            self.log.flush()
            os.fsync(self.log.fileno())

    def authorise(self, method, path, key):
        if not self.key or path in ("/", "/healthz", "/readyz", "/livez"):
            return
        if key == self.key:
            return
        if key and key == self.read_only_key:
            reads = method == "GET" or path.rsplit("/", 1)[-1] in ("query", "groups", "scroll", "count", "facet", "batch")
            if reads and not path.endswith("points/batch") or method == "POST" and path.endswith("/points"):
                return
            raise Refused(403, "Forbidden: Global manage access is required")
        raise Refused(401, "Invalid API key or JWT" if key else "Must provide an API key or an Authorization bearer token")

    def collection(self, name):
        name = self.aliases.get(name, name)
        if name not in self.collections:
            raise Refused(404, f"Not found: Collection `{name}` doesn't exist!")
        return self.collections[name]

    def answer(self, method, path, query, body):
        fault = self.description.check(method, path, query, body) if self.description else None
        if fault:
            self.violations.append(f"{method} {path}: {fault}")
        refusals.check(method, path, body)
        if fault:
            raise Refused(400, f"Format error in JSON body: {fault}")
        with self.lock:
            writes = method in ("PUT", "PATCH", "DELETE") or path.rsplit("/", 1)[-1] in ("delete", "payload", "aliases")
            writes = writes or path.endswith(("points/batch", "payload/clear"))
            answer = self.route(method, path, query, body)
            if writes:
                self.record(method, path, query, body)
            if isinstance(answer, bytes):
                return answer
            if path != "/":
                answer = {"result": answer, "status": "ok", "time": 0.0001, "usage": None}
            parts = path.split("/")
            known = self.collections.get(self.aliases.get(parts[2], parts[2])) if len(parts) > 3 else None
            return (known.json(answer) if known else json.dumps(answer, separators=(",", ":"))).encode()

    def route(self, method, path, query, body):
        parts = path.strip("/").split("/")
        if path == "/":
            return {"title": "qdrant - vector search engine", "version": self.options.version, "commit": "scripted"}
        if path == "/readyz":
            return b"all shards are ready"
        if path in ("/healthz", "/livez"):
            return b"healthz check passed"
        if parts[0] == "collections" and len(parts) == 1:
            return {"collections": [{"name": name} for name in sorted(self.collections)]}
        if parts == ["aliases"]:
            return {"aliases": [{"alias_name": a, "collection_name": c} for a, c in sorted(self.aliases.items())]}
        if parts == ["collections", "aliases"]:
            return self.change_aliases(body["actions"])
        if parts[0] == "collections" and len(parts) == 2:
            return self.whole_collection(method, parts[1], body)
        if parts[0] == "collections" and parts[2] == "snapshots":
            return self.snapshot(method, self.collection(parts[1]), parts)
        if parts[0] == "collections" and parts[2:] == ["aliases"]:
            return {"aliases": [{"alias_name": a, "collection_name": c} for a, c in sorted(self.aliases.items())
                                if c == self.aliases.get(parts[1], parts[1])]}
        if parts[0] == "collections" and parts[2:] == ["exists"]:
            return {"exists": self.aliases.get(parts[1], parts[1]) in self.collections}
        if parts[0] == "collections":
            return self.inside(method, self.collection(parts[1]), "/".join(parts[2:]), query, body or {})
        raise Refused(404, "")

    def made(self, config):
        return Collection(config, self.options.strict, self.version, json.loads(self.options.limits))

    def whole_collection(self, method, name, body):
        if method == "GET":
            return self.collection(name).info()
        if method == "PUT":
            if name in self.collections:
                raise Refused(409, f"Wrong input: Collection `{name}` already exists!")
            if name in self.aliases:
                raise Refused(400, f"Wrong input: Can't create collection with name {name}. Alias with the same name already "
                                   "exists")
            self.collections[name] = self.made(body)
            return True
        if method == "PATCH":
            collection = self.collection(name)
            collection.limits.update(body.get("strict_mode_config") or {})
            collection.strict = collection.strict or bool(collection.limits.get("enabled"))
            if collection.metadata is not None:
                merged = {**collection.metadata, **(body.get("metadata") or {})}
                collection.metadata = {k: v for k, v in merged.items() if v is not None}
            return True
        self.aliases = {alias: target for alias, target in self.aliases.items() if target != name}
        return self.collections.pop(name, None) is not None

    def change_aliases(self, actions):
        """One after the other, each kept at once: what a later one is refused for does not undo the ones before."""
        for action in actions:
            if "create_alias" in action:
                alias, target = action["create_alias"]["alias_name"], action["create_alias"]["collection_name"]
                if target not in self.collections:
                    raise Refused(404, f"Not found: Collection `{target}` doesn't exist!")
                if alias in self.collections:
                    raise Refused(409, f"Wrong input: Collection `{alias}` already exists!")
                self.aliases[alias] = target
            elif "delete_alias" in action:
                self.aliases.pop(action["delete_alias"]["alias_name"], None)
        return True

    @staticmethod
    def snapshot(method, collection, parts):
        """A file for each, which is what the collection says of itself."""
        if method == "POST":
            name, data = f"{parts[1]}-{len(collection.snapshots)}.snapshot", json.dumps(collection.info()).encode()
            collection.snapshots[name] = data
            return {"name": name, "creation_time": None, "size": len(data), "checksum": hashlib.sha256(data).hexdigest()}
        if len(parts) < 4:
            return [{"name": name, "creation_time": None, "size": len(data)} for name, data in collection.snapshots.items()]
        if parts[3] not in collection.snapshots:
            raise Refused(404, f"Not found: Snapshot {parts[3]} not found")
        return collection.snapshots[parts[3]] if method == "GET" else collection.snapshots.pop(parts[3]) is not None

    def inside(self, method, collection, rest, query, body):
        since = {"points/query": (1, 10), "points/query/batch": (1, 10), "points/query/groups": (1, 11), "facet": (1, 12)}
        if self.version < since.get(rest, (0, 0)):
            raise Refused(404, "")
        if rest == "index" and method == "PUT":
            schema = body.get("field_schema")
            kind = schema["type"] if isinstance(schema, dict) else schema
            if kind not in INDEX_TYPES:
                raise Refused(400, f"Format error in JSON body: {kind} is no type of an index")
            collection.schema[body["field_name"]] = kind
            return self.updated(collection, query)
        writes = {("PUT", "points"): self.upsert, ("POST", "points/delete"): Collection.delete,
                  ("POST", "points/payload"): Collection.set_payload, ("PUT", "points/payload"): Collection.overwrite_payload,
                  ("POST", "points/payload/delete"): Collection.delete_payload}
        reads = {"points": Collection.retrieve, "points/scroll": Collection.scroll, "points/count": Collection.count,
                 "points/query": Collection.query, "points/query/groups": Collection.query_groups, "facet": Collection.facet}
        if (method, rest) in writes:
            writes[method, rest](collection, body)
            return self.updated(collection, query)
        if (method, rest) == ("POST", "points/batch"):
            return [self.one_of_batch(collection, operation, query) for operation in body["operations"]]
        if (method, rest) == ("POST", "points/query/batch"):
            for search in body["searches"]:
                collection.check_limits(search)
            return [collection.query(search) for search in body["searches"]]
        if method == "POST" and rest in reads:
            collection.check_limits(body)
            return reads[rest](collection, body)
        raise Refused(404, "")

    def one_of_batch(self, collection, operation, query):
        (name, body), = operation.items()
        known = {"upsert": self.upsert, "delete": Collection.delete, "set_payload": Collection.set_payload,
                 "overwrite_payload": Collection.overwrite_payload, "delete_payload": Collection.delete_payload}
        known[name](collection, body)
        return self.updated(collection, query)

    def upsert(self, collection, body):
        """A batch with one bad point is refused as a whole."""
        bad = self.faults.bad_point
        for point in body["points"]:
            if bad and point_id(point["id"]) == bad:
                raise Refused(400, f"Wrong input: point {bad} is not wanted")
        collection.upsert(body["points"])
        for point in body["points"]:
            self.upserts[point["id"]] = self.upserts.get(point["id"], 0) + 1

    @staticmethod
    def updated(collection, query):
        return {"operation_id": collection.operation, "status": "completed" if query.get("wait") == "true" else "acknowledged"}

    def script(self, path, body):
        parts = path.strip("/").split("/")
        if parts[1] == "fault" and body["kind"] == "forget_header":
            for collection in self.collections.values():
                collection.points.pop(HEADER_POINT, None)
                collection.changed()
        elif parts[1] == "fault":
            self.faults.add(body)
        elif parts[1] == "collection":
            self.collections[parts[2]] = self.made(body)
        counts = {name: len(c.points) for name, c in self.collections.items()}
        return {"requests": self.requests, "faults": self.faults.fired, "violations": self.violations, "points": counts,
                "most_upserts": max(self.upserts.values(), default=0), "connections": self.connections,
                "foreign_keys": self.foreign_keys,
                "schema": {name: sorted(c.schema) for name, c in self.collections.items()}}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 600

    def log_message(self, *_):
        pass

    def setup(self):
        super().setup()
        self.server.state.connections += 1

    def body(self):
        """None: there was none; the length is the server's limit to check before anything is read."""
        length = int(self.headers.get("Content-Length") or 0)
        if length > self.server.state.options.max_body:
            self.close_connection = True
            raise Refused(400, f"JSON payload ({length} bytes) is larger than allowed (limit: "
                               f"{self.server.state.options.max_body} bytes).")
        raw = self.rfile.read(length) if length else b""
        if len(raw) < length:
            raise Gone
        if not raw:
            return None
        try:
            return json.loads(raw, parse_constant=lambda name: (_ for _ in ()).throw(ValueError(name)))
        except ValueError as fault:
            raise Refused(400, f"Format error in JSON body: {fault}") from None

    def handle_request(self):
        state = self.server.state
        url = urllib.parse.urlsplit(self.path)
        path = urllib.parse.unquote(url.path)
        query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        fault = None
        try:
            if path.startswith("/_fake/"):
                self.reply(200, json.dumps(state.script(path, self.body())).encode())
                return
            state.requests += 1
            fault = state.faults.next(self.command, path)
            if fault and fault.before(self):
                return
            key = self.headers.get("api-key") or (self.headers.get("Authorization") or "").removeprefix("Bearer ")
            state.foreign_keys += key not in ("", state.key, state.read_only_key)
            body = self.body()
            state.authorise(self.command, path, key)
            applies = not fault or fault.applies
            status, data = 200, state.answer(self.command, path, query, body) if applies else fault.pretended()
        except Gone:
            self.close_connection = True
            return
        except Refused as refused:
            status, text = refused.status, str(refused)
            if status == 401:
                self.reply(401, text.encode(), "text/plain")
                return
            data = json.dumps({"status": {"error": text}, "time": 0.0}).encode() if text else b""
        if fault and fault.after(self, data):
            return
        self.reply(status, data)

    def reply(self, status, data, kind="application/json", headers=()):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers:
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()

    def do(self):
        try:
            self.handle_request()
        except (ConnectionError, ssl.SSLError):
            self.close_connection = True

    do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = do


class Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], (ConnectionError, ssl.SSLError, TimeoutError)):
            super().handle_error(request, client_address)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--openapi")
    parser.add_argument("--store")
    parser.add_argument("--version", default="1.19.0")
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("--limits", default="{}", help="strict_mode_config of new collections, as JSON")
    parser.add_argument("--tls", nargs=2, metavar=("CERT", "KEY"))
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--max-body", type=int, default=32 << 20)
    options = parser.parse_args()
    listener = Listener(("127.0.0.1", options.port), Handler)
    listener.state = Server(options)
    if options.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*options.tls)
        listener.socket = context.wrap_socket(listener.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    print(listener.server_address[1], flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
