/* SPDX-License-Identifier: MIT */
/* The input is a format and, behind a NUL, the bytes of an item. What is accepted has the size, the
 * alignment and the leaves that a second reading of it finds, and an item survives being taken apart
 * and put together. What is refused has a message with the place of the fault. */
#include <math.h>

#include "tests/libfuzzer/format_model.h"
#include "tests/libfuzzer/fuzz.h"

#include "buffer/format.h"

enum { TEXT_MAX = 300, ITEM_MAX = 4096 };

static struct model_format model;

/* ---- refusals -------------------------------------------------------------------------------- */

/* Some number in the message is a place in the text, or the one behind its end. */
static bool names_a_place(const char *message, size_t length)
{
    for (const char *next = message; *next;) {
        if (!model_is_digit(*next)) {
            next++;
            continue;
        }
        char *end;
        if (strtoull(next, &end, 10) <= length) return true;
        next = end;
    }
    return false;
}

static void check_refusal(const char *text, enum model_verdict verdict)
{
    enum rc_status status = rc_error_status();
    if (fuzz_memory_has_failed() && status == RC_NO_MEMORY) return;
    FUZZ_CHECK(status == RC_FORMAT || status == RC_UNSUPPORTED || status == RC_OVERFLOW,
               "\"%s\" is refused with %s", text, rc_status_name(status));
    FUZZ_CHECK(verdict != MODEL_GOOD, "\"%s\" is a format of %zu bytes", text, model.itemsize);
    if (status == RC_FORMAT)
        FUZZ_CHECK(names_a_place(rc_error_message(), strlen(text)), "no place in \"%s\"", text);
}

/* ---- what a format says of itself ------------------------------------------------------------ */

/* Elements of a field; the fields lie in the item, so it cannot overflow. */
static size_t elements_of(const struct rc_format_field *field)
{
    size_t count = 1;
    for (size_t i = 0; i < field->ndim; i++) count *= field->shape[i];
    return count;
}

static void check_fields(const rc_format *format)
{
    size_t before = 0;
    for (size_t i = 0; i < format->field_count; i++) {
        const struct rc_format_field *field = &format->fields[i];
        FUZZ_CHECK(field->offset >= before, "field %zu begins before the one before it", i);
        FUZZ_CHECK(field->offset + field->size * elements_of(field) <= format->itemsize,
                   "field %zu passes the end of %zu bytes", i, format->itemsize);
        FUZZ_CHECK((field->record != NULL) == (field->code == 'T'), "field %zu: a record?", i);
        if (field->record) check_fields(field->record);
        before = field->offset;
    }
}

/* The names of an item, or of the one record that it is, lead to the first field of that name. */
static void check_names(const rc_format *format)
{
    const rc_format *owner = format;
    if (format->field_count == 1 && format->fields->code == 'T' && format->fields->ndim == 0)
        owner = format->fields->record;
    for (size_t i = 0; i < owner->field_count && i < 50; i++) {
        size_t first = 0;
        while (strcmp(owner->fields[first].name, owner->fields[i].name) != 0) first++;
        FUZZ_CHECK(rc_format_find(format, owner->fields[i].name) == &owner->fields[first],
                   "another field \"%s\"", owner->fields[i].name);
    }
    FUZZ_CHECK(!rc_format_find(format, "a name: that no text can have"), "a field of no name");
}

static void check_facts(const rc_format *format, const char *text)
{
    FUZZ_CHECK(format->itemsize == model.itemsize, "\"%s\" has %zu bytes, not %zu", text,
               format->itemsize, model.itemsize);
    FUZZ_CHECK(format->alignment == model.alignment, "\"%s\" is aligned to %zu, not %zu", text,
               format->alignment, model.alignment);
    FUZZ_CHECK(format->value_count == model.leaf_count, "\"%s\" has %zu values, not %zu", text,
               format->value_count, model.leaf_count);
}

static void check_equality(const rc_format *format, const char *text)
{
    FUZZ_CHECK(!strcmp(format->text, text), "the text became \"%s\"", format->text);
    FUZZ_CHECK(rc_format_equal(format, format), "\"%s\" is not equal to itself", text);
    rc_format *again = rc_format_new(text);
    if (fuzz_memory_has_failed() && !again) return;
    FUZZ_CHECK(again, "\"%s\" is refused the second time", text);
    FUZZ_CHECK(rc_format_equal(format, again) && rc_format_equal(again, format),
               "\"%s\" is not equal to the same", text);
    rc_release(again);
}

