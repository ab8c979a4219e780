"""Alarms leave the house: exec hooks, mail and chats; what is secret in notify.toml is told nowhere."""

from __future__ import annotations

import email
import email.policy
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from base64 import b64encode
from pathlib import Path
from urllib.parse import quote

import pytest
import sinks
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.errors import UsageProblem
from helpdesk.notify import chat, settings
from helpdesk.notify.hook import Hook, as_json
from helpdesk.notify.mail import Mail
from helpdesk.notify.secrets import repeatable
from helpdesk.notify.senders import LINES_OF_A_DIGEST, Notification, NotSent, digest

HOSTILE = "付款\r\nBcc: evil@example.com\r\n\r\n{}\n[]\x1b]52;c;aGk=\x07\u202e321\u2028\x85\x00 @all <!everyone>"
ONE = Notification("17:resolution:late:5", "#17: late", "没发货", {"ticket": 17, "subject": "没发货"})
EVIL = Notification("18:x:late:5", HOSTILE, HOSTILE, {"ticket": 18, "subject": HOSTILE})
SECRET = "s3cr3t-Pass%wörd/+="


def mail_to(box: sinks.Postbox, **how: object) -> Mail:
    plain = {"name": "mail", "host": "127.0.0.1", "port": box.port, "security": "none"}
    return Mail(**{**plain, "sender": "shop@example.com", "to": "mei@example.com", "timeout": 5, **how})  # type: ignore[arg-type]


def read(mail: bytes) -> email.message.EmailMessage:
    return email.message_from_bytes(mail, policy=email.policy.default)  # type: ignore[return-value]


# --- exec hooks -----------------------------------------------------------------------------------------------------


def test_a_hook_is_given_each_notification_as_one_line_of_json(tmp_path):
    hook, kept = sinks.recorder(tmp_path)
    Hook("buzz", (str(hook),)).send([ONE, EVIL])
    given = sinks.lines(kept)
    assert [one["key"] for one in given] == [ONE.key, EVIL.key]
    assert given[0] == {"key": ONE.key, "title": "#17: late", "text": "没发货", "facts": dict(ONE.facts)}
    assert given[1]["facts"]["subject"] == HOSTILE


def test_what_a_hostile_subject_holds_reaches_a_hook_as_escapes(tmp_path):
    hook, kept = sinks.recorder(tmp_path)
    Hook("buzz", (str(hook),)).send([EVIL])
    raw = kept.read_text(encoding="utf-8")
    assert raw.count("\n") == 1
    assert all(letter.isprintable() for letter in raw[:-1])


@given(st.text())
def test_no_text_makes_two_lines_of_one(text):
    line = as_json(Notification(text, text, text, {"subject": text}))
    assert len(line.splitlines()) == 1
    assert json.loads(line)["facts"] == {"subject": text}


def test_a_hook_knows_only_the_variables_it_is_promised(tmp_path, monkeypatch):
    monkeypatch.setenv("HELPDESK_DB", "/nowhere")
    monkeypatch.setenv("AWS_SECRET", "x")
    told = tmp_path / "told.json"
    body = f"open({str(told)!r}, 'w').write(json.dumps([dict(os.environ), os.getcwd(), sys.argv[1:]]))"
    home = Path(os.environ["HOME"])
    home.mkdir(parents=True)
    hook = sinks.program(tmp_path / "hook", body)
    Hook("buzz", (str(hook), "a b", "$HOME;`id`"), env={"TOKEN": SECRET}).send([ONE])
    variables, folder, arguments = json.loads(told.read_text())
    variables.pop("LC_CTYPE", None)  # the interpreter of the hook sets it for itself
    assert variables == {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8", "TOKEN": SECRET}
    assert folder == str(home)
    assert arguments == ["a b", "$HOME;`id`"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [("sys.exit(3)", "exit code 3"), ("os.kill(os.getpid(), signal.SIGTERM)", "signal 15"),
     ("time.sleep(600)", "within 1 s")],
)  # fmt: skip
def test_a_hook_that_fails_has_not_sent(tmp_path, body, reason):
    hook = sinks.program(tmp_path / "hook", body)
    with pytest.raises(NotSent, match=reason):
        Hook("buzz", (str(hook),), timeout=1).send([ONE])


def test_a_hook_that_hangs_is_ended_with_all_it_started(tmp_path):
    kept = tmp_path / "pid"
    body = (
        "import subprocess\n"
        f"child = subprocess.Popen(['sleep', '600'])\nopen({str(kept)!r}, 'w').write(str(child.pid))\ntime.sleep(600)"
    )
    with pytest.raises(NotSent):
        Hook("buzz", (str(sinks.program(tmp_path / "hook", body)),), timeout=2).send([ONE])
    assert _is_gone(int(kept.read_text()))


def _is_gone(pid: int) -> bool:
    for _try in range(200):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        state = Path(f"/proc/{pid}/stat")
        if state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.01)
    return False


