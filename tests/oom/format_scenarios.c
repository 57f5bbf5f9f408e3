/* SPDX-License-Identifier: MIT */
/* Formats: parsed, compared; and items, which ask for no memory. */
#include <string.h>

#include "buffer/format.h"
#include "oom.h"

static const char text[] = "T{i:id:(2,3)T{=h:a:d:b:}:parts:10s:name:}";

enum { VALUES = 14 };

static rc_format *format_of(const struct stage *stage)
{
    return stage->made;
}

static bool parse(struct stage *stage)
{
    stage->made = rc_format_new(text);
    return stage->made != NULL;
}

static bool is_parsed(struct stage *stage)
{
    const struct rc_format_field *parts = rc_format_find(format_of(stage), "parts");
    return format_of(stage)->value_count == VALUES && parts && parts->ndim == 2;
}

static void prepare(struct stage *stage)
{
    (void)parse(stage);
    watch(stage, stage->made);
}

/* One of one code is there already. */
static bool parse_one_code(struct stage *stage)
{
    stage->made = rc_format_new("d");
    return stage->made != NULL;
}

static bool ask(struct stage *stage)
{
    rc_format *format = format_of(stage);
    return rc_format_equal(format, format) && rc_format_find(format, "name") &&
           !rc_format_find(format, "nobody");
}

static bool convert(struct stage *stage)
{
    const rc_format *format = format_of(stage);
    struct rc_value values[VALUES];
    unsigned char item[128] = {1, 2, 3}, again[128];
    return format->itemsize <= sizeof item &&
           rc_format_unpack(format, item, values, VALUES) == RC_OK &&
           rc_format_pack(format, again, values, VALUES) == RC_OK &&
           memcmp(item, again, format->itemsize) == 0;
}

static void end(struct stage *stage)
{
    rc_clear(&stage->made);
}

static const struct scenario list[] = {
    {.name = "format", .act = parse, .holds = is_parsed, .end = end},
    {.name = "format of one code", .act = parse_one_code, .end = end, .quiet = true},
    {.name = "ask a format", .prepare = prepare, .act = ask, .end = end, .quiet = true},
    {.name = "unpack and pack", .prepare = prepare, .act = convert, .end = end, .quiet = true},
};

const struct scenarios format_scenarios = {list, sizeof list / sizeof list[0]};
