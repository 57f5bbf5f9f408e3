/* SPDX-License-Identifier: MIT */
#include "buffer/buffer.h"

#include "rc/header.h"
#include "rc/scope.h"
#include "rc/weak.h"
#include "support.h"

static void give_back(void *bytes, size_t size, void *context)
{
    (void)bytes, (void)size;
    ++*(size_t *)context;
}

/* ---- edit ------------------------------------------------------------------------------------ */

START_TEST(writing_goes_to_the_bytes_and_shows_through_slices)
{
    rc_buffer *buffer = support_buffer(100, 1);
    rc_buffer *slice = rc_buffer_slice(buffer, 10, 30);
    ck_assert_ptr_eq(rc_buffer_edit(buffer), buffer->data);
    ck_assert_ptr_eq(rc_buffer_edit(slice), buffer->data + 10);
    *(unsigned char *)rc_buffer_edit(buffer) = 11;
    ((unsigned char *)rc_buffer_edit(slice))[29] = 22;
    ck_assert_uint_eq(buffer->data[0], 11);
    ck_assert_uint_eq(buffer->data[39], 22);
    rc_release(slice);
    rc_release(buffer);
}
END_TEST

START_TEST(editing_does_not_ask_whether_others_hold_the_buffer)
{
    rc_buffer *buffer = support_buffer(10, 1), *other = rc_retain(buffer);
    ck_assert_ptr_eq(rc_buffer_edit(buffer), other->data);
    rc_release(other);
    rc_release(buffer);
}
END_TEST

START_TEST(an_empty_buffer_gives_write_access_to_no_bytes)
{
    rc_buffer *buffer = rc_buffer_new(0), *slice = rc_buffer_slice(buffer, 0, 0);
    ck_assert_ptr_nonnull(rc_buffer_edit(buffer));
    ck_assert_ptr_nonnull(rc_buffer_edit(slice));
    rc_release(slice);
    rc_release(buffer);
}
END_TEST

/* ---- freeze and thaw ------------------------------------------------------------------------- */

START_TEST(freezing_a_buffer_refuses_writing_through_its_slices_at_that_moment)
{
    rc_buffer *buffer = support_buffer(100, 1);
    rc_buffer *slice = rc_buffer_slice(buffer, 10, 30);
    ck_assert_ptr_nonnull(rc_buffer_edit(slice));
    ASSERT_OK(rc_buffer_freeze(buffer));
    ASSERT_OK(rc_buffer_freeze(buffer));
    ASSERT_NULL(rc_buffer_edit(buffer), RC_READ_ONLY, "a buffer of 100 bytes is frozen");
    ASSERT_NULL(rc_buffer_edit(slice), RC_READ_ONLY,
                "rc_buffer_edit: a slice of a buffer of 100 bytes that is frozen");
    rc_release(slice);
    ASSERT_OK(rc_buffer_thaw(buffer));
    ck_assert_ptr_nonnull(rc_buffer_edit(buffer));
    rc_release(buffer);
}
END_TEST

START_TEST(freezing_a_slice_freezes_it_and_its_later_slices_alone)
{
    rc_buffer *buffer = support_buffer(100, 1);
    rc_buffer *slice = rc_buffer_slice(buffer, 10, 30);
    rc_buffer *before = rc_buffer_slice(slice, 0, 5);
    ASSERT_OK(rc_buffer_freeze(slice));
    rc_buffer *after = rc_buffer_slice(slice, 0, 5), *empty = rc_buffer_slice(slice, 0, 0);
    ASSERT_NULL(rc_buffer_edit(slice), RC_READ_ONLY, "a slice of 30 bytes is frozen");
    ASSERT_NULL(rc_buffer_edit(after), RC_READ_ONLY, "a slice of 5 bytes is frozen");
    ASSERT_NULL(rc_buffer_edit(empty), RC_READ_ONLY, "a slice of 0 bytes is frozen");
    ck_assert_ptr_nonnull(rc_buffer_edit(before));
    ck_assert_ptr_nonnull(rc_buffer_edit(buffer));
    ASSERT_REFUSED(rc_buffer_thaw(slice), RC_UNSUPPORTED,
                   "rc_buffer_thaw: a slice of 30 bytes stays as it is");
    rc_release(after);
    rc_release(empty);
    rc_release(before);
    rc_release(slice);
    rc_release(buffer);
}
END_TEST

