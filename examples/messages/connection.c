/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE 1
#include "connection.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <rc/scope.h>
#include <rc/status.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

RC_DEFINE_SCOPED(descriptor, int, -1, close(_v));

/* Listens at a port that the system chooses. -1: it cannot. */
static int make_listener(struct sockaddr_in *address)
{
    socklen_t size = sizeof *address;
    *address = (struct sockaddr_in){.sin_family = AF_INET};
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    RC_SCOPED(descriptor, listener) = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)address, size) != 0) return -1;
    if (listen(listener, 1) != 0) return -1;
    if (getsockname(listener, (struct sockaddr *)address, &size) != 0) return -1;
    return RC_STEAL(descriptor, listener);
}

/* Each piece goes when it is written, so that they arrive as they were sent. */
static bool connect_both(int ends[2])
{
    struct sockaddr_in address;
    int at_once = 1;
    RC_SCOPED(descriptor, listener) = make_listener(&address);
    if (listener < 0) return false;
    RC_SCOPED(descriptor, to) = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (to < 0 || connect(to, (struct sockaddr *)&address, sizeof address) != 0) return false;
    setsockopt(to, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    ends[0] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (ends[0] < 0) return false;
    ends[1] = RC_STEAL(descriptor, to);
    return true;
}

bool make_connection(int ends[2])
{
    if (connect_both(ends)) return true;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0) return true;
    rc_error_set(RC_SYSTEM, "there is no connection to be had: %s", strerror(errno));
    return false;
}

void shutdown_connection(const int ends[2])
{
    shutdown(ends[0], SHUT_RDWR);
    shutdown(ends[1], SHUT_RDWR);
}
