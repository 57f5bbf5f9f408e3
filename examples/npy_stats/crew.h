/* SPDX-License-Identifier: MIT */
/* Tasks 0, 1, 2 ... shared out among threads, in that order. */
#ifndef NPY_STATS_CREW_H
#define NPY_STATS_CREW_H

#include <rc/status.h>
#include <stddef.h>

typedef enum rc_status crew_work(void *context, size_t task);

/**
 * Call @p work once for each task, on this thread and up to @p threads - 1 others; where fewer can
 * be had, on these. After the first failure no task is begun.
 *
 * Returns:  RC_OK when all are done, or the status of the first that failed, with its message.
 */
enum rc_status crew_run(size_t threads, size_t tasks, crew_work *work, void *context);

#endif
