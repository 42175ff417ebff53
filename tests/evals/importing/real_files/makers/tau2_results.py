"""Results of tau2-bench, a run of its mock domain; DATA is the data folder of its repository."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

OUT = Path(os.environ["OUT"]) / "tau2"
OUT.mkdir()
DATA = Path(os.environ["TAU2_DATA_DIR"])
arguments = json.dumps({"api_base": os.environ["FAKE_MODELS"] + "/v1", "api_key": "none"})
TRIALS = {
    "rewarded": ["create_task_1"],
    "failed": ["update_task_1"],
    "several": ["create_task_1", "create_task_1_with_env_assertions", "update_task_1"],
}
for name, tasks in TRIALS.items():
    shutil.rmtree(DATA / "simulations" / name, ignore_errors=True)
    subprocess.run(
        [
            str(Path(sys.executable).parent / "tau2"),
            "run",
            "--domain",
            "mock",
            "--agent-llm",
            "openai/fake-1",
            "--user-llm",
            "openai/fake-1",
            "--agent-llm-args",
            arguments,
            "--user-llm-args",
            arguments,
            "--max-steps",
            "20",
            "--task-ids",
            *tasks,
            "--save-to",
            name,
            "--num-trials",
            "2" if name == "several" else "1",
            "--max-concurrency",
            "1",
        ],
        check=True,
        stdin=subprocess.DEVNULL,
    )
    made = max(DATA.rglob(f"*{name}*"), key=lambda path: path.stat().st_mtime)
    found = made if made.is_file() else made / "results.json"
    (OUT / f"{name}.json").write_bytes(found.read_bytes())
