/* SPDX-License-Identifier: MIT */
/**
 * @file tests/buffer/pool_support.h
 * What the suites of pools share: a pool, a buffer of it, its statistics, each asserted to be there.
 */
#ifndef TESTS_BUFFER_POOL_SUPPORT_H
#define TESTS_BUFFER_POOL_SUPPORT_H

#include "buffer/pool.h"
#include "support.h"

static inline struct rc_pool_statistics read_pool(const rc_pool *pool)
{
    struct rc_pool_statistics now;
    ASSERT_OK(rc_pool_read(pool, &now));
    return now;
}

static inline rc_pool *pool_of(size_t size, size_t keep)
{
    rc_pool *pool = rc_pool_new(size, 0, keep);
    ck_assert_msg(pool != NULL, "%s", rc_error_message());
    return pool;
}

static inline rc_buffer *take(rc_pool *pool)
{
    rc_buffer *buffer = rc_pool_take(pool);
    ck_assert_msg(buffer != NULL, "%s", rc_error_message());
    return buffer;
}

#endif
