# Asks the dial (OPA 1.0 or newer): input.tool and input.arguments; data by `dialgate dial show SUITE --opa data.json`.
# It fails closed: arguments that the tool's schema refuses, or that checks can't judge, get the tool's strictest mode.
#
# input.now (seconds since 1970) says whether a lease counts: a write whose mode lets the agent act first has
# the lower of dial and lease. Without it none counts.
#
#   opa eval --data data.json --data dial.rego --input call.json data.agent.dial.mode
package agent.dial

default mode := "in_the_loop" # without data

# A name that is no known tool.
mode := data.dialgate.default if not known

known if {
	data.dialgate.schema == 1
	input.tool in object.keys(data.dialgate.tools)
}

tool := data.dialgate.tools[input.tool] if known

# Checks alone don't tell which class the call is in, or the arguments aren't what the tool takes.
mode := lower_of({tool.strictest} | possible) if {
	is_object(input.arguments)
	not judged
}

mode := lower_of({tool.no_object} | possible) if not is_object(input.arguments)

possible := {effective(class) | some class in tool.classes} if known

judged if {
	tool.exact
	is_object(input.arguments)
	count([check | some check in tool.arguments; refused(check)]) == 0
}

# The first class whose checks all hold, or none.
mode := effective(tool.classes[min(matching)]) if {
	judged
	count(matching) > 0
}

mode := data.dialgate.default if {
	judged
	count(matching) == 0
}

# The mode that a class has now.
effective(class) := class.mode if not leased(class)

effective(class) := lower_of({class.mode, class.lease.mode}) if {
	leased(class)
	counts(class)
}

effective(class) := "in_the_loop" if {
	leased(class)
	not counts(class)
	data.dialgate.required
}

effective(class) := class.mode if {
	leased(class)
	not counts(class)
	not data.dialgate.required
}

leased(class) if {
	class.effect == "write"
	class.mode in {"on_the_loop", "out_of_the_loop"}
}

counts(class) if {
	is_number(input.now)
	input.now >= class.lease.issued_at - data.dialgate.skew_s
	input.now < class.lease.not_after
}

lower_of(modes) := [mode | some mode in ["shadow", "in_the_loop", "on_the_loop", "out_of_the_loop"]; mode in modes][0]

meant := object.union(tool.defaults, input.arguments) if judged

matching contains index if {
	some index, class in tool.classes
	every check in class.checks { holds(check) }
}

# An argument that is absent fails `present` only; a bound is for numbers only.
holds(check) if not violated(check)

violated(check) if {
	check["is"] == "present"
	not present(check)
}

violated(check) if {
	present(check)
	wrong(check["is"], meant[check.key], object.get(check, "value", null))
}

present(check) if check.key in object.keys(meant)

# A check of the arguments: every value at its place, "*" being each element of a list.
refused(check) if {
	walk(input.arguments, [path, value])
	count(path) == count(check.at)
	every index, step in check.at { leads(step, path[index]) }
	wrong(check["is"], value, check.value)
}

leads(step, key) if step == key

leads("*", key) if is_number(key)

wrong("string", value, _) if not is_string(value)

wrong("number", value, _) if not is_number(value)

wrong("boolean", value, _) if not is_boolean(value)

wrong("kind", value, kinds) if count([kind | some kind in kinds; is_kind(kind, value)]) == 0

wrong("has", value, key) if { is_object(value); not key in object.keys(value) }

wrong("only", value, keys) if { is_object(value); some key, _ in value; not key in keys }

wrong("one_of", value, values) if not value in values

wrong("minimum", value, limit) if { is_number(value); value < limit }

wrong("maximum", value, limit) if { is_number(value); value > limit }

wrong("exclusiveMinimum", value, limit) if { is_number(value); value <= limit }

wrong("exclusiveMaximum", value, limit) if { is_number(value); value >= limit }

wrong("min_length", value, limit) if { is_string(value); count(value) < limit }

wrong("max_length", value, limit) if { is_string(value); count(value) > limit }

wrong("min_items", value, limit) if { is_array(value); count(value) < limit }

wrong("max_items", value, limit) if { is_array(value); count(value) > limit }

wrong("min_keys", value, limit) if { is_object(value); count(value) < limit }

wrong("max_keys", value, limit) if { is_object(value); count(value) > limit }

wrong("pattern", value, pattern) if { is_string(value); not regex.match(pattern, value) }

is_kind("null", value) if is_null(value)

is_kind("boolean", value) if is_boolean(value)

is_kind("number", value) if is_number(value)

is_kind("integer", value) if { is_number(value); value == floor(value) }

is_kind("string", value) if is_string(value)

is_kind("array", value) if is_array(value)

is_kind("object", value) if is_object(value)
