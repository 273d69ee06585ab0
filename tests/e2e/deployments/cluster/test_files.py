"""The cluster's files by their own linters and schemas, offline, and where one of them has to say what another says."""

from __future__ import annotations

import copy
import subprocess
import sys
from pathlib import Path

import compose_spec
import kubernetes_validate
import pytest
import yaml

from deployments.server_access import Addresses
from tests.support.cluster_files import FOLDER, NothingGivenError, compose, required

ROOT = FOLDER.parents[1]
VALUES = dict.fromkeys(required(), "given")
KUBERNETES = "1.34"
JOBS = {"migrate-prefect", "migrate-cases", "deploy"}
MANIFESTS = [
    (path.name, document)
    for path in sorted((FOLDER / "kubernetes").glob("*.yaml"))
    if path.name != "kustomization.yaml"
    for document in yaml.safe_load_all(path.read_text(encoding="utf-8"))
]
WORKLOADS = [one for _, one in MANIFESTS if one["kind"] in {"Deployment", "Job"}]


def pod_of(workload):
    return workload["spec"]["template"]["spec"]


def named(variables):
    return {one["name"]: one.get("value") for one in variables}


class TestImage:
    def lint(self, text):
        program = Path(sys.executable).with_name("hadolint")
        told = subprocess.run([program, "-"], input=text, capture_output=True, text=True, timeout=60, check=False)
        return told.returncode, told.stdout

    def test_hadolint_has_nothing_to_say(self):
        text = (FOLDER / "Dockerfile").read_text(encoding="utf-8")
        assert self.lint(text) == (0, "")
        assert self.lint(text.replace("WORKDIR /source", "WORKDIR source"))[0] == 1

    def test_it_holds_no_more_than_it_is_built_from(self):
        ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
        let_in = {line.removeprefix("!") for line in ignored if line.startswith("!")}
        dockerfile = (FOLDER / "Dockerfile").read_text(encoding="utf-8")
        copied = {
            name
            for line in dockerfile.splitlines()
            if line.startswith("COPY ") and "--from" not in line
            for name in line.split()[1:-1]
        }
        assert copied == let_in
        assert all((ROOT / name).exists() for name in copied)


class TestCompose:
    @pytest.mark.apart
    def test_it_is_a_compose_file_and_the_check_finds_faults(self):
        compose_spec.PyCompose.from_yaml(yaml.safe_dump(compose(VALUES))).validate()

        for key, value in (("restrat", "no"), ("secrets", ["unknown"]), ("networks", ["unknown"]), ("healthcheck", 7)):
            wrong = copy.deepcopy(compose(VALUES))
            wrong["services"]["worker"][key] = value
            with pytest.raises(ValueError, match=rf"{key}|unknown|worker"):
                compose_spec.PyCompose.from_yaml(yaml.safe_dump(wrong)).validate()

    def test_without_a_secret_nothing_starts_and_a_sentence_asks_for_it(self):
        for name, sentence in required().items():
            with pytest.raises(NothingGivenError, match=sentence[:20]):
                compose({**VALUES, name: ""})
        names = {"POSTGRES_PASSWORD", "PREFECT_DATABASE_PASSWORD", "CASE_STORE_PASSWORD", "REDIS_PASSWORD"}
        assert names | {"PREFECT_AUTH_STRING", "RIGHTSFLOW_MASTER_KEY_FILE"} <= required().keys()
        example = (FOLDER / "env.example").read_text(encoding="utf-8").splitlines()
        assert required().keys() <= {line.partition("=")[0] for line in example}

    def test_what_stays_is_checked_and_what_ends_is_waited_for(self):
        services = compose(VALUES)["services"]
        staying = services.keys() - JOBS
        assert not {name for name in staying if services[name]["healthcheck"].get("disable")}
        assert all(services[name]["restart"] == "unless-stopped" for name in staying)
        assert all(services[name]["restart"] == "no" for name in JOBS)
        for service in services.values():
            for other, how in service.get("depends_on", {}).items():
                ends = how["condition"] == "service_completed_successfully"
                assert ends == (other in JOBS)

    def test_api_servers_are_behind_the_gateway_and_answer_to_it_to_this_machine_and_to_the_public_address_alone(self):
        text = (FOLDER / "nginx.conf").read_text(encoding="utf-8")
        servers = {name for name in compose(VALUES)["services"] if name.startswith("api-")}
        assert {name for name in servers if f"server {name}:4200 " in text} == servers == {"api-1", "api-2"}

        for public in ("", "https://prefect.example.com"):
            services = compose({**VALUES, "PUBLIC_ADDRESS": public})["services"]
            for name in ("api-1", "api-2"):
                assert services[name]["command"][:3] == ["python", "-m", "deployments.front"]
                made = Addresses.of(services[name]["environment"]["RIGHTSFLOW_SERVER_ADDRESSES"].split())
                here = {"http://gateway:4200", "http://127.0.0.1:4200", "http://localhost:4200"}
                assert made.origins == here | ({public} if public else set())

        services = compose(VALUES)["services"]
        assert {name: one["ports"] for name, one in services.items() if "ports" in one} == {
            "gateway": ["127.0.0.1:4200:4200"]
        }
        assert compose(VALUES)["networks"]["inside"] == {"internal": True}


