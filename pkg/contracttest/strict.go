package contracttest

// A schema of the contracts lets pass what it does not name, so that adding a
// member breaks nobody. The two functions below turn it, in place, into the
// schema for those who send. What is added stands beside the $ref or allOf that
// makes up an object, never inside: there it would refuse the other parts.

// closeValue changes the schema of a whole value: an object that it describes,
// at any depth, has the members that the schema names and no others. One that
// is to stay open says "additionalProperties": true.
func closeValue(schema any) {
	s, ok := schema.(map[string]any)
	if !ok {
		return // true or false
	}
	closeParts(s)
	if _, decided := s["unevaluatedProperties"]; !decided {
		s["unevaluatedProperties"] = false
	}
}

// closeParts changes the values inside what the schema describes, but lets the
// value itself have more members: the schema is only a part of one.
func closeParts(schema any) {
	s, ok := schema.(map[string]any)
	if !ok {
		return
	}
	for keyword, value := range s {
		switch keyword {
		case "properties", "patternProperties":
			each(value, closeValue)
		case "additionalProperties", "items":
			closeValue(value)
		case "prefixItems":
			each(value, closeValue)
		case "allOf", "anyOf", "oneOf", "$defs":
			each(value, closeParts)
		case "if", "then", "else", "not":
			closeParts(value)
		}
	}
}

// each calls f with every element of a list or an object.
func each(collection any, f func(any)) {
	switch c := collection.(type) {
	case map[string]any:
		for _, v := range c {
			f(v)
		}
	case []any:
		for _, v := range c {
			f(v)
		}
	}
}
