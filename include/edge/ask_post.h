/*
 * ask_post.h - the sockets of one channel of c-ares (ares_set_socket_functions):
 * datagrams are sent and received several at a time, where c-ares alone makes
 * a system call for each.  For ask_channel.c.
 *
 * What c-ares sends by UDP stays here until post_flush, and is taken for sent:
 * an error is told with the next thing that is received.
 */
#ifndef EDGE_ASK_POST_H
#define EDGE_ASK_POST_H

#include <stdbool.h>

struct ares_socket_functions;
struct post;

struct post *post_new(void);
void post_free(struct post *p); /* its sockets were closed; NULL does nothing */

/* For ares_set_socket_functions, with the post as user data. */
extern const struct ares_socket_functions post_functions;

/* Sends what is still here. */
void post_flush(struct post *p);

/* Is there something to be received that poll() does not know of?  At which
 * socket, else -1. */
int post_unread(const struct post *p);

#endif
