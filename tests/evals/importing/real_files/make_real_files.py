"""Makes the files in `written` anew: each tool is run from its package and writes them itself.

    python tests/evals/importing/real_files/make_real_files.py FOLDER [NAME...]

FOLDER gets a virtual environment for each tool and is used again; its path stands in some files, so
name a plain one like /tmp/importing. promptfoo needs npm; tau2-bench is no package: clone its
repository to FOLDER/tau2-bench first. `written/MADE.md` says which package made what.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[4]))
from tests.evals.importing.real_files.fake_models import fake_models

HERE = Path(__file__).parent
WRITTEN = HERE / "written"


@dataclass(frozen=True, kw_only=True)
class Tool:
    """One environment, what is run in it, and the folders that it fills."""

    requirements: tuple[str, ...]
    makers: tuple[str, ...]
    # a script of `makers`, with its arguments
    folders: tuple[str, ...]
    shown: tuple[str, ...]
    # packages whose versions are told
    python: str = "python3"


_OTLP = ("openai", "httpx", "opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-http")
TOOLS = {
    "openai": Tool(requirements=("openai", "httpx"), makers=("openai_logs.py",),
                   folders=("openai-chat", "openai-responses"), shown=("openai",)),
    "anthropic": Tool(requirements=("anthropic",), makers=("anthropic_logs.py",),
                      folders=("anthropic",), shown=("anthropic",)),
    "openai-v2": Tool(
        requirements=(*_OTLP, "opentelemetry-instrumentation-openai-v2==2.4b0",
                      "opentelemetry-util-genai==1.1b0"),
        makers=("spans.py openai-v2", "spans.py openai-v2-events"), folders=("otlp/openai-v2",),
        shown=("opentelemetry-sdk", "opentelemetry-instrumentation-openai-v2")),
    "spans": Tool(
        requirements=(*_OTLP, "openinference-instrumentation-openai", "logfire",
                      "pydantic-ai-slim[openai]"),
        makers=("spans.py openinference", "spans.py logfire", "spans.py pydantic-ai"),
        folders=("otlp/spans",),
        shown=("opentelemetry-sdk", "openinference-instrumentation-openai", "logfire",
               "pydantic-ai-slim")),
    "langfuse": Tool(requirements=("langfuse", "openai"), makers=("langfuse_exports.py",),
                     folders=("langfuse",), shown=("langfuse",)),
    "langsmith": Tool(requirements=("langsmith", "langchain-openai"),
                      makers=("langsmith_runs.py",), folders=("langsmith",),
                      shown=("langsmith", "langchain-openai")),
    "mlflow": Tool(requirements=("mlflow", "openai", "anthropic"), makers=("mlflow_traces.py",),
                   folders=("mlflow",), shown=("mlflow",)),
    "phoenix": Tool(
        requirements=("arize-phoenix", "openai", "openinference-instrumentation-openai"),
        makers=("phoenix_exports.py",), folders=("phoenix",),
        shown=("arize-phoenix", "arize-phoenix-client")),
    "inspect": Tool(requirements=("inspect-ai", "openai"), makers=("inspect_logs.py",),
                    folders=("inspect",), shown=("inspect-ai",)),
    "deepeval": Tool(requirements=("deepeval",), makers=("deepeval_sets.py",),
                     folders=("deepeval",), shown=("deepeval",)),
    "pydantic-evals": Tool(requirements=("pydantic-evals",), makers=("pydantic_evals_sets.py",),
                           folders=("pydantic-evals",), shown=("pydantic-evals",)),
    "harbor": Tool(requirements=("harbor",), makers=("harbor_trajectories.py",),
                   folders=("atif",), shown=("harbor",), python="python3.13"),
    "tau2": Tool(requirements=("./tau2-bench",), makers=("tau2_results.py",), folders=("tau2",),
                 shown=("tau2",), python="python3.12"),
    "promptfoo": Tool(requirements=(), makers=("promptfoo_configs.py",), folders=("promptfoo",),
                      shown=()),
    "openai-evals": Tool(requirements=(), makers=("openai_evals_samples.py",),
                         folders=("openai-evals",), shown=()),
}  # fmt: skip
NOT_RUN = {"openai-evals": "written anew after its documented schema; users write these by hand"}


def environment_of(name: str, tool: Tool, folder: Path) -> Path:
    """The tool's Python; the environment is made where it isn't there."""
    place = folder / name
    if not (place / "bin/python").exists():
        python = shutil.which(tool.python) or sys.executable
        subprocess.run([python, "-m", "venv", str(place)], check=True)
    if tool.requirements and not (place / ".installed").exists():
        subprocess.run([str(place / "bin/python"), "-m", "pip", "install", "-q",
                        *tool.requirements], check=True, cwd=folder)  # fmt: skip
        (place / ".installed").touch()
    return place / "bin/python"


def versions_of(name: str, tool: Tool, python: Path, folder: Path) -> str:
    """What made the files, in a line."""
    if name in NOT_RUN:
        return NOT_RUN[name]
    if name == "promptfoo":
        command = [str(folder / "node_modules/.bin/promptfoo"), "--version"]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return f"promptfoo {said.strip().splitlines()[-1]}"
    asked = "import importlib.metadata as m, sys; print(*(m.version(n) for n in sys.argv[1:]))"
    found = subprocess.run([str(python), "-c", asked, *tool.shown], check=True, cwd=folder,
                           capture_output=True, text=True).stdout.split()  # fmt: skip
    return ", ".join(f"{one} {version}" for one, version in zip(tool.shown, found, strict=True))


def make(name: str, folder: Path, url: str) -> str:
    """Runs one tool; its files lie in `written` afterwards. Gives its line for the list."""
    tool = TOOLS[name]
    python = environment_of(name, tool, folder)
    if name == "promptfoo" and not (folder / "node_modules").exists():
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "promptfoo"], check=True,
                       cwd=folder)  # fmt: skip
    scratch, out = folder / "scratch", folder / "out"
    for made in (scratch, out):
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir()
    shutil.copytree(HERE / "makers", folder / "makers", dirs_exist_ok=True)
    settings = {**os.environ, "FAKE_MODELS": url, "OUT": str(out), "SCRATCH": str(scratch),
                "TAU2_DATA_DIR": str(folder / "tau2-bench/data"), "HOME": str(scratch),
                "PROMPTFOO": str(folder / "node_modules/.bin/promptfoo")}  # fmt: skip
    for maker in tool.makers:
        script, *words = maker.split()
        subprocess.run([str(python), str(folder / "makers" / script), *words], check=True,
                       env=settings, cwd=scratch, stdin=subprocess.DEVNULL)  # fmt: skip
    for target in tool.folders:
        source = out / target.partition("/")[0]
        shutil.rmtree(WRITTEN / target, ignore_errors=True)
        shutil.copytree(source, WRITTEN / target)
        for file in (WRITTEN / target).rglob("*.*"):
            scrub(file)
    return versions_of(name, tool, python, folder)


def scrub(file: Path) -> None:
    """Takes what says something of the machine out of a text; binary files name none."""
    if file.suffix in {".eval", ".binpb", ".gz"} or not file.is_file():
        return
    text = file.read_text("utf-8")
    text = re.sub(r'("git_commit"|"commit"): "[0-9a-f]{7,40}"', r'\1: "0000000"', text)
    text = re.sub(r"Linux-[\w.+-]+", "Linux", text)
    text = re.sub(r'("mlflow\.(?:user|source\.name)"): ?"[^"]*"', r'\1: "somebody"', text)
    file.write_text(text, encoding="utf-8")


def main(folder: Path, names: list[str]) -> None:
    """Makes the files of the named tools, or of all, and says in MADE.md what made them."""
    folder.mkdir(parents=True, exist_ok=True)
    listed = WRITTEN / "MADE.md"
    rows = dict(re.findall(r"(?m)^\| ([\w-]+) \| (.*) \|$", listed.read_text("utf-8"))
                if listed.exists() else ())  # fmt: skip
    head = "# What made these files\n\n| tool | folders | by |\n| --- | --- | --- |\n"
    with fake_models() as url:
        for name in names or TOOLS:
            rows[name] = f"{', '.join(TOOLS[name].folders)} | {make(name, folder, url)}"
            lines = [f"| {one} | {rows[one]} |\n" for one in TOOLS if one in rows]
            listed.write_text(head + "".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute(), sys.argv[2:])
