/* SPDX-License-Identifier: MIT */
/**
 * @file tests/libfuzzer/npy_model.h
 * A slow, second reading of .npy files: what buffer/npy.h takes, and where each leaf of an element
 * lies. For npy_target.c.
 *
 * What the model does not follow is not judged, NPY_OPEN: escapes and letters that are not ASCII,
 * large numbers, very many fields or dimensions.
 */
#ifndef TESTS_LIBFUZZER_NPY_MODEL_H
#define TESTS_LIBFUZZER_NPY_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { NPY_LEAVES = 256, NPY_NAMES = 32, NPY_DIMENSIONS = 64, NPY_DEPTH = 64 };

/* Products beyond this are not judged. */
#define NPY_SIZE_MAX ((size_t)PTRDIFF_MAX >> (sizeof(size_t) == 8 ? 23 : 1))

enum npy_verdict { NPY_GOOD, NPY_BAD, NPY_OPEN };

struct npy_leaf {
    size_t offset, size; /* in bytes */
    bool swapped;
};

struct npy_model {
    enum npy_verdict verdict;
    size_t start, itemsize, ndim, shape[NPY_DIMENSIONS];
    size_t leaf_count;
    struct npy_leaf leaves[NPY_LEAVES]; /* the first of them */
    bool is_fortran;
};

struct npy_reader {
    const unsigned char *next, *end;
    unsigned version, depth;
    struct npy_model *model;
};

/* Part of an element: its bytes, its leaves in the table, the dimensions of the deepest. */
struct npy_part {
    size_t size, first, leaves, ndim;
};

struct npy_text {
    const unsigned char *bytes;
    size_t size;
};

/* The first verdict holds. Returns: false, for whoever goes no further. */
static inline bool npy_judge(struct npy_reader *reader, enum npy_verdict verdict)
{
    if (reader->model->verdict == NPY_GOOD) reader->model->verdict = verdict;
    return false;
}

static inline size_t npy_times(struct npy_reader *reader, size_t a, size_t b)
{
    if (b == 0 || a <= NPY_SIZE_MAX / b) return a * b;
    npy_judge(reader, NPY_OPEN);
    return 0;
}

/* ---- words ----------------------------------------------------------------------------------- */

static inline int npy_peek(struct npy_reader *reader)
{
    while (reader->next < reader->end && *reader->next && strchr(" \t\n\r\f", *reader->next))
        reader->next++;
    return reader->next < reader->end ? *reader->next : -1;
}

static inline bool npy_next_is(struct npy_reader *reader, char mark)
{
    if (npy_peek(reader) != mark) return false;
    reader->next++;
    return true;
}

static inline bool npy_need(struct npy_reader *reader, char mark)
{
    return npy_next_is(reader, mark) || npy_judge(reader, NPY_BAD);
}

static inline bool npy_word(struct npy_reader *reader, const char *word)
{
    (void)npy_peek(reader);
    size_t size = strlen(word);
    if ((size_t)(reader->end - reader->next) < size || memcmp(reader->next, word, size) != 0)
        return false;
    reader->next += size;
    return true;
}

/* What stands between quotes; one without escapes if it is plain. */
static inline bool npy_quoted(struct npy_reader *reader, bool plain, struct npy_text *text)
{
    int quote = npy_peek(reader);
    if (quote != '\'' && quote != '"') return npy_judge(reader, NPY_BAD);
    *text = (struct npy_text){++reader->next, 0};
    for (;; reader->next++) {
        if (reader->next == reader->end) return npy_judge(reader, NPY_BAD);
        unsigned char byte = *reader->next;
        if (byte == quote) break;
        if (byte == '\\') return npy_judge(reader, plain ? NPY_BAD : NPY_OPEN);
        if (plain) continue;
        if (byte >= 0x80) return npy_judge(reader, NPY_OPEN);
        if (byte == 0 || byte == '\n' || byte == '\r') return npy_judge(reader, NPY_BAD);
    }
    text->size = (size_t)(reader->next++ - text->bytes);
    return true;
}

