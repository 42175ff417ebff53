// An agent in Node without any package: JSON-RPC 2.0, one message a line, over standard streams.
// docs/reference/agent-protocol.md specifies the messages. Standard error is the agent's log.
"use strict";
const readline = require("node:readline");

const send = (message) => process.stdout.write(JSON.stringify({ jsonrpc: "2.0", ...message }) + "\n");
const waiting = new Map();  // tool calls that are not answered yet, by id
let calls = 0;

function toolsOf(trialId) {
  return {
    call: (name, args) => new Promise((resolve, reject) => {
      const id = `call-${++calls}`;
      waiting.set(id, { resolve, reject });
      send({ id, method: "tools/call", params: { trial_id: trialId, name, arguments: args } });
    }),
  };
}

// What you replace: decide what to do, call tools, return the reply.
async function respond(messages, tools) {
  const words = messages[messages.length - 1].content.replace(/\.$/, "").split(" ");
  try {
    await tools.call("refund", { id: words[words.length - 1], amount: 10 });
    return "Done.";
  } catch (error) {
    return `I could not do that: ${error.message}`;
  }
}

readline.createInterface({ input: process.stdin }).on("line", async (line) => {
  const { id, method, params, result, error } = JSON.parse(line);
  if (method === "initialize") {
    send({ id, result: { concurrency: 32 } });
  } else if (method === "trial/run") {
    try {
      send({ id, result: { reply: await respond(params.messages, toolsOf(params.trial_id)) } });
    } catch (failure) {
      send({ id, error: { code: 1, message: String(failure) } });
    }
  } else if (waiting.has(id)) {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error) reject(new Error(error.message)); else resolve(result.content);
  }
});
