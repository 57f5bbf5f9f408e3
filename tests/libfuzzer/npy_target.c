/* SPDX-License-Identifier: MIT */
/* The input is a .npy file, or a header that gets a prefix and elements. What is accepted lies in
 * the file, with the shape and the leaves that a second reading of it finds; written again, it reads
 * as the same. What is refused has a message with the place of the fault. */
#include "tests/libfuzzer/fuzz.h"
#include "tests/libfuzzer/npy_model.h"

#include "buffer/npy.h"

enum { FILE_MAX = 2000, WRITTEN_MAX = 1 << 20 };

static struct npy_model model;

/* ---- refusals -------------------------------------------------------------------------------- */

static void check_refusal(size_t size)
{
    enum rc_status status = rc_error_status();
    if (fuzz_memory_has_failed() && status == RC_NO_MEMORY) return;
    FUZZ_CHECK(status == RC_FORMAT || status == RC_UNSUPPORTED || status == RC_OVERFLOW ||
                   status == RC_RANGE,
               "refused with %s", rc_status_name(status));
    FUZZ_CHECK(model.verdict != NPY_GOOD, "elements of %zu bytes from %zu on are refused",
               model.itemsize, model.start);
    static const char before[] = "rc_npy_read: byte ";
    const char *message = rc_error_message();
    FUZZ_CHECK(strncmp(message, before, sizeof before - 1) == 0, "no place is told");
    FUZZ_CHECK(strtoull(message + sizeof before - 1, NULL, 10) <= size,
               "a place behind the %zu bytes of the file", size);
}

/* ---- what a view says ------------------------------------------------------------------------ */

static size_t elements_of(const struct rc_format_field *field)
{
    size_t count = 1;
    for (size_t i = 0; i < field->ndim; i++) count *= field->shape[i];
    return count;
}

/* Leaves of a format from @p first on are those of the model, each at its place. Returns: how many.
 */
static size_t check_leaves(const rc_format *format, size_t first, size_t offset)
{
    size_t leaf = first;
    for (size_t i = 0; i < format->field_count; i++) {
        const struct rc_format_field *field = &format->fields[i];
        for (size_t j = 0; j < elements_of(field) && leaf < NPY_LEAVES; j++) {
            size_t place = offset + field->offset + j * field->size;
            if (field->record) {
                if (field->record->value_count == 0) break;
                leaf += check_leaves(field->record, leaf, place);
                continue;
            }
            const struct npy_leaf *wanted = &model.leaves[leaf];
            FUZZ_CHECK(place == wanted->offset && field->size == wanted->size &&
                           field->swapped == wanted->swapped,
                       "leaf %zu, a '%c' of %zu bytes at %zu, is one of %zu at %zu", leaf,
                       field->code, field->size, place, wanted->size, wanted->offset);
            leaf++;
        }
    }
    return leaf - first;
}

static void check_model(const rc_view *view)
{
    FUZZ_CHECK(model.verdict == NPY_GOOD, "it is accepted");
    FUZZ_CHECK(view->itemsize == model.itemsize, "elements have %zu bytes, not %zu", view->itemsize,
               model.itemsize);
    FUZZ_CHECK(view->ndim == model.ndim, "%zu dimensions, not %zu", view->ndim, model.ndim);
    for (size_t i = 0; i < view->ndim; i++)
        FUZZ_CHECK(view->shape[i] == model.shape[i], "dimension %zu is %zu", i, view->shape[i]);
    FUZZ_CHECK(view->data == view->base->data + model.start, "elements begin elsewhere");
    FUZZ_CHECK(rc_view_is_contiguous(view, model.is_fortran ? 'F' : 'C'), "another order");
    FUZZ_CHECK(view->format->value_count == model.leaf_count, "%zu leaves, not %zu",
               view->format->value_count, model.leaf_count);
    (void)check_leaves(view->format, 0, 0);
}

/* Whatever was accepted. */
static void check_inside(const rc_view *view, size_t offset)
{
    size_t start = (size_t)(view->data - view->base->data), size = rc_view_byte_count(view);
    FUZZ_CHECK(start <= view->base->size && size <= view->base->size - start,
               "%zu bytes from %zu on are not in a file of %zu", size, start, view->base->size);
    FUZZ_CHECK(offset == start + size, "the array ends at %zu, not %zu", start + size, offset);
    FUZZ_CHECK(rc_view_is_contiguous(view, 'A'), "elements with gaps");
    unsigned sum = 0;
    for (size_t i = 0; i < size; i++) sum += view->data[i];
    FUZZ_CHECK(sum <= size * 255, "bytes changed");
}

/* ---- written again --------------------------------------------------------------------------- */

static bool same_names(const rc_format *a, const rc_format *b)
{
    if (a->field_count != b->field_count) return false;
    for (size_t i = 0; i < a->field_count; i++) {
        const struct rc_format_field *one = &a->fields[i], *other = &b->fields[i];
        if (strcmp(one->name, other->name) != 0) return false;
        if (one->record && !(other->record && same_names(one->record, other->record))) return false;
    }
    return true;
}