static inline bool npy_same(const struct npy_text *a, const struct npy_text *b)
{
    return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

/* ---- shapes ---------------------------------------------------------------------------------- */

static inline bool npy_number(struct npy_reader *reader, size_t *number)
{
    int first = npy_peek(reader);
    const unsigned char *start = reader->next;
    if (first < '0' || first > '9') return npy_judge(reader, NPY_BAD);
    for (*number = 0; reader->next < reader->end; reader->next++) {
        if (*reader->next < '0' || *reader->next > '9') break;
        if (*number > NPY_SIZE_MAX) return npy_judge(reader, NPY_OPEN);
        *number = *number * 10 + (*reader->next - (size_t)'0');
    }
    if (first == '0' && reader->next - start > 1) return npy_judge(reader, NPY_BAD);
    if (reader->version < 3 && reader->next < reader->end && *reader->next == 'L') reader->next++;
    return true;
}

static inline bool npy_shape(struct npy_reader *reader, size_t *shape, size_t *ndim)
{
    *ndim = 0;
    if (!npy_need(reader, '(')) return false;
    while (!npy_next_is(reader, ')')) {
        if (*ndim == NPY_DIMENSIONS) return npy_judge(reader, NPY_BAD);
        if (!npy_number(reader, &shape[(*ndim)++])) return false;
        if (npy_next_is(reader, ',')) continue;
        if (*ndim == 1) return npy_judge(reader, NPY_BAD);
        return npy_need(reader, ')');
    }
    return true;
}

/* ---- dtypes ---------------------------------------------------------------------------------- */

static inline bool npy_dtype(struct npy_reader *reader, struct npy_part *part);

static inline void npy_put_leaf(struct npy_model *model, size_t offset, size_t size, bool swapped)
{
    if (model->leaf_count < NPY_LEAVES)
        model->leaves[model->leaf_count] = (struct npy_leaf){offset, size, swapped};
    model->leaf_count++;
}

/* As many times as a shape says, behind each other. */
static inline bool npy_repeat(struct npy_reader *reader, struct npy_part *part, const size_t *shape,
                              size_t ndim)
{
    struct npy_model *model = reader->model;
    size_t count = 1;
    for (size_t i = 0; i < ndim; i++) {
        if (shape[i] == 0 && ndim > 1) return npy_judge(reader, NPY_OPEN);
        count = npy_times(reader, count, shape[i]);
    }
    part->ndim += ndim;
    if (part->ndim > NPY_DIMENSIONS / 2) npy_judge(reader, NPY_OPEN);
    size_t leaves = npy_times(reader, count, part->leaves);
    size_t size = npy_times(reader, count, part->size);
    if (model->verdict != NPY_GOOD) return false;
    model->leaf_count = part->first + leaves;
    for (size_t i = part->leaves; i < leaves && part->first + i < NPY_LEAVES; i++) {
        struct npy_leaf leaf = model->leaves[part->first + i % part->leaves];
        leaf.offset += i / part->leaves * part->size;
        model->leaves[part->first + i] = leaf;
    }
    part->size = size;
    part->leaves = leaves;
    return true;
}

static inline bool npy_is_number(char kind, size_t size)
{
    size_t longest = sizeof(long double);
    switch (kind) {
    case 'b':
        return size == 1;
    case 'i':
    case 'u':
        return size == 1 || size == 2 || size == 4 || size == 8;
    case 'f':
        return size == 2 || size == 4 || size == 8 || size == longest;
    default:
        return size == 8 || size == 16 || size == 2 * longest;
    }
}

/* '<f8': kind, size, and whether its bytes are in the other order. */
static inline bool npy_scalar(struct npy_reader *reader, char *kind, size_t *size, bool *swapped)
{
    struct npy_text text;
    if (!npy_quoted(reader, true, &text)) return false;
    size_t at = text.size > 0 && text.bytes[0] && strchr("<>=|", text.bytes[0]);
    bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    *swapped = at > 0 && text.bytes[0] == (big ? '<' : '>');
    if (text.size < at + 2) return npy_judge(reader, NPY_BAD);
    *kind = (char)text.bytes[at++];
    if (*kind == 0 || !strchr("biufcSUV", *kind)) return npy_judge(reader, NPY_BAD);
    for (*size = 0; at < text.size; at++) {
        if (text.bytes[at] < '0' || text.bytes[at] > '9') return npy_judge(reader, NPY_BAD);
        if (*size > NPY_SIZE_MAX) return npy_judge(reader, NPY_OPEN);
        *size = *size * 10 + (text.bytes[at] - (size_t)'0');
    }
    if (strchr("SUV", *kind)) return true;
    bool is_long = *size == sizeof(long double) * (*kind == 'c' ? 2 : 1) && *size > 16 / 2;
    bool is_real = *kind == 'f' || *kind == 'c';
    if (is_real && is_long && *swapped && sizeof(long double) > 8 && *size >= sizeof(long double) &&
        !(*kind == 'c' && *size == 16))
        return npy_judge(reader, NPY_BAD);
    return npy_is_number(*kind, *size) || npy_judge(reader, NPY_BAD);
}

static inline bool npy_leaf(struct npy_reader *reader, struct npy_part *part)
{
    char kind;
    size_t size;
    bool swapped;
    if (!npy_scalar(reader, &kind, &size, &swapped)) return false;
    part->size = kind == 'U' ? npy_times(reader, size, 4) : size;
    if (reader->model->verdict != NPY_GOOD) return false;
    bool has_order = kind == 'U' || (kind != 'S' && size > 1);
    if (kind != 'V') {
        part->leaves = 1;
        npy_put_leaf(reader->model, 0, part->size, swapped && has_order);
    } else if (reader->depth > 1) { /* in a record it is that many numbers of one byte */
        part->leaves = part->size = 1;
        npy_put_leaf(reader->model, 0, 1, false);
        return npy_repeat(reader, part, &size, 1);
    }
    return true;
}

/* A name that is new, and can be said in a format. Returns: with size 0 for padding. */
static inline bool npy_name(struct npy_reader *reader, struct npy_text *names, size_t *count)
{
    struct npy_text name;
    bool titled = npy_next_is(reader, '(');
    if (titled && !(npy_quoted(reader, false, &name) && npy_need(reader, ','))) return false;
    if (!npy_quoted(reader, false, &name)) return false;
    if (titled && !npy_need(reader, ')')) return false;
    if (titled && name.size == 0) return npy_judge(reader, NPY_BAD);
    if (memchr(name.bytes, ':', name.size)) return npy_judge(reader, NPY_BAD);
    if (*count == NPY_NAMES) return npy_judge(reader, NPY_OPEN);
    names[*count] = name;
    if (name.size == 0) return true;
    for (size_t i = 0; i < *count; i++)
        if (npy_same(&names[i], &name)) return npy_judge(reader, NPY_BAD);
    ++*count;
    return true;
}

/* ('', '|V4'), behind the name. */
static inline bool npy_padding(struct npy_reader *reader, struct npy_part *part)
{
    char kind;
    bool swapped;
    if (!npy_scalar(reader, &kind, &part->size, &swapped)) return false;
    if (kind != 'V') return npy_judge(reader, NPY_BAD);
    (void)npy_next_is(reader, ',');
    return npy_need(reader, ')');
}

/* Behind the '(' of a field. */
static inline bool npy_field(struct npy_reader *reader, struct npy_text *names, size_t *count,
                             struct npy_part *part)
{
    size_t shape[NPY_DIMENSIONS], ndim = 0;
    if (!npy_name(reader, names, count) || !npy_need(reader, ',')) return false;
    if (*count < NPY_NAMES && names[*count].size == 0 && names[*count].bytes)
        return npy_padding(reader, part);
    if (!npy_dtype(reader, part)) return false;
    if (npy_next_is(reader, ',') && npy_peek(reader) != ')') {
        if (!npy_shape(reader, shape, &ndim) || !npy_repeat(reader, part, shape, ndim))
            return false;
        (void)npy_next_is(reader, ',');
    }
    return npy_need(reader, ')');
}

/* Behind the '[' of a record. */
static inline bool npy_record(struct npy_reader *reader, struct npy_part *part)
{
    struct npy_text names[NPY_NAMES];
    struct npy_model *model = reader->model;
    size_t count = 0;
    while (!npy_next_is(reader, ']')) {
        struct npy_part field = {.first = model->leaf_count};
        memset(names + count, 0, sizeof *names * (NPY_NAMES - count));
        if (!npy_need(reader, '(') || !npy_field(reader, names, &count, &field)) return false;
        for (size_t i = 0; i < field.leaves && field.first + i < NPY_LEAVES; i++)
            model->leaves[field.first + i].offset += part->size;
        part->size += field.size;
        part->leaves += field.leaves;
        if (field.ndim > part->ndim) part->ndim = field.ndim;
        if (part->size > NPY_SIZE_MAX) return npy_judge(reader, NPY_OPEN);
        if (!npy_next_is(reader, ',')) return npy_need(reader, ']');
    }
    return true;
}

/* (dtype, shape), behind its '('. */
static inline bool npy_sub_array(struct npy_reader *reader, struct npy_part *part)
{
    size_t shape[NPY_DIMENSIONS], ndim;
    return npy_dtype(reader, part) && npy_need(reader, ',') && npy_shape(reader, shape, &ndim) &&
           npy_repeat(reader, part, shape, ndim) && npy_need(reader, ')');
}

static inline bool npy_dtype(struct npy_reader *reader, struct npy_part *part)
{
    int next = npy_peek(reader);
    *part = (struct npy_part){.first = reader->model->leaf_count};
    if (reader->depth++ > NPY_DEPTH) return npy_judge(reader, NPY_BAD);
    bool is_good;
    if (npy_next_is(reader, '['))
        is_good = npy_record(reader, part);
    else if (next == '(' && reader->depth > 1)
        is_good = ++reader->next, npy_sub_array(reader, part);
    else
        is_good = npy_leaf(reader, part);
    reader->depth--;
    return is_good;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static inline bool npy_value(struct npy_reader *reader, size_t key)
{
    struct npy_model *model = reader->model;
    struct npy_part part;
    if (key == 2) return npy_shape(reader, model->shape, &model->ndim);
    if (key == 1) {
        model->is_fortran = npy_word(reader, "True");
        return model->is_fortran || npy_word(reader, "False") || npy_judge(reader, NPY_BAD);
    }
    if (!npy_dtype(reader, &part)) return false;
    model->itemsize = part.size;
    return true;
}

static inline bool npy_dict(struct npy_reader *reader)
{
    static const char *const keys[] = {"descr", "fortran_order", "shape"};
    bool is_there[3] = {false, false, false};
    while (!npy_next_is(reader, '}')) {
        struct npy_text text;
        size_t key = 0;
        if (!npy_quoted(reader, true, &text) || !npy_need(reader, ':')) return false;
        while (key < 3 &&
               (strlen(keys[key]) != text.size || memcmp(keys[key], text.bytes, text.size) != 0))
            key++;
        if (key == 3 || is_there[key]) return npy_judge(reader, NPY_BAD);
        is_there[key] = true;
        if (!npy_value(reader, key)) return false;
        if (npy_next_is(reader, ',')) continue;
        if (!npy_need(reader, '}')) return false;
        break;
    }
    return (is_there[0] && is_there[1] && is_there[2]) || npy_judge(reader, NPY_BAD);
}

static inline void npy_skip_on_line(struct npy_reader *reader)
{
    while (reader->next < reader->end && (*reader->next == ' ' || *reader->next == '\t'))
        reader->next++;
}

static inline void npy_read_header(struct npy_reader *reader)
{
    npy_skip_on_line(reader);
    if (reader->next == reader->end || *reader->next++ != '{') {
        npy_judge(reader, NPY_BAD);
        return;
    }
    if (!npy_dict(reader)) return;
    npy_skip_on_line(reader);
    while (reader->next < reader->end && *reader->next == '\n') reader->next++;
    if (reader->next != reader->end) npy_judge(reader, NPY_BAD);
}

/** Read a file's bytes. */
static inline void npy_model_read(struct npy_model *model, const unsigned char *bytes, size_t size)
{
    *model = (struct npy_model){.verdict = NPY_BAD};
    if (size < 8 || memcmp(bytes, "\x93NUMPY", 6) != 0 || bytes[7] != 0) return;
    size_t before = bytes[6] == 1 ? 10 : 12, length = 0;
    if (bytes[6] < 1 || bytes[6] > 3 || size < before) return;
    for (size_t i = before; i-- > 8;) length = length << 8 | bytes[i];
    if (length > size - before) return;
    model->verdict = NPY_GOOD;
    model->start = before + length;
    struct npy_reader reader = {
        .next = bytes + before, .end = bytes + model->start, .version = bytes[6], .model = model};
    npy_read_header(&reader);
    size_t count = 1;
    bool is_empty = false;
    for (size_t i = 0; i < model->ndim; i++) is_empty |= model->shape[i] == 0;
    for (size_t i = 0; i < model->ndim && model->verdict == NPY_GOOD; i++)
        if (model->shape[i]) count = npy_times(&reader, count, model->shape[i]);
    if (model->verdict == NPY_GOOD) count = npy_times(&reader, count, model->itemsize);
    if (model->verdict == NPY_GOOD && !is_empty && count > size - model->start)
        model->verdict = NPY_BAD;
}

#endif
