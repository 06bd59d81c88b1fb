/*
 * conf.c - the config files: read, checked, put together.  Every mistake is
 * told, with its line, in one go; a bad config changes nothing.
 */
#include "edge/conf.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "edge/conf_read.h"

#define CONF_MAX (1024 * 1024)
#define MISTAKES_MAX 50
/* So much of an err is for mistakes; the rest says how many more. */
#define TOLD_MAX (sizeof(((struct err *)NULL)->text) - 64)

void
conf_wrong(struct reader *r, int line, const char *fmt, ...)
{
	char words[600];
	va_list ap;

	r->mistakes++;
	va_start(ap, fmt);
	if (vsnprintf(words, sizeof(words), fmt, ap) >= (int)sizeof(words))
		memcpy(words + sizeof(words) - 4, "...", 4);
	va_end(ap);
	if (r->told >= MISTAKES_MAX || r->told + 1 < r->mistakes ||
	    r->wrong.len + strlen(r->file) + strlen(words) + 16 > TOLD_MAX)
		return;
	r->told++;
	if (r->wrong.len > 0)
		text_add(&r->wrong, "\n");
	if (line > 0)
		text_addf(&r->wrong, "%s:%d: ", r->file, line);
	else
		text_addf(&r->wrong, "%s: ", r->file);
	text_add(&r->wrong, words);
}

int
conf_tell(struct reader *r, struct err *e)
{
	int rc = 0;

	if (r->mistakes > r->told)
		text_addf(&r->wrong, "%sand %d more", r->told > 0 ? "\n" : "",
		    r->mistakes - r->told);
	if (r->mistakes > 0)
		rc = err_set(e, ERR_CONFIG, "%s", text_str(&r->wrong));
	text_release(&r->wrong);
	return rc;
}

/* Who may write it decides what runs as root: file_read_trusted. */
static void
read_file(struct reader *r, const char *path)
{
	struct conf *c = r->conf;
	struct err e;
	size_t len;
	char *text;

	c->files = mem_resize(c->files, c->n_files + 1, sizeof(*c->files));
	c->files[c->n_files++] = mem_dup(path);
	r->file = c->files[c->n_files - 1];
	text = file_read_trusted(path, CONF_MAX, false, &len, &e);
	if (text == NULL) {
		conf_wrong(r, 0, "%s%s",
		    e.text +
			(strncmp(e.text, path, strlen(path)) == 0
				? strlen(path) + 2
				: 0),
		    access(path, F_OK) < 0 && errno == ENOENT
			? "; 'danesafe config example' prints one to begin "
			  "with"
			: "");
		return;
	}
	if (memchr(text, 0, len) != NULL)
		conf_wrong(r, 0, "holds a NUL byte: not a text file");
	else
		conf_read_document(r, text, len);
	free(text);
}

static int
is_yaml(const struct dirent *de)
{
	size_t n = strlen(de->d_name);

	return de->d_name[0] != '.' && n > 5 &&
	    strcmp(de->d_name + n - 5, ".yaml") == 0;
}

static void
read_folder(struct reader *r, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct dirent **list = NULL;
	char folder[1024], file[1280];
	int n, failed;

	text_fmt(folder, sizeof(folder), "%.*sconf.d",
	    slash != NULL ? (int)(slash - path) + 1 : 0, path);
	n = scandir(folder, &list, is_yaml, alphasort);
	failed = errno;
	for (int i = 0; i < n; i++) {
		if (file_join(file, sizeof(file), folder, list[i]->d_name))
			read_file(r, file);
		free(list[i]);
	}
	free(list);
	r->file = r->conf->path;
	if (n < 0 && failed != ENOENT)
		conf_wrong(r, 0, "%s: %s", folder, strerror(failed));
}

static void
finish(struct reader *r)
{
	struct conf *c = r->conf;

	r->file = c->path;
	if (r->mistakes == 0 && c->n_hosts == 0)
		conf_wrong(r, 0,
		    "no hosts; the smallest config is: hosts: { "
		    "mx1.example.org: {} }");
	conf_defaults(r);
	conf_contradictions(r);
}

int
conf_read_part(const char *path, struct conf *ret_conf, struct err *e)
{
	struct reader r = { .conf = ret_conf };

	memset(ret_conf, 0, sizeof(*ret_conf));
	ret_conf->path = mem_dup(path);
	conf_initial(&r);
	read_file(&r, path);
	read_folder(&r, path);
	finish(&r);
	return conf_tell(&r, e);
}

int
conf_read(const char *path, struct conf *ret_conf, struct err *e)
{
	struct conf c;
	int rc = conf_read_part(path, &c, e);

	if (rc < 0)
		conf_release(&c);
	else
		*ret_conf = c;
	return rc;
}

static void
release_host(struct conf_host *h)
{
	for (size_t i = 0; i < h->n_names; i++)
		free(h->names[i]);
	free(h->name);
	free(h->names);
	free(h->services);
	free(h->owners);
	free(h->publisher_name);
	free(h->config_dir);
	free(h->endpoints);
}

void
conf_release(struct conf *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->n_hosts; i++)
		release_host(&c->hosts[i]);
	for (size_t i = 0; i < c->n_publishers; i++) {
		free(c->publishers[i].name);
		free(c->publishers[i].tsig_key);
		for (size_t j = 0; j < c->publishers[i].n_zones; j++)
			free(c->publishers[i].zones[j]);
		free(c->publishers[i].zones);
	}
	for (size_t i = 0; i < c->n_zones; i++)
		free(c->zones[i].name);
	for (size_t i = 0; i < c->n_files; i++)
		free(c->files[i]);
	free(c->zones);
	free(c->hosts);
	free(c->publishers);
	free(c->files);
	free(c->path);
	free(c->state_dir);
	free(c->metrics_file);
	free(c->sendmail);
	for (size_t i = 0; i < c->n_mail_to; i++)
		free(c->mail_to[i]);
	free(c->mail_to);
	for (size_t i = 0; i < c->n_command; i++)
		free(c->command[i]);
	free(c->command);
	memset(c, 0, sizeof(*c));
}

const struct conf_host *
conf_find(const struct conf *c, const char *name)
{
	char lower[HOST_NAME];

	text_fmt(lower, sizeof(lower), "%s", name);
	text_lower(lower);
	for (size_t i = 0; i < c->n_hosts; i++)
		if (strcmp(c->hosts[i].name, lower) == 0)
			return &c->hosts[i];
	return NULL;
}
