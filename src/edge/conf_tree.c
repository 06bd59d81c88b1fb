/*
 * conf_tree.c - YAML (libyaml) into a tree, in one go over its events.  Knows
 * nothing of settings.
 */
#include "edge/conf_tree.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/mem.h"
#include "base/text.h"

#define DEPTH_MAX 8

/* How far the events have come. */
struct growth {
	struct tree *t;
	size_t open[DEPTH_MAX + 1]; /* the nodes that have no end yet */
	int depth, documents;
};

/* UTF-8, whatever the first bytes look like; a byte order mark is skipped. */
static int
begin(yaml_parser_t *p, const char *text, size_t len, struct tree_fault *fault)
{
	if (!yaml_parser_initialize(p)) {
		*fault = (struct tree_fault){ 0,
			"not enough memory to read "
			"it" };
		return -1;
	}
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		len -= 3;
	}
	yaml_parser_set_encoding(p, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(p, (const unsigned char *)text, len);
	return 0;
}

/* Bytes that are no text have an offset for a place, not a line. */
static void
not_yaml(const yaml_parser_t *p, const char *text, size_t len,
    struct tree_fault *fault)
{
	const char *why = p->problem != NULL ? p->problem : "not YAML";

	fault->line = (int)p->problem_mark.line + 1;
	if (p->error == YAML_READER_ERROR) {
		fault->line = 1;
		for (size_t i = 0; i < p->problem_offset && i < len; i++)
			fault->line += text[i] == '\n';
	}
	text_fmt(fault->why, sizeof(fault->why), "%s%s%s; see danesafe.yaml(5)",
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
refused(const yaml_event_t *ev, struct growth *g)
{
	if (is_fancy(ev))
		return "anchors (&), aliases (*) and tags (!) cannot be used "
		       "here; write it out, or quote the text";
	if (ev->type == YAML_DOCUMENT_START_EVENT && ++g->documents > 1)
		return "a second document (---); one a file";
	if (is_opening(ev) && g->depth == DEPTH_MAX)
		return "nested too deeply";
	return NULL;
}

/* The bytes may still move: where they begin, for now. */
static size_t
keep(struct tree *t, const void *value, size_t len)
{
	size_t at = t->n_bytes;

	while (t->cap_bytes - at < len + 1) {
		t->cap_bytes = t->cap_bytes > 0 ? 2 * t->cap_bytes : 4096;
		t->bytes = mem_resize(t->bytes, t->cap_bytes, 1);
	}
	memcpy(t->bytes + at, value, len);
	t->bytes[at + len] = 0;
	t->n_bytes += len + 1;
	return at;
}

static void
grow(struct growth *g, const yaml_event_t *ev)
{
	struct tree *t = g->t;
	struct node *n;

	if (is_closing(ev)) {
		t->node[g->open[--g->depth]].end = t->n;
		return;
	}
	if (!is_opening(ev) && ev->type != YAML_SCALAR_EVENT)
		return;
	t->node = mem_room(t->node, t->n, &t->cap, sizeof(*t->node));
	n = &t->node[t->n];
	n->line = (int)ev->start_mark.line + 1;
	n->kind = ev->type == YAML_MAPPING_START_EVENT ? NODE_MAP
	    : ev->type == YAML_SCALAR_EVENT	       ? NODE_VALUE
						       : NODE_LIST;
	if (is_opening(ev))
		g->open[g->depth++] = t->n;
	else {
		n->len = ev->data.scalar.length;
		n->plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
		keep(t, ev->data.scalar.value, n->len);
	}
	t->n++;
	n->end = t->n;
}

/* Once all bytes are there. */
static void
set_values(struct tree *t)
{
	const char *at = t->bytes;

	for (size_t i = 0; i < t->n; i++)
		if (t->node[i].kind == NODE_VALUE) {
			t->node[i].value = at;
			at += t->node[i].len + 1;
		}
}

int
tree_read(const char *text, size_t len, struct tree *ret,
    struct tree_fault *fault)
{
	struct growth g = { .t = ret };
	const char *why = NULL;
	bool end = false;
	yaml_parser_t p;
	yaml_event_t ev;
	int rc = 0;

	*ret = (struct tree){ .node = NULL };
	if (begin(&p, text, len, fault) < 0)
		return -1;
	while (rc == 0 && !end) {
		if (!yaml_parser_parse(&p, &ev)) {
			not_yaml(&p, text, len, fault);
			rc = -1;
			break;
		}
		why = refused(&ev, &g);
		if (why == NULL)
			grow(&g, &ev);
		else {
			fault->line = (int)ev.start_mark.line + 1;
			text_fmt(fault->why, sizeof(fault->why), "%s", why);
			rc = -1;
		}
		end = ev.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&ev);
	}
	yaml_parser_delete(&p);
	set_values(ret);
	return rc;
}

void
tree_release(struct tree *t)
{
	free(t->node);
	free(t->bytes);
	*t = (struct tree){ .node = NULL };
}
