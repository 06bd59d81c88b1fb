# strip.awk - C without its comments and without what stands in quotes, so that
# a rule sees code only.  Prints FILE:LINE:CODE; names after #include stay.
#
# usage: awk -f strip.awk -v top=FOLDER/ FILE...

FNR == 1 {
	in_comment = 0
	name = FILENAME
	if (index(name, top) == 1)
		name = substr(name, length(top) + 1)
}

{
	out = ""
	quote = ""
	n = length($0)
	is_include = $0 ~ /^[ \t]*#[ \t]*include/
	for (i = 1; i <= n; i++) {
		c = substr($0, i, 1)
		two = substr($0, i, 2)
		if (in_comment) {
			if (two == "*/") {
				in_comment = 0
				i++
			}
		} else if (quote != "") {
			if (c == "\\")
				i++
			else if (c == quote) {
				out = out c
				quote = ""
			}
		} else if (two == "/*") {
			in_comment = 1
			out = out " "
			i++
		} else if (two == "//" && !is_include)
			break
		else {
			out = out c
			if ((c == "\"" || c == "\047") && !is_include)
				quote = c
		}
	}
	if (out !~ /^[ \t]*$/)
		print name ":" FNR ":" out
}
