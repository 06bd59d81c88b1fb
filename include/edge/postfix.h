/*
 * postfix.h - one Postfix instance: which keys its settings name, switching
 * them, reloading it.  Postfix's own postconf(1) is the authority over
 * main.cf.
 */
#ifndef EDGE_POSTFIX_H
#define EDGE_POSTFIX_H

#include "base/err.h"
#include "core/stage.h"
#include "edge/key.h"

/* One pair of parameters: smtpd_tls_key_file + smtpd_tls_cert_file, or
 * smtpd_tls_eckey_file + smtpd_tls_eccert_file. */
struct postfix_pair {
	bool set;	     /* names a key */
	char key_file[1024]; /* absolute */
	char cert_file[1024];
	bool readable; /* the key could be read: info is good */
	struct key_info info;
	char why[256]; /* when not readable */
};

struct postfix_state {
	char config_dir[1024];
	char command_dir[1024]; /* where postconf and postfix are */
	char myhostname[256];
	struct postfix_pair pair[2]; /* 0: smtpd_tls_*, 1: smtpd_tls_ec* */
	bool chain_files;	     /* smtpd_tls_chain_files is in use */
	char security_level[64];
	char main_cf_why[256]; /* why main.cf must not be edited by us (a
				   symlink, another owner or mode than
				   root 0644); "" : it may */
};

/* Reads it with one postconf call.  ERR_CONFIG when there is no Postfix or
 * no such instance. */
int postfix_read(const char *config_dir, struct postfix_state *ret,
    struct err *e);

/* The pair that a key of this slot belongs in: where a key of the slot is
 * installed, else the pair that deploy-server-cert would use.  -1 (ERR_
 * REFUSED) when that is not clear, with the reason. */
int postfix_pair_for(const struct postfix_state *s, enum slot slot,
    int *ret_pair, struct err *e);

/*
 * The deploy-server-cert step: checks that the key file and the certificate
 * file belong together and to the slot, then sets the two parameters in one
 * `postconf -e`.  Says nothing about what is served.
 */
int postfix_deploy(const struct postfix_state *s, enum slot slot,
    const char *cert_file, const char *key_file, struct err *e);

int postfix_reload(const struct postfix_state *s, struct err *e);

#endif
