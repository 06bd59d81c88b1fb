/*
 * conf_tree.h - a YAML document as a tree, each node with its line.  Only what
 * a config needs of YAML: maps, lists and values, one document, no anchors,
 * aliases or tags.
 */
#ifndef EDGE_CONF_TREE_H
#define EDGE_CONF_TREE_H

#include <stdbool.h>
#include <stddef.h>

enum node_kind { NODE_VALUE, NODE_LIST, NODE_MAP };

/*
 * Nodes stand in the order of the text, each before those in it: the first one
 * in nodes[i] is i + 1, the one after nodes[j] is nodes[j].end, until that is
 * nodes[i].end.  In a map keys and values take turns.
 */
struct node {
	enum node_kind kind;
	int line;
	size_t end;
	const char
	    *value; /* NODE_VALUE; a NUL behind it, perhaps others in it */
	size_t len;
	bool plain; /* not quoted */
};

struct tree {
	struct node *node; /* n 0: an empty document */
	size_t n, cap;
	char *bytes; /* of all values */
	size_t n_bytes, cap_bytes;
};

/* Why it cannot be read: the line (0: none), and words. */
struct tree_fault {
	int line;
	char why[300];
};

/* 0, or -1 with what is wrong.  tree_release it in both cases. */
int tree_read(const char *text, size_t len, struct tree *ret,
    struct tree_fault *fault);
void tree_release(struct tree *t);

#endif
