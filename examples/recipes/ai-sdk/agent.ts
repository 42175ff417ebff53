// An agent of the AI SDK as its quickstart has it. Below `respond` are dialgate's messages:
// JSON-RPC 2.0, one a line, over standard streams.
import readline from "node:readline";
import { createOpenAI } from "@ai-sdk/openai";
import { generateText, jsonSchema, stepCountIs, tool, type ModelMessage } from "ai";

type Call = (name: string, input: unknown) => Promise<any>;
const openai = createOpenAI({ baseURL: process.env.OPENAI_BASE_URL });

/** The agent on one case: `schemas` are its tools, `call` reaches what simulates them. */
async function respond(messages: ModelMessage[], schemas: any[], call: Call) {
  const tools = schemas.map(({ name, description, parameters }) => [name, tool({
    description, inputSchema: jsonSchema(parameters), execute: (input) => call(name, input),
  })]);
  const { text } = await generateText({
    model: openai("gpt-5-mini"),
    system: "You answer shop customers. Refund up to 50 USD yourself; hand over the rest.",
    messages, tools: Object.fromEntries(tools), stopWhen: stepCountIs(10),
  });
  return text;
}

const send = (message: object) => console.log(JSON.stringify({ jsonrpc: "2.0", ...message }));
const waiting = new Map<string, (found: any) => void>(); // calls that are not answered yet, by id

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params, result, error } = JSON.parse(line);
  if (method === "initialize") send({ id, result: { concurrency: 8 } });
  else if (method === "trial/run") {
    const call: Call = (name, input) => new Promise((resolve) => {
      const callId = crypto.randomUUID();
      waiting.set(callId, resolve);
      const asked = { trial_id: params.trial_id, name, arguments: input };
      send({ id: callId, method: "tools/call", params: asked });
    });
    respond(params.messages, params.tools, call)
      .then((reply) => send({ id, result: { reply } }))
      .catch((failure) => send({ id, error: { code: 1, message: String(failure) } }));
  } else waiting.get(id)?.(error ? `error: ${error.message}` : result.content);
});
