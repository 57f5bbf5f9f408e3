/* SPDX-License-Identifier: MIT */
/* Scenarios of buffer/view.h: what a view reaches is neither moved nor freed while the view lives. */
#include "explorer.h"

#include "buffer/view.h"
#include "rc/weak.h"

enum { SIZE = 16 };

static rc_buffer *root, *slice;
static rc_view *view, *another;
static rc_weak *weak;
static int released;

static void start(rc_buffer *buffer, unsigned references)
{
    released = 0;
    slice = NULL;
    view = another = NULL;
    root = buffer;
    CHECK(root);
    for (unsigned i = 1; i < references; i++) rc_retain(root);
}

static void make_root(unsigned references)
{
    start(rc_buffer_copy("abcdefghijklmno", SIZE), references);
}

static rc_view *view_of(rc_buffer *buffer)
{
    rc_view *made = rc_view_new(buffer, "B");
    CHECK(made && made->base == buffer && made->size == buffer->size);
    return made;
}

/* All but the first two elements. */
static rc_view *tail_of(const rc_view *of)
{
    rc_view *made = rc_view_slice(of, 0, 2, RC_VIEW_OPEN, 1);
    CHECK(made && made->size == of->size - 2 && made->data == of->data + 2);
    return made;
}

static void read_and_end(rc_view *mine, unsigned char first)
{
    CHECK(mine->data[0] == first && mine->data[1] == first + 1);
    rc_release(mine);
}

static void nothing(void)
{
}

static void drop_root(void)
{
    rc_release(root);
}

static void release_root(void)
{
    CHECK(rc_buffer_exports(root) == 0);
    rc_release(root);
}

static void read_and_release_view(void)
{
    read_and_end(view, 'a');
}

static void read_and_release_another(void)
{
    read_and_end(another, 'c');
}

/* ---- made, derived and released by each ------------------------------------------------------ */

static void make_shared(void)
{
    make_root(2);
}

static void make_shared_by_three(void)
{
    make_root(3);
}

static void view_and_drop_root(void)
{
    rc_view *mine = view_of(root);
    rc_release(root);
    read_and_end(mine, 'a');
}

static void derive_and_drop_root(void)
{
    rc_view *mine = view_of(root);
    rc_release(root);
    rc_view *tail = tail_of(mine);
    rc_release(mine);
    read_and_end(tail, 'c');
}

/* ---- one view that all of them hold, and nobody the buffer ----------------------------------- */

static void make_held_view(unsigned references)
{
    make_root(1);
    view = view_of(root);
    for (unsigned i = 1; i < references; i++) rc_retain(view);
    rc_release(root);
}

static void make_held_by_two(void)
{
    make_held_view(2);
}

static void make_held_by_three(void)
{
    make_held_view(3);
}

static void derive_and_release(void)
{
    rc_view *tail = tail_of(view);
    rc_release(view);
    read_and_end(tail, 'c');
}

static void transpose_and_release(void)
{
    const size_t shape[] = {2, SIZE / 2}, column[] = {3, 1};
    rc_view *grid = rc_view_reshape(view, 2, shape, 'C');
    rc_release(view);
    CHECK(grid);
    rc_view *columns = rc_view_transpose(grid);
    rc_release(grid);
    CHECK(columns && *(const char *)rc_view_at(columns, column) == 'a' + SIZE / 2 + 3);
    rc_release(columns);
}

/* ---- resizing once the last view is gone ----------------------------------------------------- */

static void make_viewed(void)
{
    make_root(1);
    view = view_of(root);
}

static void make_viewed_twice(void)
{
    make_viewed();
    another = tail_of(view);
}

/* An aligned buffer has its bytes in a block of their own, which growing frees. */
static void make_aligned(void)
{
    start(rc_buffer_new_aligned(SIZE, 64), 1);
    unsigned char *bytes = rc_buffer_edit(root);
    CHECK(bytes);
    for (int i = 0; i < SIZE; i++) bytes[i] = (unsigned char)('a' + i);
    view = view_of(root);
}

/* All of it or nothing. */
static void resize_to(size_t size)
{
    const unsigned char *place = root->data;
    enum rc_status status = rc_buffer_resize(root, size);
    CHECK(status == RC_OK || status == RC_BUSY);
    CHECK(root->size == (status == RC_OK ? size : SIZE));
    if (status == RC_BUSY) CHECK(root->data == place);
    CHECK(root->data[1] == 'b');
    if (status != RC_OK) return;
    unsigned char *bytes = rc_buffer_edit(root);
    CHECK(bytes);
    bytes[0] = 'X';
    bytes[2] = 'Y';
}

static void shrink_and_write(void)
{
    resize_to(SIZE / 2);
}

static void grow_and_write(void)
{
    resize_to(SIZE * 4);
}

static void view_and_release(void)
{
    read_and_end(view_of(root), 'a');
}

static void slice_and_release(void)
{
    rc_buffer *mine = rc_buffer_slice(root, 2, 4);
    CHECK(mine && mine->data[0] == 'c');
    rc_release(mine);
}

static void view_and_resize(void)
{
    view_and_release();
    shrink_and_write();
}

static void slice_and_resize(void)
{
    slice_and_release();
    shrink_and_write();
}

/* ---- a view of a slice ----------------------------------------------------------------------- */

