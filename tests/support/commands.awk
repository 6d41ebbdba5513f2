# From the overview that a program shows: "NOUN VERB" for each of its commands, and those that stand alone.
/^Examples/ { exit }
/^  and alone:/ { for (i = 3; i <= NF; ++i) print $i; alone = 1; next }
alone && /^    +[a-z]/ { for (i = 1; i <= NF; ++i) print $i; next }
/^  [a-z]/ { end = index(substr($0, 3), "  "); names = substr($0, 3, end - 1); verbs = substr($0, end + 3) }
/^    +[a-z]/ { verbs = $0 } # the rest of the line before
names != "" && /[a-z]/ {
	count = split(names, name, ", ")
	for (i = 1; i <= count; ++i) {
		several = split(verbs, verb, " ")
		for (j = 1; j <= several; ++j) print name[i], verb[j]
	}
}
