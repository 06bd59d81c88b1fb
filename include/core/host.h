/*
 * host.h - the facts about one managed host: what is remembered and what was
 * seen in this pass, as plain values.
 *
 * Two kinds of time, never mixed:
 *   elapsed  int64_t seconds of a counter of ours that only ever grows by
 *            time during which a machine with this state was seen running
 *            (CLOCK_BOOTTIME; across a reboot only the uptime counts).
 *            Every wait is computed from it.  NEVER (-1): not happened.
 *   wall     time_t, for certificates, signatures, schedules and messages.
 *
 * The arrays belong to the host: host_release frees them.  Texts (const char
 * *) are values and never NULL: they are kept once (base/once.h).  Sets are interned
 * in `set`; set 0 is the empty one (an authenticated denial).  An alias is an
 * empty set with a target beside it (alias.h).  Chains of certificates are
 * interned in `chain`, by their bytes; chain 0 is an unknown one, and is not
 * there: chain i stands at i - 1.
 */
#ifndef CORE_HOST_H
#define CORE_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/addr.h"
#include "base/name_map.h"
#include "core/cover.h"
#include "core/policy.h"
#include "core/stage.h"
#include "core/tlsa.h"

#define HOST_NAME 256 /* a domain name as text, and the end */
#define HOST_WHY 200  /* a sentence about one thing that was seen */
#define NEVER ((int64_t)-1)
/* How the reasons begin that are told apart (stuck.h). */
#define WHY_NO_STARTTLS "STARTTLS is not offered"
#define WHY_DENIED "it denies the records"
#define NSID_TEXT 34 /* the name that a server gives itself, as text */

/*
 * That an authority served this set with this TTL.  One a (owner, authority,
 * set, TTL); never deleted while it may matter.
 */
struct sighting {
	struct addr auth;
	int set;	    /* index into host.set */
	uint32_t ttl;	    /* the larger of the TTL and the original TTL */
	int64_t first_seen; /* elapsed; NEVER: only taken to be served */
	int64_t last_seen;  /* likewise */
	int64_t gone;	    /* elapsed: not served after this; NEVER: may be
			       served now */

	/* Of the signatures over the set, whoever showed it (ended.h). */
	time_t signed_from;  /* wall: the latest begin; 0: none was seen */
	time_t signed_until; /* wall: the latest end */
	int64_t signed_life; /* the longest */
	int64_t left_at;     /* elapsed: the zone has another set since; NEVER:
			    that was not seen */
	bool resigned;	     /* it was signed anew after that */
	bool ended;	     /* none can be valid any more */
};

/* From when until when a signature is valid (wall); both 0: none held. */
struct span {
	time_t from, until;
};

/* One authoritative address for an owner's zone. */
struct authority {
	struct addr addr;   /* port 53 */
	const char *name;   /* the NS name that led here */
	int64_t first_seen; /* elapsed: in the NS set since */
	int64_t left_at;    /* elapsed: out of both NS sets; NEVER: in */
	uint32_t ns_ttl;    /* of the NS set and of its address, the
				 longest seen */

	/* The last look. */
	enum look look;
	int set; /* LOOK_SHOWN, LOOK_NONE: what; else -1 */
	uint32_t ttl;
	uint32_t serial; /* SOA: a diagnosis, never evidence */
	uint32_t newest; /* the newest that it showed; see serial.h */
	bool has_serial, has_newest;
	bool answered;	   /* ever, be it REFUSED; see vouch.h */
	const char *nsid;  /* of whom answered last; "": it does not say */
	int64_t looked_at; /* elapsed; NEVER */
	time_t looked_wall;
	const char *why; /* of every look but SHOWN */

	/* Of the last look that had signatures (see glance), and whether newer
	 * ones were ever seen to take the place of others. */
	struct span records_signed, keys_signed;
	bool renewed;

	/* Of this pass (not stored). */
	bool fresh;	    /* looked at */
	bool fell;	    /* it showed an older serial */
	uint32_t fell_from; /* than this */
	uint32_t refresh;   /* of the SOA that it shows; 0: it shows none */
};

/* One of several servers behind an authority's address (instance.h). */
struct instance {
	struct addr auth;
	char nsid[NSID_TEXT];
	int set; /* what it was last heard to serve; -1: not heard about it */
	uint32_t ttl;
	int64_t heard_at; /* elapsed */
	bool heard;	  /* in the look that is being noted (not stored) */
};

/* What an owner is there for; see alias.h. */
enum owner_role {
	OWNER_ASKED, /* a sender meets its records; there should be some */
	OWNER_IDLE,  /* may be passed, but nobody misses records here */
	OWNER_LINK,  /* an alias stands here: it cannot have records */
	OWNER_BASE,  /* a name of the host itself */
};

/* What the state file has of an owner, to see whether it differs (store.h);
 * zeroes: nothing that is known. */
