"""Every sentence the program can say is there in Chinese, with the same placeholders, and compiled."""

import io
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

import helpdesk
from helpdesk import i18n

PACKAGE = Path(helpdesk.__file__).parent
FOLDER = PACKAGE / "locale" / "zh_CN" / "LC_MESSAGES"
KEYWORDS = {"_": None, "N_": None, "_n": (1, 2)}
PLACEHOLDER = re.compile(r"\{[^{}]*\}|%\([^)]*\)[a-z]|--[a-z-]+|`[^`]*`")


def extracted():
    """Every message of the source: a text, or (one, many) of a counted sentence, with where it stands."""
    found = {}
    for name, line, message, _comments, _context in extract_from_dir(str(PACKAGE), keywords=KEYWORDS):
        found.setdefault(message, f"{name}:{line}")
    assert len(found) > 100
    return found


@pytest.fixture(scope="module")
def catalog():
    with (FOLDER / "helpdesk.po").open("rb") as file:
        return read_po(file, locale="zh_CN")


@pytest.fixture(scope="module")
def messages(catalog):
    return {message.id: message for message in catalog if message.id}


def strings_of(catalog):
    """A catalog as plain texts: source (the singular of a counted one) to its translations."""
    plain = {}
    for message in catalog:
        source = message.id if isinstance(message.id, str) else message.id[0]
        if source and message.string:
            plain[source] = [message.string] if isinstance(message.string, str) else list(message.string)
    return plain


def test_every_sentence_of_the_source_is_translated(messages):
    missing = {
        text: place
        for text, place in extracted().items()
        if text not in messages
        or not (all(messages[text].string) if isinstance(messages[text].string, tuple) else messages[text].string)
    }
    assert missing == {}


def test_the_catalog_holds_nothing_the_source_does_not_say(messages):
    assert sorted(map(str, set(messages) - set(extracted()))) == []


def test_no_translation_is_a_guess(catalog):
    assert [message.id for message in catalog if message.id and message.fuzzy] == []


def test_every_translation_has_the_placeholders_of_its_sentence(messages):
    wrong = []
    for message in messages.values():
        sources = message.id if isinstance(message.id, tuple) else (message.id,)
        wanted = sorted(PLACEHOLDER.findall(sources[-1]))
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        wrong += [
            (sources[-1], string) for string in strings if string and sorted(PLACEHOLDER.findall(string)) != wanted
        ]
    assert wrong == []


def test_every_translation_is_chinese_or_has_no_words_to_translate(messages):
    bare = re.compile(r"[a-z]{3,}( [a-z]{2,}){2,}", re.IGNORECASE)
    untranslated = [
        message.id
        for message in messages.values()
        for string in (message.string if isinstance(message.string, tuple) else (message.string,))
        if string and not re.search(r"[\u3400-\u9fff]", string) and bare.search(string)
    ]
    assert untranslated == []


def test_a_counted_sentence_in_chinese_has_one_form(catalog, messages):
    assert catalog.num_plurals == 1
    assert all(len(m.string) == 1 for m in messages.values() if isinstance(m.id, tuple))


def test_the_compiled_catalog_is_that_of_the_source_catalog(messages):
    compiled = read_mo(io.BytesIO((FOLDER / "helpdesk.mo").read_bytes()))
    assert strings_of(compiled) == strings_of(messages.values())


def test_chinese_is_spoken_when_asked_for(messages):
    before = i18n.language()
    try:
        i18n.speak("zh")
        sample = next(m for m in messages.values() if isinstance(m.id, str) and len(m.id) > 10)
        assert i18n._(sample.id) == sample.string
        i18n.speak("en")
        assert i18n._(sample.id) == sample.id
    finally:
        i18n.speak(before)


def test_an_unknown_sentence_is_said_as_it_stands():
    assert i18n._("no such sentence") == "no such sentence"
    assert i18n._("") == ""
