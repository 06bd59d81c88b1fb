/*
 * route.c - what the kernel's table of routes says, asked by a connect(2) of
 * a datagram socket: it sends nothing.
 */
#include "edge/route.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

static bool
says_no(int error)
{
	return error == ENETUNREACH || error == EADDRNOTAVAIL ||
	    error == EAFNOSUPPORT;
}

bool
route_missing(const struct addr *a)
{
	struct sockaddr_storage ss;
	socklen_t len = (socklen_t)addr_sockaddr(a, &ss);
	int fd = socket(ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool missing;

	if (fd < 0)
		return says_no(errno);
	missing = connect(fd, (struct sockaddr *)&ss, len) < 0 &&
	    says_no(errno);
	close(fd);
	return missing;
}
