/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * Who may write: edit, freeze and thaw, copy on write.
 *
 * The exports of a buffer hold a reference to it, so that a unique buffer has none.
 */
#include "../rc/bias.h"
#include "exports.h"
#include "layout.h"

/* It is biased to another thread, whose references this one cannot know. */
static bool is_counted_elsewhere(const rc_buffer *buffer)
{
    const struct rc__header *header = rc__header_of(buffer);
    return rc__owner_of(header) && !rc__owns(header);
}

/* What is biased to a thread that has ended counts as any other from here on, which tells. */
static RC_COLD bool is_unique_at_last(const rc_buffer *buffer)
{
    if (!is_counted_elsewhere(buffer)) return false;
    rc_bias_share(buffer);
    return rc_is_unique(buffer);
}

/* The caller has the only reference. */
static bool is_unique(const rc_buffer *buffer)
{
    return RC_LIKELY(rc_is_unique(buffer)) || is_unique_at_last(buffer);
}

/* ---- edit ------------------------------------------------------------------------------------ */

static enum rc_status refuse_writing(const char *call, const rc_buffer *buffer)
{
    const rc_buffer *root = rc__buffer_root(buffer);
    if (buffer->rc__state & RC__STATE_UNWRITABLE)
        return rc_error_set(RC_READ_ONLY, "%s: %s of %zu bytes is %s", call,
                            rc__buffer_kind_text(buffer), buffer->size,
                            buffer->rc__state & RC__STATE_FROZEN ? "frozen" : "read-only");
    return rc_error_set(RC_READ_ONLY, "%s: a slice of %s of %zu bytes that is %s", call,
                        rc__buffer_kind_text(root), root->size,
                        root->rc__state & RC__STATE_FROZEN ? "frozen" : "read-only");
}

static bool is_writable(const rc_buffer *buffer)
{
    uint32_t state = buffer->rc__state | rc__buffer_root(buffer)->rc__state;
    return !(state & RC__STATE_UNWRITABLE);
}

void *rc_buffer_edit(rc_buffer *buffer)
{
    if (rc__buffer_check(buffer, "rc_buffer_edit") != RC_OK) return NULL;
    if (RC_UNLIKELY(!is_writable(buffer))) {
        refuse_writing("rc_buffer_edit", buffer);
        return NULL;
    }
    return (void *)(uintptr_t)buffer->data;
}

/* ---- freeze and thaw ------------------------------------------------------------------------- */

enum rc_status rc_buffer_freeze(rc_buffer *buffer)
{
    if (rc__buffer_check(buffer, "rc_buffer_freeze") != RC_OK) return RC_INVALID;
    buffer->rc__state |= RC__STATE_FROZEN;
    return RC_OK;
}

static enum rc_status refuse_thawing(const rc_buffer *buffer)
{
    static const char call[] = "rc_buffer_thaw";
    const char *kind = rc__buffer_kind_text(buffer);
    size_t size = buffer->size, references = rc_count(buffer);
    uint32_t exports = rc__exports_read(buffer);
    if (rc__is_immortal(buffer))
        return rc_error_set(RC_BUSY, "%s: %s of %zu bytes is immortal and stays frozen", call, kind,
                            size);
    if (references == SIZE_MAX)
        return rc_error_set(RC_BUSY, "%s: %s of %zu bytes has more references than can be counted",
                            call, kind, size);
    if (references <= 1 && is_counted_elsewhere(buffer))
        return rc_error_set(RC_BUSY,
                            "%s: %s of %zu bytes is biased to another thread, which lives and may "
                            "hold it; rc_share() by that thread lets others thaw it",
                            call, kind, size);
    char site[RC_ERROR_MESSAGE_SIZE];
    return rc_error_set(
        RC_BUSY, "%s: %s of %zu bytes has %zu reference%s and %u slice%s or view%s%s", call, kind,
        size, references, references == 1 ? "" : "s", exports, exports == 1 ? "" : "s",
        exports == 1 ? "" : "s", rc__exports_site(buffer, site, sizeof site));
}

enum rc_status rc_buffer_thaw(rc_buffer *buffer)
{
    if (rc__buffer_check(buffer, "rc_buffer_thaw") != RC_OK) return RC_INVALID;
    if (rc__buffer_kind(buffer) == RC__BUFFER_SLICE)
        return rc_error_set(
            RC_UNSUPPORTED,
            "rc_buffer_thaw: a slice of %zu bytes stays as it is; slice its root again",
            buffer->size);
    if (buffer->rc__state & RC__STATE_READ_ONLY)
        return rc_error_set(RC_READ_ONLY, "rc_buffer_thaw: %s of %zu bytes was made read-only",
                            rc__buffer_kind_text(buffer), buffer->size);
    if (!(buffer->rc__state & RC__STATE_FROZEN)) return RC_OK;
    if (!is_unique(buffer)) return refuse_thawing(buffer);
    buffer->rc__state &= ~RC__STATE_FROZEN;
    return RC_OK;
}

/* ---- copy on write --------------------------------------------------------------------------- */

static bool owns_its_bytes(const rc_buffer *buffer)
{
    enum rc__buffer_kind kind = rc__buffer_kind(buffer);
    return kind == RC__BUFFER_OWNER || kind == RC__BUFFER_ADOPTED || kind == RC__BUFFER_POOLED;
}

static rc_buffer *duplicate(const rc_buffer *buffer)
{
    size_t alignment = rc__buffer_alignment(buffer);
    if (alignment < RC_ALIGNMENT_DEFAULT) alignment = RC_ALIGNMENT_DEFAULT;
    rc_buffer *copy =
        rc__owner_new(NULL, buffer->size, alignment, buffer->rc__state & RC__STATE_WIPE);
    if (copy && copy->size) memcpy((void *)(uintptr_t)copy->data, buffer->data, copy->size);
    return copy;
}

/* Nobody else reaches the bytes, nor can by locking a weak reference. */
static bool is_alone(const rc_buffer *buffer)
{
    return owns_its_bytes(buffer) && is_unique(buffer) &&
           !(rc__header_flags(rc__header_of(buffer)) & RC__FLAG_WEAK);
}

enum rc_status rc_buffer_make_unique(rc_buffer **buffer)
{
    if (!buffer)
        return rc_error_set(RC_INVALID, "rc_buffer_make_unique: the address of the buffer is NULL");
    if (rc__buffer_check(*buffer, "rc_buffer_make_unique") != RC_OK) return RC_INVALID;
    if (is_alone(*buffer) && is_writable(*buffer)) return RC_OK;
    rc_buffer *copy = duplicate(*buffer);
    if (!copy) return RC_NO_MEMORY;
    rc_buffer *old = *buffer;
    *buffer = copy;
    rc_release(old);
    return RC_OK;
}
