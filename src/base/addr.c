/*
 * addr.c - one network address, as a value.  Resolves no names.
 */
#include "base/addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct addr
addr_make(int family, const void *ip, uint16_t port)
{
	struct addr a;

	memset(&a, 0, sizeof(a));
	a.family = (uint8_t)family;
	a.port = port;
	memcpy(a.ip, ip, family == 4 ? 4 : 16);
	return a;
}

static int
parse_ip(const char *s, uint16_t port, struct addr *ret_addr)
{
	uint8_t ip[16];

	if (inet_pton(AF_INET, s, ip) == 1)
		*ret_addr = addr_make(4, ip, port);
	else if (inet_pton(AF_INET6, s, ip) == 1)
		*ret_addr = addr_make(6, ip, port);
	else
		return -1;
	return 0;
}

/* 1..65535, digits only. */
static int
parse_port(const char *s, uint16_t *ret_port)
{
	unsigned long n = 0;

	if (*s == 0 || strlen(s) > 5)
		return -1;
	for (; *s != 0; s++) {
		if (*s < '0' || *s > '9')
			return -1;
		n = n * 10 + (unsigned long)(*s - '0');
	}
	if (n == 0 || n > 65535)
		return -1;
	*ret_port = (uint16_t)n;
	return 0;
}

int
addr_parse(const char *s, uint16_t port, struct addr *ret_addr)
{
	char ip[ADDR_TEXT];
	const char *end;

	if (parse_ip(s, port, ret_addr) == 0)
		return 0;
	if (s[0] == '[')
		end = strchr(++s, ']');
	else
		end = strchr(s, ':');
	if (end == NULL || (size_t)(end - s) >= sizeof(ip))
		return -1;
	memcpy(ip, s, (size_t)(end - s));
	ip[end - s] = 0;
	if (*end == ']') {
		if (strchr(ip, ':') == NULL)
			return -1;
		end++;
		if (*end == 0)
			return parse_ip(ip, port, ret_addr);
	} else if (strchr(end + 1, ':') != NULL)
		return -1;
	if (*end != ':' || parse_port(end + 1, &port) < 0)
		return -1;
	return parse_ip(ip, port, ret_addr);
}

const char *
addr_ip(const struct addr *a, char buf[ADDR_TEXT])
{
	if (a->family == 0 ||
	    inet_ntop(a->family == 4 ? AF_INET : AF_INET6, a->ip, buf,
		ADDR_TEXT) == NULL)
		snprintf(buf, ADDR_TEXT, "-");
	return buf;
}

const char *
addr_str(const struct addr *a, char buf[ADDR_TEXT])
{
	char ip[INET6_ADDRSTRLEN + 1];

	if (a->family == 0 ||
	    inet_ntop(a->family == 4 ? AF_INET : AF_INET6, a->ip, ip,
		sizeof(ip)) == NULL)
		snprintf(buf, ADDR_TEXT, "-");
	else
		snprintf(buf, ADDR_TEXT, a->family == 6 ? "[%s]:%u" : "%s:%u",
		    ip, a->port);
	return buf;
}

int
addr_cmp(const struct addr *a, const struct addr *b)
{
	int c;

	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	c = memcmp(a->ip, b->ip, sizeof(a->ip));
	if (c != 0)
		return c;
	return a->port == b->port ? 0 : a->port < b->port ? -1 : 1;
}

bool
addr_is_loopback(const struct addr *a)
{
	static const uint8_t one[16] = { [15] = 1 };

	if (a->family == 4)
		return a->ip[0] == 127;
	return a->family == 6 && memcmp(a->ip, one, 16) == 0;
}

size_t
addr_sockaddr(const struct addr *a, struct sockaddr_storage *ss)
{
	memset(ss, 0, sizeof(*ss));
	if (a->family == 4) {
		struct sockaddr_in *in = (struct sockaddr_in *)ss;

		in->sin_family = AF_INET;
		in->sin_port = htons(a->port);
		memcpy(&in->sin_addr, a->ip, 4);
		return sizeof(*in);
	}
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;

	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(a->port);
	memcpy(&in6->sin6_addr, a->ip, 16);
	return sizeof(*in6);
}