START_TEST(an_empty_slice_of_what_cannot_be_written_cannot_either)
{
    rc_buffer *frozen = support_buffer(10, 1), *borrowed = rc_buffer_borrow("text", 4);
    ASSERT_OK(rc_buffer_freeze(frozen));
    rc_buffer *one = rc_buffer_slice(frozen, 5, 0), *two = rc_buffer_slice(borrowed, 4, 0);
    ASSERT_NULL(rc_buffer_edit(one), RC_READ_ONLY, "a slice of 0 bytes is read-only");
    ASSERT_NULL(rc_buffer_edit(two), RC_READ_ONLY, "a slice of 0 bytes is read-only");
    rc_release(one);
    rc_release(two);
    rc_release(frozen);
    rc_release(borrowed);
}
END_TEST

START_TEST(only_a_buffer_held_once_and_without_slices_thaws)
{
    rc_buffer *buffer = support_buffer(100, 1);
    ASSERT_OK(rc_buffer_thaw(buffer));
    ASSERT_OK(rc_buffer_freeze(buffer));
    rc_buffer *other = rc_retain(buffer);
    ASSERT_REFUSED(rc_buffer_thaw(buffer), RC_BUSY, "has 2 references and 0 slices or views");
    rc_release(other);
    rc_buffer *slice = rc_buffer_slice(buffer, 0, 1);
    ASSERT_REFUSED(rc_buffer_thaw(buffer), RC_BUSY, "and 1 slice or view");
    ASSERT_NULL(rc_buffer_edit(buffer), RC_READ_ONLY, "frozen");
    rc_release(slice);
    ASSERT_OK(rc_buffer_thaw(buffer));
    support_fill(buffer, 2, 0);
    rc_release(buffer);
}
END_TEST

START_TEST(an_immortal_buffer_stays_frozen_and_says_so)
{
    static rc_buffer *kept;
    kept = support_buffer(100, 1);
    rc_make_immortal(kept);
    ASSERT_OK(rc_buffer_freeze(kept));
    ASSERT_REFUSED(rc_buffer_thaw(kept), RC_BUSY,
                   "rc_buffer_thaw: a buffer of 100 bytes is immortal and stays frozen");
    rc_buffer *copy = kept;
    ASSERT_OK(rc_buffer_make_unique(&copy));
    ck_assert_ptr_ne(copy, kept);
    rc_release(copy);
}
END_TEST

START_TEST(a_buffer_whose_count_is_stuck_stays_frozen_and_says_so)
{
    rc_buffer *buffer = support_buffer(100, 1);
    ASSERT_OK(rc_buffer_freeze(buffer));
    rc__header_of(buffer)->shared = RC__COUNT_SATURATED;
    ASSERT_REFUSED(rc_buffer_thaw(buffer), RC_BUSY, "has more references than can be counted");
    rc__header_of(buffer)->shared = 0;
    ASSERT_OK(rc_buffer_thaw(buffer));
    rc_release(buffer);
}
END_TEST

START_TEST(what_was_made_read_only_never_thaws)
{
    rc_buffer *buffer = rc_buffer_borrow("text", 4);
    ASSERT_REFUSED(rc_buffer_thaw(buffer), RC_READ_ONLY,
                   "rc_buffer_thaw: a borrowed buffer of 4 bytes was made read-only");
    ASSERT_OK(rc_buffer_freeze(buffer));
    ASSERT_REFUSED(rc_buffer_thaw(buffer), RC_READ_ONLY, "was made read-only");
    rc_release(buffer);
}
END_TEST

/* ---- copy on write --------------------------------------------------------------------------- */

