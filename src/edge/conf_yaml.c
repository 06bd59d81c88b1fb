/*
 * conf_yaml.c - a YAML tree into settings: knows maps, lists and lines, not
 * what a setting means.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "edge/conf_read.h"
#include "edge/conf_tree.h"

/* "_65535._tcp." fits before it. */
#define HOST_LONGEST 240

#define NAME_LETTERS                 \
	"abcdefghijklmnopqrstuvwxyz" \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

static size_t
first_in(const struct tree *t, const struct node *n)
{
	return (size_t)(n - t->node) + 1;
}

/* A text that is safe to show and holds no NUL; else says so. */
static bool
is_text(struct reader *r, const struct node *n, const char *what)
{
	const char *v;

	if (n->kind != NODE_VALUE) {
		conf_wrong(r, n->line, "%s: a plain value is needed", what);
		return false;
	}
	v = n->value;
	for (size_t i = 0; i < n->len; i++)
		if ((unsigned char)v[i] < 0x20 || (unsigned char)v[i] > 0x7e) {
			conf_wrong(r, n->line,
			    "%s: only plain ASCII can "
			    "stand here%s",
			    what,
			    (unsigned char)v[i] > 0x7e
				? "; names in A-label form (xn--...)"
				: "");
			return false;
		}
	return true;
}

static const char *
where(enum part part)
{
	static const char *const words[] = { "the config", "alert", "timing",
		"a publisher", "a zone", "a host" };

	return words[part];
}

static const struct setting *
find(struct reader *r, enum part part, const struct node *key)
{
	const struct setting *s = setting_find(part, key->value);
	char shown[80], names[300];
	const char *near;

	if (s != NULL)
		return s;
	text_show(key->value, key->len, shown, sizeof(shown));
	near = setting_nearest(part, key->value);
	if (near != NULL)
		conf_wrong(r, key->line,
		    "unknown setting '%s' in %s; did "
		    "you mean '%s'?",
		    shown, where(part), near);
	else
		conf_wrong(r, key->line,
		    "unknown setting '%s' in %s; "
		    "there are: %s",
		    shown, where(part),
		    setting_names(part, names, sizeof(names)));
	return NULL;
}

static void
take_list(struct reader *r, const struct tree *t, const struct setting *s,
    size_t index, const struct node *n)
{
	size_t elements = 0;

	if (n->kind != NODE_LIST) {
		conf_wrong(r, n->line,
		    "%s: a list is needed, such as "
		    "[a, b]",
		    s->name);
		return;
	}
	for (size_t i = first_in(t, n); i < n->end;
	     i = t->node[i].end, elements++) {
		const struct node *v = &t->node[i];

		if (is_text(r, v, s->name))
			conf_element(r, s, index, v->value, v->line);
	}
	conf_list_given(r, s, elements, n->line);
}

/* "mx1.example.org:" with nothing behind it: all defaults. */
static bool
is_nothing(const struct node *n)
{
	return n->kind == NODE_VALUE && n->len == 0 && n->plain;
}

static void take_map(struct reader *r, const struct tree *t, enum part part,
    size_t index, const struct node *n, const char *what);

static size_t
new_publisher(struct reader *r, const struct node *key)
{
	struct conf *c = r->conf;

	for (size_t i = 0; i < c->n_publishers; i++)
		if (strcmp(c->publishers[i].name, key->value) == 0)
			conf_wrong(r, key->line,
			    "publisher '%s' stands at "
			    "%s:%d already",
			    key->value, c->publishers[i].file,
			    c->publishers[i].line);
	if (strspn(key->value, NAME_LETTERS) != key->len || key->len == 0 ||
	    key->len > 63)
		conf_wrong(r, key->line,
		    "publisher '%.63s': a name has "
		    "letters, digits, '-', '_' and '.', 63 at most",
		    key->value);
	if (strcmp(key->value, "manual") == 0)
		conf_wrong(r, key->line,
		    "'manual' is always there; give "
		    "the publisher another name");
	c->publishers = mem_resize(c->publishers, c->n_publishers + 1,
	    sizeof(*c->publishers));
	memset(&c->publishers[c->n_publishers], 0, sizeof(*c->publishers));
	c->publishers[c->n_publishers].name = mem_dup(key->value);
	c->publishers[c->n_publishers].file = r->file;
	c->publishers[c->n_publishers].line = key->line;
	return c->n_publishers++;
}

static size_t
new_host(struct reader *r, const struct node *key)
{
	struct conf *c = r->conf;
	struct conf_host *h;
	char shown[80];

	if (!text_is_host(key->value) || strlen(key->value) > HOST_LONGEST)
		conf_wrong(r, key->line,
		    "'%s' is not a host name of two "
		    "labels or more, %d letters at most",
		    text_show(key->value, key->len, shown, sizeof(shown)),
		    HOST_LONGEST);
	c->hosts = mem_room(c->hosts, c->n_hosts, &r->cap_hosts,
	    sizeof(*c->hosts));
	h = &c->hosts[c->n_hosts];
	h->name = text_lower(mem_dup(key->value));
	h->file = r->file;
	h->line = key->line;
	h->standby = true;
	h->tlsa_ttl = 3600;
	return c->n_hosts++;
}

