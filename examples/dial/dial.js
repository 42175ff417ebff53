// The oversight mode of a call, from the file of `dialgate dial show SUITE --json dial.json`.
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
    if (!isText(name) || !Object.hasOwn(tools, name)) return unknown;
    try {
      return this.modeOf(tools[name], args);
    } catch {
      return tools[name].strictest;
    }
  }

  modeOf(tool, args) {
    if (!isObject(args)) return tool.no_object;
    if (!tool.exact || !isJson(args)) return tool.strictest;
    const fits = (check) => holds(check, args);
    if (!tool.arguments.every(fits)) return tool.strictest;
    const meant = { ...tool.defaults, ...args };
    const classes = tool.classes.map((each) => this.classes.get(each));
    const found = classes.find((item) => item.checks.every((check) => holds(check, meant)));
    return found ? found.mode : this.document.default;
  }
}

module.exports = { Dial };
