"""The story of a session, told with the real commands against the demo server: `STORY` is what to edit.

A step says a sentence, runs one command, and knows what must come of it; so the demonstration is a test as well.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from shlex import join, split
from typing import Final

from reqcli.demo.pages import PASSWORD, TOKEN, USER
from reqcli.model.value import Value

PATIENCE: Final = 60.0
"""Seconds that one command may take."""


class Step(Value):
    """One command and what must come of it.

    Args:
        sentence: what is shown here, in the listener's words.
        command: the arguments of `reqcli` as one line, quoted as for a shell; `{url}` is the server.
        status: the exit status it must have.
        shows: a text that must be in what it printed.
    """

    __slots__ = ("command", "sentence", "shows", "status")

    def __init__(self, sentence: str, command: str, *, status: int = 0, shows: str = "") -> None:
        self.sentence: Final = sentence
        self.command: Final = command
        self.status: Final = status
        self.shows: Final = shows


class Completed(Value):
    """A command that has ended.

    Args:
        status: its exit status.
        output: what it wrote to its standard output and error.
    """

    __slots__ = ("output", "status")

    def __init__(self, status: int, output: str) -> None:
        self.status: Final = status
        self.output: Final = output


STORY: Final = (
    Step("Nobody is logged in.", "get {url}/account --session demo", status=4, shows="log in first"),
    Step(
        "The login form sets a cookie and leads on to the account; the session keeps the cookie.",
        f"post {{url}}/login user={USER} password={PASSWORD} --form --follow --session demo",
        shows='"alice"',
    ),
    Step("Another process, the same session: still logged in.", "get {url}/account --session demo", shows='"alice"'),
    Step("Stateless means that no session is read.", "get {url}/account --stateless", status=4, shows="log in first"),
    Step("What the session holds; secrets are masked.", "session show demo", shows="demo"),
    Step("Its cookies.", "session cookies demo", shows="sid"),
    Step("A redirect is not followed unless asked.", "get {url}/redirect --session demo", status=3),
    Step("Asked, with -L.", "get {url}/redirect -L --session demo", shows='"alice"'),
    Step(
        "A credential is stored for one origin and goes nowhere else.",
        f"session set-auth demo -a {USER}:{PASSWORD} --origin {{url}}",
    ),
    Step("Basic authentication, from the session.", "get {url}/basic --session demo", shows='"basic"'),
    Step("A token in its place.", f"session set-auth demo -A bearer -a {TOKEN} --origin {{url}}"),
    Step("Bearer authentication, from the session.", "get {url}/bearer --session demo", shows='"bearer"'),
    Step(
        "A server that issues its session id in a header: a rule says where it comes from and where it goes.",
        "session capture demo 'header:X-Session-Id -> header:X-Session-Id drop=404'",
    ),
    Step("The rule in words, among what the session holds.", "session show demo", shows="goes back to the origin"),
    Step("The id is issued.", "get {url}/issue --session demo", shows="X-Session-Id"),
    Step("And goes back.", "get {url}/needs-session --session demo", shows='"known"'),
    Step("What servers issued is forgotten; rules and credentials stay.", "session end demo"),
    Step("So nothing goes back.", "get {url}/needs-session --session demo", status=4, shows="is missing"),
    Step("A stream is shown as it comes.", "get {url}/slow?lines=3&delay=0.1 --session demo", shows="line 3 of 3"),
    Step("Nobody listens there: one line, and a status of its own.", "get http://127.0.0.1:1/ --stateless", status=7),
    Step("The session is deleted.", "session delete demo"),
    Step("And is gone.", "session show demo", status=101, shows="demo"),
)


def run_story(
    base_url: str,
    run: Callable[[list[str]], Completed],
    say: Callable[[str], None],
    story: Sequence[Step] = STORY,
) -> bool:
    """Tell the story, step by step; a step that goes wrong is said and the rest is told all the same.

    Args:
        base_url: where the demo server is, without a slash at the end.
        run: runs `reqcli` with these arguments to its end.
        say: takes the text, one line or several at a time, without the last newline.
        story: the steps.

    Returns:
        Whether every step came out as expected.
    """
    wrong = 0
    for number, step in enumerate(story, 1):
        arguments = [word.replace("{url}", base_url) for word in split(step.command)]
        say(f"{number}. {step.sentence}\n   $ {join(['reqcli', *arguments])}")
        done = run(arguments)
        say("\n".join(f"   {line}" for line in [*done.output.splitlines(), f"→ exit {done.status}"]))
        for complaint in _complaints(step, done):
            wrong += 1
            say(f"   ✗ {complaint}")
        say("")
    say(f"{wrong} things went wrong." if wrong else f"All {len(story)} steps came out as told.")
    return not wrong


def _complaints(step: Step, done: Completed) -> list[str]:
    complaints = []
    if done.status != step.status:
        complaints.append(f"expected exit {step.status}")
    if step.shows not in done.output:
        complaints.append(f"expected to read {step.shows}")
    return complaints


def real_commands(environment: Mapping[str, str]) -> Callable[[list[str]], Completed]:
    """What runs `reqcli` as a process of its own.

    Args:
        environment: all that the commands see of one; REQCLI_HOME in it should be a directory of the story's own.

    Returns:
        A function from arguments to the command that has ended; its status is -1 when it had to be stopped.
    """

    def run(arguments: list[str]) -> Completed:
        try:
            done = subprocess.run(
                [sys.executable, "-m", "reqcli", *arguments],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Completed(-1, f"(stopped: it had not ended after {PATIENCE:g} s)")
        return Completed(done.returncode, done.stdout.decode(errors="replace"))

    return run
