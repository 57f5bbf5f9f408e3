/* SPDX-License-Identifier: MIT */
#include "number.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "reader.h"

/* Rounded once: what is rounded to long double, and then again, may end at a neighbour. (float16 has
 * so few digits that double in between does no harm.) */
static long double read_text(char code, const char *text)
{
    switch (code) {
    case 'f':
        return strtof(text, NULL);
    case 'g':
        return strtold(text, NULL);
    default:
        return strtod(text, NULL);
    }
}

/* Whether a column's element gets to be @p number by reading @p text. */
static bool reads_back(const rc_format *format, const char *text, long double number)
{
    unsigned char item[sizeof(long double)];
    struct rc_value value = {.kind = RC_VALUE_REAL};
    value.as.real = read_text(format->fields->code, text);
    return rc_format_pack(format, item, &value, 1) == RC_OK &&
           rc_format_unpack(format, item, &value, 1) == RC_OK && value.as.real == number;
}

/* Digits that every number of the type keeps, and those that tell any two of them apart. */
static void digits_of(const rc_format *format, int *least, int *most)
{
    switch (format->fields->code) {
    case 'e':
        *least = 3, *most = 5;
        return;
    case 'f':
        *least = FLT_DIG, *most = FLT_DECIMAL_DIG;
        return;
    case 'g':
        *least = LDBL_DIG, *most = LDBL_DECIMAL_DIG;
        return;
    default:
        *least = DBL_DIG, *most = DBL_DECIMAL_DIG;
    }
}

/* NaN and infinity as NumPy spells them, without the sign of a NaN. */
static bool put_special(long double number, char text[NUMBER_SIZE])
{
    if (isfinite(number)) return false;
    snprintf(text, NUMBER_SIZE, "%s", isnan(number) ? "nan" : number < 0 ? "-inf" : "inf");
    return true;
}

static void put_real(const rc_format *format, long double number, char text[NUMBER_SIZE])
{
    int digits, most;
    if (put_special(number, text)) return;
    digits_of(format, &digits, &most);
    do snprintf(text, NUMBER_SIZE, "%.*Lg", digits, number);
    while (digits++ < most && !reads_back(format, text, number));
}

void number_exact(const struct series *series, const union number *number, char text[NUMBER_SIZE])
{
    if (series->kind == KIND_INTEGER)
        snprintf(text, NUMBER_SIZE, "%" PRId64, number->integer);
    else if (series->kind == KIND_UNSIGNED)
        snprintf(text, NUMBER_SIZE, "%" PRIu64, reader_unbias(number->integer));
    else
        put_real(series->view->format, number->real, text);
}

void number_computed(const struct series *series, long double number, char text[NUMBER_SIZE])
{
    int digits = series->kind == KIND_LONG_REAL ? LDBL_DIG : DBL_DIG;
    if (!put_special(number, text)) snprintf(text, NUMBER_SIZE, "%.*Lg", digits, number);
}
