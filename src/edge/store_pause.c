/*
 * store_pause.c - the hosts whose steps are frozen by hand.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "edge/store_db.h"

int
store_pauses(struct store *s, struct pause **ret, size_t *ret_n, struct err *e)
{
	struct pause *all = NULL, *p;
	size_t n = 0, cap = 0;
	struct use u;
	int rc;

	if (db_use(s, SQL_PAUSES, &u, e) != 0)
		return -1;
	while ((rc = db_step(s, &u, e)) == 1) {
		all = mem_room(all, n, &cap, sizeof(*all));
		p = &all[n++];
		get_text(&u, p->host, sizeof(p->host));
		p->since = get_int(&u);
		p->until = get_int(&u);
		get_text(&u, p->actor, sizeof(p->actor));
		get_text(&u, p->reason, sizeof(p->reason));
	}
	if (rc != 0) {
		free(all);
		return -1;
	}
	*ret = all;
	*ret_n = n;
	return 0;
}

static int
save(struct store *s, const struct pause *p, struct err *e)
{
	struct use u;

	if (db_use(s, SQL_PAUSE_SAVE, &u, e) != 0)
		return -1;
	put_text(&u, p->host);
	put_int(&u, p->since);
	put_int(&u, p->until);
	put_text(&u, p->actor);
	put_text(&u, p->reason);
	return db_run(s, &u, e);
}

static int
drop(struct store *s, const char *host, struct err *e)
{
	struct use u;

	if (db_use(s, SQL_PAUSE_DROP, &u, e) != 0)
		return -1;
	put_text(&u, host);
	return db_run(s, &u, e);
}

int
store_pause(struct store *s, const struct pause *p, const struct entry *en,
    struct err *e)
{
	int rc;

	if (db_begin(s, e) != 0)
		return -1;
	rc = p->until != 0 ? save(s, p, e) : drop(s, p->host, e);
	if (rc == 0)
		rc = store_put_entry(s, en, NULL, e);
	return db_end(s, rc, e);
}
