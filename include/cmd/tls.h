/*
 * tls.h - what the tls*.c files share: the commands of postfix-tls(1), for one
 * Postfix instance at a time.
 *
 * Results go to standard output and nothing else does; every other word goes
 * to standard error and to Postfix's log.  A subcommand says what is wrong
 * itself (tls_fatal) and returns 0 or 1, the exit codes of `postfix tls`.
 */
#ifndef CMD_TLS_H
#define CMD_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/text.h"
#include "edge/cert.h"
#include "edge/postfix.h"

/* Lines of one level, in the order in which they were said. */
struct tls_said {
	enum postfix_log level;
	struct text text;
};

struct tls {
	const char *config_dir;
	bool drop_in;	      /* started by postfix(1) */
	const char *postconf; /* its path, or NULL */
	char tag[300];	      /* for the log; "" : syslog_name and our own */
	bool asked;	      /* tls_read was called */
	bool have_state;
	struct postfix_state pf; /* after tls_read */
	/* Parameters of which tls_read also learns whether any is set. */
	const char *const *watched;
	size_t n_watched;
	bool any_set;
	struct postfix_edit edit;
	bool editing; /* `edit` is open */
	bool edited;  /* and done: its copy is what main.cf is now */
	int lock;     /* of the folder, or -1 */
	struct tls_said *said;
	size_t n_said, cap_said;
};

struct tls_command {
	const char *name;
	int (*run)(struct tls *t, const struct tls_command *c, int argc,
	    char **argv);
	const char *args; /* as in the usage line */
};

int tls_default_client(struct tls *t, const struct tls_command *c, int argc,
    char **argv);
int tls_default_server(struct tls *t, const struct tls_command *c, int argc,
    char **argv);
int tls_enable_client(struct tls *t, const struct tls_command *c, int argc,
    char **argv);
int tls_enable_server(struct tls *t, const struct tls_command *c, int argc,
    char **argv);
int tls_new_key(struct tls *t, const struct tls_command *c, int argc,
    char **argv);
int tls_new_cert(struct tls *t, const struct tls_command *c, int argc,
    char **argv);
int tls_deploy(struct tls *t, const struct tls_command *c, int argc,
    char **argv);
int tls_csr(struct tls *t, const struct tls_command *c, int argc, char **argv);
int tls_tlsa(struct tls *t, const struct tls_command *c, int argc, char **argv);

/* ---- words (tls_say.c) ---- */

void tls_say(struct tls *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void tls_warn(struct tls *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void tls_error(struct tls *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Says it and returns 1. */
int tls_fatal(struct tls *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
int tls_usage(struct tls *t, const struct tls_command *c);
/* What was said goes to Postfix's log. */
void tls_log(struct tls *t);

/* "postfix -c DIR tls" or "danesafe tls --config-dir DIR", without the
 * instance where it is the default one. */
const char *tls_self(const struct tls *t, char *buf, size_t size);
/* "postfix -c DIR reload" */
const char *tls_reload(const struct tls *t, char *buf, size_t size);
/* The error's text without the file's name in front, which is said already. */
const char *tls_reason(const struct err *e, const char *file);
/* A word as a shell takes it back. */
const char *tls_quote(const char *s, char *buf, size_t size);

/* ---- arguments and the instance (tls_args.c) ---- */

#define TLS_NAMES 100 /* in one certificate */
/* Of a file name; one that is cut here is too long for the system, too. */
#define TLS_FILE 4200

struct tls_options {
	const char *random_source; /* -r */
	const char *algorithm;	   /* -a */
	const char *bits;	   /* -b */
};
/* -r, -a, -b as far as `letters` has them; the index of the first operand,
 * or -1 when it was not understood. */
int tls_parse(int argc, char **argv, const char *letters,
    struct tls_options *ret);

/* Reads the instance's settings, once. */
int tls_read(struct tls *t, struct err *e);
/* The lock of the folder: one call at a time makes or switches. */
int tls_take_lock(struct tls *t, struct err *e);

/* Host names for a certificate or request: those given, else myhostname.
 * *ret is one block; free() it. */
int tls_names(struct tls *t, int argc, char **argv, const char ***ret,
    size_t *ret_n, struct err *e);

/* "rsa" (also NULL) or "ecdsa"; what: "private" or "public". */
int tls_slot(const char *algorithm, const char *what, enum slot *ret,
    struct err *e);

/* A file named on the command line: relative to the configuration folder. */
const char *tls_file(const struct tls *t, const char *name, char *buf,
    size_t size);

/* The random source to be set: -r, else the current one. */
int tls_random(struct tls *t, const char *given, const char **ret,
    struct err *e);

/* Signals are held back from here to the end, so that nothing is left half
 * done; has one come? */
void tls_hold_signals(void);
bool tls_stopped(void);

/* ---- making (tls_new.c) ---- */

struct tls_pair {
	char key_file[1100];
	char cert_file[1100];
	struct key_info info;
};

/*
 * A key file and a certificate file under new names, both durable, or
 * neither.  key: an existing one to be copied, or NULL to make one.
 */
int tls_make_pair(struct tls *t, struct key_spec spec,
    const struct private_key *key, const char *const *names, size_t n,
    struct tls_pair *ret, struct err *e);
void tls_remove_pair(const struct tls_pair *p);

/* ---- the switch (tls_deploy.c) ---- */

/*
 * Sets what makes the pair presented, and `more` settings with it, in one
 * edit, which is open until tls_log was called.
 */
int tls_switch(struct tls *t, enum slot slot, const char *cert_file,
    const char *key_file, const struct postfix_setting *more, size_t n_more,
    struct err *e);
int tls_set(struct tls *t, const struct postfix_setting *v, size_t n,
    struct err *e);
/*
 * It failed since main.cf is not what was read: reads it again, and then it
 * can be decided again.  False when it failed for another reason, or when it
 * has been tried often.
 */
bool tls_again(struct tls *t, int *tries, struct err *e);

/* Warns of published TLSA records that the certificate file would not
 * satisfy: at myhostname and the certificate's names (tls_published.c). */
void tls_check_published(struct tls *t, const char *cert_file,
    const char *key_file);

/* ---- output (tls_output.c, tls_json.c) ---- */

struct tls_record {
	const char *file;
	enum slot slot;
	struct spki id;
	char owner[TLSA_OWNER];
	struct tlsa rr;
};
/* One JSON object on standard output; -1 when it cannot be made. */
int tls_json_records(const struct tls_record *v, size_t n);
int tls_json_request(const char *file, const struct key_info *info,
    const char *const *names, size_t n, const char *pem);

#endif
