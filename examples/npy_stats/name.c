/* SPDX-License-Identifier: MIT */
#include "name.h"

#include <stdio.h>

struct writer {
    char *text;
    size_t used;
    const size_t *index; /* of the dimensions that are still to be written; NULL: no indices */
};

/* A byte, as long as there is room for it and the end. */
static void put(struct writer *writer, char byte)
{
    if (writer->used + 1 >= NAME_SIZE) return;
    bool is_control = (unsigned char)byte < ' ' || byte == 127;
    writer->text[writer->used++] = is_control ? '?' : byte;
}

static void put_text(struct writer *writer, const char *text)
{
    while (*text) put(writer, *text++);
}

static void put_index(struct writer *writer, size_t ndim)
{
    char digits[24];
    for (size_t i = 0; i < ndim; i++) {
        snprintf(digits, sizeof digits, "%c%zu", i == 0 ? '[' : ',', *writer->index++);
        put_text(writer, digits);
    }
    if (ndim) put(writer, ']');
}

/* The outermost place first; places nest as deep as formats do. */
static void put_place(struct writer *writer, const struct place *place)
{
    if (place->outer) put_place(writer, place->outer);
    if (place->name) {
        if (writer->used) put(writer, '.');
        put_text(writer, place->name);
    }
    if (writer->index) put_index(writer, place->ndim);
}

static void finish(struct writer *writer)
{
    if (writer->used == 0) put_text(writer, "value");
    size_t end = writer->used;
    if (end + 1 == NAME_SIZE) /* a character that was cut goes */
        while (end > 0 && ((unsigned char)writer->text[end - 1] & 0x80)) end--;
    writer->text[end] = '\0';
}

void name_column(const struct series *series, size_t column, char name[NAME_SIZE])
{
    size_t index[RC_VIEW_DIMENSIONS_MAX];
    for (size_t i = series->view->ndim; i-- > 1; column /= series->view->shape[i])
        index[i - 1] = column % series->view->shape[i];
    struct writer writer = {name, 0, index};
    put_place(&writer, series->place);
    finish(&writer);
}

void name_series(const struct series *series, char name[NAME_SIZE])
{
    struct writer writer = {name, 0, NULL};
    put_place(&writer, series->place);
    finish(&writer);
}

size_t name_width(const char *text)
{
    size_t width = 0;
    for (; *text; text++) width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}
