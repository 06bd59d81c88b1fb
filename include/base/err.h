/*
 * err.h - why something could not be done.
 *
 * A function that can fail returns 0 or -1 and takes a `struct err *` last.
 * The text is set where it happens, names the object first, and is fit to be
 * shown to an administrator.  Callers may put words in front of it.  NULL:
 * nobody will read it; where there are many, that spares 8 KiB set to zero.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

/* What kind of failure; each maps to one exit code (sysexits.h where fit). */
enum err_kind {
	ERR_NONE = 0,
	ERR_REFUSED,	 /* 4: by the law or by an unmet guard */
	ERR_USAGE,	 /* 64: the command line */
	ERR_UNREACHABLE, /* 69: nobody answered */
	ERR_BUG,	 /* 70: ours */
	ERR_CREATE,	 /* 73: cannot create a file */
	ERR_IO,		 /* 74: read, write, fsync, database */
	ERR_TEMP,	 /* 75: transient: lock held, time ran out */
	ERR_PERM,	 /* 77: not allowed */
	ERR_CONFIG,	 /* 78: the config, or what it names */
};

struct err {
	enum err_kind kind;
	char text[8192]; /* no newline at the end; may hold several lines */
};

/* Behind one that is set before it is read, where there are many: its 8 KiB are
 * not emptied first (-ftrivial-auto-var-init). */
#if defined(__has_attribute)
#if __has_attribute(uninitialized)
#define ERR_BARE __attribute__((uninitialized))
#endif
#endif
#ifndef ERR_BARE
#define ERR_BARE
#endif

/* Sets kind and text; returns -1, so that `return err_set(...)` reads well. */
int err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* "OBJECT: strerror(errno)"; EACCES and EPERM make it ERR_PERM. */
int err_sys(struct err *e, enum err_kind kind, const char *object);

/* Puts "WORDS: " before the text that is there; returns -1. */
int err_prefix(struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The exit code of the program for this kind (interface: exit codes). */
int err_exit(enum err_kind kind);

#endif
