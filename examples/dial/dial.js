// The oversight mode of a call, from the file of `dialgate dial show SUITE --json dial.json`.
// Where the file's checks can't tell which class a call is in, the tool's strictest mode counts.
const fs = require("fs");

const isNumber = (value) => typeof value === "number";
const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const CHECKS = {
  present: () => true,
  string: (value) => typeof value === "string",
  number: isNumber,
  boolean: (value) => typeof value === "boolean",
  one_of: (value, values) => values.includes(value),
  minimum: (value, limit) => !isNumber(value) || value >= limit,
  maximum: (value, limit) => !isNumber(value) || value <= limit,
  exclusiveMinimum: (value, limit) => !isNumber(value) || value > limit,
  exclusiveMaximum: (value, limit) => !isNumber(value) || value < limit,
};

function holds(check, args) {
  if (!Object.hasOwn(args, check.key)) return check.is !== "present";
  return CHECKS[check.is](args[check.key], check.value);
}

class Dial {
  constructor(document) {
    if (document.schema !== 1) throw new Error(`unknown schema ${document.schema}`);
    this.document = document;
    this.classes = new Map(document.classes.map((item) => [item.action_class, item]));
  }

  static load(path) {
    return new Dial(JSON.parse(fs.readFileSync(path, "utf-8")));
  }

  mode(name, args) {
    const { tools, default: unknown } = this.document;
    if (!Object.hasOwn(tools, name) || !isObject(args)) return unknown;
    const tool = tools[name];
    if (!tool.exact) return tool.strictest;
    const classes = tool.classes.map((each) => this.classes.get(each));
    const found = classes.find((item) => item.checks.every((check) => holds(check, args)));
    return found ? found.mode : unknown;
  }
}

module.exports = { Dial };