static size_t
new_zone(struct reader *r, const struct node *key)
{
	struct conf *c = r->conf;
	char name[HOST_NAME] = "";
	struct conf_zone *z;

	if (!conf_zone_name(key->value, name))
		conf_wrong(r, key->line, "zones: '%.80s' is not a zone's name",
		    key->value);
	for (size_t i = 0; i < c->n_zones; i++)
		if (strcmp(c->zones[i].name, name) == 0)
			conf_wrong(r, key->line,
			    "zone '%.80s' stands at %s:%d already", key->value,
			    c->zones[i].file, c->zones[i].line);
	c->zones = mem_resize(c->zones, c->n_zones + 1, sizeof(*c->zones));
	z = &c->zones[c->n_zones];
	*z = (struct conf_zone){ .name = mem_dup(name),
		.file = r->file,
		.line = key->line };
	return c->n_zones++;
}

static size_t
new_named(struct reader *r, enum part part, const struct node *key)
{
	if (part == PART_HOST)
		return new_host(r, key);
	return part == PART_ZONE ? new_zone(r, key) : new_publisher(r, key);
}

/* "publishers", "zones" and "hosts": names that people chose, each with a map. */
static void
take_named(struct reader *r, const struct tree *t, enum part part,
    const struct node *n, const char *what)
{
	const struct node *key, *value;

	if (is_nothing(n))
		return;
	if (n->kind != NODE_MAP) {
		conf_wrong(r, n->line,
		    "%s: a map of names is needed, each "
		    "with its settings",
		    what);
		return;
	}
	for (size_t i = first_in(t, n); i < n->end; i = value->end) {
		size_t index;

		key = &t->node[i];
		value = &t->node[key->end];
		if (!is_text(r, key, what))
			continue;
		index = new_named(r, part, key);
		take_map(r, t, part, index, value, key->value);
	}
}

static void
take_setting(struct reader *r, const struct tree *t, const struct setting *s,
    size_t index, const struct node *n)
{
	switch ((int)s->id) {
	case SET_MAP_ALERT:
		take_map(r, t, PART_ALERT, 0, n, s->name);
		return;
	case SET_MAP_TIMING:
		take_map(r, t, PART_TIMING, 0, n, s->name);
		return;
	case SET_MAP_PUBLISHERS:
		take_named(r, t, PART_PUBLISHER, n, s->name);
		return;
	case SET_MAP_ZONES:
		take_named(r, t, PART_ZONE, n, s->name);
		return;
	case SET_MAP_HOSTS:
		take_named(r, t, PART_HOST, n, s->name);
		return;
	default:
		break;
	}
	if (conf_is_list(s))
		take_list(r, t, s, index, n);
	else if (is_text(r, n, s->name))
		conf_value(r, s, index, n->value, n->line);
}

/* Maps of settings may be spread over files, one setting may not. */
static bool
is_given(struct reader *r, const struct setting *s, const struct node *key,
    const int seen[SET_COUNT])
{
	const char *file = r->file;
	int line = seen[s->id];

	if (line == 0 && s->help != NULL && s->part < PART_PUBLISHER &&
	    r->given[s->id].file != NULL) {
		file = r->given[s->id].file;
		line = r->given[s->id].line;
	}
	if (line == 0)
		return false;
	conf_wrong(r, key->line,
	    "'%s' is given twice; it stands at "
	    "%.200s:%d already",
	    s->name, file, line);
	return true;
}

static void
take_map(struct reader *r, const struct tree *t, enum part part, size_t index,
    const struct node *n, const char *what)
{
	int seen[SET_COUNT] = { 0 }; /* the line where */
	const struct node *key, *value;

	if (is_nothing(n))
		return;
	if (n->kind != NODE_MAP) {
		conf_wrong(r, n->line, "%s: a map of settings is needed", what);
		return;
	}
	for (size_t i = first_in(t, n); i < n->end; i = value->end) {
		const struct setting *s;

		key = &t->node[i];
		value = &t->node[key->end];
		if (!is_text(r, key, what))
			continue;
		s = find(r, part, key);
		if (s == NULL)
			continue;
		if (is_given(r, s, key, seen))
			continue;
		seen[s->id] = r->given[s->id].line = key->line;
		r->given[s->id].file = r->file;
		take_setting(r, t, s, index, value);
	}
}

void
conf_read_document(struct reader *r, const char *text, size_t len)
{
	struct tree_fault fault;
	struct tree t;

	if (tree_read(text, len, &t, &fault) < 0)
		conf_wrong(r, fault.line, "%s", fault.why);
	else if (t.n == 0)
		conf_wrong(r, 0,
		    "is empty; the smallest config is: "
		    "hosts: { mx1.example.org: {} }");
	else
		take_map(r, &t, PART_TOP, 0, &t.node[0], "the config");
	tree_release(&t);
}
