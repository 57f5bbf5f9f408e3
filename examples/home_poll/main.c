/* SPDX-License-Identifier: MIT */
/*
 * A server whose connections end on the event loop's thread, whoever holds them last.
 *
 *     clients --lines--> loop --connection, line--> crew --answers--> clients
 *                          ^                          |
 *                          +------- its home ---------+   the last reference
 *
 * The loop drops its reference when a client has sent all that it has to say; by then the crew has
 * many of its lines to answer yet. So the crew's references are the last ones, mostly, and the
 * connections wait for the loop to be woken up, which takes them out of its table and closes them.
 * Every other client reads its answers until the connection is closed; the others hang up at once.
 */
#include <errno.h>
#include <pthread.h>
#include <rc/account.h>
#include <rc/scope.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crew.h"
#include "loop.h"

#define EXIT_USAGE 2
#define MOST       500

struct options {
    size_t clients, lines, threads;
};

/* ---- the clients ----------------------------------------------------------------------------- */

/* All of them, one after the other. */
struct clients {
    const struct options *options;
    int sockets[MOST];
    size_t answers; /* that were read */
};

static void send_lines(int socket, size_t client, size_t lines)
{
    char line[LINE_MOST];
    for (size_t i = 0; i < lines; i++) {
        int length = snprintf(line, sizeof line, "line %zu of client %zu\n", i, client);
        for (int sent = 0, now; sent < length; sent += now) {
            now = (int)send(socket, line + sent, (size_t)(length - sent), MSG_NOSIGNAL);
            if (now < 0) return;
        }
    }
}

/* Until the other side is closed. */
static size_t read_answers(int socket)
{
    char bytes[4096];
    size_t lines = 0;
    ssize_t got;
    shutdown(socket, SHUT_WR);
    while ((got = read(socket, bytes, sizeof bytes)) > 0)
        for (ssize_t i = 0; i < got; i++) lines += bytes[i] == '\n';
    return lines;
}

static void *run_clients(void *argument)
{
    struct clients *self = argument;
    for (size_t i = 0; i < self->options->clients; i++) {
        send_lines(self->sockets[i], i, self->options->lines);
        if (i % 2 == 0) self->answers += read_answers(self->sockets[i]);
        close(self->sockets[i]);
    }
    return NULL;
}

/* ---- the server ------------------------------------------------------------------------------ */

static void ask_crew(struct connection *connection, const char *line, void *crew)
{
    if (crew_ask(crew, connection, line) != RC_OK)
        fprintf(stderr, "home_poll: %s\n", rc_error_message());
}

static enum rc_status connect_clients(struct loop *loop, struct clients *clients)
{
    for (size_t i = 0; i < clients->options->clients; i++) {
        int ends[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
            return rc_error_set(RC_SYSTEM, "no sockets: %s", strerror(errno));
        clients->sockets[i] = ends[0];
        enum rc_status status = loop_connect(loop, ends[1]);
        if (status != RC_OK) return status;
    }
    return RC_OK;
}

static enum rc_status run(const struct options *options)
{
    static struct clients clients;
    clients.options = options;
    RC_AUTO(struct crew, crew) = crew_new(options->threads);
    RC_AUTO(struct loop, loop) = crew ? loop_new(options->clients, ask_crew, crew) : NULL;
    if (!loop || connect_clients(loop, &clients) != RC_OK) return rc_error_status();
    pthread_t thread;
    size_t elsewhere;
    int error = pthread_create(&thread, NULL, run_clients, &clients);
    if (error) return rc_error_set(RC_SYSTEM, "no thread can be started: %s", strerror(error));
    enum rc_status status = loop_run(loop, &elsewhere);
    pthread_join(thread, NULL);
    if (status != RC_OK) return status;
    printf("%zu connections, %zu answers read\n", options->clients, clients.answers);
    fprintf(stderr, "%zu last references went on the loop's thread, %zu elsewhere\n",
            options->clients - elsewhere, elsewhere);
    return RC_OK;
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
    *options = (struct options){.clients = 20, .lines = 200, .threads = 4};
    return argc <= 4 && (argc < 2 || read_number(argv[1], MOST, &options->clients)) &&
           (argc < 3 || read_number(argv[2], 1000000, &options->lines)) &&
           (argc < 4 || read_number(argv[3], 64, &options->threads));
}

int main(int argc, char **argv)
{
    struct options options;
    struct rc_account before;
    if (!read_options(argc, argv, &options)) {
        fputs("usage: home_poll [CLIENTS [LINES [THREADS]]]\n"
              "CLIENTS, up to 500 and without it 20, send LINES, without it 200, through a\n"
              "connection each; THREADS, up to 64 and without it 4, answer them.\n",
              stderr);
        return EXIT_USAGE;
    }
    rc_account_read(&before);
    enum rc_status status = run(&options);
    if (status != RC_OK) fprintf(stderr, "home_poll: %s\n", rc_error_message());
    if (status == RC_OK) RC_ASSERT_NOTHING_NEW(&before);
    return status == RC_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
