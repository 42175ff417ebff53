"""The examples for Argo Rollouts: shapes that its CRD knows, commands and keys that there are."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from dialgate.commands.dial.rollout import command
from tests.integration.command_line import PROJECT

EXAMPLES = PROJECT / "examples/argo"
SCHEMA = json.loads((Path(__file__).parent / "analysis_template.schema.json").read_text("utf-8"))


def read(name: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((EXAMPLES / name).read_text("utf-8"))
    return document


@pytest.mark.parametrize("name", ["analysis-job.yaml", "analysis-web.yaml"])
def test_an_analysis_has_the_shape_of_the_crd(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert list(Draft202012Validator(SCHEMA).iter_errors(read(name))) == []
    broken = read(name)
    broken["spec"]["metrics"][0]["sucessCondition"] = "true"
    assert list(Draft202012Validator(SCHEMA).iter_errors(broken))


def test_the_jobs_command_is_one_that_dialgate_takes() -> None:
    (metric,) = read("analysis-job.yaml")["spec"]["metrics"]
    (container,) = metric["provider"]["job"]["spec"]["template"]["spec"]["containers"]
    words = [*container["command"][2:], *container["args"]]
    for hold in ("--hold", "--no-hold"):
        values = {"hold": hold, "candidate": "2", "baseline": "1"}
        filled = [values.get(word.strip("{}").removeprefix("args."), word) for word in words]
        context = command.make_context("rollout", filled)
        assert context.params["hold"] is (hold == "--hold")
        assert context.params["events_option"] == "/events"


def test_the_rollout_names_templates_and_their_arguments() -> None:
    steps = read("rollout.yaml")["spec"]["strategy"]["canary"]["steps"]
    template = read("analysis-job.yaml")
    known = {item["name"] for item in template["spec"]["args"]}
    analyses = [step["analysis"] for step in steps if "analysis" in step]
    assert len(analyses) == 2
    for item in analyses:
        assert item["templates"] == [{"templateName": template["metadata"]["name"]}]
        assert {arg["name"] for arg in item["args"]} <= known


def test_the_webs_conditions_read_what_the_document_has() -> None:
    (metric,) = read("analysis-web.yaml")["spec"]["metrics"]
    words = " ".join((metric["successCondition"], metric["failureCondition"]))
    assert set(re.findall(r"result\.(\w+)", words)) == {"decision", "candidate"}
    assert {"promote", "roll_back"} <= set(re.findall(r'"(\w+)"', words))
