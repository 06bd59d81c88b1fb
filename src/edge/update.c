/*
 * update.c - changes to what the primary holds: one signed message there over
 * TCP, one back.  Only a signed NOERROR is success; whatever else happened,
 * the next look decides.
 */
#include "edge/update.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "edge/tcp.h"
#include "edge/update_msg.h"

/*
 * Sends, receives, checks.  0 with the answer open; *ret_reply holds its
 * bytes.  Once it is sent, no failure tells what became of it.
 */
static int
exchange(const struct addr *server, const struct tsig_key *key,
    const struct update_sent *sent, int64_t deadline, uint8_t **ret_reply,
    struct wire_msg *ret_msg, struct err *e)
{
	struct clock_reading now;
	bool gone = false;
	char at[ADDR_TEXT];
	size_t len;
	int rc;

	rc = tcp_exchange(server, sent->wire, sent->len, deadline, ret_reply,
	    &len, &gone, e);
	if (rc < 0 && gone)
		e->kind = ERR_TEMP;
	if (rc == 0) {
		clock_read(&now);
		rc = update_check(*ret_reply, len, sent, key, now.wall, ret_msg,
		    e);
		if (rc < 0)
			err_prefix(e, "%s", addr_str(server, at));
	}
	if (rc < 0 && gone && e->kind == ERR_TEMP)
		err_prefix(e, "the outcome is not known");
	return rc;
}

void
primary_set_release(struct primary_set *p)
{
	if (p == NULL)
		return;
	free(p->wire);
	memset(p, 0, sizeof(*p));
}

int
update_send(const struct addr *server, const struct tsig_key *key,
    const char *zone, const char *owner, const struct primary_set *was,
    uint32_t ttl, const struct tlsa *add, size_t n_add,
    const struct tlsa *remove, size_t n_remove, int64_t deadline, struct err *e)
{
	struct update_sent sent = { .wire = NULL };
	uint8_t *reply = NULL;
	char at[ADDR_TEXT];
	struct wire_msg m;
	int rc = -1;

	if (update_change(zone, owner, was, ttl, add, n_add, remove, n_remove,
		key, &sent, e) < 0 ||
	    exchange(server, key, &sent, deadline, &reply, &m, e) < 0)
		goto out;
	rc = update_outcome(m.rcode, e);
	if (rc < 0)
		err_prefix(e, "%s", addr_str(server, at));
	wire_release(&m);
out:
	free(reply);
	update_sent_release(&sent);
	return rc;
}
