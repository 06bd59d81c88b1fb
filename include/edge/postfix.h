/*
 * postfix.h - one Postfix instance: what its settings say, which keys they
 * name, switching them, reloading it, its log.  Postfix's own postconf(1) is
 * the authority over main.cf.
 *
 * Files: postfix.c (its settings and programs), postfix_log.c (its log),
 * postfix_keys.c (the keys in use), postfix_edit.c (main.cf),
 * postfix_deploy.c (the switch).
 */
#ifndef EDGE_POSTFIX_H
#define EDGE_POSTFIX_H

#include "base/err.h"
#include "core/stage.h"
#include "edge/key.h"

/* The default instance, as Debian builds Postfix. */
#define POSTFIX_DEFAULT_DIR "/etc/postfix"

/* For each of its programs, in milliseconds: after a change they wait up to
 * 2 s for main.cf to cool down. */
#define POSTFIX_TIMEOUT 30000

/*
 * A private key that the settings name.  File names are absolute: a relative
 * one is looked for in queue_directory, where Postfix's daemons stand.
 */
struct postfix_key {
	const char *param; /* smtpd_tls_key_file, smtpd_tls_eckey_file or
			      smtpd_tls_chain_files */
	char key_file[1024];
	char cert_file[1024]; /* "" : none, so the key is not presented */
	bool readable;	      /* the key could be read: info is good */
	struct key_info info;
	char why[256]; /* when not readable */
};

#define POSTFIX_KEYS 8

/* Which main.cf it was that was read. */
struct postfix_stamp {
	uint64_t dev, ino, size;
	int64_t mtime_ns;
};

struct postfix_state {
	struct postfix_stamp stamp;
	char config_dir[1024];
	char command_dir[1024]; /* where postfix and postlog are */
	char postconf[1100];
	char queue_dir[1024];
	char data_dir[1024];
	char myhostname[256];
	char syslog_name[256];
	char syslog_facility[64];
	char maillog_file[1024];  /* "": Postfix logs to syslog */
	char random_source[1024]; /* tls_random_source */
	char security_level[64];  /* smtpd_tls_security_level */
	char instances[2048];	  /* multi_instance_directories, the default
				      instance's */
	char alternates[2048];	  /* alternate_config_directories */
	char chain_files[4096];	  /* smtpd_tls_chain_files; "" : not in use.
				      If it is, Postfix ignores the others */
	char raw[4][1024];	  /* as set: key, cert, eckey, eccert file */
	struct postfix_key key[POSTFIX_KEYS];
	size_t n_key;
};

/*
 * Reads it with one postconf call.  postconf: its path, or NULL for the one
 * of this build.  ERR_CONFIG when there is no Postfix or no such instance.
 */
int postfix_read(const char *postconf, const char *config_dir,
    struct postfix_state *ret, struct err *e);

/*
 * The same, and of these parameters which have a value in main.cf, be it the
 * default's: still one call.
 */
int postfix_read_set(const char *postconf, const char *config_dir,
    const char *const *names, size_t n, bool *ret_set,
    struct postfix_state *ret, struct err *e);

/*
 * Waits, 2 s at most, until a main.cf that has just been changed is one that
 * Postfix's programs read once: they read a younger one again and again.
 */
void postfix_cool_down(const char *config_dir);

/* Only its names, without asking: enough for postfix_set_params. */
int postfix_name(const char *postconf, const char *config_dir,
    struct postfix_state *ret, struct err *e);

/* Only which have a value in main.cf: `postconf -n`. */
int postfix_set_params(const struct postfix_state *s, const char *const *names,
    size_t n, bool *ret_set, struct err *e);

/* The first of these words that `postconf -m` (table types) or `postconf -T
 * public-key-algorithms` lists; n_words when it lists none. */
int postfix_lists(const struct postfix_state *s, const char *const *option,
    const char *const *words, size_t n_words, size_t *ret_first, struct err *e);

int postfix_reload(const struct postfix_state *s, struct err *e);

enum postfix_log { POSTFIX_INFO, POSTFIX_WARN, POSTFIX_ERROR };
/*
 * Lines of text go where Postfix logs: to syslog, or where maillog_file or
 * another syslog_facility is set, through postlog(1).  config_dir: the one
 * that postlog reads, ours or a still copy of it (NULL: ours); Postfix's
 * programs wait for a main.cf that has just changed.
 */
int postfix_log(const struct postfix_state *s, const char *config_dir,
    const char *tag, enum postfix_log level, const char *text, struct err *e);

/* ---- the keys in use ---- */

/* The first readable key of the slot, or NULL. */
const struct postfix_key *postfix_key_of(const struct postfix_state *s,
    enum slot slot);

/* Fills key[] from the settings: reads the files that they name. */
void postfix_find_keys(struct postfix_state *s);

/* The elements of a list of files (blanks and commas between them), one a
 * call; *at moves on.  NULL at the end. */
char *postfix_next_file(const char **at, char *buf, size_t size);

/* ---- main.cf ---- */

/* 0, or -1 and errno. */
int postfix_stamp(const char *config_dir, struct postfix_stamp *ret);

struct postfix_setting {
	const char *name;
	const char *value;
};

/* An edit under way: a lock that postconf(1) respects, and a copy. */
struct postfix_edit {
	const struct postfix_state *s;
	bool stale;	      /* it failed since main.cf is not what was
				 read any more: read it again */
	bool placed;	      /* it failed, but main.cf is the new one */
	char lock_file[1100]; /* main.cf.tmp, as postconf(1) locks it */
	int lock;
	char copy_dir[1100]; /* a private folder for a copy of main.cf */
	char *was;	     /* main.cf at the beginning */
	size_t was_len;
};

/*
 * Locks main.cf, reads it, makes the folder; what a call that was killed left
 * behind goes first.  postfix_edit_end in any case.
 */
int postfix_edit_begin(struct postfix_edit *ed, const struct postfix_state *s,
    struct err *e);

/*
 * Sets all in one `postconf -e`, on the copy, which then takes main.cf's
 * place whole, with its mode, owner, extended attributes and, where it is
 * one, symbolic link.  New settings go to the end in the order given.  -1:
 * main.cf is as it was, or (`placed`) the new one, but perhaps not for long.
 */
int postfix_edit_set(struct postfix_edit *ed,
    const struct postfix_setting *settings, size_t n, struct err *e);
void postfix_edit_end(struct postfix_edit *ed);

/* Removes what an edit that was killed left behind, unless one is under way. */
void postfix_edit_tidy(const struct postfix_state *s);

/* ---- the switch ---- */

/* What is to be set so that a key is presented. */
struct postfix_switch {
	size_t n;
	struct postfix_setting set[2]; /* pointing into value */
	char value[2][4096];
};

/*
 * From these files, for a key of this slot: where a key of the slot is
 * installed, else where deploy-server-cert puts it; in smtpd_tls_chain_files,
 * when that is in use, in the place of the slot's files.  ERR_REFUSED when it
 * is not clear, with the reason; by_hand: what stands in the slot's own
 * parameters may be anything, and goes.
 */
int postfix_switch(const struct postfix_state *s, enum slot slot,
    const char *cert_file, const char *key_file, bool by_hand,
    struct postfix_switch *ret, struct err *e);

/* Can main.cf hold this file name? */
int postfix_check_name(const char *path, struct err *e);

/*
 * The deploy-server-cert step of the agent: checks that the key file and the
 * certificate file belong together and to the slot, then switches.  Says
 * nothing about what is served.
 */
int postfix_deploy(const struct postfix_state *s, enum slot slot,
    const char *cert_file, const char *key_file, struct err *e);

#endif
