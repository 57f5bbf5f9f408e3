/* SPDX-License-Identifier: MIT */
/**
 * @file tests/libfuzzer/format_model.h
 * A slow, second reading of formats: one leaf after the other, each with its place, by the rules that
 * buffer/format.h tells, and nothing else. For format_target.c.
 *
 * A text that the rules leave open is not judged: MODEL_OPEN.
 */
#ifndef TESTS_LIBFUZZER_FORMAT_MODEL_H
#define TESTS_LIBFUZZER_FORMAT_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { MODEL_LEAVES = 256, MODEL_DEPTH = 64 };

/* Sizes beyond this are not judged: the library's limits lie between it and the address space. */
#define MODEL_SIZE_MAX ((size_t)PTRDIFF_MAX >> (sizeof(size_t) == 8 ? 23 : 1))

struct model_leaf {
    size_t offset, size; /* in bytes */
    char code;           /* as in the text; F D G for Zf Zd Zg */
    bool swapped;
};

enum model_verdict { MODEL_GOOD, MODEL_BAD, MODEL_OPEN };

struct model_format {
    size_t itemsize, alignment, leaf_count;
    struct model_leaf leaves[MODEL_LEAVES]; /* the first of them */
};

struct model_reader {
    const char *next;
    char order;
    unsigned depth;
    enum model_verdict verdict;
    struct model_format *format;
};

/* What an element is: size and alignment of one, and how many leaves it has. */
struct model_element {
    size_t size, alignment, leaves;
    size_t first; /* of its leaves in the table, their offsets from the element's start */
};

static inline size_t model_fail(struct model_reader *reader, enum model_verdict verdict)
{
    if (reader->verdict == MODEL_GOOD) reader->verdict = verdict;
    return 0;
}

static inline size_t model_round_up(size_t size, size_t alignment)
{
    return (size + alignment - 1) / alignment * alignment;
}

/* a * b, unless that is beyond what is judged. */
static inline size_t model_times(struct model_reader *reader, size_t a, size_t b)
{
    if (b != 0 && a > MODEL_SIZE_MAX / b) return model_fail(reader, MODEL_OPEN);
    return a * b;
}

static inline bool model_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* struct's spaces: those of isspace(). */
static inline bool model_is_blank(char c)
{
    return c != 0 && strchr(" \t\n\v\f\r", c) != NULL;
}

static inline bool model_is_order(char c)
{
    return c != 0 && strchr("@=<>!^", c) != NULL;
}

static inline size_t model_number(struct model_reader *reader)
{
    size_t number = 0;
    while (model_is_digit(*reader->next)) {
        number = model_times(reader, number, 10) + (size_t)(*reader->next++ - '0');
        if (reader->verdict != MODEL_GOOD) return 0;
    }
    return number;
}

/* ---- codes ----------------------------------------------------------------------------------- */

struct model_code {
    char code;
    unsigned char standard, native, alignment; /* standard 0: in @ and ^ alone */
};

#define MODEL_CODE(code, standard, type)                                                           \
    {                                                                                              \
        code, standard, sizeof(type), _Alignof(type)                                               \
    }

static inline const struct model_code *model_find(char code)
{
    static const struct model_code codes[] = {
        MODEL_CODE('c', 1, char),
        MODEL_CODE('b', 1, char),
        MODEL_CODE('B', 1, char),
        MODEL_CODE('?', 1, bool),
        MODEL_CODE('h', 2, short),
        MODEL_CODE('H', 2, short),
        MODEL_CODE('i', 4, int),
        MODEL_CODE('I', 4, int),
        MODEL_CODE('l', 4, long),
        MODEL_CODE('L', 4, long),
        MODEL_CODE('q', 8, long long),
        MODEL_CODE('Q', 8, long long),
        MODEL_CODE('n', 0, size_t),
        MODEL_CODE('N', 0, size_t),
        MODEL_CODE('P', 0, void *),
        MODEL_CODE('e', 2, uint16_t),
        MODEL_CODE('f', 4, float),
        MODEL_CODE('d', 8, double),
        MODEL_CODE('g', 0, long double),
        MODEL_CODE('F', 8, float _Complex),
        MODEL_CODE('D', 16, double _Complex),
        MODEL_CODE('G', 0, long double _Complex),
        MODEL_CODE('w', 4, uint32_t),
        MODEL_CODE('s', 1, char),
        MODEL_CODE('p', 1, char),
        MODEL_CODE('x', 1, char),
    };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i].code == code) return &codes[i];
    return NULL;
}