@pytest.mark.parametrize("command", ["/no/such/program", "/etc/passwd", "/"])
def test_a_program_that_cannot_be_started_is_one_sentence(command):
    with pytest.raises(NotSent, match=r"buzz: the program cannot be started \("):
        Hook("buzz", (command,)).send([ONE])


def test_a_hook_that_reads_nothing_and_ends_well_has_sent():
    Hook("buzz", ("/bin/true",)).send([Notification("k", "t", "x" * 300_000, {"a": "b" * 300_000})])


# --- mail -----------------------------------------------------------------------------------------------------------


def test_alarms_sent_together_are_one_mail():
    with sinks.postbox() as box:
        mail_to(box).send([ONE, Notification("k", "#9: due", "卡密无效", {})])
    (raw,) = box.mails
    mail = read(raw)
    assert mail["Subject"] == "[helpdesk] 2 alarms"
    assert (mail["From"], mail["To"]) == ("shop@example.com", "mei@example.com")
    assert mail["Message-ID"] and mail["Date"] and mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content().splitlines() == ["#17: late · 没发货", "#9: due · 卡密无效"]


def test_a_hostile_subject_becomes_no_header_and_no_control_character():
    with sinks.postbox() as box:
        mail_to(box).send([EVIL])
    mail = read(box.mails[0])
    assert set(mail.keys()) == {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type",
                                "Content-Transfer-Encoding", "MIME-Version"}  # fmt: skip
    assert mail["Subject"].startswith("[helpdesk] 付款")
    assert mail["Subject"].isprintable()
    assert all(letter.isprintable() or letter == "\n" for letter in mail.get_content().replace("\r\n", "\n"))


@given(st.text(min_size=1))
def test_no_text_can_break_a_mail(text):
    mail = Mail("m", "h", 25, "none", "a@example.com", "b@example.com").mail([Notification("k", text, text, {})])
    headers = mail.as_bytes().partition(b"\r\n\r\n")[0].split(b"\r\n")
    names = [line.partition(b":")[0] for line in headers if line[:1] not in b" \t"]
    assert len(names) == len(set(names)) == 9


def test_a_digest_tells_the_first_twenty_and_counts_the_rest():
    title, body = digest([ONE._replace(title=f"#{n}: late") for n in range(LINES_OF_A_DIGEST + 5)])
    assert title == "25 alarms"
    assert len(body.splitlines()) == LINES_OF_A_DIGEST + 1
    assert body.endswith("… and 5 more")


def test_a_digest_says_the_same_once():
    assert digest([ONE, ONE._replace(key="other"), ONE._replace(text="x")]) == (
        "2 alarms",
        "#17: late · 没发货\n#17: late · x",
    )


def test_mail_logs_in_with_the_name_and_password_of_the_settings():
    with sinks.postbox() as box:
        mail_to(box, user="shop", password=SECRET.replace("ö", "o")).send([ONE])
    assert box.logins == ["\0shop\0" + SECRET.replace("ö", "o")]
    assert len(box.mails) == 1


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl to make a certificate with")
@pytest.mark.parametrize("security", ["starttls", "ssl"])
def test_mail_is_private_where_it_shall_be_and_only_to_a_server_that_proves_itself(tmp_path, monkeypatch, security):
    trusted, context = sinks.certificate(tmp_path)
    with sinks.postbox(context, at_once=security == "ssl") as box:
        sender = mail_to(box, host="localhost", security=security, user="u", password="p4ssword")
        with pytest.raises(NotSent, match="certificate"):
            sender.send([ONE])
        assert (box.mails, box.logins) == ([], [])
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        sender.send([ONE])
    assert len(box.mails) == len(box.logins) == 1