/* ---- items ----------------------------------------------------------------------------------- */

static bool is_integer(char code)
{
    return strchr("?bBhHiIlLqQnNP", code) != NULL;
}

static bool is_signed(char code)
{
    return strchr("bhilqn", code) != NULL;
}

/* The integer at a leaf, byte by byte. */
static uint64_t integer_at(const unsigned char *item, const struct model_leaf *leaf)
{
    bool big = (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) != leaf->swapped;
    uint64_t number = 0;
    for (size_t i = 0; i < leaf->size; i++)
        number = number << 8 | item[leaf->offset + (big ? i : leaf->size - 1 - i)];
    if (is_signed(leaf->code) && leaf->size < 8 && number >> (leaf->size * 8 - 1))
        number |= ~((UINT64_C(1) << leaf->size * 8) - 1);
    return leaf->code == '?' ? number != 0 : number;
}

/* The double of a leaf 'd' and the float of a leaf 'f', without the library. */
static long double real_at(const unsigned char *item, const struct model_leaf *leaf)
{
    struct model_leaf bits = *leaf;
    bits.code = 'Q';
    uint64_t number = integer_at(item, &bits);
    if (leaf->code == 'd') {
        double real;
        memcpy(&real, &number, sizeof real);
        return real;
    }
    uint32_t half = (uint32_t)number;
    float real;
    memcpy(&real, &half, sizeof real);
    return real;
}

static bool same_real(long double a, long double b)
{
    return a == b ? signbit(a) == signbit(b) : isnan(a) && isnan(b);
}

/* What was taken out of the item is what the model reads there. */
static void check_value(const struct rc_value *value, const struct model_leaf *leaf,
                        const unsigned char *item)
{
    enum rc_value_kind kind = value->kind;
    if (is_integer(leaf->code)) {
        bool right = kind == (leaf->code == '?'       ? RC_VALUE_BOOL
                              : is_signed(leaf->code) ? RC_VALUE_SIGNED
                                                      : RC_VALUE_UNSIGNED);
        FUZZ_CHECK(right && value->as.unsigned_integer == integer_at(item, leaf),
                   "'%c' of kind %d is %llu", leaf->code, kind,
                   (unsigned long long)value->as.unsigned_integer);
    } else if (strchr("efdg", leaf->code)) {
        FUZZ_CHECK(kind == RC_VALUE_REAL, "'%c' has kind %d", leaf->code, kind);
        if (leaf->code == 'f' || leaf->code == 'd')
            FUZZ_CHECK(same_real(value->as.real, real_at(item, leaf)), "'%c' is %Lg, not %Lg",
                       leaf->code, value->as.real, real_at(item, leaf));
    } else if (strchr("FDG", leaf->code)) {
        FUZZ_CHECK(kind == RC_VALUE_COMPLEX, "'%c' has kind %d", leaf->code, kind);
    } else {
        FUZZ_CHECK(kind == RC_VALUE_BYTES, "'%c' has kind %d", leaf->code, kind);
        FUZZ_CHECK(value->as.bytes.size <= leaf->size, "'%c' has %zu bytes", leaf->code,
                   value->as.bytes.size);
    }
}

/* Bytes that have to come back as they were: not padding, and not what has several spellings (any
 * byte but 0 for true, the payload of a NaN, what follows a Pascal string). */
static bool comes_back(const struct model_leaf *leaf, const struct rc_value *value)
{
    if (leaf->code == 'p' || leaf->code == '?' || strchr("gG", leaf->code)) return false;
    if (value->kind == RC_VALUE_REAL) return !isnan(value->as.real);
    if (value->kind == RC_VALUE_COMPLEX)
        return !isnan(value->as.complex_number.real) && !isnan(value->as.complex_number.imaginary);
    return true;
}

