/* SPDX-License-Identifier: MIT */
/* What asks for no memory at all, and so cannot fail for it: each called, and its requests counted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buffer/pool.h"
#include "oom.h"
#include "rc/bias.h"
#include "rc/ledger.h"
#include "rc/ledger_site.h"
#include "rc/scope.h"
#include "rc/slot.h"
#include "rc/try.h"

static const rc_type thing_type = {.name = "quiet thing", .size = 64};

static void prepare_thing(struct stage *stage)
{
    stage->object = rc_object_new(&thing_type, 0);
    stage->weak = rc_weak_new(stage->object);
}

static void end_thing(struct stage *stage)
{
    rc_clear(&stage->weak);
    rc_clear(&stage->object);
}

/* ---- errors ---------------------------------------------------------------------------------- */

static enum rc_status set_by_list(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    enum rc_status status = rc_error_set_v(RC_BUSY, format, arguments);
    va_end(arguments);
    return status;
}

static bool errors(struct stage *stage)
{
    (void)stage;
    bool good = rc_error_set(RC_RANGE, "%d of %d", 3, 2) == RC_RANGE;
    good = good && rc_error_status() == RC_RANGE && strcmp(rc_error_message(), "3 of 2") == 0;
    good = good && set_by_list("%s", "busy") == RC_BUSY;
    rc_error_clear();
    return good && strcmp(rc_status_name(RC_BUSY), "RC_BUSY") == 0 && *rc_status_text(RC_BUSY) &&
           strcmp(rc_version(), RC_VERSION) == 0;
}

/* This library keeps no ledger: what it is told it does not hear. */
static bool ask_ledger(struct stage *stage)
{
    static const struct rc_site site = {__FILE__, "ask_ledger", __LINE__};
    static FILE *nowhere;
    static char room[BUFSIZ];
    if (!nowhere && (nowhere = fopen("/dev/null", "w")))
        setvbuf(nowhere, room, _IOFBF, sizeof room);
    rc_ledger_retained(stage->object, &site, "tag");
    rc_ledger_released(stage->object, &site, "tag");
    bool good = !rc_ledger_is_on() && rc_ledger_report(nowhere) == 0 &&
                rc_ledger_holders(stage->object, nowhere) == 0 &&
                rc_error_status() == RC_UNSUPPORTED;
    rc_error_clear();
    return good;
}

static bool saved_errors(struct stage *stage)
{
    (void)stage;
    struct rc_scope_saved saved = {.status = RC_BUSY};
    rc_error_set(RC_BUSY, "before");
    rc_scope_save(&saved);
    rc_error_set(RC_RANGE, "between");
    rc_scope_restore(&saved);
    bool good = rc_error_status() == RC_BUSY && strcmp(rc_error_message(), "before") == 0;
    rc_error_clear();
    return good;
}

/* ---- the account ----------------------------------------------------------------------------- */

static char written[65536];
static FILE *stream;

static void prepare_stream(struct stage *stage)
{
    prepare_thing(stage);
    stream = fmemopen(written, sizeof written, "w");
}

static void end_stream(struct stage *stage)
{
    end_thing(stage);
    fclose(stream);
}

static bool write_account(struct stage *stage)
{
    (void)stage;
    return rc_account_write_text(stream) == RC_OK && rc_account_write_json(stream) == RC_OK &&
           rc_account_write_prometheus(stream) == RC_OK;
}

static void count_types(const struct rc_account_type *entry, void *context)
{
    (void)entry;
    ++*(size_t *)context;
}

static bool read_account(struct stage *stage)
{
    (void)stage;
    struct rc_account before, after;
    size_t types = 0;
    rc_account_read_sized(&before, sizeof before);
    rc_account_read(&after);
    rc_account_reset_peak();
    RC_ASSERT_NOTHING_NEW(&before);
    return rc_account_subtract(&after, &before).live_objects == 0 &&
           rc_account_read_type(&thing_type).live_objects == 1 &&
           rc_account_each_type(count_types, &types) == types && types >= 2 &&
           rc_account_check_nothing_new(&before) == RC_OK;
}

