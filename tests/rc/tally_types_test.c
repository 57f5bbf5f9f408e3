/* SPDX-License-Identifier: MIT */
/* More types than hashes. */
#include "rc/object.h"
#include "tests/harness.h"

enum { TYPES = 120 };

static rc_type types[TYPES];
static void *objects[TYPES];

/* So many types beside each other have fewer hashes than they are. */
START_TEST(types_whose_hashes_meet_are_counted_apart)
{
    for (size_t i = 0; i < TYPES; i++) {
        types[i] = (rc_type){.name = "one of many", .size = 16 + i};
        objects[i] = rc_object_new(&types[i], 0);
        ck_assert_ptr_nonnull(objects[i]);
    }
    for (size_t i = 0; i < TYPES; i++) {
        struct rc_account_type entry = rc_account_read_type(&types[i]);
        ck_assert_ptr_eq(entry.type, &types[i]);
        ck_assert_uint_eq(entry.live_objects, 1);
        ck_assert_uint_eq(entry.total_objects, 1);
    }
    for (size_t i = 0; i < TYPES; i++) {
        rc_release(objects[i]);
        ck_assert_uint_eq(rc_account_read_type(&types[i]).live_objects, 0);
    }
}
END_TEST

HARNESS_MAIN("rc/tally_types", types_whose_hashes_meet_are_counted_apart)
