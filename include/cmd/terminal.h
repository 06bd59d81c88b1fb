/*
 * terminal.h - text for people as a terminal shows it best: no wider than the
 * terminal, and with colour, which never says anything by itself.
 */
#ifndef CMD_TERMINAL_H
#define CMD_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

struct terminal {
	unsigned width; /* columns; 0: none, lines stay as they are */
	bool colour;
};

/*
 * What stands behind a file.  The width of a terminal is COLUMNS where that
 * is a number, else what the terminal says, else 80; never under 40.  Colour:
 * a terminal, TERM not "dumb", NO_COLOR not set to anything.  Anything else
 * than a terminal: neither.
 */
struct terminal terminal_of(FILE *f);

/*
 * Writes text (UTF-8, lines).  A line that is too wide is broken at blanks
 * and goes on under its own beginning, a little further in; a record, and a
 * command after a colon, to be copied from there, are never broken.  The first
 * line of what is wrong ("  ! ...") and the words ok, ATTENTION and CRITICAL
 * at the end of a line have colours.
 */
void terminal_write(const struct terminal *t, const char *text, FILE *out);

#endif
