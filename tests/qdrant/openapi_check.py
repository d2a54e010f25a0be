# SPDX-License-Identifier: MIT
"""Requests against the server's own description of its API: compiled to closures, so that bodies of megabytes
take a second and not minutes. Stricter than the server: a field that the description does not know is an error.
"""
import json
import re
import threading
import uuid


class Description:
    """check(method, path, query, body) gives None, or a text: what the description does not allow."""

    def __init__(self, file):
        with open(file, encoding="utf-8") as stream:
            self.document = json.load(stream)
        self.compiled = {}
        self.lock = threading.RLock()  # what is compiled halfway is of one thread
        self.paths = [(re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path) + "$"), item)
                      for path, item in self.document["paths"].items()]

    def check(self, method, path, query, body):
        items = [item for pattern, item in self.paths if pattern.match(path)]
        if not items:
            return f"no path {path}"
        operations = [item[method.lower()] for item in items if method.lower() in item]
        if not operations:
            return f"{path} has no method {method}"
        faults = [self.check_operation(operation, query, body) for operation in operations]
        return None if None in faults else faults[0]

    def check_operation(self, operation, query, body):
        known = {p["name"]: p["schema"] for p in operation.get("parameters", []) if p["in"] == "query"}
        for name, text in query.items():
            if name not in known:
                return f"unknown parameter {name}"
            fault = self.validator(known[name])(parameter_value(text), name)
            if fault:
                return fault
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None:
            return "a body that the description does not have" if body is not None else None
        if body is None:
            return "no body" if operation["requestBody"].get("required") else None
        return self.validator(content["schema"])(body, "body")

    def validator(self, schema):
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[1]
            with self.lock:
                if name not in self.compiled:
                    self.compiled[name] = lambda value, where: self.compiled[name](value, where)  # recursion
                    self.compiled[name] = self.compile(self.document["components"]["schemas"][name])
            return lambda value, where: self.compiled[name](value, where)
        return self.compile(schema)

    def compile(self, schema):
        options = schema.get("anyOf") or schema.get("oneOf")
        if options:
            return one_of([self.validator(option) for option in options])
        if "allOf" in schema:
            return all_of([self.validator(part) for part in schema["allOf"]])
        if "type" not in schema:
            return check_enum(schema) if "enum" in schema else nothing_but_null(schema)
        check = {"object": self.object, "array": self.array}.get(schema["type"], scalar)(schema)
        if schema.get("nullable"):
            return lambda value, where: None if value is None else check(value, where)
        return check

    def object(self, schema):
        fields = {name: self.validator(part) for name, part in schema.get("properties", {}).items()}
        more = schema.get("additionalProperties", False)
        others = self.validator(more) if isinstance(more, dict) else None
        required = schema.get("required", [])

        def check(value, where):
            if not isinstance(value, dict):
                return f"{where} is no object"
            for name in required:
                if name not in value:
                    return f"{where} has no {name}"
            for name, part in value.items():
                fault = None
                if name in fields:
                    fault = fields[name](part, f"{where}.{name}")
                elif others:
                    fault = others(part, f"{where}.{name}")
                elif more is not True:
                    fault = f"{where} has the unknown field {name}"
                if fault:
                    return fault
            return None
        return check

    def array(self, schema):
        item, least = self.validator(schema["items"]), schema.get("minItems", 0)
        numbers = schema["items"].get("type") == "number" and "minimum" not in schema["items"]

        def check(value, where):
            if not isinstance(value, list) or len(value) < least:
                return f"{where} is no array of at least {least}"
            if numbers:  # vectors
                good = all(type(part) in (float, int) for part in value)
                return None if good else f"{where} is no array of numbers"
            for i, part in enumerate(value):
                fault = item(part, f"{where}[{i}]")
                if fault:
                    return fault
            return None
        return check


def parameter_value(text):
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.isdecimal() else text


def one_of(checks):
    def check(value, where):
        faults = []
        for part in checks:
            fault = part(value, where)
            if fault is None:
                return None
            faults.append(fault)
        return max(faults, key=len)  # the one that came deepest
    return check


def all_of(checks):
    def check(value, where):
        return next((fault for fault in (part(value, where) for part in checks) if fault), None)
    return check


def check_enum(schema):
    return lambda value, where: None if value in schema["enum"] else f"{where} is {value!r}"


def nothing_but_null(schema):
    if schema.get("nullable"):
        return lambda value, where: None if value is None else f"{where} is not null"
    return lambda value, where: None


TYPES = {"string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,)}


def scalar(schema):
    types, formats = TYPES[schema["type"]], schema.get("format")
    low, high, enum = schema.get("minimum"), schema.get("maximum"), schema.get("enum")

    def check(value, where):
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            return f"{where} is no {schema['type']}"
        if enum is not None and value not in enum:
            return f"{where} is {value!r}"
        if (low is not None and value < low) or (high is not None and value > high):
            return f"{where} is {value}, outside of its bounds"
        if formats == "uuid" and not is_uuid(value):
            return f"{where} is no UUID"
        if len(value) < schema.get("minLength", 0) if isinstance(value, str) else False:
            return f"{where} is too short"
        return None
    return check


def is_uuid(text):
    try:
        uuid.UUID(text)
        return True
    except ValueError:
        return False
