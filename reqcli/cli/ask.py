"""What a request command was asked for, as typed."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

METHODS: Final = ("get", "head", "post", "put", "patch", "delete", "options")
"""The methods that have a command of their name."""


class Ask:
    """The words of one request command: each attribute is the value of the argument or option of that name."""

    method: str
    url: str
    items: tuple[str, ...]
    session_name: str | None
    store: str | None
    stateless: bool
    context: str | None
    context_out: str | None
    context_ttl: float | None
    context_key: str | None
    read_only: bool
    save: bool
    serialize: bool
    as_json: bool
    as_form: bool
    multipart: bool
    boundary: str | None
    chunked: bool
    compress: bool
    data: tuple[str, ...]
    raw: str | None
    headers: tuple[str, ...]
    auth: str | None
    auth_type: str | None
    token_env: str | None
    token_file: str | None
    token_command: str | None
    token_keyring: str | None
    ignore_netrc: bool
    follow: bool
    no_follow: bool
    allow_downgrade: bool
    max_redirects: int | None
    insecure: bool
    verify: str | None
    cert: str | None
    cert_key: str | None
    cert_key_pass: str | None
    tls_min: str | None
    pins: tuple[str, ...]
    resolve: tuple[str, ...]
    ipv4: bool
    ipv6: bool
    interface: str | None
    unix_socket: str | None
    proxy: str | None
    proxy_auth: str | None
    proxy_verify: str | None
    noproxy: str | None
    limits: tuple[str, ...]
    timeout: float | None
    connect_timeout: float | None
    max_time: float | None
    retry: int | None
    retry_delay: float | None
    retry_max_time: float | None
    retry_all: bool
    dry_run: bool
    curl: bool
    output: str | None
    print_: str | None
    head_alone: bool
    body_alone: bool
    include: bool
    verbose: int
    quiet: int
    download: bool
    continue_: bool
    timing: bool
    write_out: str | None
    all_hops: bool
    pretty: str | None
    sort: bool
    by_line: bool
    select: tuple[str, ...]
    response_charset: str | None
    response_mime: str | None
    ignore_stdin: bool
    default_scheme: str | None
    path_as_is: bool
    check_status: bool
    no_decode: bool
    no_check_status: bool
    expect: str | None
    format_: str | None
    envelope: bool
    agent: bool
    max_output: int | None
    reveal: bool

    def __init__(self, **words: Any) -> None:
        self.__dict__.update(words)
        if words.get("context") is not None or words.get("context_out") is not None:
            self.stateless = True
        if words.get("envelope"):
            self.format_ = "json"

    @property
    def prints_nothing_else(self) -> bool:
        """Whether no option says what is to be printed, or how, so that in a pipe it is the body alone."""
        return not (
            self.verbose or self.quiet or self.head_alone or self.body_alone or self.include or self.all_hops
            or self.sort or self.by_line or self.select
        ) and self.print_ is self.pretty is self.response_charset is self.response_mime is None  # fmt: skip