static void check_again(const rc_view *view, const rc_view *again)
{
    FUZZ_CHECK(rc_format_equal(view->format, again->format), "\"%s\" became \"%s\"",
               view->format->text, again->format->text);
    FUZZ_CHECK(same_names(view->format, again->format), "names of \"%s\" became \"%s\"",
               view->format->text, again->format->text);
    FUZZ_CHECK(view->ndim == again->ndim, "%zu dimensions became %zu", view->ndim, again->ndim);
    for (size_t i = 0; i < view->ndim; i++)
        FUZZ_CHECK(view->shape[i] == again->shape[i], "dimension %zu became %zu", i,
                   again->shape[i]);
    rc_buffer *a = rc_view_to_bytes(view, 'C'), *b = rc_view_to_bytes(again, 'C');
    FUZZ_CHECK(a && b && a->size == b->size, "the bytes cannot be compared");
    FUZZ_CHECK(memcmp(a->data, b->data, a->size) == 0, "other bytes");
    rc_release(a);
    rc_release(b);
}

static void check_written(const char *bytes, size_t size, const rc_view *view)
{
    rc_buffer *buffer = rc_buffer_borrow(bytes, size);
    size_t offset = 0;
    rc_view *again = buffer ? rc_npy_read(buffer, &offset) : NULL;
    FUZZ_CHECK(again, "what was written is refused");
    FUZZ_CHECK(offset == size && (offset - rc_view_byte_count(again)) % 64 == 0,
               "an array of %zu bytes in a file of %zu", offset, size);
    check_again(view, again);
    rc_release(again);
    rc_release(buffer);
}

/* To memory, in that version, which may not have all letters or not be long enough. */
static void write_again(const rc_view *view, enum rc_npy_version version, unsigned scarce)
{
    char *bytes = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&bytes, &size);
    FUZZ_CHECK(file, "no memory");
    if (scarce >= 240) fuzz_fail_memory(scarce - 240);
    enum rc_status status = rc_npy_write(view, file, version);
    bool failed = fuzz_memory_has_failed();
    fclose(file);
    if (status == RC_OK)
        check_written(bytes, size, view);
    else
        FUZZ_CHECK(
            (failed && status == RC_NO_MEMORY) ||
                (status == RC_UNSUPPORTED && version != RC_NPY_LEAST && version != RC_NPY_3_0),
            "writing answers %s", rc_status_name(status));
    free(bytes);
}

/* The view itself, or one of its every second row from the last one on. */
static void write_some(rc_view *view, unsigned how, unsigned scarce)
{
    enum rc_npy_version version = (enum rc_npy_version)(how % 4);
    if (rc_view_byte_count(view) > WRITTEN_MAX) return;
    if (how & 4 && view->ndim > 0) {
        rc_view *part = rc_view_slice(view, how / 8 % view->ndim, RC_VIEW_OPEN, RC_VIEW_OPEN, -2);
        FUZZ_CHECK(part, "no slice");
        write_again(part, version, scarce);
        rc_release(part);
    } else {
        write_again(view, version, scarce);
    }
}

/* ---- one input ------------------------------------------------------------------------------- */

/* What is left of the input: the file itself, or its header, behind a prefix of that version and
 * before so many bytes. */
static unsigned char *make_file(struct fuzz_input *input, unsigned form, size_t *size)
{
    static const size_t elements[] = {0, 1, 4, 12, 48, 64, 200, 999};
    unsigned version = form % 4;
    size_t header = input->left < FILE_MAX ? input->left : FILE_MAX;
    size_t before = version == 0 ? 0 : version == 1 ? 10 : 12;
    size_t behind = version == 0 ? 0 : elements[form / 4 % 8];
    *size = before + header + behind;
    unsigned char *bytes = malloc(*size ? *size : 1);
    FUZZ_CHECK(bytes, "no memory");
    if (version) memcpy(bytes, "\x93NUMPY", 6);
    if (version) bytes[6] = (unsigned char)version, bytes[7] = 0;
    for (size_t i = 8; i < before; i++) bytes[i] = (unsigned char)(header >> 8 * (i - 8) & 0xFF);
    if (header) memcpy(bytes + before, input->next, header);
    for (size_t i = 0; i < behind; i++) bytes[before + header + i] = (unsigned char)(i * 7 + 3);
    return bytes;
}

static void run(struct fuzz_input *input)
{
    unsigned scarce = fuzz_byte(input), form = fuzz_byte(input), how = fuzz_byte(input);
    size_t size, offset = 0;
    unsigned char *bytes = make_file(input, form, &size);
    npy_model_read(&model, bytes, size);
    rc_buffer *buffer = rc_buffer_borrow(bytes, size);
    FUZZ_CHECK(buffer, "no buffer");

    if (scarce >= 240) fuzz_fail_memory(scarce - 240);
    rc_view *view = rc_npy_read(buffer, &offset);
    if (!view) {
        check_refusal(size);
        FUZZ_CHECK(offset == 0 && rc_buffer_exports(buffer) == 0, "a refusal changed something");
    } else {
        (void)fuzz_memory_has_failed();
        check_inside(view, offset);
        if (model.verdict != NPY_OPEN) check_model(view);
        write_some(view, how, scarce);
    }
    rc_release(view);
    rc_release(buffer);
    free(bytes);
}

FUZZ_TARGET(run)
