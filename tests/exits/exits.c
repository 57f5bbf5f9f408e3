/* SPDX-License-Identifier: MIT */
/* Prints "kind ok" or "kind got ..., expected ..." for each way out, and fails if one differs. */
#include "tests/exits/exits.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>

#include "rc/try.h"

static __thread char trace[64];

void note(char letter)
{
    size_t end = strlen(trace);
    if (end + 1 < sizeof trace) trace[end] = letter;
}

RC_DEFINE_DEFER(note, char);
RC_DEFINE_SCOPED(letter, char, '-', note(_v));

static void finalize(void *self)
{
    note(*(char *)self);
}

static const rc_type type = {.name = "letter", .size = 1, .finalize = finalize};

static char *object_new(char letter)
{
    char *object = rc_new(char, &type);
    if (object) *object = letter;
    return object;
}

#if RC_HAVE_DEFER_BLOCK
#define BLOCK                                                                                      \
    RC_DEFER_BLOCK                                                                                 \
    {                                                                                              \
        note('b');                                                                                 \
    }
#else
#define BLOCK RC_DEFER(note, 'b');
#endif

/* What each innermost frame holds; given back in the order "wbdsa". */
#define HOLD                                                                                       \
    RC_AUTO(char, a) = object_new('a');                                                            \
    RC_SCOPED(letter, s) = 's';                                                                    \
    RC_DEFER(note, 'd');                                                                           \
    BLOCK                                                                                          \
    RC_WITH(letter, w, 'w')

static void by_end(void)
{
    HOLD note('.');
}

static int returns(void)
{
    HOLD return 1;
    return 0;
}

static void by_return(void)
{
    if (returns() == 1) note('R');
}

static void by_break(void)
{
    for (;;) {
        HOLD note('.');
        break;
    }
    note('B');
}

static void by_continue(void)
{
    for (int i = 0; i < 2; i++) {
        HOLD note('.');
        if (i == 0) continue;
        note('C');
    }
}

static void by_goto(void)
{
    int round = 0;
again: {
    HOLD
    {
        if (round++ == 0) goto again;
        goto out;
    }
}
out:
    note('G');
}

static void end_by_raise(void)
{
    HOLD rc_raise(RC_BUSY, "%c", 'r');
}

static void by_raise(void)
{
    RC_TRY () {
        through_frames(9, end_by_raise);
    } RC_EXCEPT (e) {
        note(e->message[0]);
    } RC_END
}

static void by_reraise(void)
{
    RC_TRY () {
        RC_TRY () {
            through_frames(1, end_by_raise);
        } RC_EXCEPT (e) {
            HOLD rc_reraise(e);
        } RC_END
    } RC_EXCEPT (e) {
        note(e->message[0]);
    } RC_END
}

static int return_from_a_try(void)
{
    RC_TRY () {
        HOLD return 1;
    } RC_EXCEPT (e) {
        note('!');
    } RC_END
    return 0;
}

static void by_return_from_a_try(void)
{
    if (return_from_a_try() == 1) note('R');
}

static void end_by_protect(void)
{
    RC_PROTECT {
        HOLD rc_raise(RC_BUSY, "r");
    } RC_FINALLY {
        note('F');
    } RC_END_PROTECT
}

static void by_raise_through_a_protect(void)
{
    RC_TRY () {
        through_frames(1, end_by_protect);
    } RC_EXCEPT (e) {
        note(e->message[0]);
    } RC_END
}

static void by_leave(void)
{
    RC_PROTECT {
        HOLD RC_LEAVE;
        note('!');
    } RC_FINALLY {
        note('F');
    } RC_END_PROTECT
}

static void by_steal(void)
{
    char *object, letter;
    {
        RC_AUTO(char, a) = object_new('!');
        RC_SCOPED(letter, s) = 's';
        object = rc_steal(&a);
        letter = RC_STEAL(letter, s);
    }
    note(letter);
    *object = 'o';
    rc_release(object);
}

