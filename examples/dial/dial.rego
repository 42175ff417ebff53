# Asks the dial (OPA 1.0 or newer): input.tool and input.arguments; data by `dialgate dial show SUITE --opa data.json`.
#
#   opa eval --data data.json --data dial.rego --input call.json data.agent.dial.mode
package agent.dial

default mode := "in_the_loop" # without data

# A call that no class can hold.
mode := data.dialgate.default if not known

known if {
	data.dialgate.schema == 1
	is_object(input.arguments)
	input.tool in object.keys(data.dialgate.tools)
}

tool := data.dialgate.tools[input.tool] if known

# Checks alone don't tell which class the call is in: the strictest mode.
mode := tool.strictest if tool.exact == false

# The first class whose checks all hold, or none.
mode := tool.classes[min(matching)].mode if {
	tool.exact
	count(matching) > 0
}

mode := data.dialgate.default if {
	tool.exact
	count(matching) == 0
}

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
	wrong(check["is"], input.arguments[check.key], object.get(check, "value", null))
}

present(check) if check.key in object.keys(input.arguments)

wrong("string", value, _) if not is_string(value)

wrong("number", value, _) if not is_number(value)

wrong("boolean", value, _) if not is_boolean(value)

wrong("one_of", value, values) if not value in values

wrong("minimum", value, limit) if { is_number(value); value < limit }

wrong("maximum", value, limit) if { is_number(value); value > limit }

wrong("exclusiveMinimum", value, limit) if { is_number(value); value <= limit }

wrong("exclusiveMaximum", value, limit) if { is_number(value); value >= limit }
