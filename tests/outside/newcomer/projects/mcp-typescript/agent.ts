// Answers shop customers by the tools of an MCP server: a request a line.
import readline from "node:readline";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import OpenAI from "openai";

const PROMPT = "You answer shop customers. Refund up to 50 USD yourself; hand over the rest.";
const model = new OpenAI();

/** The agent's answer; `transport` leads to its tools. */
export async function answer(messages: any[], transport: any): Promise<string> {
  const client = new Client({ name: "desk", version: "1.0.0" });
  await client.connect(transport);
  const { tools } = await client.listTools();
  const listed = tools.map(({ name, description, inputSchema }) => ({
    type: "function" as const, function: { name, description, parameters: inputSchema },
  }));
  const sent = [{ role: "system", content: PROMPT }, ...messages];
  for (;;) {
    const asked = { model: "gpt-5-mini", messages: sent, tools: listed };
    const { message } = (await model.chat.completions.create(asked)).choices[0];
    sent.push(message);
    for (const { id, function: { name, arguments: given } } of (message.tool_calls ?? []) as any[]) {
      const found: any = await client.callTool({ name, arguments: JSON.parse(given) });
      sent.push({ role: "tool", tool_call_id: id, content: found.content.map((part: any) => part.text).join("") });
    }
    if (!message.tool_calls) {
      await client.close();
      return message.content ?? "";
    }
  }
}

if (process.argv[1].endsWith("agent.ts")) {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const server = new StdioClientTransport({ command: "node", args: ["--import", "tsx", "server.ts"] });
    console.log(await answer([{ role: "user", content: line }], server));
  }
}
