/*
 * mem.h - memory that is there, or the program ends.
 *
 * No memory is not an error anybody can handle half-way through a step: the
 * program says so on standard error and exits 70; the next pass goes on from
 * the journal.  Nothing here returns NULL.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

void *mem_new(size_t size);		/* zeroed; free() */
void *mem_array(size_t n, size_t size); /* zeroed; overflow ends */
void *mem_resize(void *p, size_t n, size_t size);
char *mem_dup(const char *s);		   /* NULL gives NULL */
void *mem_copy(const void *p, size_t len); /* len 0: one byte */
char *mem_fmt(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Room for one more element at the end of an array `p` of *cap elements of
 * which n are used; returns the array (perhaps moved), the new element zeroed.
 */
void *mem_room(void *p, size_t n, size_t *cap, size_t size);

/* Gives what was freed back to the system: after much was, before much is
 * needed. */
void mem_trim(void);

#endif
