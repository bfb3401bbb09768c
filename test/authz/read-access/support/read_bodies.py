"""Reads JSON-RPC bodies as services may: bodies come as lines of base64, what they were read as leaves as JSON.

exact: Python's json, the last of two equal keys wins
folded_first, folded_last: as parsers that do not look at case, of which the first or the last key wins
"""

import base64
import json
import sys


def folded(pick_first):
    def members(pairs):
        found = {}
        for key, value in pairs:
            found.setdefault(key.casefold(), []).append(value)
        return {key: values[0 if pick_first else -1] for key, values in found.items()}

    return members


def plain(value):
    """JSON has no word for what Python takes 1e400 for."""
    return repr(value) if isinstance(value, float) else value


def read(body, hook):
    try:
        message = json.loads(body, object_pairs_hook=hook)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict):
        return {"kind": type(message).__name__}
    params = message.get("params")
    params = params if isinstance(params, dict) else {}
    return {
        "method": message.get("method"),
        "id": plain(message.get("id")),
        "name": params.get("name"),
        "uri": params.get("uri"),
        "answers": "result" in message or "error" in message,
    }


for line in sys.stdin:
    body = base64.b64decode(line)
    views = {
        "exact": read(body, dict),
        "folded_first": read(body, folded(True)),
        "folded_last": read(body, folded(False)),
    }
    print(json.dumps(views))
