/*
 * conf_yaml.c - YAML (libyaml) into settings: knows maps, lists and lines,
 * not what a setting means.
 */
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/mem.h"
#include "edge/conf_read.h"

#define DEPTH_MAX 8
/* "_65535._tcp." fits before it. */
#define HOST_LONGEST 240

#define NAME_LETTERS                 \
	"abcdefghijklmnopqrstuvwxyz" \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

static int
line_of(const yaml_node_t *n)
{
	return (int)n->start_mark.line + 1;
}

static const char *
scalar(const yaml_node_t *n)
{
	return (const char *)n->data.scalar.value;
}

/* A text that is safe to show and holds no NUL; else says so. */
static bool
is_text(struct reader *r, const yaml_node_t *n, const char *what)
{
	const char *v;

	if (n->type != YAML_SCALAR_NODE) {
		conf_wrong(r, line_of(n), "%s: a plain value is needed", what);
		return false;
	}
	v = scalar(n);
	for (size_t i = 0; i < n->data.scalar.length; i++)
		if ((unsigned char)v[i] < 0x20 || (unsigned char)v[i] > 0x7e) {
			conf_wrong(r, line_of(n),
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
		"a publisher", "a host" };

	return words[part];
}

static const struct setting *
find(struct reader *r, enum part part, const yaml_node_t *key)
{
	const struct setting *s = setting_find(part, scalar(key));
	char shown[80], names[300];
	const char *near;

	if (s != NULL)
		return s;
	text_show(scalar(key), key->data.scalar.length, shown, sizeof(shown));
	near = setting_nearest(part, scalar(key));
	if (near != NULL)
		conf_wrong(r, line_of(key),
		    "unknown setting '%s' in %s; did "
		    "you mean '%s'?",
		    shown, where(part), near);
	else
		conf_wrong(r, line_of(key),
		    "unknown setting '%s' in %s; "
		    "there are: %s",
		    shown, where(part),
		    setting_names(part, names, sizeof(names)));
	return NULL;
}

static void
take_list(struct reader *r, yaml_document_t *doc, const struct setting *s,
    size_t index, const yaml_node_t *n)
{
	const yaml_node_item_t *i;
	size_t elements = 0;

	if (n->type != YAML_SEQUENCE_NODE) {
		conf_wrong(r, line_of(n),
		    "%s: a list is needed, such as "
		    "[a, b]",
		    s->name);
		return;
	}
	for (i = n->data.sequence.items.start; i < n->data.sequence.items.top;
	     i++, elements++) {
		const yaml_node_t *v = yaml_document_get_node(doc, *i);

		if (is_text(r, v, s->name))
			conf_element(r, s, index, scalar(v), line_of(v));
	}
	conf_list_given(r, s, elements, line_of(n));
}

/* "mx1.example.org:" with nothing behind it: all defaults. */
static bool
is_nothing(const yaml_node_t *n)
{
	return n->type == YAML_SCALAR_NODE && n->data.scalar.length == 0 &&
	    n->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

static void take_map(struct reader *r, yaml_document_t *doc, enum part part,
    size_t index, const yaml_node_t *n, const char *what);

static size_t
new_publisher(struct reader *r, const yaml_node_t *key)
{
	struct conf *c = r->conf;

	for (size_t i = 0; i < c->n_publishers; i++)
		if (strcmp(c->publishers[i].name, scalar(key)) == 0)
			conf_wrong(r, line_of(key),
			    "publisher '%s' stands at "
			    "%s:%d already",
			    scalar(key), c->publishers[i].file,
			    c->publishers[i].line);
	if (strspn(scalar(key), NAME_LETTERS) != key->data.scalar.length ||
	    key->data.scalar.length == 0 || key->data.scalar.length > 63)
		conf_wrong(r, line_of(key),
		    "publisher '%.63s': a name has "
		    "letters, digits, '-', '_' and '.', 63 at most",
		    scalar(key));
	if (strcmp(scalar(key), "manual") == 0)
		conf_wrong(r, line_of(key),
		    "'manual' is always there; give "
		    "the publisher another name");
	c->publishers = mem_resize(c->publishers, c->n_publishers + 1,
	    sizeof(*c->publishers));
	memset(&c->publishers[c->n_publishers], 0, sizeof(*c->publishers));
	c->publishers[c->n_publishers].name = mem_dup(scalar(key));
	c->publishers[c->n_publishers].file = r->file;
	c->publishers[c->n_publishers].line = line_of(key);
	return c->n_publishers++;
}

static size_t
new_host(struct reader *r, const yaml_node_t *key)
{
	struct conf *c = r->conf;
	struct conf_host *h;
	char shown[80];

	if (!text_is_host(scalar(key)) || strlen(scalar(key)) > HOST_LONGEST)
		conf_wrong(r, line_of(key),
		    "'%s' is not a host name of two "
		    "labels or more, %d letters at most",
		    text_show(scalar(key), key->data.scalar.length, shown,
			sizeof(shown)),
		    HOST_LONGEST);
	c->hosts = mem_resize(c->hosts, c->n_hosts + 1, sizeof(*c->hosts));
	h = &c->hosts[c->n_hosts];
	memset(h, 0, sizeof(*h));
	h->name = text_lower(mem_dup(scalar(key)));
	h->file = r->file;
	h->line = line_of(key);
	h->standby = true;
	h->tlsa_ttl = 3600;
	return c->n_hosts++;
}

/* "publishers" and "hosts": names that people chose, each with a map. */
static void
take_named(struct reader *r, yaml_document_t *doc, enum part part,
    const yaml_node_t *n, const char *what)
{
	const yaml_node_pair_t *i;

	if (is_nothing(n))
		return;
	if (n->type != YAML_MAPPING_NODE) {
		conf_wrong(r, line_of(n),
		    "%s: a map of names is needed, each "
		    "with its settings",
		    what);
		return;
	}
	for (i = n->data.mapping.pairs.start; i < n->data.mapping.pairs.top;
	     i++) {
		const yaml_node_t *key = yaml_document_get_node(doc, i->key);
		size_t index;

		if (!is_text(r, key, what))
			continue;
		index = part == PART_HOST ? new_host(r, key)
					  : new_publisher(r, key);
		take_map(r, doc, part, index,
		    yaml_document_get_node(doc, i->value), scalar(key));
	}
}

static void
take_setting(struct reader *r, yaml_document_t *doc, const struct setting *s,
    size_t index, const yaml_node_t *n)
{
	switch ((int)s->id) {
	case SET_MAP_ALERT:
		take_map(r, doc, PART_ALERT, 0, n, s->name);
		return;
	case SET_MAP_TIMING:
		take_map(r, doc, PART_TIMING, 0, n, s->name);
		return;
	case SET_MAP_PUBLISHERS:
		take_named(r, doc, PART_PUBLISHER, n, s->name);
		return;
	case SET_MAP_HOSTS:
		take_named(r, doc, PART_HOST, n, s->name);
		return;
	default:
		break;
	}
	if (conf_is_list(s))
		take_list(r, doc, s, index, n);
	else if (is_text(r, n, s->name))
		conf_value(r, s, index, scalar(n), line_of(n));
}

/* Maps of settings may be spread over files, one setting may not. */
static bool
is_given(struct reader *r, const struct setting *s, const yaml_node_t *key,
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
	conf_wrong(r, line_of(key),
	    "'%s' is given twice; it stands at "
	    "%.200s:%d already",
	    s->name, file, line);
	return true;
}

static void
take_map(struct reader *r, yaml_document_t *doc, enum part part, size_t index,
    const yaml_node_t *n, const char *what)
{
	int seen[SET_COUNT] = { 0 }; /* the line where */
	const yaml_node_pair_t *i;

	if (is_nothing(n))
		return;
	if (n->type != YAML_MAPPING_NODE) {
		conf_wrong(r, line_of(n), "%s: a map of settings is needed",
		    what);
		return;
	}
	for (i = n->data.mapping.pairs.start; i < n->data.mapping.pairs.top;
	     i++) {
		const yaml_node_t *key = yaml_document_get_node(doc, i->key);
		const struct setting *s;

		if (!is_text(r, key, what))
			continue;
		s = find(r, part, key);
		if (s == NULL)
			continue;
		if (is_given(r, s, key, seen))
			continue;
		seen[s->id] = r->given[s->id].line = line_of(key);
		r->given[s->id].file = r->file;
		take_setting(r, doc, s, index,
		    yaml_document_get_node(doc, i->value));
	}
}

/* Both parses read UTF-8, whatever the first bytes look like; a byte order
 * mark is skipped. */
static void
begin(struct reader *r, yaml_parser_t *p, const char *text, size_t len)
{
	if (!yaml_parser_initialize(p)) {
		conf_wrong(r, 0, "not enough memory to read it");
		memset(p, 0, sizeof(*p));
		return;
	}
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		len -= 3;
	}
	yaml_parser_set_encoding(p, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(p, (const unsigned char *)text, len);
}

/* Bytes that are no text have an offset for a place, not a line. */
static void
not_yaml(struct reader *r, const yaml_parser_t *p, const char *text, size_t len)
{
	const char *why = p->problem != NULL ? p->problem : "not YAML";
	int line = (int)p->problem_mark.line + 1;

	if (p->error == YAML_READER_ERROR) {
		line = 1;
		for (size_t i = 0; i < p->problem_offset && i < len; i++)
			line += text[i] == '\n';
	}
	conf_wrong(r, line, "%s%s%s; see danesafe.yaml(5)",
	    p->context != NULL ? p->context : "",
	    p->context != NULL ? ", " : "", why);
}

static bool
is_opening(const yaml_event_t *ev)
{
	return ev->type == YAML_MAPPING_START_EVENT ||
	    ev->type == YAML_SEQUENCE_START_EVENT;
}

static bool
is_closing(const yaml_event_t *ev)
{
	return ev->type == YAML_MAPPING_END_EVENT ||
	    ev->type == YAML_SEQUENCE_END_EVENT;
}

static bool
is_fancy(const yaml_event_t *ev)
{
	switch ((int)ev->type) {
	case YAML_ALIAS_EVENT:
		return true;
	case YAML_SCALAR_EVENT:
		return ev->data.scalar.anchor != NULL ||
		    ev->data.scalar.tag != NULL;
	case YAML_SEQUENCE_START_EVENT:
		return ev->data.sequence_start.anchor != NULL ||
		    ev->data.sequence_start.tag != NULL;
	case YAML_MAPPING_START_EVENT:
		return ev->data.mapping_start.anchor != NULL ||
		    ev->data.mapping_start.tag != NULL;
	default:
		return false;
	}
}

/* What must not stand in a config although it is YAML; NULL: nothing. */
static const char *
refused(const yaml_event_t *ev, int *depth, int *documents)
{
	if (is_opening(ev))
		(*depth)++;
	if (is_closing(ev))
		(*depth)--;
	if (is_fancy(ev))
		return "anchors (&), aliases (*) and tags (!) cannot be used "
		       "here; write it out, or quote the text";
	if (ev->type == YAML_DOCUMENT_START_EVENT && ++*documents > 1)
		return "a second document (---); one a file";
	if (*depth > DEPTH_MAX)
		return "nested too deeply";
	return NULL;
}

/* Anchors, aliases and tags are looked for among the events: a document that
 * is loaded does not show them any more.  Depth is bounded here too. */
static bool
is_plain(struct reader *r, const char *text, size_t len)
{
	int depth = 0, documents = 0;
	const char *why = NULL;
	bool good = true, end = false;
	yaml_parser_t p;
	yaml_event_t ev;

	begin(r, &p, text, len);
	while (good && !end) {
		if (!yaml_parser_parse(&p, &ev)) {
			not_yaml(r, &p, text, len);
			good = false;
			break;
		}
		why = refused(&ev, &depth, &documents);
		if (why != NULL)
			conf_wrong(r, (int)ev.start_mark.line + 1, "%s", why);
		good = why == NULL;
		end = ev.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&ev);
	}
	yaml_parser_delete(&p);
	return good;
}

void
conf_read_document(struct reader *r, const char *text, size_t len)
{
	yaml_parser_t p;
	yaml_document_t doc;
	const yaml_node_t *root;

	if (!is_plain(r, text, len))
		return;
	begin(r, &p, text, len);
	if (!yaml_parser_load(&p, &doc))
		not_yaml(r, &p, text, len);
	else {
		root = yaml_document_get_root_node(&doc);
		if (root == NULL)
			conf_wrong(r, 0,
			    "is empty; the smallest config is: "
			    "hosts: { mx1.example.org: {} }");
		else
			take_map(r, &doc, PART_TOP, 0, root, "the config");
		yaml_document_delete(&doc);
	}
	yaml_parser_delete(&p);
}
