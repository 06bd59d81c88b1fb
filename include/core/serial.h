/*
 * serial.h - SOA serials (RFC 1982): a diagnosis for people, never evidence.
 * Equal serials may stand over different data.
 */
#ifndef CORE_SERIAL_H
#define CORE_SERIAL_H

#include "core/host.h"

/* Is a older than b, as RFC 1982 section 3.2 orders them? */
bool serial_older(uint32_t a, uint32_t b);

/* Takes down what the authority shows now. */
void serial_note(struct authority *a, uint32_t serial);

/*
 * After all authorities of the owner were looked at: where all that have a
 * serial show the same, and the primary no other, that is the newest from now
 * on, however old it is.
 */
void serial_settle(struct owner *o);

/* It showed, in this pass, an older serial than before; *ret_newest is what
 * it had. */
bool serial_went_back(const struct authority *a, uint32_t *ret_newest);

/* " (serial 41, primary 44)", as far as known; "" when not at all. */
const char *serial_say(const struct owner *o, const struct authority *a,
    char buf[64]);

#endif
