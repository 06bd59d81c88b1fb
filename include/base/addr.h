/*
 * addr.h - one network address, as a value.
 */
#ifndef BASE_ADDR_H
#define BASE_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr_storage;

#define ADDR_TEXT 56 /* "[v6]:65535" and the end */

/* An IPv4 or IPv6 address with a port (0: none); compare with addr_cmp. */
struct addr {
	uint8_t family; /* 4, 6, or 0 for none */
	uint16_t port;
	uint8_t ip[16]; /* network order; IPv4 uses the first four */
};

/*
 * "192.0.2.1", "192.0.2.1:25", "2001:db8::1", "[2001:db8::1]:25".  The port
 * is `port` unless the text names one.  0 or -1.
 */
int addr_parse(const char *s, uint16_t port, struct addr *ret_addr);

struct addr addr_make(int family, const void *ip, uint16_t port);

/* Without the port: "192.0.2.1", "2001:db8::1". */
const char *addr_ip(const struct addr *a, char buf[ADDR_TEXT]);
/* With it: "192.0.2.1:25", "[2001:db8::1]:25". */
const char *addr_str(const struct addr *a, char buf[ADDR_TEXT]);

int addr_cmp(const struct addr *a, const struct addr *b);
bool addr_is_loopback(const struct addr *a);

/* Fills ss; returns its length for connect(2). */
size_t addr_sockaddr(const struct addr *a, struct sockaddr_storage *ss);

#endif
