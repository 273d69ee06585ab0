"""Where things lie: defaults under the home, variables before them, and one sentence for a wrong one."""

from __future__ import annotations

import pytest
from sqlalchemy import make_url

from rightsflow.config.environment import Environment, LogFormat
from rightsflow.domain.errors import Misconfigured
from rightsflow.store import Database

WATCHING = ("LOG_FORMAT", "METRICS_PORT", "METRICS_ADDRESS")


@pytest.fixture(autouse=True)
def no_variables(monkeypatch, tmp_path):
    for name in ("HOME", "DATABASE_URL", "WORK_URL", "MASTER_KEY", "MASTER_KEY_BEFORE", "RETRY_SECONDS", *WATCHING):
        monkeypatch.delenv(f"RIGHTSFLOW_{name}", raising=False)
    monkeypatch.chdir(tmp_path)


def test_everything_lies_under_the_home_by_default(tmp_path):
    environment = Environment()
    home = tmp_path / ".rightsflow"
    assert environment.folder == home
    assert environment.config_path == tmp_path / "rightsflow.toml"
    assert environment.case_store_url == f"sqlite:///{home / 'cases.db'}"
    assert environment.work_location == str(home / "work")
    assert environment.master_key_reference == f"file:{home / 'master.key'}"
    assert environment.master_key_before == ""
    assert environment.retry_seconds == [5, 30, 120]
    assert (environment.log_format, environment.metrics_port) == (LogFormat.TEXT, 0)
    assert environment.metrics_address == "127.0.0.1"


def test_variables_go_before_the_defaults(monkeypatch, tmp_path):
    for name, value in {
        "HOME": "elsewhere",
        "DATABASE_URL": "postgresql://db/rightsflow",
        "WORK_URL": "s3://bucket/work",
        "MASTER_KEY": "env:THE_KEY",
        "MASTER_KEY_BEFORE": "env:THE_OLD_KEY",
        "RETRY_SECONDS": "[0, 0.5]",
    }.items():
        monkeypatch.setenv(f"RIGHTSFLOW_{name}", value)
    environment = Environment()
    assert environment.folder == tmp_path / "elsewhere"
    assert environment.case_store_url == "postgresql://db/rightsflow"
    assert environment.work_location == "s3://bucket/work"
    assert environment.master_key_reference == "env:THE_KEY"
    assert environment.master_key_before == "env:THE_OLD_KEY"
    assert environment.retry_seconds == [0, 0.5]


@pytest.mark.parametrize(
    ("name", "value", "mend"),
    [
        ("LOG_FORMAT", "xml", "give text or json"),
        ("METRICS_PORT", "hunter2", "give a port up to 65534"),
        ("METRICS_PORT", "65535", "give a port up to 65534"),
        ("METRICS_PORT", "-1", "give a port up to 65534"),
    ],
)
def test_a_wrong_variable_of_the_watching_names_the_mend(monkeypatch, name, value, mend):
    monkeypatch.setenv(f"RIGHTSFLOW_{name}", value)
    with pytest.raises(Misconfigured, match=f"RIGHTSFLOW_{name} is wrong; {mend}"):
        Environment()


def test_a_wrong_variable_is_one_sentence_without_its_value(monkeypatch):
    for value in ("hunter2", "[hunter2]", '["hunter2"]', "30", '{"a": 1}'):
        monkeypatch.setenv("RIGHTSFLOW_RETRY_SECONDS", value)
        with pytest.raises(Misconfigured, match="RIGHTSFLOW_RETRY_SECONDS is wrong; give a JSON list") as caught:
            Environment()
        assert "hunter2" not in str(caught.value)
        assert caught.value.__suppress_context__


@pytest.mark.apart
def test_a_home_with_an_unusual_name_is_found(tmp_path):
    for name in ("with space", "mit Ümlaut", "100%", "a&b", "a+b"):
        home = tmp_path / name
        home.mkdir()
        environment = Environment(home=home)
        assert make_url(environment.case_store_url).database == str(home / "cases.db")
        database = Database(environment.case_store_url)
        database.migrate()
        database.close()
        assert (home / "cases.db").exists()
