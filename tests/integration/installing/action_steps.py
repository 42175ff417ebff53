"""Runs action.yml's steps as GitHub would: conditions, env, `run` as bash; `uses` is noted only.

Knows the few expressions that the action uses; anything else is an error, so that the action can't
grow what no test runs. The install step is not run, as it needs a package index: the tests' own
`dialgate` takes its place.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from tests.integration.command_line import PATHS, PROJECT
from tests.integration.installing.warm_commands import warm_dialgate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ACTION: dict[str, Any] = yaml.safe_load((PROJECT / "action.yml").read_text("utf-8"))
_CONTEXTS = re.compile(r"'[^']*'|\b(?:inputs|steps|github|runner)(?:\.[A-Za-z_-]+)+")


@dataclass
class ActionRun:
    """What one use of the action left."""

    log: str = ""
    code: int = 0
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    used: list[dict[str, Any]] = field(default_factory=list)
    # steps with `uses`, as far as they were reached, their inputs put in
    summary: str = ""
    steps: dict[str, int] = field(default_factory=dict)
    # the exit code of each step that has an id

    def output(self, name: str) -> str:
        """An output of the action itself."""
        source = ACTION["outputs"][name]["value"]
        found = re.fullmatch(r"\$\{\{ steps\.([a-z]+)\.outputs\.([a-z-]+) \}\}", source)
        assert found is not None
        return self.outputs.get(found[1], {}).get(found[2], "")

    def uploaded(self) -> dict[str, str]:
        """Artifact name to the paths that were uploaded."""
        uploads = [step for step in self.used if "upload-artifact@" in step["uses"]]
        return {step["with"]["name"]: step["with"]["path"] for step in uploads}


def run_action(
    workspace: Path,
    temporary: Path,
    *,
    inputs: Mapping[str, str],
    github: Mapping[str, str],
    impostor: str | None = None,
) -> ActionRun:
    """One use of the action in the workspace.

    `impostor` is what a program in place of `check` leaves as its verdict, before it ends with 0.

    `github` holds the context's event_name, event_path and the like, by their dotted names.
    """
    defaults = {name: str(item.get("default", "")) for name, item in ACTION["inputs"].items()}
    assert inputs.keys() <= defaults.keys()
    context = {f"inputs.{name}": value for name, value in {**defaults, **inputs}.items()}
    context |= {f"github.{name}": value for name, value in github.items()}
    context |= {"runner.os": "Linux", "runner.temp": str(temporary)}
    done = ActionRun()
    done.outputs["install"] = {"dialgate": str(own_dialgate(temporary, impostor))}
    for step in ACTION["runs"]["steps"]:
        if step.get("id") == "install":
            continue
        steps = {
            f"steps.{step_id}.outputs.{name}": value
            for step_id, values in done.outputs.items()
            for name, value in values.items()
        }
        values = {**context, **steps}
        if not _evaluate(step.get("if", "success()"), values, succeeds=done.code == 0):
            continue
        if "uses" in step:
            done.used.append({**step, "with": _fill(step["with"], values)})
        else:
            _run_step(step, done, workspace, temporary, values)
    done.summary = _text(temporary / "summary")
    return done


def own_dialgate(temporary: Path, impostor: str | None = None) -> Path:
    """A `dialgate` in the folder that is this project's, but for `check` where there is another."""
    # A runner may give rights over itself; this machine's stay as they are.
    (temporary / "sudo").write_text('#!/bin/sh\necho "sudo $*" >> "$RUNNER_TEMP/sudo.txt"\n')
    (temporary / "sudo").chmod(0o755)
    path = temporary / "dialgate"
    leave = ""
    if impostor is not None:
        (temporary / "impostor.json").write_text(impostor)
        leave = (
            'if [ "$1" = check ]; then for each in "$@"; do case "$each" in --json=*) '
            f'[ ! -s "{temporary}/impostor.json" ] || '
            f'cp "{temporary}/impostor.json" "${{each#--json=}}";; esac; done; exit 0; fi\n'
        )
    path.write_text(f'#!/bin/sh\n{leave}exec {warm_dialgate()} "$@"\n')
    path.chmod(0o755)
    return path


def _run_step(
    step: dict[str, Any],
    done: ActionRun,
    workspace: Path,
    temporary: Path,
    values: Mapping[str, str],
) -> None:
    """As the runner runs `shell: bash`; what is substituted into the script itself would show."""
    assert step["shell"] == "bash"
    assert "${{" not in step["run"], "inputs reach the shell through env only"
    output = temporary / "output"
    output.write_text("")
    script = temporary / "step.sh"
    script.write_text(step["run"])
    finished = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
        cwd=workspace,
        env={
            "PATH": f"{temporary}:{os.environ['PATH']}",
            "HOME": str(temporary),
            "PYTHONPATH": PATHS,
            "RUNNER_TEMP": str(temporary),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(temporary / "summary"),
            "GITHUB_WORKSPACE": str(workspace),
            "GITHUB_EVENT_NAME": values["github.event_name"],
            "GITHUB_EVENT_PATH": values["github.event_path"],
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_REPOSITORY": "octo/shop",
            "GITHUB_RUN_ID": "4711",
            **_fill(step.get("env", {}), values),
        },
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    done.log += finished.stdout + finished.stderr
    done.code = done.code or finished.returncode
    lines = [line.partition("=") for line in output.read_text().splitlines()]
    if "id" in step:
        done.steps[step["id"]] = finished.returncode
        done.outputs[step["id"]] = {name: value for name, _, value in lines}


def _text(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""


def _fill(texts: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, str]:
    return {
        name: re.sub(
            r"\$\{\{ (.+?) \}\}", lambda found: str(_evaluate(found[1], values)), str(text)
        )
        for name, text in texts.items()
    }


def _evaluate(expression: str, values: Mapping[str, str], *, succeeds: bool = True) -> Any:
    """A GitHub expression of contexts, strings, `&&`, `||`, `==`, `!=` and these functions."""
    # A condition that asks for no status is one of `success() && …`.
    asks = re.search(r"\b(always|success)\(\)", expression)
    translated = _CONTEXTS.sub(
        lambda found: found[0] if found[0].startswith("'") else repr(values.get(found[0], "")),
        expression,
    )
    translated = translated.replace("&&", " and ").replace("||", " or ")
    functions = {
        "always": lambda: True,
        "success": lambda: succeeds,
        "contains": lambda whole, part: part in whole,
        "fromJSON": yaml.safe_load,
        "format": lambda text, *parts: text.format(*parts),
    }
    value = eval(translated, {"__builtins__": {}}, functions)
    return value if asks else (succeeds and value)
