#!/bin/sh
# embed.sh - turns state/NNNN-*.sql into one C file on standard output.
#
# usage: embed.sh SOURCE-FOLDER
#
# @STAGES@ and the like become the quoted names of the X-lists in the headers,
# so that the CHECKs grow from the lists that the program itself uses.  Fails,
# with nothing that compiles, on a list that is not found, a placeholder that
# is left, or a number that is missing or given twice.
set -eu

top=${1:?"usage: embed.sh SOURCE-FOLDER"}
core=$top/include/core
edge=$top/include/edge

die() {
	echo "embed.sh: $*" >&2
	echo '#error "embed.sh failed"'
	exit 1
}

# list FILE NAME: 'a', 'b', ... of "#define NAME(X)" in FILE
list() {
	awk -v name="$2" '
	index($0, "#define " name "(X)") == 1 { on = 1; found = 1 }
	on {
		rest = $0
		while (match(rest, /X\([A-Z0-9_]+,[ \t]*"[^"]*"/)) {
			word = substr(rest, RSTART, RLENGTH - 1)
			rest = substr(rest, RSTART + RLENGTH)
			sub(/^[^"]*"/, "", word)
			if (word !~ /^[a-z0-9-]+$/)
				bad = 1
			out = out (out == "" ? "" : ", ") "\047" word "\047"
		}
		if ($0 !~ /\\$/)
			on = 0
	}
	END {
		if (!found || bad || out == "")
			exit 1
		print out
	}' "$1" || {
		echo "embed.sh: $1: no list $2, or an odd name in it" >&2
		return 1
	}
}

stages=$(list "$core/stage.h" STAGE_LIST) || die "no stages"
slots=$(list "$core/stage.h" SLOT_LIST) || die "no slots"
kinds=$(list "$core/stage.h" KIND_LIST) || die "no kinds"
looks=$(list "$core/stage.h" LOOK_LIST) || die "no looks"
sweeps=$(list "$core/stage.h" SWEEP_LIST) || die "no sweeps"
guards=$(list "$core/stage.h" GUARD_LIST) || die "no guards"
acts=$(list "$core/act.h" ACT_LIST) || die "no acts"
entries=$(list "$edge/store.h" ENTRY_LIST) || die "no entries"

# text FILE: its lines as C string literals
text() {
	sed -e "s/@STAGES@/$stages/g" -e "s/@SLOTS@/$slots/g" \
	    -e "s/@KINDS@/$kinds/g" -e "s/@LOOKS@/$looks/g" \
	    -e "s/@SWEEPS@/$sweeps/g" -e "s/@GUARDS@/$guards/g" \
	    -e "s/@ACTS@/$acts/g" -e "s/@ENTRIES@/$entries/g" \
	    -e 's/\\/\\\\/g' -e 's/"/\\"/g' \
	    -e 's/^/	    "/' -e 's/$/\\n"/' "$1"
}

echo "/* migrations.c - made by state/embed.sh; do not edit. */"
echo '#include "edge/migrations.h"'
echo
echo "const struct migration MIGRATIONS[] = {"
n=0
for file in "$top"/state/[0-9][0-9][0-9][0-9]-*.sql; do
	test -f "$file" || die "$top/state: no migrations"
	n=$((n + 1))
	name=$(basename "$file" .sql)
	case $name in
	"$(printf %04d $n)"-*) ;;
	*) die "$file: expected number $n" ;;
	esac
	sql=$(text "$file")
	case $sql in
	*@[A-Z]*@*) die "$file: a placeholder without a list is left" ;;
	esac
	printf '\t{ %d, "%s",\n%s },\n' "$n" "${name#*-}" "$sql"
done
echo "};"
echo
echo "const size_t MIGRATIONS_N = sizeof(MIGRATIONS) / sizeof(MIGRATIONS[0]);"