def test_a_server_without_starttls_is_told_nothing():
    with sinks.postbox() as box, pytest.raises(NotSent, match="starttls"):
        mail_to(box, security="starttls", user="u", password="p4ssword").send([ONE])
    assert (box.mails, box.logins) == ([], [])


@pytest.mark.parametrize(
    ("answers", "reason"),
    [({"AUTH": "535 go away"}, "refused the login (535)"), ({"MAIL": "553 not your address"}, "553 not your address"),
     ({"RCPT": "550 no such user"}, "550 no such user"), ({".": "554 spam"}, "554 spam"),
     ({"EHLO": "500 what", "HELO": "500 what"}, "500 what")],
)  # fmt: skip
def test_what_a_mail_server_refuses_is_told_with_its_code(answers, reason):
    with sinks.postbox() as box:
        box.answers |= answers
        with pytest.raises(NotSent) as refused:
            mail_to(box, user="shop", password="p4ssword").send([ONE])
    assert reason in str(refused.value)
    assert box.mails == []


def test_a_mail_that_was_taken_is_sent_whatever_the_server_says_to_goodbye():
    with sinks.postbox() as box:
        box.answers["QUIT"] = "451 not so fast"
        mail_to(box).send([ONE])
    assert len(box.mails) == 1


def test_a_mail_server_that_is_not_there_or_never_answers_is_one_sentence():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        box = sinks.Postbox(port=silent.getsockname()[1])
        with pytest.raises(NotSent, match="within 1 s"):
            mail_to(box, timeout=1).send([ONE])
    with pytest.raises(NotSent, match="cannot be reached"):
        mail_to(box, timeout=1).send([ONE])


# --- chats ----------------------------------------------------------------------------------------------------------


def test_a_chat_gets_one_digest_that_calls_nobody():
    with sinks.webhook() as hook:
        chat.Chat("web", f"json://127.0.0.1:{hook.port}/key").send([ONE, EVIL])
    (posted,) = hook.posted
    assert posted["title"] == "2 alarms"
    assert len(posted["message"].splitlines()) == 2
    assert "@" not in posted["message"] and "<" not in posted["message"]
    assert all(letter.isprintable() or letter == "\n" for letter in posted["message"])


def test_a_chat_that_refuses_is_told_in_the_services_words_without_the_key(capfd):
    with sinks.webhook() as hook:
        hook.status = 403
        with pytest.raises(NotSent) as refused:
            chat.Chat("web", f"json://127.0.0.1:{hook.port}/a-key").send([ONE])
    assert "403" in str(refused.value)
    assert "a-key" not in str(refused.value)
    assert capfd.readouterr() == ("", "")


QUOTED = quote(SECRET, safe="")


@pytest.mark.parametrize("url", [f"nosuch://{QUOTED}@host/", f"json://u:{QUOTED}@127.0.0.1:1/t0ken", "json://",
                                 "rubbish", f"tgram://{QUOTED}"])  # fmt: skip
def test_no_url_of_a_chat_reaches_an_error_a_log_or_the_terminal(url, capfd, caplog):
    with caplog.at_level(logging.DEBUG), pytest.raises(NotSent) as refused:
        chat.Chat("web", url).send([ONE])
    told = str(refused.value) + "".join(capfd.readouterr()) + caplog.text + repr(refused.value.__context__)
    for part in (SECRET, quote(SECRET, ""), "t0ken", "s3cr3t"):
        assert part not in told


# --- secrets --------------------------------------------------------------------------------------------------------


@given(st.text(min_size=4), st.text(), st.text())
def test_what_repeats_a_secret_is_not_repeated(secret, before, after):
    forms = [secret, quote(secret, safe=""), secret.upper() if secret.isascii() else secret]
    for form in forms:
        assert repeatable(f"{before}{form}{after}", [secret]) == ""


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=8))
def test_nor_is_what_repeats_it_in_base64(secret):
    for before in ("", "\0", "\0u", "\0us\0"):
        assert repeatable("535 " + b64encode(f"{before}{secret}".encode()).decode(), [secret]) == ""