struct owner_known {
	uint64_t epoch; /* of the file */
	uint8_t digest[16];
};

/* A TLSA owner name of the host. */
struct owner {
	const char *name; /* "_25._tcp.mx1.example.org.", lower case */
	uint16_t port;	  /* 0: a name of the host itself (alias.h) */
	bool foreign;	/* in a zone that others run: it gates like the others,
			 and is never changed by us (not stored) */
	bool named;	/* in the config now, or until it was taken out */
	bool left;	/* it was (left.h; not stored) */
	bool is_static; /* its zone is `signing: static` (ended.h; not
			   stored) */
	const char *zone; /* "" until found */
	/* The wildcard that its records are of ("*.mx1.example.org."); "":
	 * they stand at the name. */
	const char *source;
	/* The wildcard that first records at the name would hide from the
	 * names beside it; "": none. */
	const char *hides;

	/* Derived by alias_settle (not stored). */
	bool derived;  /* not in the config: an alias leads here */
	bool own_name; /* a service's, at what the host stands for */
	enum owner_role role;
	int64_t until; /* elapsed: no alias leads here any more; NEVER: no end
			  is known */
	bool past;     /* that is over; it is watched on for what caches may
			  still hold, should an alias lead here again */
	bool loop;     /* the chain that begins here has no end */
	struct authority *auth;
	size_t n_auth, cap_auth;
	struct sighting *seen;
	size_t n_seen, cap_seen;
	struct instance *inst; /* of addresses with several */
	size_t n_inst, cap_inst;
	bool had_inst;		  /* in the state (not stored) */
	struct owner_known known; /* likewise */

	/* What the primary of the publisher holds now; of this pass only. */
	bool has_primary;	  /* it was asked and answered */
	struct tlsa_set *primary; /* NULL: no records; see owner_primary */
	uint32_t primary_ttl;

	bool has_primary_serial; /* of the zone, at the publisher's primary */
	uint32_t primary_serial; /* a diagnosis, never evidence */

	/* That not everybody lists the same name servers; NULL: all do, as
	 * far as is known.  Of this pass; the owner frees. */
	char *ns_differ;

	/* Why nothing may be decided here ("" : nothing).  Of this pass. */
	const char *blocked;
	bool
	    added; /* it came to a host that was adopted before; of this pass */
};

/* A key as presented at an endpoint, and with which certificates. */
struct presented {
	struct spki key;
	enum slot slot;
	int chain; /* of the host; 0: unknown */
};

#define PRESENTED_MAX 8

/* One address and port where a sender may connect. */
struct endpoint {
	struct addr addr;
	unsigned owner;	 /* index into host.own: the records it meets */
	bool configured; /* listed in the config, not found in the DNS */
	int64_t left_at; /* elapsed: no longer listed; NEVER: listed */
	uint32_t ttl;	 /* of its address record */

	/* The last complete sweep, and how the last attempt ended. */
	enum sweep sweep;
	struct presented *seen; /* the host's */
	unsigned n_seen;	/* kept while the endpoint is down */
	unsigned room;		/* for so many; see endpoint_room */
	int64_t swept_at;	/* elapsed, last complete sweep; NEVER */
	time_t swept_wall;	/* last attempt */
	const char *why;	/* of SWEEP_DOWN */
	bool fresh;		/* swept in this pass (not stored) */
};

/* A guard waived by hand for one key; see law.h for what it can waive. */
struct waiver {
	struct spki key;
	enum guard_id guard;
	struct addr addr; /* of shown, served, gone; else family 0 */
	int64_t given_at; /* elapsed */
};

/* A key pair of the host. */
struct key {
	struct spki id;
	enum slot slot;
	enum kind kind; /* KIND_COUNT: adopted, of another size */
	enum stage stage;
	bool adopted;	    /* found in use; its files are not ours */
	bool compromised;   /* no retire hold, no retention */
	int64_t entered_at; /* elapsed: into this stage */
	time_t entered_wall;
	time_t deployed_wall; /* 0: never */
	time_t cert_until;    /* its certificate ends; 0: not known */
	time_t cert_from;     /* it begins (not stored) */
	int64_t clean_since;  /* elapsed: first of an unbroken row of clean
				  sweeps while deployed; NEVER */
	int64_t destroyed_at; /* elapsed; NEVER */
	const char *key_file; /* "" once destroyed */
	const char *cert_file;
	int chain; /* of the host: what would be presented with it, as the
		      certificate file was last read */
	/* Of a deployed key, both 0: none.  What waits to be presented in its
	 * stead, and what was presented before, while the zone has a record
	 * of it (renew.h). */
	int next_chain, past_chain;

	/* Looked at in this pass (not stored). */
	bool stored;	  /* the file holds this very key */
	bool lost;	  /* the file is gone, or holds something else */
	unsigned exposed; /* the file's mode, which lets others read it; 0 */
	bool cert_ok;
	bool cert_unread; /* not ok, but only because it cannot be read */
	bool cert_issued; /* not by the key itself: only a person can bring
			     another */
	bool next_ok;	  /* what waits can be read, and fits */
	const char *cert_why;
	bool installed; /* the server's settings name it */
};

