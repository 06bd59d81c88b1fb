/*
 * store_summary.c - the summaries of all hosts out of the state file, in one
 * go.  Saving: store_save.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "edge/store_db.h"

/* A text of the row, not copied: good until the next step. */
static const char *
text_at(struct use *u, size_t *ret_size)
{
	int at = u->at++;
	const char *p = (const char *)sqlite3_column_text(u->st, at);

	*ret_size = (size_t)sqlite3_column_bytes(u->st, at) + 1;
	if (p != NULL && strlen(p) + 1 == *ret_size)
		return p;
	u->bad = true;
	*ret_size = 1;
	return "";
}

static void
get_summary(struct use *u, struct summary *sum)
{
	size_t n_host, n_line;
	const char *host = text_at(u, &n_host), *line;

	sum->mark = (uint64_t)get_int(u);
	sum->safe_from = get_when(u);
	sum->cert_until = get_int(u);
	line = text_at(u, &n_line);
	sum->host = mem_new(n_host + n_line);
	memcpy(sum->host, host, n_host);
	sum->line = memcpy(sum->host + n_host, line, n_line);
}

int
store_summaries(struct store *s, struct summary **ret, size_t *ret_n,
    struct err *e)
{
	struct summary *v = NULL;
	size_t n = 0, cap = 0;
	struct use u;
	int rc;

	if (db_use(s, SQL_SUMMARIES, &u, e) != 0)
		return -1;
	while ((rc = db_step(s, &u, e)) == 1) {
		v = mem_room(v, n, &cap, sizeof(*v));
		get_summary(&u, &v[n++]);
	}
	if (rc != 0) {
		summaries_free(v, n);
		return -1;
	}
	*ret = v;
	*ret_n = n;
	return 0;
}

void
summaries_free(struct summary *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(v[i].host);
	free(v);
}
