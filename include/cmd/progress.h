/*
 * progress.h - a line on the terminal while a look takes long.
 */
#ifndef CMD_PROGRESS_H
#define CMD_PROGRESS_H

/* Nothing unless standard error is a terminal that can erase a line, and
 * unless -q was given; nothing in the first second of the program's looks. */
void progress_begin(void);
/* Erases it.  To be called before anything else is said. */
void progress_end(void);

#endif