/* What is wanted of a slot. */
struct slot_want {
	bool managed;	      /* in `keys:` */
	enum kind kind;	      /* of the next key */
	time_t rollover_wall; /* when a rollover was asked for; 0: not */
	bool compromised;     /* asked for with --compromised */
};

/* A chain as cover_pack writes it: most are of one certificate. */
struct chain {
	uint8_t *bytes;
	size_t len;
};

struct host {
	const char *name; /* lower case, no final dot */
	struct policy policy;
	bool standby;
	bool publishes; /* the publisher acts (not `manual`) */
	/* Of the Postfix that is changed; NULL: the usual one.  Not stored. */
	const char *config_dir;
	int64_t adopted_at;  /* elapsed; NEVER: not yet in the state */
	time_t paused_until; /* wall; see pause.h; 0: not */
	struct slot_want slot[SLOT_COUNT];
	struct tlsa_kind tlsa[TLSA_KINDS]; /* the records of every key */
	unsigned n_tlsa;		   /* from the config (not stored) */

	struct tlsa_set **set; /* each kept by tlsa_set_keep */
	const char **target;   /* of set[i], an alias; "": records */
	size_t n_set, cap_set, cap_target;
	struct chain *chain;
	size_t n_chain, cap_chain;
	struct owner *own;
	size_t n_own, cap_own;
	struct name_map own_at; /* of own, once they are many */
	struct endpoint *ep;	/* by owner */
	size_t n_ep, cap_ep;
	struct presented **seen; /* what endpoints have room in */
	size_t n_seen, cap_seen;
	struct key *key;
	size_t n_key, cap_key;
	struct waiver *waiver;
	size_t n_waiver, cap_waiver;

	/* Why nothing may be decided for the whole host ("": nothing), such
	 * as a Postfix that cannot be read.  Of this pass. */
	const char *blocked;
	/* The installed keys that the state does not know.  Of this pass. */
	struct presented foreign[SLOT_COUNT];
	unsigned n_foreign;
};

/* What time it is for a decision. */
struct now {
	int64_t elapsed;
	time_t wall;
	bool trusted; /* false: the wall clock jumped and is not explained */
};

void host_init(struct host *h, const char *name);
void host_release(struct host *h); /* empties; NULL does nothing */
/* Drops what is "of this pass" and not stored: as if it had just been read. */
void host_end_pass(struct host *h);

/* Index of the set, of the chain, interned if new. */
int host_set(struct host *h, const struct tlsa_set *s);
/* The same for an alias: an empty set that stands for another name. */
int host_alias(struct host *h, const char *target);
int host_chain(struct host *h, const struct cover_chain *c);
/* The chain of this number, not 0. */
struct cover_chain host_chain_at(const struct host *h, int chain);

/* Find or add; pointers are good until the next addition of the same kind. */
struct owner *host_owner(struct host *h, const char *name, uint16_t port);
struct owner *host_find_owner(const struct host *h, const char *name);
/* Forgets an owner with its endpoints (it left the config). */
void host_drop_owner(struct host *h, size_t i);
/* What its publisher's primary holds, if has_primary says so. */
const struct tlsa_set *owner_primary(const struct owner *o);
void owner_set_primary(struct owner *o, struct tlsa_set set);
struct authority *owner_authority(struct owner *o, const struct addr *a);
struct authority *owner_find_authority(struct owner *o, const struct addr *a);
struct endpoint *host_endpoint(struct host *h, unsigned owner,
    const struct addr *a);
/* As host_endpoint, which gives a new one room for PRESENTED_MAX, without any
 * room: of ten thousand most present one key. */
struct endpoint *host_endpoint_bare(struct host *h, unsigned owner,
    const struct addr *a);
/* Room for n at least, which lasts as long as the host; what was seen stays. */
void endpoint_room(struct host *h, struct endpoint *ep, unsigned n);
/* The first endpoint of this owner, or of those behind it: an index, n_ep when
 * there is none. */
size_t host_endpoints(const struct host *h, unsigned owner);
struct key *host_key_add(struct host *h);
struct key *host_find_key(const struct host *h, const struct spki *id);
/* By the hex digits that a person typed (at least 4, unique); NULL if none
 * or several. */
struct key *host_find_key_hex(const struct host *h, const char *hex);

/* The deployed key of a slot (the newest), its candidate (generated,
 * published or ready), or NULL. */
struct key *host_deployed(const struct host *h, enum slot s);
struct key *host_candidate(const struct host *h, enum slot s);
/* The deployed key that came after k (an element of h->key), or NULL. */
struct key *host_successor(const struct host *h, const struct key *k);

#endif