static void by_dismissal(void)
{
    RC_DEFER_NAMED(undo, note, '!');
    RC_DEFER_NAMED(kept, note, 'k');
    RC_DISMISS(undo);
}

static sem_t ready;

static void end_by_exit(void)
{
    HOLD pthread_exit(NULL);
}

static void end_by_cancel(void)
{
    HOLD
    {
        sem_post(&ready);
        for (;;) pthread_testcancel();
    }
}

static void copy_trace(void *to)
{
    memcpy(to, trace, sizeof trace);
}

static void *exit_thread(void *to)
{
    pthread_cleanup_push(copy_trace, to);
    through_frames(2, end_by_exit);
    pthread_cleanup_pop(0);
    return NULL;
}

static void *cancel_thread(void *to)
{
    pthread_cleanup_push(copy_trace, to);
    through_frames(2, end_by_cancel);
    pthread_cleanup_pop(0);
    return NULL;
}

static void by_pthread_exit(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, exit_thread, trace) == 0) pthread_join(thread, NULL);
}

static void by_pthread_cancel(void)
{
    pthread_t thread;
    sem_init(&ready, 0, 0);
    if (pthread_create(&thread, NULL, cancel_thread, trace) != 0) return;
    sem_wait(&ready);
    pthread_cancel(thread);
    pthread_join(thread, NULL);
}

static void by_exception(void)
{
    RC_TRY () {
        throw_through_frames();
        note('.');
        through_frames(0, end_by_raise);
    } RC_EXCEPT (e) {
        note(e->message[0]);
    } RC_END
}

/* A catch (...) ends a raise; the next raise is a new one. */
static void by_swallowed_raise(void)
{
    RC_TRY () {
        swallow_a_raise(end_by_raise);
        note('.');
        through_frames(0, end_by_raise);
    } RC_EXCEPT (e) {
        note(e->message[0]);
    } RC_END
}

static void by_raise_from_cxx(void)
{
    RC_TRY () {
        through_frames(1, raise_from_cxx);
    } RC_EXCEPT (e) {
        note(e->message[0]);
    } RC_END
}

static const struct {
    const char *kind;
    void (*leave)(void);
    const char *expected;
} table[] = {
    {"end", by_end, ".wbdsa"},
    {"return", by_return, "wbdsaR"},
    {"break", by_break, ".wbdsaB"},
    {"continue", by_continue, ".wbdsa.wCbdsa"},
    {"goto", by_goto, "wbdsawbdsaG"},
    {"rc_raise, ten frames", by_raise, "wbdsa0123456789r"},
    {"rc_reraise", by_reraise, "wbdsa01wbdsar"},
    {"return from RC_TRY", by_return_from_a_try, "wbdsaR"},
    {"rc_raise, RC_PROTECT", by_raise_through_a_protect, "wbdsaF01r"},
    {"RC_LEAVE", by_leave, "wbdsaF"},
    {"stolen", by_steal, "so"},
    {"dismissed", by_dismissal, "k"},
    {"pthread_exit", by_pthread_exit, "wbdsa012"},
    {"pthread_cancel", by_pthread_cancel, "wbdsa012"},
    {"C++ rc_raise", by_raise_from_cxx, "sx01c"},
    {"C++ exception", by_exception, "x012C.wbdsa0r"},
    {"C++ catch (...)", by_swallowed_raise, "wbdsaxC.wbdsa0r"},
};

/* "exits raise" raises through frames.c alone, which the gate compiles in ways that must stop. */
int main(int count, char **arguments)
{
    int failed = 0;
    if (count > 1 && strcmp(arguments[1], "raise") == 0) {
        by_raise();
        return 0;
    }
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        memset(trace, 0, sizeof trace);
        table[i].leave();
        bool same = strcmp(trace, table[i].expected) == 0;
        failed += !same;
        if (same)
            printf("%s\tok\n", table[i].kind);
        else
            printf("%s\tgot %s, expected %s\n", table[i].kind, trace, table[i].expected);
    }
    return failed != 0;
}
