/* SPDX-License-Identifier: MIT */
/* A timeline asks for memory once: for the copy that is written. */
#include <stdio.h>
#include <string.h>

#include "oom.h"
#include "rc/timeline.h"

static char written[4096];
static FILE *stream;

static bool run_one(struct stage *stage)
{
    (void)stage;
    bool good = rc_timeline_start() == RC_OK && rc_timeline_mark("here") == RC_OK;
    rc_timeline_stop();
    return good;
}

static void prepare_one(struct stage *stage)
{
    run_one(stage);
    memset(written, 0, sizeof written);
    stream = fmemopen(written, sizeof written, "w");
}

static bool write_one(struct stage *stage)
{
    (void)stage;
    rewind(stream);
    return rc_timeline_write_csv(stream) == RC_OK;
}

static bool is_written(struct stage *stage)
{
    (void)stage;
    return strncmp(written, "seconds,", 8) == 0 && strstr(written, ",\"here\"\n");
}

static void end_one(struct stage *stage)
{
    (void)stage;
    fclose(stream);
}

static const struct scenario list[] = {
    {.name = "run a timeline", .act = run_one, .quiet = true},
    {.name = "write a timeline",
     .prepare = prepare_one,
     .act = write_one,
     .holds = is_written,
     .end = end_one},
};

const struct scenarios timeline_scenarios = {list, sizeof list / sizeof list[0]};