/* ---- allocators ------------------------------------------------------------------------------ */

static bool allocators(struct stage *stage)
{
    (void)stage;
    struct rc_limiting_allocator limiting;
    struct rc_failing_allocator failing;
    struct rc_guarding_allocator guarding;
    rc_limiting_allocator_init(&limiting, rc_allocator_system(), 100);
    rc_failing_allocator_init(&failing, NULL, 1, true);
    rc_guarding_allocator_init(&guarding, NULL);
    const struct rc_allocator *before = rc_allocator_default();
    bool good = rc_allocator_set_default(&limiting.allocator) == RC_OK &&
                rc_allocator_default() == &limiting.allocator &&
                rc_allocator_set_default(before) == RC_OK;
    return good && rc_limiting_allocator_used(&limiting) == 0 &&
           rc_failing_allocator_requests(&failing) == 0 &&
           rc_failing_allocator_failed(&failing) == 0 &&
           rc_guarding_allocator_live_blocks(&guarding) == 0;
}

/* Giving back what idles. */
static bool trim(struct stage *stage)
{
    (void)stage;
    struct rc_memory_statistics now, sized;
    rc_memory_trim();
    rc_memory_statistics_read(&now);
    rc_memory_statistics_read_sized(&sized, sizeof sized);
    return now.struct_size == sizeof now && now.idle_bytes == 0 && sized.depot_bytes == 0;
}

/* ---- objects and weak references ------------------------------------------------------------- */

static void *immortal; /* one is enough: it never goes */

static void prepare_immortal(struct stage *stage)
{
    (void)stage;
    if (!immortal) {
        const struct rc_allocator *before = rc_allocator_default();
        rc_allocator_set_default(NULL);
        immortal = rc_object_new(&thing_type, 0);
        rc_allocator_set_default(before);
    }
}

static bool be_immortal(struct stage *stage)
{
    (void)stage;
    rc_make_immortal(immortal);
    rc_object_retain_slow(immortal, false);
    return rc_count(immortal) == SIZE_MAX;
}

/* What public headers define inline. */
static bool handle(struct stage *stage)
{
    void *mine = rc_retain(stage->object), *stolen = NULL;
    bool good = mine == stage->object && !rc_is_unique(mine) && rc_count(mine) == 2;
    good = good && rc_type_of(mine) == &thing_type;
    rc_assign(&stolen, mine);
    good = good && rc_count(mine) == 3;
    rc_clear(&stolen);
    stolen = rc_steal(&mine);
    good = good && !mine;
    rc_release(stolen);
    return good && rc_is_unique(stage->object);
}

static const rc_type biased_type = {
    .name = "quiet biased thing", .size = 64, .flags = RC_TYPE_BIASED};

static void prepare_biased(struct stage *stage)
{
    stage->object = rc_object_new(&biased_type, 0);
}

/* Counted by the slow ways that inline bodies call, drained, and shared for good. */
static bool count_biased(struct stage *stage)
{
    void *object = stage->object;
    bool good = rc_count(object) == 1 && rc_is_unique(object);
    rc_bias_retain_slow(object, false);
    good = good && rc_bias_count(object) == 2 && !rc_bias_is_unique(object);
    rc_bias_release_slow(object, false);
    rc_bias_drain();
    rc_bias_share(object);
    good = good && rc_share(object) == object && rc_retain(object) == object;
    rc_release(object);
    return good && rc_is_unique(object);
}

static unsigned deaths;

static void on_death(rc_weak *weak, void *context)
{
    (void)context;
    deaths += rc_weak_is_dead(weak);
}

