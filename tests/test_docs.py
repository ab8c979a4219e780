"""What the documentation says is so: its commands run, its reference is the program's own, its links lead somewhere."""

from __future__ import annotations

import importlib.util
import re
import shlex
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from conftest import ROOT, invoke

from helpdesk import __version__
from helpdesk.errors import ExitCode
from helpdesk.views.query import KEYS

README = ROOT / "README.md"
DOCUMENTS = [README, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def generator() -> ModuleType:
    """docs/generate.py, which is no part of the package."""
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_command_of_the_readme_ends_as_it_says(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    store = tmp_path / "data" / "helpdesk" / "demo.db"
    lines = list(generator().sessions(README.read_text(encoding="utf-8")))
    assert len(lines) > 10
    for line in lines:
        command, _mark, comment = line.partition("   # exit ")
        ran = invoke(store, *shlex.split(command)[1:])
        assert ran.exit_code == int(comment or 0), (line, ran.stderr)


def test_the_two_commands_of_a_fresh_machine_stand_in_readme_and_makefile():
    readme, makefile = (README.read_text(encoding="utf-8"), (ROOT / "Makefile").read_text(encoding="utf-8"))
    for target in ("demo", "test"):
        assert re.search(rf"^make {target}$", readme, re.MULTILINE)
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_the_readme_names_the_package_and_its_command():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    readme = README.read_text(encoding="utf-8")
    assert project["name"] in readme
    assert "helpdesk" in project["scripts"]
    assert "pipx install ." in readme


@pytest.mark.parametrize("code", ExitCode, ids=lambda code: code.name)
def test_every_exit_code_stands_in_the_readme(code):
    assert f"\n| {int(code)} | " in README.read_text(encoding="utf-8")


def test_the_reference_of_the_commands_is_up_to_date():
    module = generator()
    assert module.REFERENCE.read_text(encoding="utf-8") == module.reference(), "run: python docs/generate.py"


def test_the_tables_of_keys_are_up_to_date():
    module = generator()
    written = module.INTERFACE.read_text(encoding="utf-8")
    assert module.with_keys(written) == written, "run: python docs/generate.py"


@pytest.mark.parametrize("key", KEYS)
def test_every_key_of_the_query_language_is_described(key):
    assert f"\n| `{key}` | " in (ROOT / "docs" / "query.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "key",
    "external_id subject body customer name channel created_at category priority state order tags assignee messages"
    " order_no platform product quantity amount currency status paid_at contact"
    " id question aliases answer translations language".split(),
)
def test_every_key_of_the_import_files_is_described(key):
    assert f"`{key}`" in (ROOT / "docs" / "import.md").read_text(encoding="utf-8")


def test_the_changelog_has_this_version():
    assert f"\n## [{__version__}] - " in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_to_a_file_leads_to_one(document):
    targets = re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8"))
    assert [target for target in targets if not Path(document.parent / target).exists()] == []
