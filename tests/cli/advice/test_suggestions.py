"""What is said of a command or an option that there is none of."""

from __future__ import annotations

import re

import click
import pytest

from reqcli.cli.advice.elsewhere import COMMANDS, OPTIONS
from reqcli.cli.options import all_options
from reqcli.cli.tree import cli, run_command
from reqcli.cli.world import World
from reqcli.errors import Usage

KNOWN = {name for option in all_options() for name in option.names}


def refused(line: str) -> Usage:
    """The error for a command line that nothing is done for."""
    nowhere = World({}, None, None, None)  # type: ignore[arg-type]
    with pytest.raises(Usage) as caught:
        run_command(line.split(), nowhere)
    return caught.value


@pytest.mark.parametrize(
    ("line", "problem", "hint"),
    [
        ("get http://h --heder X:1", "there is no option '--heder'", "did you mean --header?"),
        ("--heder X:1 http://h", "there is no option '--heder'", "did you mean --header?"),
        ("http://h --heder X:1", "there is no option '--heder'", "did you mean --header?"),
        ("GET http://h --heder X:1", "there is no option '--heder'", "did you mean --header?"),
        ("PURGE http://h --heder X:1", "there is no option '--heder'", "did you mean --header?"),
        ("get http://h --JSON", "there is no option '--JSON'", "did you mean --json?"),
        ("get http://h --read_only", "there is no option '--read_only'", "did you mean --read-only?"),
        ("get http://h --base-url x", "there is no option '--base-url'", "`reqcli session create` has it"),
        ("get http://h --bas-url x", "there is no option '--bas-url'", "`reqcli session create` has --base-url"),
        ("session show w --revaal", "there is no option '--revaal'", "did you mean --reveal?"),
        ("session show w --follow", "there is no option '--follow'", "`reqcli get` has it"),
        ("session show w --qqqqqqq", "there is no option '--qqqqqqq'", "see `reqcli session show --help`"),
        ("get -XPUT http://h", "there is no option '-X'", "here: `reqcli put URL`"),
        ("get http://h -u a:b", "there is no option '-u'", "here: -a USER[:PASSWORD]"),
        ("-fsSL http://h", "there is no option '-s'", "here: not needed"),
        ("-LO http://h/f", "there is no option '-O'", "here: --download"),
        ("http://h --limit-rate 10k", "there is no option '--limit-rate'", "curl's option of that name has no"),
        ("http://h --no-sessionid", "there is no option '--no-sessionid'", "curl's option of that name has no"),
        ("http://h -R", "there is no option '-R'", "curl's option of that name has no counterpart here"),
        ("http://h --rate 5", "there is no option '--rate'", "`reqcli batch` has it"),
        ("-x http://p http://h", "a URL, http://…, stands where an item", "a request has one URL"),
        ("--cacert f http://h", "there is no option '--cacert'", "here: --verify FILE"),
        ("session shwo w", "there is no command 'shwo'", "did you mean show?"),
        ("session ls", "there is no command 'ls'", "did you mean list?"),
        ("session get", "there is no command 'get'", "did you mean set?"),
        ("sesion list", "there is no command 'sesion'", "did you mean session?"),
        ("SESSION list", "there is no command 'SESSION'", "did you mean session?"),
        ("login w", "there is no command 'login'", "did you mean `reqcli session set-auth`?"),
        ("set-header w X:1", "there is no command 'set-header'", "did you mean `reqcli session set-header`?"),
        ("buildbox", "there is no command 'buildbox'", "see `reqcli --help`; a host alone is written http://buildbox"),
        ("version", "there is no command 'version'", "did you mean `reqcli --version`?"),
        ("purge http://h", "there is no command 'purge'", "a method of that name: `reqcli PURGE URL`"),
        ("gett http://h", "there is no command 'gett'", "did you mean get?"),
        ("get http://h --style fruity", "there is no option '--style'", "here: --pretty all|colors|format|none"),
        ("GET", "there is no command 'GET'", "the URL is missing: `reqcli get URL`"),
        ("http://h --timeout x", "--timeout: 'x' is not a number of seconds", "see `reqcli get --help`"),
        ("get http://h -o", "-o needs a value", ""),
        ("session show w --reveal=1", "--reveal takes no value", ""),
        ("session move w", "--to-store is missing", "reqcli session move NAME [NEW_NAME]"),
        ("batch -j 0", "--jobs: '0' is not a whole number from 1 to 1000", "see `reqcli batch --help`"),
        ("demo --port x", "--port: 'x' is not a whole number from 0 to 65535", "see `reqcli demo --help`"),
        (
            "session set-auth w alice:s3cret",
            "there is a word more than the command takes",
            "reqcli session set-auth NAME;",
        ),
        ("errors 404", "there is a word more than the command takes", "reqcli errors; options are in its --help"),
        ("session work show", "there is no command 'work'", "did you mean `reqcli session show work`?"),
        ("get", "the URL is missing", "reqcli get URL [ITEM]..."),
        ("request", "the METHOD is missing", "reqcli request METHOD URL [ITEM]..."),
        ("session set w timeout", "the VALUE is missing", "reqcli session set NAME KEY VALUE"),
    ],
)
def test_a_mistake_is_answered_with_what_was_meant(line: str, problem: str, hint: str) -> None:
    error = refused(line)
    assert error.message.startswith(problem)
    assert (error.hint or "").startswith(hint)
    assert "s3cret" not in f"{error.message} {error.hint}"


@pytest.mark.parametrize("name", OPTIONS)
def test_what_has_another_name_elsewhere_is_told(name: str) -> None:
    assert refused(f"post {name} http://h").hint == f"here: {OPTIONS[name]}"


def test_what_is_told_is_there() -> None:
    session = cli.get_command(click.Context(cli, info_name="reqcli"), "session")
    words = {word for text in OPTIONS.values() for word in re.findall(r"(?<![\w-])--?[A-Za-z][a-z-]*", text)}
    assert words - KNOWN == {"--version"}
    assert {word for text in OPTIONS.values() for word in re.findall("session ([a-z-]+)", text)} <= set(
        session.commands
    )  # type: ignore[union-attr]
    assert set(COMMANDS.values()) <= set(session.commands)  # type: ignore[union-attr]
    assert not set(COMMANDS) & set(session.commands)  # type: ignore[union-attr]


def test_what_is_called_the_same_here_is_not_in_the_list() -> None:
    assert not OPTIONS.keys() & KNOWN
