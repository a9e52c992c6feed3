from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqcli.errors import SecretUnavailable
from reqcli.vault.netrc import Netrc, parse


def logins(text: str) -> list[tuple[str | None, str | None, str | None]]:
    return [(e.machine, e.login, e.password.reveal() if e.password else None) for e in parse(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("machine h login u password p", [("h", "u", "p")], id="on one line"),
        pytest.param("machine h\n\tlogin u\n\tpassword p\n", [("h", "u", "p")], id="on several"),
        pytest.param("default login u password p", [(None, "u", "p")], id="default"),
        pytest.param(
            "machine a login u password p machine b login v password q", [("a", "u", "p"), ("b", "v", "q")], id="two"
        ),
        pytest.param("# machine x login y\nmachine h login u password p # end", [("h", "u", "p")], id="comments"),
        pytest.param("machine h login u password a#b", [("h", "u", "a#b")], id="a hash within a password"),
        pytest.param('machine h login u password "a \\"b\\" c"', [("h", "u", 'a "b" c')], id="quotes"),
        pytest.param(
            "macdef init\ncd /pub\nmachine evil login x password y\n\nmachine h login u password p",
            [("h", "u", "p")],
            id="a macro",
        ),
        pytest.param("machine H.Example. login u password p", [("h.example", "u", "p")], id="the name is normalised"),
        pytest.param("machine h login u", [("h", "u", None)], id="no password"),
        pytest.param("machine h account a password p login u", [("h", "u", "p")], id="any order"),
        pytest.param("machine", [("", None, None)], id="cut short"),
        pytest.param("login u password p", [], id="no machine"),
        pytest.param("", [], id="empty"),
    ],
)
def test_what_a_netrc_says(text: str, expected: list[tuple[str | None, str | None, str | None]]) -> None:
    assert logins(text) == expected


@given(st.text(alphabet=st.sampled_from('machinedefaultloginpasswordmacdef #"\\\n\t xé'), max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    list(parse(text))


def netrc(path: Path, text: str, mode: int = 0o600) -> Netrc:
    path.write_text(text)
    path.chmod(mode)
    return Netrc(str(path))


def user(found: object) -> str | None:
    return found.reveal("user") if found else None  # type: ignore[attr-defined, no-any-return]


def test_the_host_must_be_the_machine_exactly(tmp_path: Path) -> None:
    known = netrc(tmp_path / "netrc", "machine api.example login u password p")
    assert user(known.credential("api.example")) == "u"
    for other in ("example", "x.api.example", "api.example.evil", "api.example:80", "notapi.example"):
        assert known.credential(other) is None


def test_an_entry_without_a_password_is_not_filled_up_from_the_default_one(tmp_path: Path) -> None:
    """CVE-2024-11053, CVE-2025-0167."""
    known = netrc(tmp_path / "netrc", "machine h login u\ndefault login d password p")
    assert known.credential("h") is None
    assert user(known.credential("other")) == "d"


def test_a_file_that_others_can_read_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(SecretUnavailable) as caught:
        netrc(tmp_path / "netrc", "machine h login u password p", 0o644).credential("h")
    assert "chmod 600" in str(caught.value.hint)


def test_no_file_knows_nothing_unless_it_was_named(tmp_path: Path) -> None:
    missing = str(tmp_path / "none")
    assert Netrc(missing).credential("h") is None
    with pytest.raises(SecretUnavailable):
        Netrc(missing, must_exist=True).credential("h")
