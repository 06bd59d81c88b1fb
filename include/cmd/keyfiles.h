/*
 * keyfiles.h - danesafe's own folder of keys and certificates, "STATE/keys".
 */
#ifndef CMD_KEYFILES_H
#define CMD_KEYFILES_H

#include "cmd/session.h"

/*
 * The mode of the key's file when it lets others read the key, or 0.  Of our
 * own: any group or other user.  An adopted one may be there for a group
 * (ssl-cert), and is exposed when every user reaches it through its folders.
 */
unsigned keys_exposed(const struct key *k);

int keys_folder(const struct session *s, char *buf, size_t size, struct err *e);

/* The file of a key; `end`: "key.pem", "cert.pem". */
int keys_file(const struct session *s, const char *host, enum slot slot,
    const struct spki *id, const char *end, char *buf, size_t size,
    struct err *e);
/* The file of a chain (of the host, not 0) that an issuer made for the key. */
int keys_chain_file(const struct session *s, const struct host *h,
    const struct key *k, int chain, char *buf, size_t size, struct err *e);

/* The certificate file that came last of those of this key, or "".  `stem`:
 * "HOST.SLOT.ID." */
void keys_newest_cert(const char *folder, const char *stem, char *buf,
    size_t size);
/* All of them go. */
int keys_remove_certs(const struct session *s, const char *host,
    const struct key *k, struct err *e);

#endif