static inline bool model_is_swapped(char order, size_t size)
{
    bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    if (size == 1 || order == '@' || order == '^' || order == '=') return false;
    return (order != '<') != big;
}

/* ---- elements -------------------------------------------------------------------------------- */

static inline struct model_element model_list(struct model_reader *reader, bool in_record);

/* Leaves that stand behind each other in the table are kept once more, @p shift bytes on. */
static inline void model_repeat(struct model_format *format, size_t first, size_t count,
                                size_t shift)
{
    for (size_t i = 0; i < count && first + count + i < MODEL_LEAVES; i++) {
        struct model_leaf leaf = format->leaves[first + i];
        leaf.offset += shift;
        format->leaves[first + count + i] = leaf;
    }
}

/* T{...}: its leaves are in the table when it returns. An order that is set inside holds behind it,
 * too, and the one that holds at its end decides whether it is aligned. */
static inline struct model_element model_record(struct model_reader *reader)
{
    if (++reader->depth > MODEL_DEPTH) model_fail(reader, MODEL_BAD);
    struct model_element record = {0};
    if (reader->verdict == MODEL_GOOD) record = model_list(reader, true);
    reader->depth--;
    if (reader->verdict != MODEL_GOOD) return record;
    if (reader->order != '@') record.alignment = 1;
    record.size = model_round_up(record.size, record.alignment);
    return record;
}

/* One leaf of that code; of s, p and w as long as the count says. */
static inline struct model_element model_leaf(struct model_reader *reader, char code, size_t count)
{
    struct model_format *format = reader->format;
    const struct model_code *entry = model_find(code);
    struct model_element element = {.alignment = 1, .first = format->leaf_count};
    bool native = reader->order == '@' || reader->order == '^';
    if (!entry || (!native && entry->standard == 0)) {
        model_fail(reader, MODEL_BAD);
        return element;
    }
    element.size = model_times(reader, native ? entry->native : entry->standard, count);
    if (reader->order == '@') element.alignment = entry->alignment;
    if (code == 'x') return element;
    element.leaves = 1;
    if (element.first < MODEL_LEAVES)
        format->leaves[element.first] = (struct model_leaf){
            .size = element.size,
            .code = code,
            .swapped = model_is_swapped(reader->order, native ? entry->native : entry->standard)};
    return element;
}

/* (2,3): how many there are in all. */
static inline size_t model_shape(struct model_reader *reader)
{
    size_t product = 1;
    do {
        reader->next++;
        if (!model_is_digit(*reader->next)) return model_fail(reader, MODEL_OPEN);
        product = model_times(reader, product, model_number(reader));
    } while (*reader->next == ',' && reader->verdict == MODEL_GOOD);
    if (*reader->next != ')') return model_fail(reader, MODEL_OPEN);
    reader->next++;
    return product;
}

/* :name: behind an element. */
static inline void model_name(struct model_reader *reader)
{
    if (*reader->next != ':') return;
    const char *end = strchr(reader->next + 1, ':');
    if (!end)
        model_fail(reader, MODEL_BAD);
    else if (end == reader->next + 1)
        model_fail(reader, MODEL_OPEN);
    else
        reader->next = end + 1;
}