@pytest.mark.parametrize("said", ["Dropped invalid phone # (ab) specified.", "no such room: 7"])
def test_nor_is_a_part_too_short_to_be_looked_for_anywhere(said):
    assert repeatable(said, ["token4711/ab/7"]) == ""
    assert repeatable("Dropped a phone number, 700 left", ["token4711/ab/7"]) != ""


def test_what_holds_no_secret_is_repeated_on_one_line():
    assert repeatable("5.7.1 no\r\nsuch \x1b[31muser", [SECRET]) == "5.7.1 no such ␛[31muser"


@pytest.mark.parametrize("sender", [Hook("a", ("/bin/true", SECRET), env={"T": SECRET}), chat.Chat("b", SECRET),
                                    Mail("c", "h", 1, "ssl", "a@b", "c@d", SECRET, SECRET)])  # fmt: skip
def test_a_sender_shown_by_accident_shows_no_secret(sender):
    assert SECRET not in repr(sender)


# --- notify.toml ----------------------------------------------------------------------------------------------------

HOOK = '[[sender]]\nname = "buzz"\nkind = "exec"\ncommand = ["/bin/true"]\n'
MAIL = '[[sender]]\nname = "mail"\nkind = "smtp"\nhost = "localhost"\nfrom = "a@example.com"\nto = "b@example.com"\n'
CHAT = '[[sender]]\nname = "chat"\nkind = "apprise"\nurl = "json://localhost/x"\n'


@pytest.fixture
def configured(tmp_path, monkeypatch):
    monkeypatch.setenv("HELPDESK_CONFIG", str(tmp_path / "own"))
    return lambda text: sinks.write_settings(tmp_path / "own", text)


def test_without_the_file_there_is_no_sender(configured):
    assert settings.senders() == []


def test_the_senders_come_in_the_order_of_the_file(configured):
    configured(f"# mine\n{HOOK}timeout = 2.5\nenv = {{ TOKEN = 'x' }}\n{MAIL}{CHAT}")
    hook, mail, service = settings.senders()
    assert hook == Hook("buzz", ("/bin/true",), 2.5, {"TOKEN": "x"})
    assert mail == Mail("mail", "localhost", 587, "starttls", "a@example.com", "b@example.com")
    assert service == chat.Chat("chat", "json://localhost/x")


def test_several_addresses_are_a_sender_each(configured):
    configured(MAIL.replace('"b@example.com"', '["b@example.com", "c@example.com"]') + 'security = "ssl"\n')
    senders = settings.senders()
    assert [sender.name for sender in senders] == ["mail/b@example.com", "mail/c@example.com"]
    assert {sender.port for sender in senders if isinstance(sender, Mail)} == {465}


