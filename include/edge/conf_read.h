/*
 * conf_read.h - what the conf*.c files share; for them only.
 */
#ifndef EDGE_CONF_READ_H
#define EDGE_CONF_READ_H

#include "edge/conf_table.h"

struct reader {
	struct conf *conf;
	const char *file;  /* that is being read */
	struct text wrong; /* every mistake, a line each */
	int mistakes;
	int told; /* of them, that stand in `wrong` */
	struct {
		const char *file; /* NULL: not given */
		int line;
	} given[SET_COUNT]; /* of top, alert, timing: where last */
	int profile;
	size_t cap_hosts; /* of conf->hosts */
};

/* FILE:LINE: words; line 0: of the file as a whole.  Long words are cut. */
void conf_wrong(struct reader *r, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* One YAML document into r->conf. */
void conf_read_document(struct reader *r, const char *text, size_t len);

/* Before the first file: what is not set. */
void conf_initial(struct reader *r);
/* After the last: presets, and defaults of what was not given. */
void conf_defaults(struct reader *r);
void conf_contradictions(struct reader *r);

/* One plain value; says what is wrong with it.  index: of the publisher or
 * host it belongs to. */
void conf_value(struct reader *r, const struct setting *s, size_t index,
    const char *value, int line);
/* One element of a list. */
void conf_element(struct reader *r, const struct setting *s, size_t index,
    const char *value, int line);
bool conf_is_list(const struct setting *s);
/* A list of a host was given, perhaps an empty one. */
void conf_list_given(struct reader *r, const struct setting *s, size_t elements,
    int line);

/* The name of a zone as it is kept: lower case, final dot; false: it is none. */
bool conf_zone_name(const char *value, char name[HOST_NAME]);

/* Into *e, when there were mistakes: -1.  Empties r->wrong. */
int conf_tell(struct reader *r, struct err *e);

/* The first name server of a resolv.conf(5), when it is on this machine. */
bool conf_system_resolver(const char *path, struct addr *ret_addr);

#endif
