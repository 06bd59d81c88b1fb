/*
 * file.h - files read whole, made whole, replaced whole.
 *
 * Every path that is written is written to a temporary name beside it, with
 * owner and mode right before the first byte, fsynced, renamed, and the
 * folder fsynced.  An fsync that failed is never repeated on the same file:
 * the file is removed and the call fails.  Symbolic links are not followed
 * at the last component.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

/*
 * The whole of a regular file of at most `max` bytes, with a 0 byte after it.
 * Caller frees.  NULL and *e if it cannot be read whole.
 */
char *file_read(const char *path, size_t max, size_t *ret_len, struct err *e);

/*
 * The same, of a file that belongs to root or to us and that nobody else may
 * write; with `secret` others may not read it either (its group may).
 * ERR_PERM when it is not so.  The descriptor that was checked is read.
 */
char *file_read_trusted(const char *path, size_t max, bool secret,
    size_t *ret_len, struct err *e);

/*
 * A new file with exactly this content; fails (ERR_CREATE) if the name is
 * taken.  mode and, when uid != -1, owner are set before the first byte.
 * Durable when it returns 0; nothing is left behind when it returns -1.
 */
int file_create(const char *path, const void *data, size_t len, mode_t mode,
    uid_t uid, gid_t gid, struct err *e);

/* The same, in the place of what may be there, if that is no device, pipe or
 * socket; which it may have taken, too, when it returns -1, if the folder
 * could not be synced. */
int file_replace(const char *path, const void *data, size_t len, mode_t mode,
    uid_t uid, gid_t gid, struct err *e);

/* The same, of what can be made again: whoever opens it finds it whole, but a
 * power cut may leave less.  Ours; not synced. */
int file_refresh(const char *path, const void *data, size_t len, mode_t mode,
    struct err *e);

/*
 * As file_replace, of a file that is there and keeps what it is: mode, owner,
 * extended attributes; behind symbolic links, which stay.
 */
int file_replace_content(const char *path, const void *data, size_t len,
    struct err *e);

/* Removes and fsyncs the folder; a missing file is success. */
int file_remove(const char *path, struct err *e);

/* A folder of this mode and owner, made if missing (one level). */
int file_folder(const char *path, mode_t mode, uid_t uid, gid_t gid,
    struct err *e);

/*
 * Takes the exclusive flock(2) on `path` (made 0600, O_CLOEXEC).  Waits at
 * most wait_ms.  The descriptor, or -1 with ERR_TEMP and who holds it.
 */
int file_lock(const char *path, int wait_ms, struct err *e);

/* The same lock on a folder that is there; leaves nothing in it. */
int file_lock_folder(const char *path, int wait_ms, struct err *e);

/* Joins folder and name into buf; false when it does not fit. */
bool file_join(char *buf, size_t size, const char *folder, const char *name);

#endif