WRONG = {
    "no TOML": (f"{HOOK}name = \n", ": line 5, column 8 is no TOML"),
    "a key of nobody's": (f"{HOOK}colour = 1\n", ", line 5: colour is no key of the kind exec; there are name, kind"),
    "a key of another kind": (f"{HOOK}{CHAT}password = '{SECRET}'\n", ", line 9: password is no key of the kind"),
    "a missing key": (f"{HOOK}{MAIL.replace('host', '#')}", ", line 5: the key host is missing"),
    "no name": ("[[sender]]\nkind = 'exec'\n", ", line 1: the key name is missing"),
    "a name that is none": (HOOK.replace('"buzz"', "'a b'"), ", line 2: name must be a word"),
    "an unknown kind": (HOOK.replace("exec", "pigeon"), ", line 3: kind must be exec, smtp or apprise"),
    "a kind that is a list": (HOOK.replace('"exec"', "[]"), ", line 3: kind must be exec"),
    "a command as a text": (HOOK.replace('["/bin/true"]', f"'{SECRET}'"), ", line 4: command must be a list"),
    "a command without its path": (HOOK.replace("/bin/true", "true"), ", line 4: command must be a list"),
    "no patience": (f"{HOOK}timeout = 0\n", ", line 5: timeout must be seconds, from 1 to 120"),
    "a yes for a number": (f"{HOOK}timeout = true\n", ", line 5: timeout must be seconds"),
    "not a number": (f"{HOOK}timeout = nan\n", ", line 5: timeout must be seconds"),
    "a variable that is no text": (f"{HOOK}env = {{ A = 1 }}\n", ", line 5: env must be a table"),
    "a table of such variables": (f"{HOOK}[sender.env]\nA = 1\n", ", line 5: env must be a table"),
    "an address that is none": (MAIL.replace("b@", "b <"), ", line 6: to must be a mail address"),
    "an address with a header": (MAIL.replace('"b@', '"x\\r\\nBcc: b@'), ", line 6: to must be a mail address"),
    "nobody to write to": (MAIL.replace('"b@example.com"', "[]"), ", line 6: to must be"),
    "a port that is none": (f"{MAIL}port = 70000\n", ", line 7: port must be a whole number"),
    "a password alone": (f"{MAIL}password = '{SECRET}'\n", ", line 7: the key user is missing"),
    "a password of another type": (f"{MAIL}user = 'u'\npassword = 12345678\n", ", line 8: password must be a text"),
    "a password in the clear": (
        f"{MAIL.replace('localhost', 'mail.example.com')}user = 'u'\npassword = '{SECRET}'\nsecurity = 'none'\n",
        ", line 9: a password must not travel in the clear",
    ),
    "the same name twice": (f"{HOOK}{MAIL.replace('mail', 'buzz', 1)}", ", line 6: two senders are named buzz"),
    "no header": ('name = "buzz"\n', ": name is no key here; senders begin with [[sender]]"),
    "a header with one bracket": (HOOK.replace("[[sender]]", "[sender]"), ": each sender begins with [[sender]]"),
    "a value where a key belongs": (f"'https://hooks.example.com/{SECRET}' = 1\n", ": … is no key here"),
    "the senders on one line": ("sender = [{ name = 'a', kind = 'exec' }]", "notify.toml: the key command is missing"),
}


@pytest.mark.parametrize(("text", "sentence"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_one_sentence_with_file_line_and_key_and_without_values(configured, text, sentence):
    path = configured(text)
    with pytest.raises(UsageProblem) as wrong:
        settings.senders()
    told = str(wrong.value)
    assert sentence in told
    assert told.startswith(str(path)) and told.endswith("Nothing was sent.")
    assert SECRET not in told and "12345678" not in told
    assert wrong.value.__context__ is None


def test_a_file_that_is_not_utf_8_is_one_sentence(configured):
    path = configured(HOOK)
    path.write_bytes(HOOK.encode() + 'env = { T = "密" }\n'.encode("gb18030"))
    with pytest.raises(UsageProblem, match=r"line 5, column \d+ is no TOML"):
        settings.senders()


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o777])
def test_a_file_others_can_read_is_not_used(configured, mode):
    path = configured(HOOK)
    path.chmod(mode)
    with pytest.raises(UsageProblem, match=f"chmod 600 {path}"):
        settings.senders()


def test_a_folder_or_a_pipe_in_the_place_of_the_file_is_one_sentence(configured, tmp_path):
    path = configured(HOOK)
    path.unlink()
    os.mkfifo(path, 0o600)
    with pytest.raises(UsageProblem, match="is no file"):
        settings.senders()
    path.unlink()
    path.mkdir(mode=0o700)
    with pytest.raises(UsageProblem, match="othing was sent"):
        settings.senders()


def test_without_the_extra_a_chat_names_the_command_that_installs_it(configured, monkeypatch):
    configured(CHAT)
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(UsageProblem, match=r"line 3: .*pip install 'helpdesk-terminal\[notify\]'"):
        settings.senders()


def test_who_sends_nothing_by_a_chat_does_not_import_apprise(configured):
    configured(HOOK + CHAT)
    code = "import sys; from helpdesk.notify import settings; settings.senders(); print('apprise' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"


def test_an_interrupt_leaves_no_hook_behind(tmp_path):
    kept = tmp_path / "pid"
    hook = sinks.program(tmp_path / "hook", f"open({str(kept)!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)")
    code = (
        "from helpdesk.notify.hook import Hook; from helpdesk.notify.senders import Notification\n"
        f"Hook('b', ({str(hook)!r},)).send([Notification('k', 't', 'x', {{}})])"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    while not kept.exists() or not kept.read_text():
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    process.wait(timeout=20)
    assert _is_gone(int(kept.read_text()))
