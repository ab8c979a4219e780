"""When two addresses are the same customer's."""

import re

_KINDS = {
    "wx": "wechat",
    "weixin": "wechat",
    "tel": "phone",
    "mobile": "phone",
    "email": "mail",
    "扣扣": "qq",
    "微信": "wechat",
}
_KIND = r"(qq|wechat|weixin|wx|phone|tel|mobile|mail|email|微信|扣扣)\s*[:：]\s*(.{3,})"


def handle_key(handle: str) -> str:
    """The form an address is compared by: lower case, no spaces, `qq:12345`, a phone number without +86 and dashes."""
    compact = "".join(handle.split()).lower()
    found = re.fullmatch(_KIND, compact)
    if found:
        kind = _KINDS.get(found[1], found[1])
        if kind not in ("mail", "phone"):
            return f"{kind}:{found[2]}"
        compact = found[2]
    digits = re.sub(r"[()-]", "", compact)
    if re.fullmatch(r"\+?\d{7,15}", digits):
        return digits.removeprefix("+86")
    return compact
