"""The contract document as a judge: every request and every reply of an exchange has to fit it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

from config.platform_contract import contract

DOCUMENT = "urn:contract"


@cache
def _registry() -> Any:
    resource = Resource.from_contents({"$schema": "https://json-schema.org/draft/2020-12/schema", **contract()})
    return Registry().with_resource(DOCUMENT, resource)


def conforms(value: Any, schema: Mapping[str, Any]) -> None:
    """Assert that `value` fits a schema of the document."""
    text = json.dumps(schema).replace('"#/', f'"{DOCUMENT}#/')
    validator = Draft202012Validator(json.loads(text), registry=_registry(), format_checker=FormatChecker())
    faults = [f"{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in validator.iter_errors(value)]
    assert not faults, faults


def resolved(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """`node`, or what its $ref names."""
    if "$ref" not in node:
        return node
    found: Any = contract()
    for part in node["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return found


def operation(method: str, path: str) -> tuple[str, Mapping[str, Any], list[Mapping[str, Any]], dict[str, str]]:
    """Template, operation, parameters and path values of a request."""
    for template, item in contract()["paths"].items():
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(template))
        match = re.fullmatch(pattern, path)
        if match and method.lower() in item:
            op = item[method.lower()]
            return (
                template,
                op,
                [resolved(p) for p in [*item.get("parameters", []), *op.get("parameters", [])]],
                match.groupdict(),
            )
    raise AssertionError(f"{method} {path} is not in the contract")


class ContractAdapter(requests.adapters.BaseAdapter):
    """Asserts that each request and each reply is what the document says; then passes it on."""

    def __init__(self, inner: requests.adapters.BaseAdapter) -> None:
        super().__init__()
        self.inner = inner
        self.seen: set[str] = set()
        self.log: list[tuple[str, int]] = []

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        url = urlsplit(request.url or "")
        path = url.path.removeprefix("/kgw/v1")
        template, op, parameters, found = operation(request.method or "", path)
        places = {"path": found, "query": dict(parse_qsl(url.query)), "header": request.headers}
        for parameter in parameters:
            value = places[parameter["in"]].get(parameter["name"])
            assert value is not None or not parameter.get("required"), parameter["name"]
            if value is not None:
                schema = resolved(parameter["schema"])
                conforms(int(value) if schema["type"] == "integer" else value, schema)
        named = {p["name"] for p in parameters if p["in"] == "query"}
        assert set(places["query"]) <= named
        if "application/octet-stream" in op.get("requestBody", {}).get("content", {}):
            schema = op["requestBody"]["content"]["application/octet-stream"]["schema"]
            assert len(request.body or b"") <= schema["maxLength"]
        elif "requestBody" in op:
            conforms(json.loads(request.body or b""), op["requestBody"]["content"]["application/json"]["schema"])
        else:
            assert not request.body
        response = self.inner.send(request, **kwargs)
        self._check_reply(op, response)
        self.seen.add(f"{request.method} {template}")
        self.log.append((template, response.status_code))
        return response

    def _check_reply(self, op: Mapping[str, Any], response: requests.Response) -> None:
        known = op["responses"].get(str(response.status_code))
        media = response.headers.get("Content-Type", "")
        if known is None:
            assert response.status_code >= 400
            assert media == "application/problem+json"
            conforms(response.json(), {"$ref": "#/components/schemas/Problem"})
        elif "content" in known:
            assert media == "application/json"
            conforms(response.json(), known["content"]["application/json"]["schema"])
        else:
            assert response.content == b""

    def close(self) -> None:
        self.inner.close()
