// The shop's tools, as an MCP server over standard streams.
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";

const AMOUNTS = [12.5, 49.9, 50, 7, 33.33, 899, 450, 50.01, 1200, 640];
const said = (found: unknown) => ({ content: [{ type: "text" as const, text: JSON.stringify(found) }] });
const server = new McpServer({ name: "shop", version: "1.0.0" });

server.registerTool(
  "get_order",
  { description: "Looks up an order.", inputSchema: { order_id: z.string() }, annotations: { readOnlyHint: true } },
  async ({ order_id }) => {
    const number = Number(order_id.slice(2));
    return said({ amount: AMOUNTS[number - 101], status: "paid", email: `c${number}@example.com` });
  },
);
server.registerTool(
  "refund",
  { description: "Pays money back for an order.", inputSchema: { order_id: z.string(), amount: z.number() } },
  async () => said("ok"),
);
server.registerTool(
  "hand_over",
  { description: "Hands the conversation to a person.", inputSchema: { reason: z.string() } },
  async () => said("ok"),
);
server.registerTool(
  "send_email",
  { description: "Sends a mail to a customer.", inputSchema: { to: z.string(), body: z.string() } },
  async () => said("ok"),
);
await server.connect(new StdioServerTransport());
