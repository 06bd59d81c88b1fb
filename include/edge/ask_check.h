/*
 * ask_check.h - does this answer that question?  For ask_line.c.
 */
#ifndef EDGE_ASK_CHECK_H
#define EDGE_ASK_CHECK_H

#include "edge/ask.h"

/* NULL when it does; else why not. */
const char *ask_not_an_answer(const struct question *q, const uint8_t *p,
    size_t len);

#endif
