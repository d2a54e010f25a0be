# SPDX-License-Identifier: MIT
"""Requests that the server refuses for what they are, whatever is stored: its statuses and texts, compared with
Qdrant 1.18.3. A body that cannot be read is 400, one with values that cannot be is 422.
"""
from collection import Refused, instant

DISTANCES = ("Cosine", "Dot", "Euclid", "Manhattan")
AT_LEAST_ONE = ("limit", "group_size", "shard_number", "replication_factor", "write_consistency_factor")
COMBINED = {"must", "should", "must_not", "min_should"}
WITHOUT_KEY = ({"has_id"}, {"is_empty"}, {"is_null"}, {"has_vector"}, {"nested"})
UPDATES = ("upsert", "delete", "set_payload", "overwrite_payload", "delete_payload", "clear_payload", "update_vectors",
           "delete_vectors")


def unreadable(text):
    raise Refused(400, "Format error in JSON body: " + text)


def impossible(where, text):
    raise Refused(422, f"Validation error in {where}: [{text}]")


def check_name(name):
    if not 1 <= len(name) <= 255:
        impossible("path parameters", f'collection_name: value "{name}" invalid, must be from 1 to 255 characters')
    for letter in '<>:"/\\|?*\0\x1f':
        if letter in name:
            impossible("path parameters", f'collection_name: collection name cannot contain "{letter}" char')


def check_condition(condition):
    if not isinstance(condition, dict):
        unreadable("Expected some form of condition")
    if condition.keys() <= COMBINED:
        check_filter(condition)
    elif "key" in condition:
        check_field(condition)
    elif condition.keys() not in WITHOUT_KEY:
        unreadable("Expected some form of condition, which can be a field condition (like {\"key\": ..., \"match\": ... }), "
                   "or some other mentioned in the documentation")


def check_field(condition):
    if all(value is None for name, value in condition.items() if name != "key"):
        impossible("JSON body", "filter: Validation error: At least one field condition must be specified [{}]")
    if isinstance((condition.get("match") or {}).get("value"), float):
        unreadable("data did not match any variant of untagged enum MatchInterface")
    for bound in (condition.get("range") or {}).values():
        if isinstance(bound, str) and not instant(bound):
            unreadable(f"'{bound}' does not match accepted datetime format (RFC3339). Example: 2014-01-01T00:00:00Z")


def check_filter(filter_):
    for name in COMBINED - {"min_should"}:
        part = (filter_ or {}).get(name) or []
        for condition in part if isinstance(part, list) else [part]:
            check_condition(condition)


def check_vectors(vectors):
    """Of a new collection: one kind without a name, or several by name."""
    kinds = [vectors] if "size" in vectors or "distance" in vectors else list(vectors.values())
    for kind in kinds:
        if not isinstance(kind, dict) or kind.get("distance") not in DISTANCES or not kind.get("size"):
            unreadable("data did not match any variant of untagged enum VectorsConfig")


def check_points(body):
    if "points" not in body and "batch" not in body:
        unreadable("Invalid PointInsertOperations format")
    for point in body.get("points") or []:
        for field in ("id", "vector"):
            if isinstance(point, dict) and field not in point:
                unreadable(f"missing field `{field}`")


def check(method, path, body):
    """Raises Refused."""
    parts = path.strip("/").split("/")
    if parts[0] != "collections" or parts == ["collections", "aliases"]:
        return
    if len(parts) == 1 and method != "GET":
        raise Refused(404, "")
    if len(parts) > 1:
        check_name(parts[1])
    if not isinstance(body, dict):
        return
    for name in AT_LEAST_ONE:
        if body.get(name) == 0:
            impossible("JSON body", f"{name}: value 0 invalid, must be 1 or larger")
    for search in [body, *(body.get("searches") or [])]:
        check_filter(search.get("filter"))
    if method == "PUT" and len(parts) == 2:
        check_vectors(body.get("vectors") or {})
    if method == "PUT" and parts[2:] == ["points"]:
        check_points(body)
    if parts[2:] == ["points", "batch"] and not all(len(one) == 1 and set(one) <= set(UPDATES)
                                                    for one in body.get("operations") or []):
        unreadable("data did not match any variant of untagged enum UpdateOperation")