static bool same_value(const struct rc_value *a, const struct rc_value *b)
{
    if (a->kind != b->kind) return false;
    switch (a->kind) {
    case RC_VALUE_REAL:
        return same_real(a->as.real, b->as.real);
    case RC_VALUE_COMPLEX:
        return same_real(a->as.complex_number.real, b->as.complex_number.real) &&
               same_real(a->as.complex_number.imaginary, b->as.complex_number.imaginary);
    case RC_VALUE_BYTES:
        return a->as.bytes.size == b->as.bytes.size && a->as.bytes.swapped == b->as.bytes.swapped &&
               (a->as.bytes.size == 0 ||
                !memcmp(a->as.bytes.data, b->as.bytes.data, a->as.bytes.size));
    default:
        return a->as.unsigned_integer == b->as.unsigned_integer;
    }
}

/* The item that was put together: its leaves as before, and zeros between them. */
static void check_packed(const unsigned char *packed, const unsigned char *item, size_t itemsize,
                         const struct rc_value *values)
{
    static bool in_leaf[ITEM_MAX];
    memset(in_leaf, 0, itemsize);
    for (size_t i = 0; i < model.leaf_count; i++) {
        const struct model_leaf *leaf = &model.leaves[i];
        memset(in_leaf + leaf->offset, 1, leaf->size);
        if (leaf->size && comes_back(leaf, &values[i]))
            FUZZ_CHECK(!memcmp(packed + leaf->offset, item + leaf->offset, leaf->size),
                       "value %zu, a '%c', is other bytes", i, leaf->code);
    }
    for (size_t i = 0; i < itemsize; i++)
        FUZZ_CHECK(in_leaf[i] || packed[i] == 0, "pad byte %zu is not zero", i);
}

static void check_item(const rc_format *format, struct fuzz_input *input)
{
    static unsigned char item[ITEM_MAX + 1], packed[ITEM_MAX + 1];
    static struct rc_value values[MODEL_LEAVES], again[MODEL_LEAVES];
    size_t count = format->value_count, shift = fuzz_below(input, 2); /* at any alignment */
    for (size_t i = 0; i < format->itemsize; i++) item[shift + i] = (unsigned char)fuzz_byte(input);
    memset(packed, 0xA5, sizeof packed);

    FUZZ_CHECK(rc_format_unpack(format, item + shift, values, count + 1) == RC_RANGE,
               "one value more is taken out");
    enum rc_status status = rc_format_unpack(format, item + shift, values, count);
    FUZZ_CHECK(status == RC_OK, "unpack answers %s", rc_status_name(status));
    for (size_t i = 0; i < count; i++) check_value(&values[i], &model.leaves[i], item + shift);
    status = rc_format_pack(format, packed, values, count);
    FUZZ_CHECK(status == RC_OK, "pack answers %s", rc_status_name(status));
    check_packed(packed, item + shift, format->itemsize, values);
    FUZZ_CHECK(packed[format->itemsize] == 0xA5, "a byte behind the item was written");
    status = rc_format_unpack(format, packed, again, count);
    FUZZ_CHECK(status == RC_OK, "unpack answers %s", rc_status_name(status));
    for (size_t i = 0; i < count; i++)
        FUZZ_CHECK(same_value(&values[i], &again[i]), "value %zu, a '%c', is another", i,
                   model.leaves[i].code);
}

/* ---- one input ------------------------------------------------------------------------------- */

static void run(struct fuzz_input *input)
{
    char text[TEXT_MAX + 1];
    size_t length = 0;
    while (input->left > 0 && length < TEXT_MAX && *input->next)
        text[length++] = (char)fuzz_byte(input);
    text[length] = 0;
    (void)fuzz_byte(input); /* the NUL */
    unsigned scarce = fuzz_byte(input);
    enum model_verdict verdict = model_read(&model, text);

    if (scarce >= 250) fuzz_fail_memory(scarce - 250);
    rc_format *format = rc_format_new(text);
    if (!format) {
        check_refusal(text, verdict);
        return;
    }
    FUZZ_CHECK(verdict != MODEL_BAD, "\"%s\" is accepted", text);
    check_equality(format, text);
    (void)fuzz_memory_has_failed();
    check_fields(format);
    check_names(format);
    if (verdict == MODEL_GOOD) {
        check_facts(format, text);
        if (model.itemsize <= ITEM_MAX && model.leaf_count < MODEL_LEAVES)
            check_item(format, input);
    }
    rc_release(format);
}

FUZZ_TARGET(run)