class TestKubernetes:
    @pytest.mark.apart
    def test_each_manifest_is_what_kubernetes_takes_and_the_check_finds_faults(self):
        for _, manifest in MANIFESTS:
            kubernetes_validate.validate(manifest, KUBERNETES, strict=True)

        wrong = copy.deepcopy(WORKLOADS[0])
        pod_of(wrong)["restartpolicy"] = "Never"
        with pytest.raises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(wrong, KUBERNETES, strict=True)

        listed = yaml.safe_load((FOLDER / "kubernetes" / "kustomization.yaml").read_text(encoding="utf-8"))
        assert {file for file, _ in MANIFESTS} == set(listed["resources"])

    def test_no_pod_can_do_more_than_it_has_to(self):
        for workload in WORKLOADS:
            pod = pod_of(workload)
            (container,) = pod["containers"]
            assert pod["securityContext"]["runAsNonRoot"]
            assert pod["automountServiceAccountToken"] is False
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert {"requests", "limits"} == container["resources"].keys()
            # Secrets come from Kubernetes' own, never as text.
            assert set(named(container["env"]).values()) == {None}

    def test_what_selects_pods_selects_some(self):
        for kind in ("PodDisruptionBudget", "NetworkPolicy"):
            ours = [one["spec"]["template"]["metadata"]["labels"] for one in WORKLOADS]
            theirs = {"app.kubernetes.io/name": "prefect-server", "app.kubernetes.io/component": "server"}
            for _, one in MANIFESTS:
                if one["kind"] == kind:
                    wanted = one["spec"].get("selector", one["spec"].get("podSelector"))["matchLabels"].items()
                    assert any(wanted <= labels.items() for labels in (*ours, theirs))


def test_the_commands_are_the_same_in_compose_and_kubernetes():
    services = compose(VALUES)["services"]
    for name, service in {
        "migrate": "migrate-cases",
        "deploy": "deploy",
        "worker": "worker",
        "keeper": "keeper",
    }.items():
        (workload,) = (one for one in WORKLOADS if one["metadata"]["name"] == f"rightsflow-{name}")
        assert pod_of(workload)["containers"][0]["args"] == services[service]["command"]


def test_the_servers_settings_are_the_same_in_compose_and_for_the_chart():
    values = yaml.safe_load((FOLDER / "helm" / "prefect-server.yaml").read_text(encoding="utf-8"))
    ours = named(values["global"]["prefect"]["env"])
    ours.pop("PREFECT_HOME")
    server = compose(VALUES)["services"]["api-1"]["environment"]
    assert ours.items() <= server.items()
    tuned = {name for name in server if "_SERVICES_" in name or "_SQLALCHEMY_" in name}
    assert tuned <= ours.keys()
    messaging = values["backgroundServices"]["messaging"]
    assert messaging["broker"] == server["PREFECT_MESSAGING_BROKER"]
    assert messaging["cache"] == server["PREFECT_MESSAGING_CACHE"]
    assert "authString" not in values["server"]["basicAuth"]
    assert "password" not in messaging["redis"]
