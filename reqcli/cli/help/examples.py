"""What the help of each command ends with: commands to copy, each of which a test runs.

They find a session `work` for https://api.example, and small files of the names that they use.
"""

from __future__ import annotations

from typing import Final

_REQUESTS: Final = {
    "reqcli": (
        "reqcli https://api.example/echo",
        "reqcli post https://api.example/echo name=alice --session work",
        "reqcli session show work",
    ),
    "reqcli get": (
        "reqcli get https://api.example/echo page==2 X-Tenant:acme",
        "reqcli get /account --session work --no-check-status",
        "reqcli get https://api.example/echo --select /method",
        "reqcli get https://api.example/image --download",
    ),
    "reqcli head": (
        "reqcli head https://api.example/page",
        "reqcli head https://api.example/redirect -L --all --no-check-status",
    ),
    "reqcli post": (
        "reqcli post https://api.example/echo name=alice age:=30 'tags[]=a'",
        "reqcli post https://api.example/login -f user=alice password=wonderland -L",
        "reqcli post https://api.example/echo caption=Me photo@photo.png",
        "reqcli post https://api.example/echo @data.json",
    ),
    "reqcli put": (
        "reqcli put https://api.example/echo name=alice",
        "reqcli put https://api.example/echo @data.json",
    ),
    "reqcli patch": (
        "reqcli patch https://api.example/echo email:=null",
        "reqcli patch https://api.example/echo name=alice -H 'If-Match: \"v7\"'",
    ),
    "reqcli delete": (
        "reqcli delete https://api.example/status/204",
        "reqcli delete https://api.example/status/404 --expect 2xx,404",
    ),
    "reqcli options": (
        "reqcli options https://api.example/echo",
        "reqcli options https://api.example/echo -h",
    ),
    "reqcli request": (
        "reqcli request PURGE https://api.example/echo",
        'reqcli request QUERY https://api.example/echo --raw \'{"name": "alice"}\'',
    ),
    "reqcli batch": (
        "reqcli batch urls.txt --format brief",
        "reqcli batch urls.txt -j 10 --rate 50/s --resume done.log > results.ndjson",
        'echo \'{"url": "https://api.example/echo", "json": [1]}\' | reqcli batch',
    ),
    "reqcli serve": (
        'echo \'{"id": 1, "url": "https://api.example/echo"}\' | reqcli serve --stdio',
        'echo \'{"id": 2, "url": "/account"}\' | reqcli serve --stdio --session work',
    ),
}

_SESSIONS: Final = {
    "": (
        "reqcli session create shop --base-url https://shop.example",
        "reqcli session set-header shop X-Tenant:acme",
        "reqcli session show shop",
    ),
    "create": (
        "reqcli session create shop --base-url https://shop.example",
        "reqcli session create job --base-url https://api.example --idle-ttl 30m",
    ),
    "list": ("reqcli session list", "reqcli session list --format json"),
    "show": ("reqcli session show work", "reqcli session show work --format json"),
    "set-auth": (
        "reqcli session set-auth work -a alice:wonderland",
        "reqcli session set-auth work --token-env API_TOKEN",
        "reqcli session set-auth work -A bearer -a @- < token.txt",
    ),
    "unset-auth": ("reqcli session unset-auth work",),
    "set-header": (
        "reqcli session set-header work X-Tenant:acme",
        "reqcli session set-header work Accept-Language:de --any-origin",
    ),
    "unset-header": ("reqcli session unset-header work X-Tenant",),
    "set-cookie": ("reqcli session set-cookie work 'sid=abc; Path=/; Max-Age=3600'",),
    "cookies": ("reqcli session cookies work", "reqcli session cookies work --reveal"),
    "capture": (
        "reqcli session capture work 'header:X-Token -> header:X-Token drop=404'",
        "reqcli session capture work 'json:/access_token -> bearer at=/login'",
        "reqcli session capture work --preset django",
        "reqcli session capture work --list",
    ),
    "end": ("reqcli session end work",),
    "set": (
        "reqcli session set work follow yes",
        "reqcli session set work timeout 10s",
        "reqcli session set work verify ca.pem",
    ),
    "unset": ("reqcli session unset work timeout",),
    "policy": (
        "reqcli session policy work --allow-origin https://api.example --allow-method GET",
        "reqcli session policy work",
        "reqcli session policy work --clear",
    ),
    "clear": ("reqcli session clear work", "reqcli session clear work --all"),
    "copy": ("reqcli session copy work work2", "reqcli session copy work --to-store redis://cache.example shared"),
    "rename": ("reqcli session rename work job",),
    "move": ("reqcli session move work --to-store redis://cache.example",),
    "watch": ("reqcli session watch work --store redis://cache.example",),
    "delete": ("reqcli session delete work",),
    "prune": ("reqcli session prune --dry-run", "reqcli session prune"),
    "path": ("reqcli session path work",),
    "import": (
        "reqcli session import work cookies.txt",
        "reqcli session import work copied.txt --from curl --replace",
    ),
    "export": (
        "reqcli session export work -o work.json",
        "reqcli session export work --to netscape -o cookies2.txt",
    ),
}

_OTHERS: Final = {
    "convert": (
        "reqcli convert curl \"curl https://api.example/echo -H 'X-Tenant: acme'\"",
        "reqcli convert reqcli reqcli get https://api.example/echo -L",
    ),
    "convert curl": (
        "reqcli convert curl \"curl -X PUT https://api.example/echo -d name=x\"",
        "reqcli convert curl < copied.txt",
    ),
    "convert reqcli": (
        "reqcli convert reqcli reqcli post https://api.example/echo name=alice",
        "reqcli post https://api.example/echo name=alice --session work --curl",
    ),
    "context": (
        "reqcli get https://api.example/cookie/a/b --context-out ctx",
        "reqcli get https://api.example/echo --context ctx --context-out ctx",
        "reqcli context show ctx",
    ),
    "context show": (
        "reqcli get https://api.example/cookie/a/b --context-out ctx",
        "reqcli context show ctx",
    ),
    "context export": (
        "reqcli context export work ctx --context-ttl 5m",
        "reqcli get https://api.example/echo --context ctx",
    ),
    "context import": (
        "reqcli get https://api.example/cookie/a/b --context-out ctx",
        "reqcli context import work ctx",
    ),
    "context keygen": (
        "reqcli context keygen key",
        "reqcli get https://api.example/cookie/a/b --context-out ctx --context-key key",
        "reqcli context show ctx --context-key key",
    ),
    "completion": (
        "reqcli completion install bash",
        "reqcli completion zsh > _reqcli",
    ),
    "schema": ("reqcli schema > envelope.schema.json",),
    "errors": ("reqcli errors", "reqcli errors --format json"),
    "demo": ("reqcli demo", "reqcli demo --serve"),
    "help": ("reqcli help", "reqcli help items", "reqcli help session set"),
}  # fmt: skip

EXAMPLES: Final[dict[str, tuple[str, ...]]] = {
    **_REQUESTS,
    **{f"reqcli session {name}".rstrip(): lines for name, lines in _SESSIONS.items()},
    **{f"reqcli {name}": lines for name, lines in _OTHERS.items()},
}
"""The commands by the words that call what they are examples of."""


def epilog(path: str) -> str | None:
    """What stands at the end of a command's help.

    Args:
        path: the words that call it, the program's name first.
    """
    lines = EXAMPLES.get(path)
    return "\n".join(["\b", "Examples:", *(f"  $ {line}" for line in lines)]) if lines else None
