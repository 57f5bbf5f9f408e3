/* SPDX-License-Identifier: MIT */
/*
 * Timers of a libuv loop that any thread may hold, and the last release of which closes them.
 *
 * Of all of libuv uv_async_send() alone may be called by other threads. So a ticker, which owns a
 * timer, has the loop's home: where a thread releases its last reference it waits, the home's hook
 * sends, and the loop runs the home, which closes the timer where that may be done. The loop ends
 * when there is no ticker any more.
 */
#include <rc/account.h>
#include <rc/home.h>
#include <rc/memory.h>
#include <rc/scope.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

enum { TICKERS = 6, TICKS = 5 };

struct ticker {
    uv_timer_t *timer; /* libuv keeps it until it is closed: longer than this object */
    size_t ticks;
    uv_mutex_t lock;
    uv_cond_t ticked;
};

struct server {
    uv_loop_t loop;
    uv_async_t waker;
    rc_home *home;
    size_t from_elsewhere;
};

/* ---- tickers --------------------------------------------------------------------------------- */

static void free_handle(uv_handle_t *handle)
{
    rc_memory_free(handle);
}

/* On the loop's thread. */
static void ticker_finalize(void *object)
{
    struct ticker *self = object;
    if (!self->timer) return;
    uv_close((uv_handle_t *)self->timer, free_handle);
    uv_cond_destroy(&self->ticked);
    uv_mutex_destroy(&self->lock);
}

static const rc_type ticker_type = {
    .name = "home_uv.ticker", .size = sizeof(struct ticker), .finalize = ticker_finalize};

/* The timer does not hold the ticker: it is closed before that is gone. */
static void on_tick(uv_timer_t *timer)
{
    struct ticker *self = timer->data;
    uv_mutex_lock(&self->lock);
    self->ticks++;
    uv_cond_signal(&self->ticked);
    uv_mutex_unlock(&self->lock);
}

static struct ticker *ticker_new(struct server *server)
{
    RC_AUTO(struct ticker, self) = RC_HOME_NEW(server->home, struct ticker, &ticker_type);
    uv_timer_t *timer = self ? rc_memory_allocate(sizeof *timer) : NULL;
    if (!timer) return NULL;
    uv_mutex_init(&self->lock);
    uv_cond_init(&self->ticked);
    uv_timer_init(&server->loop, timer);
    timer->data = self;
    self->timer = timer;
    uv_timer_start(timer, on_tick, 1, 1);
    return rc_steal(&self);
}

/* A thread's life. Takes: ticker. */
static void wait_for_ticks(void *ticker)
{
    RC_AUTO(struct ticker, self) = ticker;
    uv_mutex_lock(&self->lock);
    while (self->ticks < TICKS) uv_cond_wait(&self->ticked, &self->lock);
    uv_mutex_unlock(&self->lock);
}

/* ---- the loop -------------------------------------------------------------------------------- */

/* The home's hook, on any thread. */
static void wake(void *waker)
{
    uv_async_send(waker);
}

/* libuv may make one call of several. When the home is closed nobody is in the hook. */
static void on_wake(uv_async_t *waker)
{
    struct server *self = waker->data;
    self->from_elsewhere += rc_home_run(self->home);
    if (rc_home_alive(self->home) > 0) return;
    (void)rc_home_close(self->home, RC_HOME_NOWHERE);
    uv_close((uv_handle_t *)waker, NULL);
}

static size_t start(struct server *self, uv_thread_t *threads)
{
    for (size_t i = 0; i < TICKERS; i++) {
        struct ticker *ticker = ticker_new(self);
        if (!ticker) return i;
        if (uv_thread_create(&threads[i], wait_for_ticks, ticker) == 0) continue;
        rc_release(ticker);
        return i;
    }
    return TICKERS;
}

static int run(struct server *self)
{
    uv_thread_t threads[TICKERS];
    uv_loop_init(&self->loop);
    uv_async_init(&self->loop, &self->waker, on_wake);
    self->waker.data = self;
    self->home = rc_home_new();
    if (!self->home || rc_home_set_wake(self->home, wake, &self->waker) != RC_OK) return 1;
    size_t started = start(self, threads);
    uv_async_send(&self->waker); /* in case that there is nothing to wait for */
    uv_run(&self->loop, UV_RUN_DEFAULT);
    for (size_t i = 0; i < started; i++) uv_thread_join(&threads[i]);
    printf("%zu tickers, %zu ended by the loop for other threads, %zu left\n", started,
           self->from_elsewhere, rc_home_alive(self->home));
    rc_release(self->home);
    return uv_loop_close(&self->loop) == 0 && started == TICKERS ? 0 : 1;
}

int main(void)
{
    static struct server server;
    struct rc_account before;
    rc_account_read(&before);
    int status = run(&server);
    if (status)
        fprintf(stderr, "home_uv: %s\n", rc_error_message());
    else
        RC_ASSERT_NOTHING_NEW(&before);
    return status ? EXIT_FAILURE : EXIT_SUCCESS;
}