static inline struct model_element model_one(struct model_reader *reader, size_t *count)
{
    struct model_format *format = reader->format;
    char code = *reader->next;
    if (code != 0) reader->next++;
    if (code == 'T') {
        size_t first = format->leaf_count;
        if (*reader->next != '{') model_fail(reader, MODEL_BAD);
        if (reader->verdict != MODEL_GOOD) return (struct model_element){.alignment = 1};
        reader->next++;
        struct model_element record = model_record(reader);
        record.first = first;
        format->leaf_count = first;
        return record;
    }
    if (code == 'Z') {
        static const char parts[] = "fdg", codes[] = "FDG";
        const char *part = *reader->next ? strchr(parts, *reader->next) : NULL;
        code = part ? codes[part - parts] : 'Z';
        if (part) reader->next++;
    } else if (code == 'F' || code == 'D' || code == 'G') {
        code = 'Z'; /* no code of the text's own */
    }
    bool is_text = code == 's' || code == 'p' || code == 'w' || code == 'x';
    struct model_element element = model_leaf(reader, code, is_text ? *count : 1);
    if (is_text) *count = 1;
    return element;
}

/* One element with what stands before and behind it, placed behind what the list has so far. */
static inline void model_place(struct model_reader *reader, struct model_element *list)
{
    struct model_format *format = reader->format;
    bool shaped = *reader->next == '(';
    size_t total = shaped ? model_shape(reader) : 1, count = 1;
    if (shaped && model_is_order(*reader->next)) {
        reader->order = *reader->next++;
        if (model_is_digit(*reader->next)) model_fail(reader, MODEL_OPEN);
    }
    if (reader->verdict == MODEL_GOOD && model_is_digit(*reader->next))
        count = model_number(reader);
    if (model_is_blank(*reader->next) || *reader->next == '(' || model_is_order(*reader->next))
        model_fail(reader, MODEL_OPEN);
    if (shaped && *reader->next == 'x') model_fail(reader, MODEL_OPEN);
    if (reader->verdict != MODEL_GOOD) return;
    struct model_element element = model_one(reader, &count);
    total = model_times(reader, total, count);
    if (reader->verdict != MODEL_GOOD) return;

    list->size = model_round_up(list->size, element.alignment);
    if (element.alignment > list->alignment) list->alignment = element.alignment;
    size_t leaves = model_times(reader, total, element.leaves);
    for (size_t i = 0; i < element.leaves && element.first + i < MODEL_LEAVES; i++)
        format->leaves[element.first + i].offset += list->size;
    for (size_t i = 0; i + 1 < total && i < MODEL_LEAVES && element.leaves; i++)
        model_repeat(format, element.first + i * element.leaves, element.leaves, element.size);
    list->size += model_times(reader, element.size, total);
    if (list->size > MODEL_SIZE_MAX) model_fail(reader, MODEL_OPEN);
    list->leaves += leaves;
    format->leaf_count = element.first + leaves;
    if (format->leaf_count > MODEL_SIZE_MAX) model_fail(reader, MODEL_OPEN);
    model_name(reader);
}

/* A second order behind the blanks behind an order is left open. */
static inline void model_order(struct model_reader *reader)
{
    while (model_is_order(*reader->next)) reader->order = *reader->next++;
    while (model_is_blank(*reader->next)) reader->next++;
    if (model_is_order(*reader->next)) model_fail(reader, MODEL_OPEN);
}

static inline struct model_element model_list(struct model_reader *reader, bool in_record)
{
    struct model_element list = {.alignment = 1};
    while (reader->verdict == MODEL_GOOD) {
        char c = *reader->next;
        if (model_is_blank(c)) {
            reader->next++;
        } else if (model_is_order(c)) {
            model_order(reader);
        } else if (c == 0 || c == '}') {
            if (in_record != (c == '}')) model_fail(reader, MODEL_BAD);
            if (c == '}') reader->next++;
            break;
        } else {
            model_place(reader, &list);
        }
    }
    return list;
}

/** Read a text. */
static inline enum model_verdict model_read(struct model_format *format, const char *text)
{
    struct model_reader reader = {.next = text, .order = '@', .format = format};
    format->leaf_count = 0;
    struct model_element whole = model_list(&reader, false);
    format->itemsize = whole.size;
    format->alignment = whole.alignment;
    return reader.verdict;
}

#endif
