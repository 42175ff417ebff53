// The oversight mode of a call, from the file of `dialgate dial show SUITE --json dial.json`.
// A write whose mode lets the agent act first has the lower of dial and lease, as long as it counts.
// It fails closed: arguments that the tool's schema refuses, or that the file's checks can't judge,
// get the tool's strictest mode; a name that is no known tool gets `default`. It never throws.
const fs = require("fs");

const isNumber = (value) => typeof value === "number" && Number.isFinite(value);
const isText = (value) => typeof value === "string";
const isObject = (value) => {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return false;
  const parent = Object.getPrototypeOf(value);
  return parent === null || Object.getPrototypeOf(parent) === null;
};
const KINDS = {
  null: (value) => value === null,
  boolean: (value) => typeof value === "boolean",
  number: isNumber,
  integer: Number.isInteger,
  string: isText,
  array: Array.isArray,
  object: isObject,
};
const size = (value) => (isText(value) ? [...value].length : Object.keys(value).length);
const least = (isOfKind) => (value, limit) => !isOfKind(value) || size(value) >= limit;
const most = (isOfKind) => (value, limit) => !isOfKind(value) || size(value) <= limit;
const CHECKS = {
  present: () => true,
  string: KINDS.string,
  number: KINDS.number,
  boolean: KINDS.boolean,
  kind: (value, kinds) => kinds.some((kind) => KINDS[kind](value)),
  has: (value, key) => !isObject(value) || Object.hasOwn(value, key),
  only: (value, keys) => !isObject(value) || Object.keys(value).every((key) => keys.includes(key)),
  one_of: (value, values) => values.includes(value),
  minimum: (value, limit) => !isNumber(value) || value >= limit,
  maximum: (value, limit) => !isNumber(value) || value <= limit,
  exclusiveMinimum: (value, limit) => !isNumber(value) || value > limit,
  exclusiveMaximum: (value, limit) => !isNumber(value) || value < limit,
  min_length: least(isText),
  max_length: most(isText),
  min_items: least(Array.isArray),
  max_items: most(Array.isArray),
  min_keys: least(isObject),
  max_keys: most(isObject),
  pattern: (value, pattern) => !isText(value) || new RegExp(pattern, "u").test(value),
};

function isJson(value, depth = 100) {
  if (value === null || typeof value === "boolean" || isText(value) || isNumber(value)) return true;
  if (depth <= 0 || !(Array.isArray(value) || isObject(value))) return false;
  return Object.values(value).every((item) => isJson(item, depth - 1));
}

function valuesAt(value, [step, ...rest]) {
  if (step === undefined) return [value];
  if (step === "*") return Array.isArray(value) ? value.flatMap((v) => valuesAt(v, rest)) : [];
  return isObject(value) && Object.hasOwn(value, step) ? valuesAt(value[step], rest) : [];
}

function holds(check, args) {
  if (check.at) {
    return valuesAt(args, check.at).every((value) => CHECKS[check.is](value, check.value));
  }
  if (!Object.hasOwn(args, check.key)) return check.is !== "present";
  return CHECKS[check.is](args[check.key], check.value);
}

const MODES = ["shadow", "in_the_loop", "on_the_loop", "out_of_the_loop"];
const lowerOf = (modes) => MODES.find((mode) => modes.includes(mode)) ?? "shadow";
const isAutonomous = (mode) => MODES.indexOf(mode) > MODES.indexOf("in_the_loop");
// Seconds since 1970; a clock that is set back makes no lease live longer.
const START = Date.now() - performance.now();
const steadyNow = () => Math.max(Date.now(), START + performance.now()) / 1000;

class Dial {
  constructor(document, now = steadyNow) {
    this.now = now;
    if (document.schema !== 1) throw new Error(`unknown schema ${document.schema}`);
    this.document = document;
    this.classes = new Map(document.classes.map((item) => [item.action_class, item]));
  }

  static load(path, now) {
    return new Dial(JSON.parse(fs.readFileSync(path, "utf-8")), now);
  }

  // The mode that a class has now.
  effective(item) {
    const { effect, mode, lease } = item;
    if (effect !== "write" || !isAutonomous(mode)) return mode;
    const { required = false, skew_s: skew = 0 } = this.document.lease ?? {};
    const now = this.now();
    const counts = lease && lease.issued_at - skew <= now && now < lease.not_after;
    if (counts) return lowerOf([mode, lease.mode]);
    return required ? "in_the_loop" : mode;
  }

  strictest(tool, ofDial) {
    return lowerOf([ofDial, ...tool.classes.map((each) => this.effective(this.classes.get(each)))]);
  }

  mode(name, args) {
    const { tools, default: unknown } = this.document;
    if (!isText(name) || !Object.hasOwn(tools, name)) return unknown;
    try {
      return this.modeOf(tools[name], args);
    } catch {
      return this.strictest(tools[name], tools[name].strictest);
    }
  }

  modeOf(tool, args) {
    if (!isObject(args)) return this.strictest(tool, tool.no_object);
    const strictest = this.strictest(tool, tool.strictest);
    if (!tool.exact || !isJson(args)) return strictest;
    const fits = (check) => holds(check, args);
    if (!tool.arguments.every(fits)) return strictest;
    const meant = { ...tool.defaults, ...args };
    const classes = tool.classes.map((each) => this.classes.get(each));
    const found = classes.find((item) => item.checks.every((check) => holds(check, meant)));
    return found ? this.effective(found) : this.document.default;
  }
}

module.exports = { Dial };
