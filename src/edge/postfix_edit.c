/*
 * postfix_edit.c - main.cf, changed whole or not at all.  postconf(1) edits a
 * private copy; the copy's content takes main.cf's place in one rename.
 * Never writes into main.cf, never lets it lose what it is.
 *
 * postconf -e on main.cf itself would make it a plain file of root with mode
 * 0644, glue its first new line to a last line that has no end, and add new
 * lines in an order of chance.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "edge/exec.h"
#include "edge/postfix.h"

#define MAIN_CF_MAX (4 * 1024 * 1024)
#define ROUND_MS 20

static int
too_long(const struct postfix_state *s, struct err *e)
{
	return err_set(e, ERR_CONFIG, "%s: the path is too long",
	    s->config_dir);
}

/* ---- the lock ---- */

/* Is what we locked still what has the name?  postconf renames it away. */
static bool
still_there(int fd, const char *path)
{
	struct stat is, named;

	return fstat(fd, &is) == 0 && lstat(path, &named) == 0 &&
	    is.st_dev == named.st_dev && is.st_ino == named.st_ino;
}

/* A signal that would end us, held back by who calls. */
static bool
is_stopped(void)
{
	sigset_t set;

	return sigpending(&set) == 0 &&
	    (sigismember(&set, SIGTERM) || sigismember(&set, SIGINT) ||
		sigismember(&set, SIGHUP) || sigismember(&set, SIGQUIT));
}

/*
 * As postconf(1) does it: main.cf.tmp, made when it is not there, flock(2),
 * and once more when it went away meanwhile.
 */
static int
lock(struct postfix_edit *ed, int wait_ms, struct err *e)
{
	const struct timespec round = { 0, ROUND_MS * 1000000L };

	for (int left = wait_ms; left > 0; left -= ROUND_MS) {
		int fd = open(ed->lock_file,
		    O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK,
		    0600);

		if (fd < 0)
			return err_sys(e, ERR_CREATE, ed->lock_file);
		if (flock(fd, LOCK_EX | LOCK_NB) == 0 &&
		    still_there(fd, ed->lock_file)) {
			ed->lock = fd;
			return 0;
		}
		close(fd);
		if (is_stopped())
			return err_set(e, ERR_TEMP, "interrupted");
		nanosleep(&round, NULL);
	}
	return err_set(e, ERR_TEMP, "%s: another program is changing main.cf",
	    ed->lock_file);
}

/* ---- the copy ---- */

