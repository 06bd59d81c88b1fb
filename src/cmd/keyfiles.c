/*
 * keyfiles.c - the names of keys and certificates in danesafe's own folder.
 *
 *   HOST.SLOT.ID.key.pem        the private key
 *   HOST.SLOT.ID.cert.pem       a certificate that danesafe made for it
 *   HOST.SLOT.ID.TAG.cert.pem   a chain that an issuer made for it; another
 *                               chain has another name, so that no file is
 *                               ever overwritten that a server may read
 */
#include "cmd/keyfiles.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"
#include "edge/cert.h"

#define CERT_END ".cert.pem"

/* Every user may go through each folder above it. */
static bool
is_reached(const char *path)
{
	char *real = realpath(path, NULL), *slash;
	bool open = real != NULL;
	struct stat st;

	while (open && (slash = strrchr(real, '/')) != NULL && slash != real) {
		*slash = 0;
		open = stat(real, &st) == 0 && (st.st_mode & S_IXOTH) != 0;
	}
	free(real);
	return open;
}

unsigned
keys_exposed(const struct key *k)
{
	struct stat st;
	bool open;

	if (stat(k->key_file, &st) < 0)
		return 0;
	open = k->adopted
	    ? (st.st_mode & S_IROTH) != 0 && is_reached(k->key_file)
	    : (st.st_mode & (S_IRWXG | S_IRWXO)) != 0;
	return open ? st.st_mode & 07777 : 0;
}

int
keys_folder(const struct session *s, char *buf, size_t size, struct err *e)
{
	if (!file_join(buf, size, s->conf.state_dir, "keys"))
		return err_set(e, ERR_CONFIG, "%s: the path is too long",
		    s->conf.state_dir);
	return 0;
}

int
keys_file(const struct session *s, const char *host, enum slot slot,
    const struct spki *id, const char *end, char *buf, size_t size,
    struct err *e)
{
	char folder[1024], name[512], hex[9];

	if (keys_folder(s, folder, sizeof(folder), e) < 0)
		return -1;
	text_fmt(name, sizeof(name), "%s.%s.%s.%s", host, slot_name(slot),
	    spki_id(id, hex), end);
	if (!file_join(buf, size, folder, name))
		return err_set(e, ERR_CONFIG, "%s: the path is too long",
		    folder);
	return 0;
}

int
keys_chain_file(const struct session *s, const struct host *h,
    const struct key *k, int chain, char *buf, size_t size, struct err *e)
{
	struct cover_chain c = host_chain_at(h, chain);
	char end[32], tag[9];

	text_fmt(end, sizeof(end), "%s" CERT_END, cert_tag(&c, tag));
	return keys_file(s, h->name, k->slot, &k->id, end, buf, size, e);
}

/* Calls `fn` for each certificate file of this key. */
static int
each_cert(const char *folder, const char *stem,
    int (*fn)(const char *path, void *arg, struct err *e), void *arg,
    struct err *e)
{
	size_t len = strlen(stem), end = strlen(CERT_END);
	DIR *d = opendir(folder);
	struct dirent *de;
	char path[1024];
	int rc = 0;

	while (d != NULL && rc == 0 && (de = readdir(d)) != NULL) {
		size_t n = strlen(de->d_name);

		if (n >= len + end - 1 && strncmp(de->d_name, stem, len) == 0 &&
		    strcmp(de->d_name + n - end, CERT_END) == 0 &&
		    file_join(path, sizeof(path), folder, de->d_name))
			rc = fn(path, arg, e);
	}
	if (d != NULL)
		closedir(d);
	return rc;
}

struct newest {
	char *buf;
	size_t size;
	struct timespec at;
};

static int
take_newer(const char *path, void *arg, struct err *e)
{
	struct newest *best = arg;
	struct stat st;

	(void)e;
	if (stat(path, &st) != 0 ||
	    (best->buf[0] != 0 &&
		(st.st_mtim.tv_sec < best->at.tv_sec ||
		    (st.st_mtim.tv_sec == best->at.tv_sec &&
			st.st_mtim.tv_nsec <= best->at.tv_nsec))))
		return 0;
	best->at = st.st_mtim;
	text_fmt(best->buf, best->size, "%s", path);
	return 0;
}

void
keys_newest_cert(const char *folder, const char *stem, char *buf, size_t size)
{
	struct newest best = { .buf = buf, .size = size };
	struct err e;

	buf[0] = 0;
	each_cert(folder, stem, take_newer, &best, &e);
}

static int
remove_it(const char *path, void *arg, struct err *e)
{
	(void)arg;
	return file_remove(path, e);
}

int
keys_remove_certs(const struct session *s, const char *host,
    const struct key *k, struct err *e)
{
	char folder[1024], stem[512], hex[9];

	if (keys_folder(s, folder, sizeof(folder), e) < 0)
		return -1;
	text_fmt(stem, sizeof(stem), "%s.%s.%s.", host, slot_name(k->slot),
	    spki_id(&k->id, hex));
	return each_cert(folder, stem, remove_it, NULL, e);
}
