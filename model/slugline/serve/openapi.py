"""What the server's OpenAPI says beyond its routes: how a caller shows the token."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from slugline.serve.guard import OPEN


def describe(app: FastAPI, *, token: bool) -> None:
    """With `token`, say on every address that is not open to all that it is asked for."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        schema = made()
        if token and "security" not in schema:
            schema["security"] = [{"token": []}]
            schema.setdefault("components", {})["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
            for path in OPEN & schema["paths"].keys():
                for operation in schema["paths"][path].values():
                    operation["security"] = []
        return schema

    app.openapi = openapi  # type: ignore[method-assign]
