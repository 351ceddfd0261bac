package openevent

import (
	"regexp"
	"strings"
)

// colorForm matches the forms of a CSS colour other than a name.
var colorForm = regexp.MustCompile(`^(#([0-9a-f]{3}|[0-9a-f]{4}|[0-9a-f]{6}|[0-9a-f]{8})|(rgb|hsl)a?\([0-9.,%/ a-z-]+\))$`)

// isColor tells whether s is a colour in one of the forms of CSS.
func isColor(s string) bool {
	s = strings.ToLower(s)
	return colorForm.MatchString(s) || strings.Contains(colorNames, " "+s+" ") && !strings.Contains(s, " ")
}

// colorNames are the names of CSS, each between blanks.
const colorNames = " aliceblue antiquewhite aqua aquamarine azure beige bisque black blanchedalmond blue " +
	"blueviolet brown burlywood cadetblue chartreuse chocolate coral cornflowerblue cornsilk crimson cyan " +
	"darkblue darkcyan darkgoldenrod darkgray darkgreen darkgrey darkkhaki darkmagenta darkolivegreen " +
	"darkorange darkorchid darkred darksalmon darkseagreen darkslateblue darkslategray darkslategrey " +
	"darkturquoise darkviolet deeppink deepskyblue dimgray dimgrey dodgerblue firebrick floralwhite " +
	"forestgreen fuchsia gainsboro ghostwhite gold goldenrod gray green greenyellow grey honeydew hotpink " +
	"indianred indigo ivory khaki lavender lavenderblush lawngreen lemonchiffon lightblue lightcoral " +
	"lightcyan lightgoldenrodyellow lightgray lightgreen lightgrey lightpink lightsalmon lightseagreen " +
	"lightskyblue lightslategray lightslategrey lightsteelblue lightyellow lime limegreen linen magenta " +
	"maroon mediumaquamarine mediumblue mediumorchid mediumpurple mediumseagreen mediumslateblue " +
	"mediumspringgreen mediumturquoise mediumvioletred midnightblue mintcream mistyrose moccasin " +
	"navajowhite navy oldlace olive olivedrab orange orangered orchid palegoldenrod palegreen " +
	"paleturquoise palevioletred papayawhip peachpuff peru pink plum powderblue purple rebeccapurple red " +
	"rosybrown royalblue saddlebrown salmon sandybrown seagreen seashell sienna silver skyblue slateblue " +
	"slategray slategrey snow springgreen steelblue tan teal thistle tomato transparent turquoise violet " +
	"wheat white whitesmoke yellow yellowgreen "
