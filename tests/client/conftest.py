"""A certificate authority, as the room below has it."""

from __future__ import annotations

from tests.net.conftest import authority as authority
from tests.net.conftest import serving as serving
from tests.net.conftest import trust_file as trust_file