/* The old reference stays with the caller; what replaced it is returned. */
static rc_buffer *unique_of(rc_buffer *buffer)
{
    rc_buffer *unique = rc_retain(buffer);
    ASSERT_OK(rc_buffer_make_unique(&unique));
    ck_assert_ptr_ne(unique, buffer);
    ck_assert_ptr_ne(unique->data, buffer->data);
    ck_assert_uint_eq(unique->size, buffer->size);
    ck_assert_mem_eq(unique->data, buffer->data, buffer->size);
    ck_assert(rc_is_unique(unique));
    ck_assert_ptr_nonnull(rc_buffer_edit(unique));
    ASSERT_OK(rc_buffer_resize(unique, unique->size + 1));
    return unique;
}

START_TEST(a_unique_writable_owner_stays_the_object_that_it_is)
{
    size_t released = 0;
    unsigned char bytes[4] = "abc";
    rc_buffer *buffers[] = {support_buffer(64, 1), support_buffer(100000, 1), rc_buffer_new(0),
                            rc_buffer_adopt(bytes, 4, give_back, &released)};
    for (size_t i = 0; i < 4; i++) {
        rc_buffer *before = buffers[i];
        ASSERT_OK(rc_buffer_make_unique(&buffers[i]));
        ck_assert_ptr_eq(buffers[i], before);
        rc_release(buffers[i]);
    }
    ck_assert_uint_eq(released, 1);
}
END_TEST

START_TEST(a_buffer_that_others_hold_is_copied_and_their_bytes_stay)
{
    rc_buffer *buffer = support_buffer(64, 1);
    RC_AUTO(rc_buffer, unique) = unique_of(buffer);
    ck_assert(rc_is_unique(buffer));
    support_fill(unique, 2, 0);
    support_assert_filled(buffer, 1, 64);
    rc_release(buffer);
}
END_TEST

START_TEST(a_buffer_with_slices_is_copied)
{
    rc_buffer *buffer = support_buffer(64, 1), *old = buffer;
    RC_AUTO(rc_buffer, slice) = rc_buffer_slice(buffer, 3, 3);
    ASSERT_OK(rc_buffer_make_unique(&buffer));
    ck_assert_ptr_ne(buffer, old);
    support_assert_filled(buffer, 1, 64);
    ck_assert_uint_eq(rc_buffer_exports(buffer), 0);
    ck_assert_uint_eq(slice->data[0], support_byte(1, 3));
    rc_release(buffer);
}
END_TEST

START_TEST(a_slice_becomes_a_buffer_of_exactly_its_bytes_and_lets_go_of_the_root)
{
    rc_buffer *buffer = support_buffer(64, 1);
    rc_buffer *slice = rc_buffer_slice(buffer, 3, 7);
    ASSERT_OK(rc_buffer_make_unique(&slice));
    ck_assert_str_eq(rc_type_of(slice)->name, "rc_buffer");
    ck_assert_uint_eq(slice->size, 7);
    ck_assert_mem_eq(slice->data, buffer->data + 3, 7);
    ck_assert(rc_is_unique(buffer));
    rc_release(slice);
    rc_release(buffer);
}
END_TEST

START_TEST(frozen_borrowed_shared_adopted_and_empty_slices_are_copied)
{
    size_t released = 0;
    unsigned char bytes[4] = "abc";
    RC_AUTO(rc_buffer, frozen) = support_buffer(64, 1);
    RC_AUTO(rc_buffer, borrowed) = rc_buffer_borrow("text", 4);
    RC_AUTO(rc_buffer, adopted) = rc_buffer_adopt(bytes, 4, give_back, &released);
    RC_AUTO(rc_buffer, empty) = rc_buffer_slice(frozen, 0, 0);
    ASSERT_OK(rc_buffer_freeze(frozen));
    rc_buffer *all[] = {frozen, borrowed, adopted, empty};
    for (size_t i = 0; i < 4; i++) rc_release(unique_of(all[i]));
}
END_TEST

