/*
 * journald.h - entries with fields for systemd's journal, by its native
 * protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): one datagram, no library.
 */
#ifndef EDGE_JOURNALD_H
#define EDGE_JOURNALD_H

#include <stdbool.h>

#include "base/text.h"

/* One more field of an entry.  The name is ours (A-Z, 0-9, _), the value may
 * hold ends of line. */
void journald_field(struct text *entry, const char *name, const char *value);

/*
 * True when the journal took the entry, or is there and takes nothing: then it
 * is lost, after a second the first time, for syslog(3) would wait for ever.
 * False when there is no journal.
 */
bool journald_send(const struct text *entry);

/* Is anybody there to take entries, or what syslog(3) sends? */
bool journald_is_there(void);
bool syslog_is_there(void);

/* Does standard error end there as well (JOURNAL_STREAM of systemd.exec(5))? */
bool journald_has_stderr(void);

#endif