/* The end of an object, its weak references and their callbacks. */
static bool live_and_die(struct stage *stage)
{
    deaths = 0;
    void *locked = rc_weak_lock(stage->weak);
    void *typed = rc_weak_lock_checked(stage->weak, 64, "thing");
    bool good = locked == stage->object && typed == locked && rc_count(locked) == 3;
    rc_release(typed);
    rc_release(locked);
    good = good && rc_weak_on_death(stage->weak, on_death, NULL) == RC_OK;
    (rc_release)(stage->object);
    stage->object = NULL;
    return good && deaths == 1 && !rc_weak_lock(stage->weak);
}

/* ---- slots ----------------------------------------------------------------------------------- */

static rc_slot slot;

static void note_visit(void *object, void *seen)
{
    *(void **)seen = object;
}

static bool load_and_store(struct stage *stage)
{
    void *object = stage->object, *seen = NULL;
    bool good = rc_slot_store(&slot, object) == RC_OK && rc_slot_holds(&slot, object);
    void *loaded = rc_slot_load(&slot), *typed = rc_slot_load_checked(&slot, 64, "thing");
    rc_slot_visit(&slot, note_visit, &seen);
    good = good && loaded == object && typed == object && seen == object && rc_count(object) == 4;
    rc_release(typed);
    rc_release(loaded);
    good = good && rc_slot_compare_exchange(&slot, object, NULL);
    good = good && !rc_slot_exchange(&slot, object);
    rc_slot_clear(&slot);
    return good && rc_is_unique(object) && !rc_slot_load(&slot);
}

/* ---- buffers --------------------------------------------------------------------------------- */

static void prepare_buffer(struct stage *stage)
{
    stage->buffer = rc_buffer_new_with(stage->allocator, stage->shape->size + 10,
                                       stage->shape->alignment, stage->shape->flags);
    rc_buffer_reserve(stage->buffer, stage->shape->size + 1000);
}

static void end_buffer(struct stage *stage)
{
    rc_clear(&stage->buffer);
}

/* Within the capacity nothing is asked for, and a unique buffer stays. */
static bool use_buffer(struct stage *stage)
{
    rc_buffer *buffer = stage->buffer;
    return rc_buffer_edit(buffer) && rc_buffer_resize(buffer, 4) == RC_OK &&
           rc_buffer_append(buffer, "within", 6) == RC_OK &&
           rc_buffer_reserve(buffer, 100) == RC_OK && rc_buffer_exports(buffer) == 0 &&
           rc_buffer_freeze(buffer) == RC_OK && rc_buffer_thaw(buffer) == RC_OK &&
           rc_buffer_make_unique(&stage->buffer) == RC_OK && stage->buffer == buffer;
}

/* ---- raising --------------------------------------------------------------------------------- */

/* Raises in the way @p which, and once more from its handler. */
/* clang-format off */
static enum rc_status raised(int which)
{
    volatile enum rc_status status = RC_OK;
    RC_TRY() {
        RC_TRY() {
            if (which == 0) rc_raise(RC_BUSY, "raise %d", which);
            if (which == 1) (void)RC_CHECK((char *)NULL, RC_BUSY);
            if (which == 2) RC_CHECK_STATUS(RC_BUSY);
            if (which == 3) RC_CHECK_THAT(which == 0, RC_BUSY);
        } RC_EXCEPT(inner) {
            rc_reraise(inner);
        } RC_END
    } RC_EXCEPT(e) {
        status = e->status;
    } RC_END
    return status;
}
/* clang-format on */

static bool raise_and_catch(struct stage *stage)
{
    (void)stage;
    for (int which = 0; which < 4; which++)
        if (raised(which) != RC_BUSY) return false;
    return true;
}

/* What RC_PROTECT is made of on clang. */
static bool protect(struct stage *stage)
{
    (void)stage;
    struct rc_guard guard __attribute__((cleanup(rc_guard_leave)));
    rc_guard_enter(&guard, RC__HERE, RC_GUARD_PROTECT);
    rc_guard_finally(&guard);
    rc_guard_resume(&guard);
    return true;
}

