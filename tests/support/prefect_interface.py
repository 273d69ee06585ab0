"""The calls of the installed Prefect, by its own description, and a request through the front to an application."""

from __future__ import annotations

from functools import cache

METHODS = ("get", "post", "put", "patch", "delete", "head", "options")


@cache
def interface():
    """The description that the installed Prefect gives of its calls; it takes seconds to import."""
    from prefect.server.api.server import create_app

    (api,) = [route.app for route in create_app(ephemeral=True).routes if getattr(route, "path", "") == "/api"]
    return api.openapi()


def operations():
    """All calls: method, path as Prefect writes it, and the fields of the body, ``None`` without one."""
    described = interface()
    return [
        (method.upper(), f"/api{path}", _fields_of(operation, described["components"]["schemas"]))
        for path, there in described["paths"].items()
        for method, operation in there.items()
        if method in METHODS
    ]


def queries():
    """The names in the query of each call, by method and path."""
    return {
        (method.upper(), f"/api{path}"): {
            one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"
        }
        for path, there in interface()["paths"].items()
        for method, operation in there.items()
    }


def _fields_of(operation, schemas):
    if "requestBody" not in operation:
        return None
    return _fields(operation["requestBody"]["content"]["application/json"]["schema"], schemas)


def _fields(schema, schemas):
    if "$ref" in schema:
        return _fields(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas)
    if "anyOf" in schema:
        return set().union(*(_fields(one, schemas) for one in schema["anyOf"]))
    return set(schema.get("properties", ()))