/* A link at its name is not ours, and what is behind it less so. */
static void
remove_copy(const struct postfix_edit *ed)
{
	static const char *const names[] = { "main.cf", "main.cf.tmp",
		".main.cf.tmp" };
	int dir = open(ed->copy_dir,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (dir < 0)
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlinkat(dir, names[i], 0);
	close(dir);
	rmdir(ed->copy_dir);
}

/* Postfix's programs do not wait for a file that is old. */
static void
make_old(const char *path)
{
	const struct timespec old[2] = { { 1000000000, 0 }, { 1000000000, 0 } };

	utimensat(AT_FDCWD, path, old, AT_SYMLINK_NOFOLLOW);
}

static char *
read_main_cf(const struct postfix_state *s, size_t *ret_len, struct err *e)
{
	char path[1100], *real, *text;

	if (!file_join(path, sizeof(path), s->config_dir, "main.cf")) {
		too_long(s, e);
		return NULL;
	}
	real = realpath(path, NULL);
	if (real == NULL) {
		err_sys(e, ERR_IO, path);
		return NULL;
	}
	text = file_read(real, MAIN_CF_MAX, ret_len, e);
	free(real);
	return text;
}

static int
write_copy(const struct postfix_edit *ed, const struct text *t, struct err *e)
{
	char path[1200];

	if (!file_join(path, sizeof(path), ed->copy_dir, "main.cf"))
		return too_long(ed->s, e);
	if (file_refresh(path, text_str(t), t->len, 0600, e) < 0)
		return -1;
	make_old(path);
	return 0;
}

int
postfix_stamp(const char *config_dir, struct postfix_stamp *ret)
{
	char path[1100];
	struct stat st;

	if (!file_join(path, sizeof(path), config_dir, "main.cf")) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (stat(path, &st) < 0)
		return -1;
	if (!S_ISREG(st.st_mode)) { /* postconf would wait for a FIFO */
		errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
		return -1;
	}
	*ret = (struct postfix_stamp){ st.st_dev, st.st_ino,
		(uint64_t)st.st_size,
		(int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec };
	return 0;
}

static bool
same_stamp(const struct postfix_stamp *a, const struct postfix_stamp *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	    a->mtime_ns == b->mtime_ns;
}

/* What was decided from the settings holds for these settings only. */
static int
check_stamp(struct postfix_edit *ed, struct err *e)
{
	struct postfix_stamp is;

	if (postfix_stamp(ed->s->config_dir, &is) < 0) {
		err_sys(e, ERR_IO, "main.cf");
		return err_prefix(e, "%s", ed->s->config_dir);
	}
	if (same_stamp(&is, &ed->s->stamp))
		return 0;
	ed->stale = true;
	return err_set(e, ERR_TEMP,
	    "%s/main.cf was changed by somebody else meanwhile; nothing was "
	    "done, try again",
	    ed->s->config_dir);
}

static int
names(struct postfix_edit *ed, const struct postfix_state *s, struct err *e)
{
	memset(ed, 0, sizeof(*ed));
	ed->s = s;
	ed->lock = -1;
	if (file_join(ed->lock_file, sizeof(ed->lock_file), s->config_dir,
		"main.cf.tmp") &&
	    file_join(ed->copy_dir, sizeof(ed->copy_dir), s->config_dir,
		".danesafe.tmp"))
		return 0;
	return too_long(s, e);
}

int
postfix_edit_begin(struct postfix_edit *ed, const struct postfix_state *s,
    struct err *e)
{
	if (names(ed, s, e) < 0)
		return -1;
	if (lock(ed, POSTFIX_TIMEOUT, e) < 0 || check_stamp(ed, e) < 0)
		return -1;
	remove_copy(ed); /* of a call that was killed */
	ed->was = read_main_cf(s, &ed->was_len, e);
	if (ed->was == NULL)
		return -1;
	if (mkdir(ed->copy_dir, 0700) < 0)
		return errno != EEXIST
		    ? err_sys(e, ERR_CREATE, ed->copy_dir)
		    : err_set(e, ERR_CREATE,
			  "%s: is there, and not as a call that was killed "
			  "leaves it: remove it",
			  ed->copy_dir);
	return 0;
}

void
postfix_edit_end(struct postfix_edit *ed)
{
	if (ed->lock >= 0) {
		remove_copy(ed);
		unlink(ed->lock_file);
		close(ed->lock);
	}
	free(ed->was);
	memset(ed, 0, sizeof(*ed));
	ed->lock = -1;
}

void
postfix_edit_tidy(const struct postfix_state *s)
{
	struct postfix_edit ed;
	struct stat st;
	struct err e;

	if (names(&ed, s, &e) < 0 ||
	    (lstat(ed.copy_dir, &st) < 0 && lstat(ed.lock_file, &st) < 0))
		return;
	if (lock(&ed, ROUND_MS, &e) == 0)
		postfix_edit_end(&ed);
}

/* ---- the change ---- */

/* Does a line begin with this name and an equals sign? */
static bool
has_entry(const char *text, const char *name)
{
	size_t len = strlen(name);
	const char *line = text, *at;

	for (; *line != 0; line += *line == '\n') {
		if (strncmp(line, name, len) == 0) {
			at = line + len + strspn(line + len, " \t");
			if (*at == '=')
				return true;
		}
		line = strchrnul(line, '\n');
	}
	return false;
}

/* Room at the end for what is new, so that it gets the order we want. */
static void
add_entries(struct text *t, const struct postfix_setting *v, size_t n)
{
	if (t->len > 0 && t->s[t->len - 1] != '\n')
		text_add(t, "\n");
	for (size_t i = 0; i < n; i++)
		if (!has_entry(text_str(t), v[i].name))
			text_addf(t, "%s =\n", v[i].name);
}

static int
run_postconf(const struct postfix_edit *ed, const struct postfix_setting *v,
    size_t n, struct err *e)
{
	const char **argv = mem_array(n + 5, sizeof(*argv));
	struct exec_result r;
	char shown[256];
	int rc;

	argv[0] = ed->s->postconf;
	argv[1] = "-c";
	argv[2] = ed->copy_dir;
	argv[3] = "-e";
	for (size_t i = 0; i < n; i++)
		argv[4 + i] = mem_fmt("%s = %s", v[i].name, v[i].value);
	rc = exec_run(argv, NULL, NULL, POSTFIX_TIMEOUT, &r, e);
	for (size_t i = 0; i < n; i++)
		free((char *)argv[4 + i]);
	free(argv);
	if (rc < 0)
		return -1;
	if (r.status != 0)
		rc = err_set(e, ERR_TEMP, "%s: postconf -e: %s",
		    ed->s->config_dir,
		    r.err_len > 0
			? text_show(r.errout, r.err_len, shown, sizeof(shown))
			: "it failed without a word");
	exec_release(&r);
	return rc;
}

/* "name = value" as a line of its own. */
static bool
has_line(const char *text, const struct postfix_setting *v)
{
	char *line = mem_fmt("%s = %s\n", v->name, v->value);
	size_t len = strlen(line);
	const char *at = text;
	bool found = false;

	while (!found && (at = strstr(at, line)) != NULL) {
		found = at == text || at[-1] == '\n';
		at += len;
	}
	free(line);
	return found;
}

/* The copy as postconf left it; it must hold what was asked for. */
static char *
read_copy(const struct postfix_edit *ed, const struct postfix_setting *v,
    size_t n, size_t *ret_len, struct err *e)
{
	char path[1200], *text;

	if (!file_join(path, sizeof(path), ed->copy_dir, "main.cf")) {
		too_long(ed->s, e);
		return NULL;
	}
	text = file_read(path, MAIN_CF_MAX + 65536, ret_len, e);
	for (size_t i = 0; text != NULL && i < n; i++)
		if (!has_line(text, &v[i])) {
			err_set(e, ERR_TEMP,
			    "%s: postconf -e did not set %s = %s",
			    ed->s->config_dir, v[i].name, v[i].value);
			free(text);
			return NULL;
		}
	if (text != NULL)
		make_old(path); /* postlog(1) reads it next */
	return text;
}

static int
check_setting(const struct postfix_setting *v, struct err *e)
{
	for (const char *s = v->value; *s != 0; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return err_set(e, ERR_USAGE,
			    "%s: the value holds a control character", v->name);
	return 0;
}

/* It may fail when the new file has the name already: Postfix reads it. */
static int
place(struct postfix_edit *ed, const char *text, size_t len, struct err *e)
{
	struct postfix_stamp is;
	char path[1100];

	if (!file_join(path, sizeof(path), ed->s->config_dir, "main.cf"))
		return too_long(ed->s, e);
	if (file_replace_content(path, text, len, e) == 0)
		return 0;
	ed->placed = postfix_stamp(ed->s->config_dir, &is) == 0 &&
	    !same_stamp(&is, &ed->s->stamp);
	if (ed->placed)
		err_prefix(e, "main.cf is changed, but the change may be lost");
	return -1;
}

int
postfix_edit_set(struct postfix_edit *ed, const struct postfix_setting *v,
    size_t n, struct err *e)
{
	struct text t = TEXT_INIT;
	char *now = NULL;
	size_t len;
	int rc = -1;

	for (size_t i = 0; i < n; i++)
		if (check_setting(&v[i], e) < 0)
			return -1;
	text_addn(&t, ed->was, ed->was_len);
	add_entries(&t, v, n);
	if (write_copy(ed, &t, e) < 0 || run_postconf(ed, v, n, e) < 0 ||
	    (now = read_copy(ed, v, n, &len, e)) == NULL ||
	    check_stamp(ed, e) < 0) /* an editor knows no lock */
		goto out;
	rc = place(ed, now, len, e);
out:
	free(now);
	text_release(&t);
	return rc;
}
