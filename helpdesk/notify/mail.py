"""Plain SMTP: one mail for the notifications sent together."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime, make_msgid

from helpdesk.i18n import _
from helpdesk.notify.secrets import repeatable
from helpdesk.notify.senders import Notification, NotSent, digest
from helpdesk.text import one_line

PORTS = {"starttls": 587, "ssl": 465, "none": 25}
"""How a connection is made private, and the port where that is usual."""


@dataclass(frozen=True, slots=True)
class Mail:
    """Sends to one address through one server; `security` is a key of PORTS, `timeout` seconds for each answer."""

    name: str
    host: str
    port: int
    security: str
    sender: str
    to: str
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    timeout: float = 30
    together: bool = True

    def send(self, notifications: Sequence[Notification]) -> None:
        """Send one mail, or raise NotSent."""
        failure = self._failure(notifications)
        if failure:
            raise NotSent(self.name, failure)

    def mail(self, notifications: Sequence[Notification]) -> EmailMessage:
        """The mail that tells of them; nothing in them can become a header."""
        title, body = digest(notifications)
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"] = self.sender, self.to
        mail["Subject"] = one_line(f"[helpdesk] {title}", 200)
        mail["Date"] = localtime()
        mail["Message-ID"] = make_msgid(domain=self._domain)
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's out-of-office answers it
        mail.set_content(body + "\n")
        return mail

    @property
    def _domain(self) -> str:
        # the library would ask the name service for this machine's name, which may take half a minute
        return self.sender.rpartition("@")[2]

    def _failure(self, notifications: Sequence[Notification]) -> str:
        """Why it was not sent; empty when it was. No exception leaves this: it would carry the server's words."""
        try:
            mail = self.mail(notifications)
            server = self._connected()
            try:
                if self.password:
                    server.login(self.user, self.password)
                server.send_message(mail, self.sender, [self.to])
                with suppress(smtplib.SMTPException, OSError):
                    server.quit()  # the mail is sent whatever the server says now
            finally:
                server.close()
        except smtplib.SMTPAuthenticationError as error:
            return _("the mail server refused the login ({code})").format(code=error.smtp_code)
        except smtplib.SMTPRecipientsRefused as error:
            return self._refusal(*next(iter(error.recipients.values())))
        except smtplib.SMTPResponseException as error:
            return self._refusal(error.smtp_code, error.smtp_error)
        except smtplib.SMTPNotSupportedError:
            return _("the mail server does not offer what notify.toml asks for: {security}, or a login").format(
                security=self.security
            )
        except ssl.SSLCertVerificationError:
            return _("the mail server's certificate is not one this machine trusts")
        except OSError as error:
            # the library makes a disconnection of the end of its patience
            if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
                return _("the mail server did not answer within {seconds:g} s").format(seconds=self.timeout)
            return _("the mail server cannot be reached ({reason})").format(
                reason=(error.strerror if error.errno else "") or type(error).__name__
            )
        except Exception as error:
            return _("the mail could not be sent ({reason})").format(reason=type(error).__name__)
        return ""

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.security == "ssl":
            return smtplib.SMTP_SSL(self.host, self.port, self._domain, timeout=self.timeout, context=context)
        server = smtplib.SMTP(self.host, self.port, self._domain, timeout=self.timeout)
        if self.security == "starttls":
            try:
                server.starttls(context=context)
            except BaseException:
                server.close()
                raise
        return server

    def _refusal(self, code: int, said: bytes | str) -> str:
        text = said if isinstance(said, str) else said.decode("utf-8", "replace")
        told = repeatable(text, [secret for secret in (self.user, self.password) if secret])
        return _("the mail server refused the mail with {code} {words}").format(code=code, words=told).rstrip()
