// A file of review events that a runtime appends to, for Node, TypeScript, Bun and Deno: no package.
//
//   import { ReviewLog } from "./review-events.mjs";
//   new ReviewLog("events.jsonl").write({ task_id, release, mode, decision, proposed, reviewer });
//
// Each event is one write to a file opened for appending, so that events of several processes lie
// whole beside each other. It never throws, so that a log that fails stops no agent, unless `strict`
// asks for it. The types are in the comments: TypeScript reads them where `checkJs` or `allowJs` is
// set. docs/how-to/feed-review-events.md says what each key means.
import { randomUUID } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from "node:fs";

const MOST_BYTES = 16 * 1024 * 1024; // what readers take as a line
const ACTING = ["auto", "overridden", "escalated"];
const DECISIONS = {
  shadow: ["agreed", "differed", "escalated"],
  in_the_loop: ["approved", "edited", "rejected", "taken_over", "escalated"],
  on_the_loop: ACTING,
  out_of_the_loop: ACTING,
};
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value) => typeof value === "string" && value.length > 0;
const isCall = (value) =>
  isObject(value) && typeof value.name === "string" && isObject(value.arguments) &&
  Object.keys(value).length === 2;
const isNumber = (value) => Number.isFinite(value) && value >= 0;
const isList = (value) => Array.isArray(value) && value.every(isObject);
const isMoment = (value) =>
  typeof value === "string" && !Number.isNaN(Date.parse(value)) &&
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})$/.test(value);
const REQUIRED = { event_id: isText, occurred_at: isMoment, task_id: isText, release: isText, proposed: isCall };
const OPTIONAL = {
  schema: (value) => value === 1, corrected: isCall, reviewer: isText,
  reason: (value) => typeof value === "string", latency_ms: isNumber, cost_usd: isNumber,
  review_s: isNumber, messages: isList, recordings: isList,
  canary: (value) => typeof value === "boolean",
  source: (value) => ["production", "accept", "import"].includes(value),
};

/** @param {Record<string, any>} row @returns {string | null} the first thing that is wrong with it */
function wrong(row) {
  const known = { ...REQUIRED, ...OPTIONAL, mode: null, decision: null };
  const unknown = Object.keys(row).find((key) => !Object.hasOwn(known, key));
  if (unknown !== undefined) return `the unknown key ${JSON.stringify(unknown)}`;
  if (!Object.hasOwn(DECISIONS, row.mode)) return `mode: expected one of ${Object.keys(DECISIONS).join(", ")}`;
  const allowed = DECISIONS[row.mode];
  if (!allowed.includes(row.decision)) return `decision in mode ${row.mode}: expected one of ${allowed.join(", ")}`;
  if (row.decision === "edited" && row.corrected === undefined) return "an edit without corrected";
  if (row.source === "accept" && row.mode !== "shadow") return "source accept outside of mode shadow";
  const bad = Object.entries({ ...REQUIRED, ...OPTIONAL }).find(
    ([key, fits]) => (row[key] !== undefined || Object.hasOwn(REQUIRED, key)) && !fits(row[key]));
  return bad ? `${bad[0]}: found ${JSON.stringify(row[bad[0]])?.slice(0, 80)}` : null;
}

/** Appends review events to one file, which is made by the first; its folder must be there. */
export class ReviewLog {
  lost = 0; // events that are not in the file

  /** @param {string} path @param {{ strict?: boolean, onLoss?: (why: string) => void }} [options] */
  constructor(path, { strict = false, onLoss } = {}) {
    Object.assign(this, { path, strict, onLoss });
  }

  /**
   * Whether the event is in the file. Without `event_id` it gets a new one, without `occurred_at` the
   * time now.
   * @param {{ task_id: string, release: string, proposed: { name: string, arguments: object },
   *   mode: "shadow" | "in_the_loop" | "on_the_loop" | "out_of_the_loop",
   *   decision: "approved" | "edited" | "rejected" | "taken_over" | "auto" | "overridden" | "agreed"
   *     | "differed" | "escalated",
   *   corrected?: { name: string, arguments: object } | null, reviewer?: string, reason?: string,
   *   event_id?: string, occurred_at?: string, latency_ms?: number, cost_usd?: number,
   *   review_s?: number, messages?: object[], recordings?: object[], canary?: boolean,
   *   source?: "production" | "accept" | "import" }} event
   * @returns {boolean}
   */
  write(event) {
    try {
      append(this.path, lineOf(event));
      return true;
    } catch (error) {
      this.lost += 1;
      try { this.onLoss?.(`A review event was lost: ${error.message}`); } catch { /* nor may this stop it */ }
      if (this.strict) throw error;
      return false;
    }
  }
}

function lineOf(event) {
  const given = Object.entries(event).filter(([, value]) => value !== undefined && value !== null);
  const moments = { event_id: randomUUID(), occurred_at: new Date().toISOString() };
  const row = { schema: 1, ...moments, ...Object.fromEntries(given) };
  const why = wrong(row);
  if (why !== null) throw new TypeError(why);
  const line = Buffer.from(`${JSON.stringify(row)}\n`, "utf8");
  if (line.length > MOST_BYTES) throw new RangeError(`an event of ${line.length} bytes`);
  return line;
}

function append(path, line) {
  const file = openSync(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, 0o600);
  try {
    const { size } = fstatSync(file);
    const last = Buffer.alloc(1);
    // What a kill cut short is ended first: a reader names that line, and this one stands alone.
    const isCut = size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last[0] !== 10;
    const whole = isCut ? Buffer.concat([Buffer.from("\n"), line]) : line;
    if (writeSync(file, whole) !== whole.length) throw new Error(`${path}: the disk is full`);
  } finally {
    closeSync(file);
  }
}
