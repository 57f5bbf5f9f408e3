/* SPDX-License-Identifier: MIT */
/* Both ends of a connection inside this machine. */
#ifndef MESSAGES_CONNECTION_H
#define MESSAGES_CONNECTION_H

#include <stdbool.h>

/* What is written to ends[1] is read from ends[0]: by TCP over 127.0.0.1; where there is no such
 * device, a pair of Unix sockets. False: the error is set. */
bool make_connection(int ends[2]);

/* Neither end reads or writes any more, and whoever waits to do so at one of them goes on: the end
 * of the reader alone does not wake a writer who waits for it to read. */
void shutdown_connection(const int ends[2]);

#endif
