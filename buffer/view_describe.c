/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* What views, arrays and formats say about themselves, for pictures of who holds whom. */
#include "../rc/describe.h"
#include "array_layout.h"

/* C's name of a code in native order, or NULL. */
static const char *name_of_code(char code)
{
    static const struct {
        char code;
        const char *name;
    } names[] = {
        {'b', "signed char"}, {'B', "unsigned char"},      {'h', "short"}, {'H', "unsigned short"},
        {'i', "int"},         {'I', "unsigned"},           {'l', "long"},  {'L', "unsigned long"},
        {'q', "long long"},   {'Q', "unsigned long long"}, {'f', "float"}, {'d', "double"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].code == code) return names[i].name;
    return NULL;
}

/* "double" for "d" and "@d"; else the text itself. */
static void describe_format(struct rc__description *description, const char *text)
{
    const char *code = text[0] == '@' ? text + 1 : text;
    const char *name = code[0] && !code[1] ? name_of_code(code[0]) : NULL;
    if (name)
        rc__describe(description, "%s", name);
    else
        rc__describe(description, "'%s'", text);
}

void rc__format_describe(const void *self, struct rc__description *description)
{
    const rc_format *format = self;
    rc__describe(description, "'%s'", format->text);
}

void rc__view_describe(const void *self, struct rc__description *description)
{
    const rc_view *view = self;
    bool is_export = view->base && rc__buffer_kind(view->base) != RC__BUFFER_SLICE;
    description->links[0] = (struct rc__link){.count = 1, .label = "base", .is_export = is_export};
    description->links[1] = (struct rc__link){.count = 1, .label = "format"};
    if (!description->text) return;
    for (size_t i = 0; i < view->ndim && i < 6; i++)
        rc__describe(description, "%s%zu", i ? " x " : "", view->shape[i]);
    if (view->ndim > 6) rc__describe(description, " x ...");
    rc__describe(description, "%s", view->ndim ? " of " : "");
    describe_format(description, view->format->text);
    if (view->rc__state & RC__VIEW_READ_ONLY) rc__describe(description, ", read-only");
}

void rc__array_describe(const void *self, struct rc__description *description)
{
    const rc_array *array = self;
    const char code[] = {array->typecode, '\0'};
    description->links[0] = (struct rc__link){.count = 1, .label = "buffer"};
    if (!description->text) return;
    rc__describe(description, "%zu of ", array->length);
    describe_format(description, code);
}