static bool switch_stacks(struct stage *stage)
{
    (void)stage;
    struct rc_try_state mine, other = {.callback = NULL};
    rc_try_switch(&mine, &other);
    rc_try_switch(&other, &mine);
    return true;
}

static void protect_stops(void *unused)
{
    (void)unused;
    rc_protect_stop("here.c", 1);
}

static void object_stops(void *object)
{
    rc_object_stop_retained(object);
}

/* In a child, since it stops the program. */
static bool stops(void (*function)(void *argument), void *argument)
{
    int status = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        if (!freopen("/dev/null", "w", stderr)) _exit(1);
        function(argument);
    }
    return waitpid(child, &status, 0) == child && WIFSIGNALED(status) &&
           WTERMSIG(status) == SIGABRT;
}

static bool stop(struct stage *stage)
{
    return stops(protect_stops, NULL) && stops(object_stops, stage->object);
}

/* ---- pools ----------------------------------------------------------------------------------- */

static void prepare_pool(struct stage *stage)
{
    const struct shape *shape = stage->shape;
    stage->object = rc_pool_new(shape->size, shape->alignment, 8);
    rc_release(rc_pool_take(stage->object));
}

/* What idles is there for a take, and what comes back needs no memory. */
static bool use_pool(struct stage *stage)
{
    struct rc_pool_statistics now;
    rc_buffer *buffer = rc_pool_take(stage->object);
    bool good = buffer && rc_pool_read(stage->object, &now) == RC_OK && now.out == 1;
    rc_release(buffer);
    good = good && rc_pool_trim(stage->object, 0) == RC_OK;
    return good && rc_pool_read(stage->object, &now) == RC_OK && now.idle + now.out == 0;
}

static const struct scenario list[] = {
    {.name = "errors", .act = errors, .quiet = true},
    {.name = "saved errors", .act = saved_errors, .quiet = true},
    {.name = "write the account",
     .prepare = prepare_stream,
     .act = write_account,
     .end = end_stream,
     .quiet = true},
    {.name = "read the account",
     .prepare = prepare_thing,
     .act = read_account,
     .end = end_thing,
     .quiet = true},
    {.name = "allocators", .act = allocators, .quiet = true},
    {.name = "trim", .act = trim, .quiet = true},
    {.name = "count a biased object",
     .prepare = prepare_biased,
     .act = count_biased,
     .end = end_thing,
     .quiet = true},
    {.name = "be immortal", .prepare = prepare_immortal, .act = be_immortal, .quiet = true},
    {.name = "ask a ledger",
     .prepare = prepare_thing,
     .act = ask_ledger,
     .end = end_thing,
     .quiet = true},
    {.name = "handle an object",
     .prepare = prepare_thing,
     .act = handle,
     .end = end_thing,
     .quiet = true},
    {.name = "live and die",
     .prepare = prepare_thing,
     .act = live_and_die,
     .end = end_thing,
     .quiet = true},
    {.name = "load and store",
     .prepare = prepare_thing,
     .act = load_and_store,
     .end = end_thing,
     .quiet = true},
    {.name = "use a buffer",
     .prepare = prepare_buffer,
     .act = use_buffer,
     .end = end_buffer,
     .quiet = true,
     .every_shape = true},
    {.name = "use a pool",
     .prepare = prepare_pool,
     .act = use_pool,
     .end = end_thing,
     .quiet = true,
     .every_shape = true},
    {.name = "raise and catch", .act = raise_and_catch, .quiet = true},
    {.name = "protect", .act = protect, .quiet = true},
    {.name = "switch stacks", .act = switch_stacks, .quiet = true},
    {.name = "stop", .prepare = prepare_thing, .act = stop, .end = end_thing, .quiet = true},
};

const struct scenarios quiet_scenarios = {list, sizeof list / sizeof list[0]};