static void make_slice(unsigned references)
{
    make_root(1);
    slice = rc_buffer_slice(root, 2, SIZE - 2);
    CHECK(slice);
    for (unsigned i = 1; i < references; i++) rc_retain(slice);
}

static void make_slice_alone(void)
{
    make_slice(2);
    rc_release(root);
}

static void view_and_drop_slice(void)
{
    rc_view *mine = view_of(slice);
    rc_release(slice);
    rc_view *tail = tail_of(mine);
    rc_release(mine);
    read_and_end(tail, 'e');
}

static void make_viewed_slice(void)
{
    make_slice(1);
    another = view_of(slice);
}

static void drop_slice(void)
{
    rc_release(slice);
}

/* ---- who wants the bytes for itself ---------------------------------------------------------- */

static void write_a_copy(void)
{
    rc_buffer *mine = root;
    CHECK(rc_buffer_make_unique(&mine) == RC_OK);
    unsigned char *bytes = rc_buffer_edit(mine);
    CHECK(bytes);
    bytes[0] = 'X'; /* nobody else may be reading these */
    rc_release(mine);
}

static void make_frozen(void)
{
    make_viewed();
    CHECK(rc_buffer_freeze(root) == RC_OK && !rc_view_edit(view));
}

static void thaw_and_write(void)
{
    enum rc_status status = rc_buffer_thaw(root);
    CHECK(status == RC_OK || status == RC_BUSY);
    if (status != RC_OK) return;
    unsigned char *bytes = rc_buffer_edit(root);
    CHECK(bytes);
    bytes[0] = 'X';
}

/* ---- foreign bytes go back once -------------------------------------------------------------- */

static unsigned char foreign[SIZE];

static void take_back(void *bytes, size_t size, void *context)
{
    CHECK(bytes == foreign && size == SIZE && context == &released);
    released++;
    foreign[0] = foreign[2] = 0; /* the last reader has to be done */
}

static void make_adopted(void)
{
    for (int i = 0; i < SIZE; i++) foreign[i] = (unsigned char)('a' + i);
    start(rc_buffer_adopt(foreign, SIZE, take_back, &released), 1);
    view = view_of(root);
    another = tail_of(view);
}

static void check_taken_back(void)
{
    CHECK(released == 1);
}

/* ---- a weak reference to a view -------------------------------------------------------------- */

static void make_weak(void)
{
    make_held_view(1);
    weak = rc_weak_new(view);
    CHECK(weak);
}

static void lock_and_derive(void)
{
    rc_view *locked = rc_weak_lock(weak);
    if (!locked) return;
    rc_view *tail = tail_of(locked);
    rc_release(locked);
    read_and_end(tail, 'c');
}

static void check_dead(void)
{
    CHECK(rc_weak_is_dead(weak) && !rc_weak_lock(weak));
    rc_release(weak);
}

const struct scenario view_scenarios[] = {
    {"views_by_two", make_shared, {derive_and_drop_root, derive_and_drop_root}, nothing},
    {"views_by_three",
     make_shared_by_three,
     {view_and_drop_root, view_and_drop_root, view_and_drop_root},
     nothing},
    {"derived_by_two", make_held_by_two, {derive_and_release, transpose_and_release}, nothing},
    {"transposed_by_two",
     make_held_by_two,
     {transpose_and_release, transpose_and_release},
     nothing},
    {"derived_by_three",
     make_held_by_three,
     {derive_and_release, derive_and_release, derive_and_release},
     nothing},
    {"resize_after_view", make_viewed, {shrink_and_write, read_and_release_view}, release_root},
    {"grow_after_view", make_aligned, {grow_and_write, read_and_release_view}, release_root},
    {"resize_while_derived", make_viewed, {grow_and_write, derive_and_release}, release_root},
    {"resize_after_two_views",
     make_viewed_twice,
     {shrink_and_write, read_and_release_view, read_and_release_another},
     release_root},
    {"view_while_the_last_goes",
     make_viewed,
     {view_and_release, read_and_release_view},
     release_root},
    {"view_and_resize_while_one_goes",
     make_viewed,
     {view_and_resize, read_and_release_view},
     release_root},
    {"slice_and_resize_while_view_goes",
     make_viewed,
     {slice_and_resize, read_and_release_view},
     release_root},
    {"root_gone_before_view", make_viewed, {drop_root, read_and_release_view}, nothing},
    {"root_gone_before_views",
     make_viewed_twice,
     {drop_root, read_and_release_view, read_and_release_another},
     nothing},
    {"views_of_a_slice", make_slice_alone, {view_and_drop_slice, view_and_drop_slice}, nothing},
    {"resize_after_view_of_a_slice",
     make_viewed_slice,
     {shrink_and_write, drop_slice, read_and_release_another},
     release_root},
    {"unique_against_view", make_viewed, {write_a_copy, read_and_release_view}, nothing},
    {"thaw_after_view", make_frozen, {thaw_and_write, read_and_release_view}, release_root},
    {"adopted_goes_back_after_views",
     make_adopted,
     {drop_root, read_and_release_view, read_and_release_another},
     check_taken_back},
    {"weak_view_locked_against_release",
     make_weak,
     {lock_and_derive, read_and_release_view},
     check_dead},
    {0},
};
