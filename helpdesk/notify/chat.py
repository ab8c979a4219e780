"""Chats and push services through Apprise, the extra `notify`: DingTalk, Feishu, WeCom, Telegram and a hundred more."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec

from helpdesk.i18n import _
from helpdesk.notify.secrets import repeatable
from helpdesk.notify.senders import Notification, NotSent, digest

INSTALL = "pip install 'helpdesk-terminal[notify]'"


def is_installed() -> bool:
    """Whether the extra is there; nothing of it is imported."""
    return find_spec("apprise") is not None


@dataclass(frozen=True, slots=True)
class Chat:
    """Sends one digest to the service behind an Apprise URL (https://github.com/caronc/apprise/wiki)."""

    name: str
    url: str = field(repr=False)
    together: bool = True

    def send(self, notifications: Sequence[Notification]) -> None:
        """Send one message, or raise NotSent."""
        title, body = digest(notifications)
        with _overheard() as said:
            failure = self._failure(_plain(title), _plain(body))
        if failure is not None:
            raise NotSent(self.name, failure or self._heard(said) or _("the service did not take the message"))

    def _failure(self, title: str, body: str) -> str | None:
        """None when it was sent; else why, empty when only the log can tell. No exception leaves this."""
        try:
            import apprise

            asset = apprise.AppriseAsset(
                app_id="helpdesk", async_mode=False, storage_mode="memory", secure_logging=True
            )
            service = apprise.Apprise.instantiate(self.url, asset=asset, suppress_exceptions=True)
            if service is None:
                return _("`url` is none that Apprise understands")
            outlet = apprise.Apprise(asset=asset)
            outlet.add(service)
            sent = outlet.notify(body=body, title=title, body_format=apprise.NotifyFormat.TEXT)
        except Exception as error:
            return _("the message could not be sent ({reason})").format(reason=type(error).__name__)
        return None if sent else ""

    def _heard(self, said: Sequence[str]) -> str:
        # the scheme in front says which service it is, and no more
        secret = self.url.partition("://")[2] or self.url
        return next(filter(None, (repeatable(line, [secret]) for line in said)), "")


def _plain(text: str) -> str:
    """Without what a chat would obey: `@all` and `<!everyone>` in a subject call nobody."""
    return text.replace("@", "＠").replace("<", "＜")


class _Ear(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


@contextmanager
def _overheard() -> Iterator[list[str]]:
    """What Apprise and the libraries below it log or warn of meanwhile; none of it reaches stderr or a log."""
    ear, root = _Ear(), logging.getLogger()
    others, root.handlers = root.handlers, [ear]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield ear.said
    finally:
        root.handlers = others
