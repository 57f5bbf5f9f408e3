/* SPDX-License-Identifier: MIT */
/*
 * scoped_resources RESULT [FILE...]: joins the files into a new one; an empty file ends the list.
 *
 * join() holds a mutex, a buffer, a descriptor, an open FILE for each step, and a result that is
 * not worth keeping unless it is complete. It has four ways out: an early return, errors, a break
 * out of the loop, and the end. None of them says what is to be released: each resource says so
 * where it is acquired. The program prints what was released, and in which order.
 */
#include <buffer/buffer.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <rc/account.h>
#include <rc/scope.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXIT_USAGE 2
#define BLOCK_SIZE 65536

/* ---- how each kind of resource is released; a program that need not tell would simply write
 * RC_DEFINE_SCOPED(file, FILE *, NULL, fclose(_v)) ------------------------------------------- */

static void close_file(FILE *file)
{
    fclose(file);
    puts("released: file");
}

static void close_descriptor(int descriptor)
{
    close(descriptor);
    puts("released: descriptor");
}

static void unlock(pthread_mutex_t *mutex)
{
    pthread_mutex_unlock(mutex);
    puts("released: mutex");
}

static void give_back(void *bytes, size_t size, void *context)
{
    (void)size, (void)context;
    free(bytes);
    puts("released: buffer");
}

static void remove_result(const char *path)
{
    unlink(path);
    puts("undone: the result is removed");
}

RC_DEFINE_SCOPED(file, FILE *, NULL, close_file(_v));
RC_DEFINE_SCOPED(descriptor, int, -1, close_descriptor(_v));
RC_DEFINE_SCOPED(locked, pthread_mutex_t *, NULL, unlock(_v));
RC_DEFINE_DEFER(remove_result, const char *);

/* ---- how each is acquired ------------------------------------------------------------------- */

static pthread_mutex_t *lock(void)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&mutex);
    return &mutex;
}

/* A buffer that takes memory of malloc() over: from then on its last release frees it. */
static rc_buffer *new_block(void)
{
    void *bytes = malloc(BLOCK_SIZE);
    rc_buffer *block = bytes ? rc_buffer_adopt(bytes, BLOCK_SIZE, give_back, NULL) : NULL;
    if (!block) free(bytes);
    return block;
}

static enum rc_status cannot(const char *what, const char *path)
{
    return rc_error_set(RC_SYSTEM, "%s cannot be %s: %s", path, what, strerror(errno));
}

/* ---- the work ------------------------------------------------------------------------------- */

/* Returns: bytes copied, through @p copied. Errors: RC_SYSTEM. */
static enum rc_status copy(FILE *source, int result, rc_buffer *block, const char *path,
                           size_t *copied)
{
    *copied = 0;
    for (size_t size; (size = fread(rc_buffer_edit(block), 1, block->size, source)) > 0;) {
        for (size_t done = 0; done < size;) {
            ssize_t written = write(result, block->data + done, size - done);
            if (written < 0 && errno != EINTR) return cannot("copied", path);
            if (written > 0) done += (size_t)written;
        }
        *copied += size;
    }
    return ferror(source) ? cannot("read", path) : RC_OK;
}

static enum rc_status join(const char *path, char **sources, int count)
{
    RC_SCOPED(locked, held) = lock();
    RC_AUTO(rc_buffer, block) = new_block();
    if (!block) return rc_error_set(RC_NO_MEMORY, "no room for a block");
    if (count == 0) return RC_OK; /* early: releases the buffer and the mutex */

    RC_SCOPED(descriptor, result) = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (result < 0) return cannot("made", path);
    RC_DEFER_NAMED(undo, remove_result, path);
    for (int i = 0; i < count; i++) {
        RC_SCOPED(file, source) = fopen(sources[i], "rb");
        if (!source) return cannot("opened", sources[i]); /* undoes, and releases all but a file */
        size_t copied;
        if (copy(source, result, block, sources[i], &copied)) return rc_error_status();
        if (copied == 0) break; /* releases the file, and goes on below */
    }
    RC_DISMISS(undo); /* the result is complete, and stays */
    return RC_OK;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fputs("usage: scoped_resources RESULT [FILE...]\n", stderr);
        return EXIT_USAGE;
    }
    enum rc_status status = join(argv[1], argv + 2, argc - 2);
    if (status) fprintf(stderr, "scoped_resources: %s\n", rc_error_message());

    struct rc_account now;
    rc_account_read(&now);
    printf("alive at the end: %zu objects\n", now.live_objects);
    return status || now.live_objects ? EXIT_FAILURE : EXIT_SUCCESS;
}
