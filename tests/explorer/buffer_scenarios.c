/* SPDX-License-Identifier: MIT */
/* Scenarios of buffer/buffer.h: bytes that are shared are neither written, moved nor freed. */
#include "explorer.h"

#include "buffer/buffer.h"

enum { SIZE = 16 };

static rc_buffer *root, *slice, *another;
static int released;

static void make_root(unsigned references)
{
    released = 0;
    slice = another = NULL;
    root = rc_buffer_copy("abcdefghijklmno", SIZE);
    CHECK(root);
    for (unsigned i = 1; i < references; i++) rc_retain(root);
}

static rc_buffer *slice_of(rc_buffer *buffer)
{
    rc_buffer *made = rc_buffer_slice(buffer, 2, 4);
    CHECK(made && made->size == 4);
    return made;
}

static void check_bytes(const rc_buffer *buffer, unsigned char first)
{
    CHECK(buffer->data[0] == first && buffer->data[1] == first + 1);
}

static void nothing(void)
{
}

/* ---- copy on write against a reference that goes --------------------------------------------- */

static void make_shared(void)
{
    make_root(2);
}

static void write_a_copy(void)
{
    rc_buffer *mine = root;
    CHECK(rc_buffer_make_unique(&mine) == RC_OK);
    unsigned char *bytes = rc_buffer_edit(mine);
    CHECK(bytes);
    bytes[0] = 'X'; /* nobody else may be reading these */
    bytes[2] = 'Y';
    rc_release(mine);
}

static void read_and_release(void)
{
    check_bytes(root, 'a');
    rc_release(root);
}

static void make_shared_by_three(void)
{
    make_root(3);
}

/* ---- copy on write against a slice that goes ------------------------------------------------- */

static void make_sliced(void)
{
    make_root(1);
    slice = slice_of(root);
}

static void read_and_release_slice(void)
{
    check_bytes(slice, 'c');
    rc_release(slice);
}

/* ---- resizing once the last slice is gone ---------------------------------------------------- */

/* Smaller in place, so that the write goes where the slice was. */
static void resize_and_write(void)
{
    enum rc_status status = rc_buffer_resize(root, SIZE / 2);
    CHECK(status == RC_OK || status == RC_BUSY);
    CHECK(root->size == (status == RC_OK ? SIZE / 2 : SIZE));
    if (status != RC_OK) return;
    unsigned char *bytes = rc_buffer_edit(root);
    CHECK(bytes);
    bytes[2] = 'X';
}

/* An aligned buffer has its bytes in a block of their own, which growing frees. */
static void make_aligned(void)
{
    make_root(1);
    rc_release(root);
    root = rc_buffer_new_aligned(SIZE, 64);
    unsigned char *bytes = rc_buffer_edit(root);
    CHECK(bytes);
    for (int i = 0; i < SIZE; i++) bytes[i] = (unsigned char)('a' + i);
    slice = slice_of(root);
}

static void grow(void)
{
    enum rc_status status = rc_buffer_resize(root, SIZE * 4);
    CHECK(status == RC_OK || status == RC_BUSY);
    check_bytes(root, 'a');
}

static void append_and_shrink(void)
{
    enum rc_status status = rc_buffer_append(root, "p", 1);
    CHECK(status == RC_OK || status == RC_BUSY);
    if (status != RC_OK) return;
    CHECK(rc_buffer_shrink(root) == RC_OK && root->size == SIZE + 1);
    check_bytes(root, 'a');
}

static void release_root(void)
{
    CHECK(rc_buffer_exports(root) == 0);
    rc_release(root);
}

static void make_sliced_twice(void)
{
    make_sliced();
    another = rc_buffer_slice(slice, 2, 2);
    CHECK(another);
}

static void read_and_release_another(void)
{
    check_bytes(another, 'e');
    rc_release(another);
}

/* ---- the root's own last reference goes, slices hold its bytes ------------------------------- */

static void drop_root(void)
{
    rc_release(root);
}

/* ---- a slice is made while the last of the others goes --------------------------------------- */

static void slice_and_release(void)
{
    rc_buffer *mine = slice_of(root);
    check_bytes(mine, 'c');
    rc_release(mine);
}

static void slice_the_slice(void)
{
    rc_buffer *mine = rc_buffer_slice(slice, 1, 2);
    rc_release(slice);
    check_bytes(mine, 'd');
    rc_release(mine);
}

static void slice_and_drop_root(void)
{
    rc_buffer *mine = slice_of(root);
    rc_release(root);
    check_bytes(mine, 'c');
    rc_release(mine);
}

/* ---- thawing is for who is alone ------------------------------------------------------------- */

static void make_frozen(void)
{
    make_root(2);
    CHECK(rc_buffer_freeze(root) == RC_OK);
}

static void thaw_and_write(void)
{
    if (rc_buffer_thaw(root) == RC_OK) {
        unsigned char *bytes = rc_buffer_edit(root);
        CHECK(bytes);
        bytes[0] = 'X';
    }
    rc_release(root);
}

/* ---- adopted bytes go back once -------------------------------------------------------------- */

static unsigned char foreign[SIZE];

static void take_back(void *bytes, size_t size, void *context)
{
    CHECK(bytes == foreign && size == SIZE && context == &released);
    released++;
    foreign[2] = 0; /* the last reader has to be done */
}

static void make_adopted(void)
{
    released = 0;
    another = NULL;
    for (int i = 0; i < SIZE; i++) foreign[i] = (unsigned char)('a' + i);
    root = rc_buffer_adopt(foreign, SIZE, take_back, &released);
    CHECK(root);
    slice = slice_of(root);
}

static void check_taken_back(void)
{
    CHECK(released == 1);
}

const struct scenario buffer_scenarios[] = {
    {"unique_against_release", make_shared, {write_a_copy, read_and_release}, nothing},
    {"unique_by_both", make_shared, {write_a_copy, write_a_copy}, nothing},
    {"unique_against_two",
     make_shared_by_three,
     {write_a_copy, read_and_release, read_and_release},
     nothing},
    {"unique_against_slice", make_sliced, {write_a_copy, read_and_release_slice}, nothing},
    {"resize_after_slice", make_sliced, {resize_and_write, read_and_release_slice}, release_root},
    {"grow_after_slice", make_aligned, {grow, read_and_release_slice}, release_root},
    {"append_after_slice", make_aligned, {append_and_shrink, read_and_release_slice}, release_root},
    {"resize_after_two_slices",
     make_sliced_twice,
     {resize_and_write, read_and_release_slice, read_and_release_another},
     release_root},
    {"root_gone_before_slice", make_sliced, {drop_root, read_and_release_slice}, nothing},
    {"root_gone_before_slices",
     make_sliced_twice,
     {drop_root, read_and_release_slice, read_and_release_another},
     nothing},
    {"slices_by_two", make_shared, {slice_and_drop_root, slice_and_drop_root}, nothing},
    {"slice_while_the_last_goes",
     make_sliced,
     {slice_and_release, read_and_release_slice},
     release_root},
    {"slice_while_root_goes", make_sliced, {drop_root, slice_the_slice}, nothing},
    {"thaw_when_alone", make_frozen, {thaw_and_write, read_and_release}, nothing},
    {"adopted_goes_back_once", make_adopted, {drop_root, read_and_release_slice}, check_taken_back},
    {0},
};
