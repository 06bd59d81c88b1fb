/*
 * conf.h - the config file (libyaml), turned into values.
 *
 * One table of settings (name, type, default, help) drives the parser, the
 * example and a test that the manual lists each.
 */
#ifndef EDGE_CONF_H
#define EDGE_CONF_H

#include "base/addr.h"
#include "base/err.h"
#include "base/text.h"
#include "core/host.h"

#define CONF_DEFAULT "/etc/danesafe/danesafe.yaml"

enum publisher_method { PUBLISH_MANUAL, PUBLISH_NSUPDATE };

struct conf_publisher {
	char *name;
	enum publisher_method method;
	struct addr server; /* nsupdate; port 53 unless `port` */
	const char *file;   /* where it stands, for messages */
	int line;
	bool method_given;
	char *tsig_key; /* path, BIND key-file syntax */
	/* Zones where aliases lead that may be updated as well; lower case,
	 * final dot. */
	char **zones;
	size_t n_zones;
};

/* How a zone is signed; see core/ended.h. */
struct conf_zone {
	char *name;	  /* lower case, final dot */
	const char *file; /* where it stands, for messages */
	int line;
	bool is_static;
};

struct conf_service {
	uint16_t port; /* "25/tcp" */
};

/* A TLSA owner name in a zone that others run. */
struct conf_owner {
	char name[HOST_NAME]; /* lower case, final dot */
	uint16_t port;
	int line;
};

struct conf_host {
	char *name;	  /* lower case */
	const char *file; /* where it stands, for messages */
	int line;
	char **names; /* of the certificate; default: the name */
	size_t n_names;
	struct conf_service *services;
	size_t n_services; /* default: 25/tcp */
	struct conf_owner *owners;
	size_t n_owners;
	bool keys_given; /* else: what Postfix has, or rsa-2048 */
	struct slot_want slot[SLOT_COUNT];
	uint32_t tlsa_ttl; /* of a new RRset */
	struct tlsa_kind tlsa[TLSA_KINDS];
	unsigned n_tlsa; /* default: 3 1 1 */
	bool standby;
	char *publisher_name; /* as written; NULL: not given */
	int publisher_line;
	const struct conf_publisher *publisher; /* NULL: manual */
	char *config_dir;			/* deploy: postfix */
	struct addr *endpoints;			/* port 0: of each service */
	size_t n_endpoints;
};

struct conf {
	char *path;
	char *state_dir;
	bool has_resolver;
	struct addr resolver;
	bool every_family;  /* ipv6: require */
	char *metrics_file; /* NULL: none */
	char **mail_to;	    /* of alerts */
	size_t n_mail_to;
	char *sendmail;
	char **command; /* NULL-terminated; n_command 0: none */
	size_t n_command;
	int64_t timeout; /* seconds, of each of these two */
	struct policy policy;
	struct conf_publisher *publishers;
	size_t n_publishers;
	struct conf_zone *zones;
	size_t n_zones;
	struct conf_host *hosts;
	size_t n_hosts;
	char **files; /* that were read, in order */
	size_t n_files;
};

/*
 * Reads `path` and then conf.d/<anything>.yaml beside it, in order of name.
 * 0, or -1 with ERR_CONFIG and every mistake, one a line:
 *   danesafe.yaml:12: unknown setting 'rollover-evry' in timing; did you
 *   mean 'rollover-every'?
 * (the file as it was named).  A missing file is ERR_CONFIG too.
 */
int conf_read(const char *path, struct conf *ret_conf, struct err *e);
void conf_release(struct conf *c);

/*
 * The same, but what could be read is there whatever it returns, with defaults
 * for the rest: to say that the config is bad, and for nothing else.
 */
int conf_read_part(const char *path, struct conf *ret_conf, struct err *e);

/* A config with every setting, its default and its help, as comments. */
void conf_example(struct text *out);

/* The host of this name (any case), or NULL. */
const struct conf_host *conf_find(const struct conf *c, const char *name);

/* Names of all settings as "timing.settle", for tests; NULL ends. */
const char *conf_setting(size_t i);

/*
 * Checks that look outside of the files: TSIG keys (present, readable, not
 * for others), config-dir, the resolver (default: the system's when it is a
 * loopback address; writes c->resolver).  ERR_CONFIG with every mistake.
 */
int conf_check_world(struct conf *c, struct err *e);

/*
 * The programs by which people are told: there, and nobody's to change but
 * root's.  ERR_CONFIG with every mistake.  Apart, since a pass goes on
 * without: that they fail is itself told (alert-failed).
 */
int conf_check_programs(struct conf *c, struct err *e);

/* A TSIG key file in BIND syntax:
 *   key "name" { algorithm hmac-sha256; secret "base64"; };
 * `secret` stays base64; the caller cleanses the struct. */
struct tsig_key {
	char name[HOST_NAME]; /* with the final dot */
	char algorithm[32];   /* "hmac-sha256." or "hmac-sha512." */
	char secret[256];     /* base64 */
};
int conf_tsig(const char *path, struct tsig_key *ret_key, struct err *e);

#endif
