"""`/docs`: the API in plain HTML, made from its OpenAPI description. Loads nothing at all."""

import re
from html import escape
from typing import Any

_METHODS = ("get", "post", "put", "patch", "delete")
_STYLE = """
:root{color-scheme:light dark;--line:#8a97a5;--soft:#eef2f6;--code:#0b4f79;--back:#fff;--text:#10161d}
@media(prefers-color-scheme:dark){:root{--soft:#1d242c;--code:#8fd0f5;--back:#14181d;--text:#eef2f6}}
body{background:var(--back);color:var(--text)}
body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;overflow-wrap:anywhere}
a{color:var(--code)}
h1{margin:0 0 .5rem}h2{margin:2.5rem 0 .5rem;border-bottom:1px solid var(--line)}h3{margin:1.6rem 0 .3rem}
code{color:var(--code);font:.95em ui-monospace,monospace}pre{background:var(--soft);padding:.8rem;white-space:pre-wrap}
table{border-collapse:collapse;width:100%;margin:.4rem 0}th,td{text-align:left;vertical-align:top;
padding:.25rem .7rem .25rem 0;border-bottom:1px solid var(--line)}td:first-child{white-space:nowrap}
@media(max-width:40rem){td:first-child{white-space:normal}}
"""
_SENDING = """<h2>Sending reports</h2>
<p>Make a key on the machine that runs the room: <code>warroom key new SOURCE</code>. Then:</p>
<pre>curl HOST/api/v1/reports \\
  -H 'Authorization: Bearer KEY' -H 'Content-Type: application/json' \\
  -d '{"id":"17","kind":"checkins","at":"2026-11-03T09:15:00-05:00","source":"SOURCE","precinct":"0412","count":57}'
</pre>
<p>An app that sends all day opens a WebSocket on <code>/api/v1/reports/stream</code> with the same header, or with
<code>{"key": "KEY"}</code> as its first message. One report a message; each is answered with <code>n</code>,
<code>id</code> and <code>status</code> (<code>accepted</code>, <code>rejected</code>, or <code>again</code>: send it
again) when it is durable.</p>
<p>A webhook that cannot keep a key in a header is signed: <code>X-Warroom-Key: KEY ID</code> and
<code>X-Warroom-Signature: t=SECONDS,v1=HEX</code>, HMAC-SHA256 of <code>SECONDS.BODY</code> with the key's webhook
secret; 5 minutes of clock difference are allowed.</p>
"""


def docs_page(schema: dict[str, Any]) -> str:
    """The page for an OpenAPI description. Every text in it is escaped."""
    by_tag: dict[str, list[str]] = {}
    for path, operations in schema.get("paths", {}).items():
        for method in _METHODS:
            if method in operations:
                tag = (operations[method].get("tags") or ["screens"])[0]
                by_tag.setdefault(tag, []).append(_operation(method, path, operations[method]))
    order = sorted(by_tag, key=lambda tag: (tag != "intake", tag))
    parts = "".join(f"<h2>{_text(tag.capitalize())}</h2>{''.join(by_tag[tag])}" for tag in order)
    title = _text(schema.get("info", {}).get("title", "API"))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}: API</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{_STYLE}</style></head>'
        f'<body><main><h1>{title}: API</h1><p>The same for programs: <a href="/openapi.json">openapi.json</a>.</p>'
        f"{_SENDING}{parts}</main></body></html>"
    )


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    described = operation.get("description", "")
    answers = operation.get("responses", {})
    rows = "".join(f"<tr><td>{_text(code)}</td><td>{_prose(a.get('description', ''))}</td></tr>"
                   for code, a in sorted(answers.items()))  # fmt: skip
    return (
        f"<section><h3><code>{method.upper()} {_text(path)}</code></h3><p>{_prose(operation.get('summary', ''))}</p>"
        f"{f'<p>{_prose(described)}</p>' if described else ''}{_parameters(operation)}{_body(operation)}"
        f"<table><thead><tr><th>answer</th><th>meaning</th></tr></thead><tbody>{rows}</tbody></table></section>"
    )


def _parameters(operation: dict[str, Any]) -> str:
    found = operation.get("parameters", [])
    if not found:
        return ""
    names = ", ".join(f"<code>{_text(p['name'])}</code> ({_text(p['in'])})" for p in found)
    return f"<p>Takes {names}.</p>"


def _body(operation: dict[str, Any]) -> str:
    """The kinds of report that a body may hold, as tables; other bodies stand in openapi.json."""
    content = operation.get("requestBody", {}).get("content", {})
    kinds = content.get("application/json", {}).get("schema", {}).get("anyOf", [{}])[0].get("anyOf", [])
    return "".join(_kind(kind) for kind in kinds if "properties" in kind)


def _kind(kind: dict[str, Any]) -> str:
    needed = set(kind.get("required", []))
    rows = "".join(
        f"<tr><td><code>{_text(name)}</code></td><td>{'yes' if name in needed else 'no'}</td>"
        f"<td>{_text(_type(field))}</td></tr>"
        for name, field in kind["properties"].items()
    )
    tag = _text(_type(kind["properties"].get("kind", {})))
    about = _text(kind.get("description", "").partition("\n")[0])
    return (
        f"<h4>kind {tag}</h4><p>{about}</p><table><thead><tr><th>field</th><th>needed</th><th>value</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def _type(field: dict[str, Any]) -> str:
    """A field's values in words."""
    if "enum" in field:
        return " | ".join(str(value) for value in field["enum"])
    if "anyOf" in field:
        return " or ".join(_type(one) for one in field["anyOf"] if one.get("type") != "null")
    limits = [f"{name} {field[key]:,}" for key, name in (("minimum", "from"), ("maximum", "to")) if key in field]
    if "maxLength" in field:
        limits.append(f"at most {field['maxLength']:,} characters")
    kind = "time with offset" if field.get("format") == "date-time" else str(field.get("type", ""))
    return " ".join([kind, *limits])


def _prose(value: object) -> str:
    """Escaped text, with what stands in backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", _text(value))


def _text(value: object) -> str:
    return escape(str(value))
