/*
 * conf_world.c - what the config names outside of itself: TSIG keys, Postfix
 * instances, the resolver.  Looks only.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "edge/conf_read.h"
#include "edge/resolv.h"

static void
check_tsig(struct reader *r, const struct conf_publisher *p)
{
	struct tsig_key k;
	struct err e;

	if (p->method != PUBLISH_NSUPDATE)
		return;
	r->file = p->file;
	if (conf_tsig(p->tsig_key, &k, &e) < 0)
		conf_wrong(r, p->line, "publisher '%s': %s", p->name, e.text);
	explicit_bzero(&k, sizeof(k));
}

/* The same folder by another name is the same folder. */
static void
check_alone(struct reader *r, size_t index, const struct stat *st)
{
	const struct conf_host *h = &r->conf->hosts[index], *o;
	struct stat other;

	for (o = r->conf->hosts; o < h; o++)
		if (stat(o->config_dir, &other) == 0 &&
		    other.st_dev == st->st_dev && other.st_ino == st->st_ino)
			conf_wrong(r, h->line,
			    "%s and %s would both write to "
			    "%s, which is also %s",
			    o->name, h->name, h->config_dir, o->config_dir);
}

static void
check_host(struct reader *r, size_t index)
{
	const struct conf_host *h = &r->conf->hosts[index];
	struct stat st;
	char path[1024];

	r->file = h->file;
	if (stat(h->config_dir, &st) < 0) {
		conf_wrong(r, h->line, "%s: config-dir %s: %s", h->name,
		    h->config_dir, strerror(errno));
		return;
	}
	check_alone(r, index, &st);
	if (!file_join(path, sizeof(path), h->config_dir, "main.cf") ||
	    access(path, R_OK) < 0)
		conf_wrong(r, h->line,
		    "%s: %s: %s; config-dir names the "
		    "folder of a Postfix instance",
		    h->name, path, strerror(errno));
}

/* Only the first counts: the others may be asked, and may not validate. */
bool
conf_system_resolver(const char *path, struct addr *ret_addr)
{
	struct addr a;

	if (!resolv_first(path, &a) || !addr_is_loopback(&a))
		return false;
	*ret_addr = a;
	return true;
}

static void
check_resolver(struct reader *r)
{
	struct conf *c = r->conf;

	if (!c->has_resolver)
		c->has_resolver = conf_system_resolver("/etc/resolv.conf",
		    &c->resolver);
	r->file = c->path;
	if (!c->has_resolver)
		conf_wrong(r, 0,
		    "resolver: not set, and the system's is not on "
		    "this machine; name a validating resolver on a trusted "
		    "path, such as: resolver: 127.0.0.1");
}

int
conf_check_world(struct conf *c, struct err *e)
{
	struct reader r = { .conf = c };

	check_resolver(&r);
	for (size_t i = 0; i < c->n_publishers; i++)
		check_tsig(&r, &c->publishers[i]);
	for (size_t i = 0; i < c->n_hosts; i++)
		check_host(&r, i);
	return conf_tell(&r, e);
}

/* What is run as root must be root's. */
static void
check_program(struct reader *r, const char *setting, const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		conf_wrong(r, 0, "%s: %s: %s", setting, path, strerror(errno));
	else if (!S_ISREG(st.st_mode) || (st.st_mode & 0111) == 0)
		conf_wrong(r, 0, "%s: %s is no program that can be run",
		    setting, path);
	else if ((st.st_uid != 0 && st.st_uid != geteuid()) ||
	    (st.st_mode & 022) != 0)
		conf_wrong(r, 0,
		    "%s: %s: others may change it (user %lu, mode %04o), and "
		    "it is run as root",
		    setting, path, (unsigned long)st.st_uid,
		    (unsigned)st.st_mode & 07777);
}

int
conf_check_programs(struct conf *c, struct err *e)
{
	struct reader r = { .conf = c, .file = c->path };

	if (c->n_mail_to > 0)
		check_program(&r, "sendmail", c->sendmail);
	if (c->n_command > 0)
		check_program(&r, "command", c->command[0]);
	return conf_tell(&r, e);
}
