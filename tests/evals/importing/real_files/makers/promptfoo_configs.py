"""Configurations and results of promptfoo: what `init` writes, and ones that `eval` has run.

PROMPTFOO is the command of its npm package. Each configuration below is run once against the fake
model, so that promptfoo itself has taken every key and assertion in it.
"""

import os
import shutil
import subprocess
from pathlib import Path

OUT = Path(os.environ["OUT"]) / "promptfoo"
OUT.mkdir()
SCRATCH = Path(os.environ["SCRATCH"]) / "promptfoo"
SCRATCH.mkdir(exist_ok=True)
SETTINGS = {
    **os.environ,
    "PROMPTFOO_DISABLE_TELEMETRY": "1",
    "PROMPTFOO_DISABLE_UPDATE": "1",
    "PROMPTFOO_CONFIG_DIR": str(SCRATCH / "home"),
    "OPENAI_API_KEY": "none",
    "PROMPTFOO_DISABLE_SHARING": "1",
    "OPENAI_BASE_URL": os.environ["FAKE_MODELS"] + "/v1",
}


def promptfoo(*words, folder):
    subprocess.run(
        [os.environ["PROMPTFOO"], *words],
        cwd=folder,
        env=SETTINGS,
        stdin=subprocess.DEVNULL,
        check=False,
        stdout=subprocess.DEVNULL,
    )


TOOLS = """
        - type: function
          function:
            name: get_order
            description: Look an order up.
            parameters: {type: object, required: [order_id], properties: {order_id: {type: string}}}
        - type: function
          function:
            name: refund
            parameters:
              type: object
              properties:
                order_id: {type: string}
                amount: {type: number}
"""
CONFIGS = {
    "texts": """
# yaml-language-server: $schema=https://promptfoo.dev/config-schema.json
description: Texts of the desk
prompts:
  - 'You are a desk. {{question}}'
  - |
    [{"role": "system", "content": "You are a desk."},
     {"role": "user", "content": "{{question}}"}]
providers: [openai:chat:fake-1]
defaultTest:
  vars: {language: en}
  assert:
    - {type: latency, threshold: 9000}
tests:
  - description: greets
    vars: {question: Hello!}
    assert:
      - {type: contains, value: order}
      - {type: icontains-any, value: [ORDER, number]}
      - {type: not-contains, value: password}
      - {type: javascript, value: output.length < 500}
  - vars: {question: 'Where is it? {{language}}'}
    assert:
      - type: regex
        value: '^Which .*\\?$'
      - type: llm-rubric
        value: is polite
      - type: assert-set
        threshold: 0.5
        assert:
          - {type: contains, value: a}
          - {type: contains, value: b}
""",
    "tools": """
description: Calls of the desk
prompts: ['{{request}}']
providers:
  - id: openai:chat:fake-1
    config:
      tools:"""
    + TOOLS
    + """
tests:
  - description: looks an order up
    vars: {request: Where is O-2?}
    assert:
      - type: is-valid-openai-tools-call
      - type: tool-call-f1
        value: [get_order]
      - type: contains
        value: O-2
  - description: used
    vars: {request: Please refund O-1.}
    assert:
      - type: trajectory:tool-used
        value: refund
      - type: trajectory:tool-args-match
        value: {name: refund, args: {order_id: O-1}}
      - type: not-trajectory:tool-used
        value: {name: delete_order}
""",
    "anchors": """
prompts: ["{{request}} {% if formal %}please{% endif %}", file://prompt.txt]
providers:
  - &desk
    id: openai:chat:fake-1
    config: {temperature: 0}
scenarios:
  - config: [{vars: {language: en}}]
    tests: [{vars: {request: hi}}]
tests:
  - &base
    vars: &vars {request: Hello!, formal: no}
    assert: &checks
      - {type: equals, value: Which order is it about?}
      - {type: python, value: 'len(output) > 3'}
  - vars: *vars
    assert: *checks
""",
}
for name, text in CONFIGS.items():
    folder = SCRATCH / name
    folder.mkdir(exist_ok=True)
    (folder / "promptfooconfig.yaml").write_text(text, encoding="utf-8")
    (folder / "prompt.txt").write_text("{{request}}", encoding="utf-8")
    promptfoo("eval", "-o", "results.json", "-o", "results.yaml", "--no-cache", folder=folder)
    shutil.copy(folder / "promptfooconfig.yaml", OUT / f"{name}.yaml")
    for kind in ("json", "yaml") if name == "tools" else ():
        shutil.copy(folder / f"results.{kind}", OUT / f"{name}-results.{kind}")
promptfoo("init", "--no-interactive", "fresh", folder=SCRATCH)
shutil.copy(SCRATCH / "fresh/promptfooconfig.yaml", OUT / "init.yaml")
