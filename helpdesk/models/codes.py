"""The public code of a ticket: what a customer asks by, which tells nothing and cannot be guessed."""

from __future__ import annotations

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without 0 O, 1 I L and U, which are read wrong over the phone."""

LENGTH = 10
"""Letters of a code: 49 bits."""


def public_code() -> str:
    """A new code, such as `7KQ2M-9XWPA` without its dash."""
    import secrets  # as dear as a third of a read, which makes no code

    return "".join(secrets.choice(LETTERS) for _place in range(LENGTH))


def shown_code(code: str) -> str:
    """A code as it is read aloud: `7KQ2M-9XWPA`."""
    return f"{code[:5]}-{code[5:]}"


def typed_code(text: str) -> str | None:
    """The code somebody typed, whatever dashes, spaces or small letters they used; None where it is none."""
    letters = "".join(text.upper().split()).replace("-", "")
    return letters if len(letters) == LENGTH and set(letters) <= set(LETTERS) else None
