# SPDX-License-Identifier: MIT
"""One collection as the server keeps it: points, filters, exact search, groups, scroll, facets, payloads.

What the server refuses, this refuses with the server's status and kind of text (Refused). Sources:
https://github.com/qdrant/qdrant (src/actix/helpers.rs, lib/collection/src/grouping), its documentation and the
issues that are named below.
"""
import bisect
import datetime
import json
import re
import uuid

import numpy


VERBATIM = "\x00vector %d\x00"
VERBATIM_PATTERN = r'"\\u0000vector (\d+)\\u0000"'


class Refused(Exception):
    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


def point_id(value):
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    try:
        return str(uuid.UUID(value))
    except (ValueError, AttributeError, TypeError):
        raise Refused(400, f"Format error in JSON body: value {value} is not a valid point ID, valid values are either "
                           "an unsigned integer or a UUID") from None


def order_of(identifier):
    """Numbers come before UUIDs."""
    return (isinstance(identifier, str), identifier)


def instant(text):
    try:
        when = datetime.datetime.fromisoformat(text)
    except (ValueError, TypeError):
        return None
    return when if when.tzinfo else when.replace(tzinfo=datetime.timezone.utc)


def values_of(payload, key):
    value = payload.get(key)
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


class Collection:
    def __init__(self, config, strict, version, limits=None):
        vectors = config.get("vectors") or {}
        self.named = "size" not in vectors
        self.vectors = vectors
        self.config = config
        self.metadata = dict(config.get("metadata") or {}) if version >= (1, 16) else None
        self.version = version
        self.known = {}   # values of indexed fields, of now or before
        self.cuts_bounds = version < (1, 18)  # of whole numbers, towards 0 (qdrant#9049)
        self.strict = strict or bool((config.get("strict_mode_config") or {}).get("enabled"))
        self.limits = {**(limits or {}), **(config.get("strict_mode_config") or {})}  # of strict mode
        self.schema = {}
        self.points = {}  # id: [vector, payload]
        self.ids = None   # sorted; None: to be made
        self.matrix = None
        self.operation = 0
        self.snapshots = {}
        self.texts = []   # of vectors in the answer that is being made

    # --- writing -------------------------------------------------------------------------------------------

    def vector(self, value):
        size = self.vectors.get("size", 0)
        if self.named:
            raise Refused(400, "Wrong input: Not existing vector name error: ")
        if not isinstance(value, list) or len(value) != size:
            got = len(value) if isinstance(value, list) else 0
            raise Refused(400, f"Wrong input: Vector dimension error: expected dim: {size}, got {got}")
        vector = numpy.array(value, dtype=numpy.float32)
        length = float(numpy.sqrt(numpy.sum(vector.astype(numpy.float64) ** 2)))
        if self.vectors.get("distance") == "Cosine" and length > 0:
            vector = (vector / numpy.float32(length)).astype(numpy.float32)
        return vector

    def upsert(self, points):
        """Strict mode limits how many points a batch may have, in a minute and at once."""
        most, in_a_minute = self.limits.get("upsert_max_batchsize"), self.limits.get("write_rate_limit")
        if in_a_minute and len(points) > in_a_minute:
            raise Refused(429, "Rate limiting exceeded: Write rate limit exceeded, request larger than rate limiter "
                               "capacity, please try to split your request")
        if most and len(points) > most:
            self.refuse_strictly(f'Limit exceeded {len(points)} > {most} for "upsert limit". Help: Reduce the '
                                 f'"upsert limit" parameter to or below {most}.')
        if not points:
            raise Refused(400, "Bad request: Empty update request")
        ready = [(point_id(p["id"]), self.vector(p["vector"]), p.get("payload") or {}) for p in points]
        for identifier, vector, payload in ready:
            self.points[identifier] = [vector, payload]
            self.remember(payload)
        self.changed()

    def remember(self, payload):
        """What an index knew it lists in facets, also when no point has it any more."""
        for key in payload.keys() & self.schema.keys():
            self.known.setdefault(key, set()).update(values_of(payload, key))

    def refuse_strictly(self, text):
        """Of strict mode: Forbidden before 1.15."""
        raise Refused(403, "Forbidden: " + text) if self.version < (1, 15) else Refused(400, "Bad request: " + text)

    def check_limits(self, request):
        """Of strict mode, for questions."""
        most, limit = self.limits.get("max_query_limit"), request.get("limit") or 0
        if most and limit > most:
            self.refuse_strictly(f'Limit exceeded {limit} > {most} for "limit". Help: Reduce the "limit" parameter to or '
                                 f"below {most}.")
        exact = request.get("exact") or (request.get("params") or {}).get("exact")
        if exact and self.limits.get("search_allow_exact") is False:
            self.refuse_strictly("Exact search disabled!. Help: Set exact=false.")

    def changed(self):
        self.ids = self.matrix = None
        self.operation += 1

    def chosen(self, request):
        """Ids that `points` or `filter` of a request mean."""
        if request.get("points") == []:
            raise Refused(400, "Bad request: Empty update request")
        if request.get("points") is not None:
            return [point_id(i) for i in request["points"]]
        if request.get("filter") is None:
            raise Refused(400, "Wrong input: either points or filter must be given")
        self.check_filter(request["filter"])
        return [i for i, (_, payload, *_) in self.points.items() if self.meets(i, payload, request["filter"])]

    def delete(self, request):
        for identifier in self.chosen(request):
            self.points.pop(identifier, None)
        self.changed()

    def change_payload(self, request, change):
        chosen = self.chosen(request)
        missing = [i for i in chosen if i not in self.points]
        for identifier in chosen:
            if identifier in self.points:
                self.points[identifier][1] = change(self.points[identifier][1])
                self.remember(self.points[identifier][1])
        self.changed()
        if missing:
            raise Refused(404, f"Not found: No point with id {missing[0]} found")

    def set_payload(self, request):
        self.change_payload(request, lambda old: {**old, **request["payload"]})

    def overwrite_payload(self, request):
        self.change_payload(request, lambda old: dict(request["payload"]))

    def delete_payload(self, request):
        self.change_payload(request, lambda old: {k: v for k, v in old.items() if k not in request["keys"]})

    # --- filters -------------------------------------------------------------------------------------------

    def check_filter(self, filter_):
        """Strict mode refuses filters on fields without an index, also when they delete (Engram#626)."""
        for key in self.keys_of(filter_ or {}):
            if self.strict and key not in self.schema:
                self.refuse_strictly(f'Index required but not found for "{key}" of one of the following types: '
                                     "[keyword]. Help: Create an index for this key or use a different filter.")

    def keys_of(self, node):
        if isinstance(node, list):
            for part in node:
                yield from self.keys_of(part)
        elif isinstance(node, dict):
            if "key" in node:
                yield node["key"]
            elif "is_empty" in node:
                yield node["is_empty"]["key"]
            else:
                for name in ("must", "should", "must_not"):
                    yield from self.keys_of(node.get(name) or [])

    def meets(self, identifier, payload, filter_):
        def parts(name):
            node = filter_.get(name)
            return node if isinstance(node, list) else [] if node is None else [node]
        return (all(self.condition(identifier, payload, c) for c in parts("must"))
                and not any(self.condition(identifier, payload, c) for c in parts("must_not"))
                and (not parts("should") or any(self.condition(identifier, payload, c) for c in parts("should"))))

    def condition(self, identifier, payload, condition):
        if "has_id" in condition:
            return identifier in {point_id(i) for i in condition["has_id"]}
        if "is_empty" in condition:
            return not values_of(payload, condition["is_empty"]["key"])
        if "key" not in condition:
            return self.meets(identifier, payload, condition)
        values = values_of(payload, condition["key"])
        if condition.get("match") is not None:
            match = condition["match"]
            if "value" in match:
                return any(type(v) is type(match["value"]) and v == match["value"] for v in values)
            if "any" in match:
                return any(v in match["any"] for v in values)
            if "except" in match:
                return any(v not in match["except"] for v in values)
            raise Refused(400, "the scripted server does not know this kind of match")
        bounds = condition["range"]
        if self.cuts_bounds and self.schema.get(condition["key"]) == "integer":
            bounds = {k: int(max(min(b, 2**63), -2**63)) for k, b in bounds.items() if b is not None}
        return any(in_range(v, bounds) for v in values)

    # --- reading -------------------------------------------------------------------------------------------

    def sorted_ids(self):
        if self.ids is None:
            self.ids = sorted(self.points, key=order_of)
        return self.ids

    def record(self, identifier, request, payload_default):
        vector, payload = self.points[identifier][:2]
        wanted = request.get("with_payload", payload_default)
        record = {"id": identifier}
        if isinstance(wanted, list):
            record["payload"] = {k: v for k, v in payload.items() if k in wanted}
        elif wanted:
            record["payload"] = payload
        if request.get("with_vector"):
            record["vector"] = VERBATIM % len(self.texts)
            self.texts.append(self.text(identifier, vector))
        return record

    def text(self, identifier, vector):
        """A vector's JSON, made once: as the shortest decimals that are these floats, as the server does."""
        point = self.points[identifier]
        if len(point) < 3:
            point.append("[" + ",".join(map(str, vector)) + "]")
        return point[2]

    def json(self, answer):
        """An answer's JSON with the vectors in it; half a million numbers are too slow for json."""
        text, texts = json.dumps(answer, separators=(",", ":")), self.texts
        self.texts = []
        return re.sub(VERBATIM_PATTERN, lambda found: texts[int(found[1])], text) if texts else text

    def retrieve(self, request):
        return [self.record(i, request, True) for i in map(point_id, request["ids"]) if i in self.points]

    def scroll(self, request):
        self.check_filter(request.get("filter"))
        ids, limit, found = self.sorted_ids(), request.get("limit") or 10, []
        start = request.get("offset")
        at = bisect.bisect_left(ids, order_of(point_id(start)), key=order_of) if start is not None else 0
        for identifier in ids[at:]:
            if request.get("filter") and not self.meets(identifier, self.points[identifier][1], request["filter"]):
                continue
            found.append(identifier)
            if len(found) > limit:
                break
        return {"points": [self.record(i, request, True) for i in found[:limit]],
                "next_page_offset": found[limit] if len(found) > limit else None}

    def count(self, request):
        self.check_filter(request.get("filter"))
        filter_ = request.get("filter")
        if not filter_:
            return {"count": len(self.points)}
        return {"count": sum(self.meets(i, p[1], filter_) for i, p in self.points.items())}

    def ranked(self, request, limit, excluded=()):
        """Ids and scores, best first. Ties come in no order that a client may rely on: here the reverse of ids."""
        self.check_filter(request.get("filter"))
        query = request.get("query")
        if isinstance(query, dict):
            query = query.get("nearest")
        probe = self.vector(query)
        ids = self.sorted_ids()
        if not ids:
            return []
        if self.matrix is None:
            self.matrix = numpy.stack([self.points[i][0] for i in ids])
        scores = self.matrix @ probe
        found = []
        for at in numpy.argsort(-scores[::-1], kind="stable"):
            at = len(ids) - 1 - int(at)
            identifier = ids[at]
            if request.get("filter") and not self.meets(identifier, self.points[identifier][1], request["filter"]):
                continue
            if any(identifier in group for group in excluded):
                continue
            found.append((identifier, float(scores[at])))
            if len(found) == limit:
                break
        return found

    def scored(self, found, request):
        return [{**self.record(i, request, False), "score": score, "version": 1} for i, score in found]

    def query(self, request):
        limit, offset = request.get("limit") or 10, request.get("offset") or 0
        return {"points": self.scored(self.ranked(request, limit + offset)[offset:], request)}

    def query_groups(self, request):
        """The server asks at most five times for more candidates and may come back with fewer groups than there are."""
        key, limit, size = request["group_by"], request.get("limit") or 10, request.get("group_size") or 3
        if self.strict and key not in self.schema:
            self.refuse_strictly(f'Index required but not found for "{key}". Help: Create an index supporting `match` '
                                 "for this key.")
        groups, seen = {}, set()
        for _ in range(5):
            full = [k for k, hits in groups.items() if len(hits) >= size]
            base = request.get("filter")
            narrowed = {"must": ([base] if base else []) + [{"key": key, "match": {"except": full}}]} if full else base
            page = self.ranked({**request, "filter": narrowed}, limit * size, (seen,))
            for identifier, score in page:
                seen.add(identifier)
                for value in values_of(self.points[identifier][1], key):
                    hits = groups.setdefault(value, [])
                    if len(hits) < size:
                        hits.append((identifier, score))
            if len(groups) >= limit or not page:
                break
        best = sorted(groups.items(), key=lambda item: -item[1][0][1])[:limit]
        return {"groups": [{"id": k, "hits": self.scored(hits, request)} for k, hits in best]}

    def facet(self, request):
        key = request["key"]
        if self.schema.get(key) not in ("keyword", "integer", "uuid", "bool"):
            raise Refused(400, f"Wrong input: No appropriate index for faceting: `{key}`. Please create one to facet on this "
                               "field.")
        self.check_filter(request.get("filter"))
        counts = {value: 0 for value in self.known.get(key, ())} if not request.get("filter") else {}
        for identifier, (_, payload, *_) in self.points.items():
            if request.get("filter") and not self.meets(identifier, payload, request["filter"]):
                continue
            for value in set(values_of(payload, key)):
                counts[value] = counts.get(value, 0) + 1
        hits = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:request.get("limit") or 10]
        return {"hits": [{"value": value, "count": count} for value, count in hits]}

    def info(self):
        params = {k: self.config[k] for k in ("shard_number", "replication_factor", "write_consistency_factor",
                                              "on_disk_payload", "sharding_method") if self.config.get(k) is not None}
        config = {"params": {"vectors": self.vectors, **params}, "hnsw_config": {}, "optimizer_config": {},
                  "quantization_config": self.config.get("quantization_config")}
        if self.metadata is not None:
            config["metadata"] = self.metadata
        return {"status": "green", "optimizer_status": "ok", "segments_count": 1, "config": config,
                "points_count": len(self.points), "indexed_vectors_count": 0,
                "payload_schema": {k: {"data_type": v, "points": 0} for k, v in self.schema.items()}}


def in_range(value, bounds):
    if any(isinstance(b, str) for b in bounds.values()):
        value = instant(value)
        bounds = {k: instant(b) for k, b in bounds.items() if b is not None}
    if value is None or isinstance(value, str):
        return False
    tests = {"lt": lambda b: value < b, "gt": lambda b: value > b, "lte": lambda b: value <= b,
             "gte": lambda b: value >= b}
    return all(tests[k](b) for k, b in bounds.items() if b is not None)