START_TEST(a_frozen_buffer_held_once_is_copied_too)
{
    rc_buffer *buffer = support_buffer(64, 1);
    ASSERT_OK(rc_buffer_freeze(buffer));
    ASSERT_OK(rc_buffer_make_unique(&buffer));
    support_assert_filled(buffer, 1, 64);
    ck_assert_ptr_nonnull(rc_buffer_edit(buffer));
    rc_release(buffer);
}
END_TEST

START_TEST(a_copy_is_aligned_and_wiped_as_the_root_is)
{
    struct support_inspector inspector;
    support_inspector_init(&inspector);
    rc_buffer *root = rc_buffer_new_with(NULL, 100, 512, RC_BUFFER_WIPE);
    memset(rc_buffer_edit(root), SUPPORT_SECRET, 100);
    rc_buffer *slice = rc_buffer_slice(root, 1, 60);
    ASSERT_OK(rc_allocator_set_default(&inspector.allocator));
    ASSERT_OK(rc_buffer_make_unique(&slice));
    ASSERT_OK(rc_allocator_set_default(NULL));
    ck_assert_uint_eq((uintptr_t)slice->data % 512, 0);
    ck_assert_uint_eq(inspector.blocks, 2);
    rc_release(slice);
    ck_assert_uint_eq(inspector.blocks, 0);
    ck_assert_uint_eq(inspector.secrets, 0);
    rc_release(root);
}
END_TEST

START_TEST(a_refused_copy_leaves_the_pointer_and_the_reference)
{
    rc_buffer *buffer = support_buffer(100000, 1), *mine = rc_retain(buffer);
    for (size_t fail_at = 1; fail_at <= 2; fail_at++) {
        struct rc_failing_allocator failing;
        rc_failing_allocator_init(&failing, NULL, fail_at, false);
        ASSERT_OK(rc_allocator_set_default(&failing.allocator));
        ASSERT_REFUSED(rc_buffer_make_unique(&mine), RC_NO_MEMORY, "no room for");
        ASSERT_OK(rc_allocator_set_default(NULL));
        ck_assert_ptr_eq(mine, buffer);
        ck_assert_uint_eq(rc_count(buffer), 2);
    }
    rc_release(mine);
    rc_release(buffer);
}
END_TEST

/* Another thread could lock it at any moment, and read what is being written. */
START_TEST(make_unique_copies_what_a_weak_reference_leads_to)
{
    rc_buffer *buffer = support_buffer(100, 1), *before = buffer;
    rc_weak *weak = rc_weak_new(buffer);
    rc_weak *kept = rc_retain(weak);
    ASSERT_OK(rc_buffer_make_unique(&buffer));
    ck_assert_ptr_ne(buffer, before);
    support_assert_filled(buffer, 1, 100);
    ck_assert(rc_weak_is_dead(weak));
    rc_release(kept);
    rc_release(weak);
    rc_release(buffer);
}
END_TEST

HARNESS_MAIN("buffer/buffer_write", make_unique_copies_what_a_weak_reference_leads_to,
             writing_goes_to_the_bytes_and_shows_through_slices,
             editing_does_not_ask_whether_others_hold_the_buffer,
             an_empty_buffer_gives_write_access_to_no_bytes,
             freezing_a_buffer_refuses_writing_through_its_slices_at_that_moment,
             freezing_a_slice_freezes_it_and_its_later_slices_alone,
             an_empty_slice_of_what_cannot_be_written_cannot_either,
             only_a_buffer_held_once_and_without_slices_thaws,
             an_immortal_buffer_stays_frozen_and_says_so,
             a_buffer_whose_count_is_stuck_stays_frozen_and_says_so,
             what_was_made_read_only_never_thaws,
             a_unique_writable_owner_stays_the_object_that_it_is,
             a_buffer_that_others_hold_is_copied_and_their_bytes_stay,
             a_buffer_with_slices_is_copied,
             a_slice_becomes_a_buffer_of_exactly_its_bytes_and_lets_go_of_the_root,
             frozen_borrowed_shared_adopted_and_empty_slices_are_copied,
             a_frozen_buffer_held_once_is_copied_too, a_copy_is_aligned_and_wiped_as_the_root_is,
             a_refused_copy_leaves_the_pointer_and_the_reference)
