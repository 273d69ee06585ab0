"""The lock is whole, and the bill of materials and the audit say what is missing."""

import re
import tomllib
from urllib.parse import urlsplit

import pytest

from proofs.bill_of_materials import differences
from proofs.locked import LOCK, OURS, constraints, needed_by_product, packages
from proofs.vulnerabilities import judged

ROOT = LOCK.parent
PUBLIC = {"pypi.org", "files.pythonhosted.org"}
LOCKED = [
    {"name": "rightsflow", "version": "0", "dependencies": [{"name": "a", "extra": ["fast"]}],
     "optional-dependencies": {"s3": [{"name": "c"}]}, "dev-dependencies": {"dev": [{"name": "d"}]}},
    {"name": "a", "version": "1", "optional-dependencies": {"fast": [{"name": "b"}], "slow": [{"name": "d"}]}},
    {"name": "b", "version": "2", "dependencies": [{"name": "a"}]},
    {"name": "c", "version": "3"},
    {"name": "d", "version": "4"},
]  # fmt: skip
FILE = {"type": "distribution", "hashes": [{"alg": "SHA-256", "content": "00"}]}


def bill(**parts: str) -> dict:
    return {
        "components": [
            {"name": name, "version": version, "externalReferences": [FILE]} for name, version in parts.items()
        ]
    }


class TestTheLock:
    @pytest.mark.apart
    def test_is_of_these_projects_with_a_hash_of_each_file(self):
        urls = re.findall(r'https?://[^"\s]+', LOCK.read_text(encoding="utf-8"))
        assert {urlsplit(url).hostname for url in urls} == PUBLIC
        # Has the hash of each file.
        for package in packages():
            files = [*package.get("wheels", ()), *([package["sdist"]] if "sdist" in package else [])]
            assert files or package["name"] in OURS
            assert all(file["hash"].startswith("sha256:") for file in files), package["name"]
        # Was made of these projects.
        for folder in ("", "sandbox"):
            project = tomllib.loads((ROOT / folder / "pyproject.toml").read_text(encoding="utf-8"))
            (entry,) = (package for package in packages() if package["name"] == project["project"]["name"])
            assert entry["version"] == project["project"]["version"]
            required = {re.match(r"[\w.-]+", need)[0] for need in project["project"]["dependencies"]}
            assert required == {need["name"] for need in entry["dependencies"]}
            groups = project.get("dependency-groups", {})
            assert set(groups) == set(entry.get("dev-dependencies", {}))
        lines = constraints().splitlines()
        assert len({line.partition("==")[0] for line in lines}) == len(lines) > 200

    def test_image_and_make_install_with_one_version_of_uv(self):
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        image = (ROOT / "deployments/cluster/Dockerfile").read_text(encoding="utf-8")
        assert (
            re.search(r"^UV +:= (\S+)$", makefile, re.MULTILINE)[1]
            == re.search(r"^ARG UV=(\S+)$", image, re.MULTILINE)[1]
        )


class TestTheBill:
    def test_follows_extras_and_names_what_does_not_fit(self):
        assert needed_by_product(LOCKED) == {("a", "1"), ("b", "2"), ("c", "3")}
        assert list(differences(bill(a="1", b="2", c="3"), LOCKED)) == []
        said = sorted(differences(bill(a="1", b="1", d="4"), LOCKED))
        assert [sentence.split(" is ")[0] for sentence in said] == ["b 1", "b 2", "c 3", "d 4"]
        # A file without a hash is named.
        it = bill(a="1", b="2", c="3")
        it["components"][2]["externalReferences"] = [{"type": "distribution"}]
        assert list(differences(it, LOCKED)) == ["c has a file without a hash in the bill of materials."]


GOOD = {"name": "a", "version": "1", "vulns": []}
BAD = {"name": "b", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3"]}]}
NONE = {"name": "c", "skip_reason": "Dependency not found on PyPI and could not be audited: c (3)"}


class TestTheAudit:
    def test_a_vulnerability_fails_and_no_answer_is_named(self):
        # Without advisories it says so and does not fail.
        for parts in ([], [NONE]):
            status, (sentence,) = judged(parts)
            assert status == 0
            assert "no package was checked" in sentence
        # A vulnerability fails.
        assert judged([GOOD, BAD]) == (1, ["b 2: PYSEC-1, fixed in 3.", "2 packages checked: 1 vulnerabilities."])
        assert judged([GOOD, NONE]) == (0, ["No answer for c.", "1 packages checked: 0 vulnerabilities."])
