"""Public suffixes: the domains under which strangers register names, so that no cookie may be set for all of them.

The list comes with the package `publicsuffixlist`. Its own index over all 10,000 rules takes 30 ms to build, but for
one domain only four lines of the list matter (https://publicsuffix.org/list/, "Algorithm"):

    !domain      an exception: not public, whatever else is said
    domain       public
    *.domain     public: whoever gives out all names below a domain does not let any of them have the domain itself
    *.parent     public

Looking for these lines takes half a millisecond, and nothing is kept but the answers.
"""

from __future__ import annotations

from functools import lru_cache


def is_public_suffix(domain: str) -> bool:
    """Whether unrelated parties register names directly below this domain.

    Args:
        domain: a normalised host name, not an address. One without a dot is public, listed or not: the
            algorithm's default rule is `*`.
    """
    return "." not in domain or _is_listed(domain)


@lru_cache(maxsize=256)
def _is_listed(domain: str) -> bool:
    """Whether a rule of the list makes the domain public; the list is read anew for every new question."""
    from publicsuffixlist import PSLFILE

    with open(PSLFILE, "rb") as file:
        rules = file.read()
    name = _as_listed(domain)
    if _has_rule(rules, b"!" + name):
        return False
    parent = name.partition(b".")[2]
    return any(_has_rule(rules, rule) for rule in (name, b"*." + name, b"*." + parent))


def _has_rule(rules: bytes, rule: bytes) -> bool:
    """Whether the rule has a line of its own; a line counts up to its first blank."""
    place = rules.find(rule)
    while place != -1:
        end = place + len(rule)
        if rules[place - 1 : place] in (b"", b"\n") and not rules[end : end + 1].strip():
            return True
        place = rules.find(rule, end)
    return False


def _as_listed(domain: str) -> bytes:
    """The name as the list writes it: UTF-8, labels of other scripts not as A-labels."""
    if "xn--" not in domain:
        return domain.encode()
    return ".".join(map(_unicode_label, domain.split("."))).encode()


def _unicode_label(label: str) -> str:
    """The U-label of an A-label; any other label, and an A-label that is none, as it is (it is not in the list)."""
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode().decode("punycode")
    except UnicodeError:
        return label
