/* SPDX-License-Identifier: MIT */
/*
 * Messages with their length in front, through a socket that cuts them up as it likes.
 *
 *     file --map--> lines --chain: length, line, length, line ...--> socket
 *                                                                       |
 *     stdout <-- messages <--cut-- chain: buffers of a pool <--receive--+
 *
 * A thread sends each line of a file as a message, in pieces of arbitrary sizes: no line is copied
 * on its way into the socket. The main thread receives into buffers of a pool, one behind the
 * other, and cuts messages off in front. One that lies in one buffer is a slice of it; only those
 * that cross from one buffer into the next are copied, and counted.
 */
#include <buffer/map.h>
#include <errno.h>
#include <rc/scope.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "connection.h"
#include "parser.h"
#include "sender.h"

#define EXIT_USAGE 2
#define MOST_ROOM  ((size_t)1 << 30)

struct options {
    const char *path;
    size_t room, seed;
};

RC_DEFINE_SCOPED(descriptor, int, -1, close(_v));

static enum rc_status cannot_print(void)
{
    return rc_error_set(RC_SYSTEM, "the messages cannot be printed: %s", strerror(errno));
}

static enum rc_status print_message(const rc_buffer *message)
{
    if (fwrite(message->data, 1, message->size, stdout) == message->size && putchar('\n') != EOF)
        return RC_OK;
    return cannot_print();
}

static enum rc_status print_messages(struct parser *parser)
{
    for (;;) {
        RC_AUTO(rc_buffer, message) = NULL;
        enum rc_status status = parser_next(parser, &message);
        if (status != RC_OK || !message) return status;
        status = print_message(message);
        if (status != RC_OK) return status;
    }
}

static enum rc_status receive(struct parser *parser, int socket, rc_pool *pool, size_t room)
{
    for (size_t received = 1; received > 0;) {
        enum rc_status status = rc_chain_receive(parser->chain, socket, pool, room, &received);
        if (status == RC_OK) status = print_messages(parser);
        if (status != RC_OK) return status;
    }
    return parser_end(parser);
}

static void tell(const struct parser *parser, const rc_pool *pool)
{
    struct rc_pool_statistics now;
    if (rc_pool_read(pool, &now) != RC_OK) return;
    fprintf(stderr, "messages: %zu sliced, %zu copied; buffers: %zu made, %zu taken again\n",
            parser->sliced, parser->copied, now.misses, now.hits);
}

/* A sender that is still at it when receiving has failed is ended by that, and not asked. */
static enum rc_status receive_from(struct sender *sender, const int sockets[2], size_t room)
{
    RC_AUTO(rc_pool, pool) = rc_pool_new(room, 0, 16);
    RC_AUTO(struct parser, parser) = parser_new();
    enum rc_status status =
        pool && parser ? receive(parser, sockets[0], pool, room) : rc_error_status();
    shutdown_connection(sockets);
    if (status == RC_OK && fflush(stdout) != 0) status = cannot_print();
    if (status == RC_OK) status = sender_join(sender);
    if (status == RC_OK) tell(parser, pool);
    return status;
}

static enum rc_status run(const struct options *options)
{
    RC_AUTO(rc_buffer, file) = rc_map_file(options->path, RC_MAP_READ);
    if (!file) return rc_error_status();
    int sockets[2];
    if (!make_connection(sockets)) return rc_error_status();
    RC_SCOPED(descriptor, from) = sockets[0];
    RC_SCOPED(descriptor, to) = sockets[1];
    RC_AUTO(struct sender, sender) = sender_start(file, to, options->seed);
    return sender ? receive_from(sender, sockets, options->room) : rc_error_status();
}

/* ---- the command line ------------------------------------------------------------------------ */

static bool read_number(const char *text, size_t most, size_t *number)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    bool good = *text >= '0' && *text <= '9' && !*end && !errno && value >= 1 && value <= most;
    if (good) *number = value;
    return good;
}

static bool read_options(int argc, char **argv, struct options *options)
{
    *options = (struct options){.room = 65536, .seed = 1};
    if (argc < 2 || argc > 4) return false;
    options->path = argv[1];
    return (argc < 3 || read_number(argv[2], MOST_ROOM, &options->room)) &&
           (argc < 4 || read_number(argv[3], SIZE_MAX, &options->seed));
}

int main(int argc, char **argv)
{
    struct options options;
    if (!read_options(argc, argv, &options)) {
        fputs(
            "usage: messages FILE [ROOM [SEED]]\n"
            "Sends each line of FILE, of at most 1 MiB, as a message through a socket of this\n"
            "machine, and prints those that arrive. ROOM is the size of the buffers that they\n"
            "are received into, up to 1 GiB, without it 65536; SEED, without it 1, says in which\n"
            "pieces they are sent.\n",
            stderr);
        return EXIT_USAGE;
    }
    if (run(&options) == RC_OK) return EXIT_SUCCESS;
    fprintf(stderr, "messages: %s\n", rc_error_message());
    return EXIT_FAILURE;
}
