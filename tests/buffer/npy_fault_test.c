/* SPDX-License-Identifier: MIT */
/* Headers that are corrupt, each with its status and a sentence of its own. No element is touched:
 * they lie where reading stops the program, and so does what follows a file without elements. */
#include <sys/mman.h>

#include "npy_support.h"

struct fault {
    unsigned version;   /* 0: the bytes are the whole file */
    const char *header; /* or the file */
    size_t size;        /* of it; 0: up to its NUL */
    size_t elements;    /* bytes behind the header */
    enum rc_status status;
    const char *sentence; /* what stands behind "rc_npy_read: " */
};

/* Sizes that take a NUL inside, and headers that are right but for one part. */
#define WITH_NUL(text) text, sizeof(text) - 1
#define DESCR(descr)   "{'descr': " descr ", 'fortran_order': False, 'shape': (3,), }\n", 0, 12
#define SHAPE(shape)   "{'descr': '<i4', 'fortran_order': False, 'shape': " shape ", }\n", 0, 12
#define ORDER(order)   "{'descr': '<i4', 'fortran_order': " order ", 'shape': (3,), }\n", 0, 12
#define GOOD           "{'descr': '<i4', 'fortran_order': False, 'shape': (3,), }"
#define TEN(text)      text text text text text text text text text text
#define SIXTY_FIVE(text)                                                                           \
    TEN(text) TEN(text) TEN(text) TEN(text) TEN(text) TEN(text) text text text text text

static const struct fault faults[] = {
    /* the prefix */
    {0, "", 0, 0, RC_FORMAT, "byte 0: 0 bytes are too few for a .npy file, which begins with 8"},
    {0, "\x93NUMPY\1", 0, 0, RC_FORMAT, "byte 0: 7 bytes are too few"},
    {0, "\x94NUMPY\1\0\2\0{}", 12, 0, RC_FORMAT, "byte 0: 0x94 is not of the magic"},
    {0, "\x93NUMPX\1\0\2\0{}", 12, 0, RC_FORMAT, "byte 5: 0x58 is not of the magic"},
    {0, "\x93NUMPY\0\0\2\0{}", 12, 0, RC_UNSUPPORTED, "byte 6: version 0.0 is none of 1.0, 2.0"},
    {0, "\x93NUMPY\4\0\2\0\0\0{}", 14, 0, RC_UNSUPPORTED, "byte 6: version 4.0 is none of 1.0"},
    {0, "\x93NUMPY\1\1\2\0{}", 12, 0, RC_UNSUPPORTED, "byte 6: version 1.1 is none of 1.0, 2.0"},
    {0, "\x93NUMPY\1\0\2", 9, 0, RC_FORMAT, "byte 8: the file ends 1 bytes into the size of its"},
    {0, "\x93NUMPY\2\0\2\0\0", 11, 0, RC_FORMAT, "byte 8: the file ends 3 bytes into the size"},
    {0, "\x93NUMPY\1\0\xff\xff{}", 12, 0, RC_RANGE,
     "byte 8: a header of 65535 bytes in a file that has 2 more"},
    {0, "\x93NUMPY\3\0\xff\xff\xff\xff{}", 14, 0, RC_RANGE,
     "byte 8: a header of 4294967295 bytes in a file that has 2 more"},
    {0, "\x93NUMPY\1\0\0\0", 10, 0, RC_FORMAT, "byte 10: the header's end where the header's '{'"},
    /* the dict */
    {1, "         \n", 0, 0, RC_FORMAT, "byte 19: byte 0x0a where the header's '{' is wanted"},
    {1, "[1, 2]", 0, 0, RC_FORMAT, "byte 10: '[' where the header's '{' is wanted"},
    {2, "\n  " GOOD, 0, 12, RC_FORMAT, "byte 12: byte 0x0a where the header's '{' is wanted"},
    {1, "{}", 0, 0, RC_FORMAT, "byte 12: the header has no 'descr'"},
    {1, "{'descr': '<i4', 'shape': (3,)}", 0, 12, RC_FORMAT,
     "byte 41: the header has no 'fortran_order'"},
    {1, "{'descr': '<i4', 'fortran_order': False}", 0, 12, RC_FORMAT,
     "byte 50: the header has no 'shape'"},
    {1, "{'descr': '<i4', 'fortran_order': False, 'shape': (3,), 'extra': 1}", 0, 12, RC_FORMAT,
     "byte 67: a key of 5 bytes that no header has"},
    {1, "{'shape': (3,), 'descr': '<i4', 'fortran_order': False, 'shape': (3,)}", 0, 12, RC_FORMAT,
     "byte 67: 'shape' for the second time"},
    {1, "{'descr': '<i4', 'descr': '<i4', 'fortran_order': False, 'shape': (3,)}", 0, 12, RC_FORMAT,
     "byte 28: 'descr' for the second time"},
    {1, "{descr: '<i4', 'fortran_order': False, 'shape': (3,)}", 0, 12, RC_FORMAT,
     "byte 11: 'd' where a string is wanted"},
    {1, "{'descr' '<i4', 'fortran_order': False, 'shape': (3,)}", 0, 12, RC_FORMAT,
     "byte 19: ''' where ':' is wanted behind a key"},
    {1, "{'descr\": 1", 0, 0, RC_FORMAT, "byte 12: a string has no end"},
    {1, "{'d\\x65scr': '<i4', 'fortran_order': False, 'shape': (3,)}", 0, 12, RC_FORMAT,
     "byte 12: a string with an escape where none belongs"},
    {1, "{'descr': '<i4' 'fortran_order': False, 'shape': (3,)}", 0, 12, RC_FORMAT,
     "byte 26: ''' where '}' is wanted behind a value of the header"},
    {1, "{'descr': '<i4', 'fortran_order': False, 'shape': (3,)", 0, 0, RC_FORMAT,
     "byte 64: the header's end where '}' is wanted behind a value"},
    {1, WITH_NUL("{'descr': '<i4', \0'fortran_order': False, 'shape': (3,)}"), 12, RC_FORMAT,
     "byte 27: byte 0x00 where a string is wanted"},
    {1, GOOD "{}", 0, 12, RC_FORMAT, "byte 67: '{' behind the header's '}'"},
    {3, GOOD "\n   ", 0, 12, RC_FORMAT, "byte 70: byte 0x20 behind the header's '}'"},
    {1, WITH_NUL(GOOD "\0"), 12, RC_FORMAT, "byte 67: byte 0x00 behind the header's '}'"},
    /* the order of elements */
    {1, ORDER("1"), RC_FORMAT, "byte 44: '1' where True or False is wanted"},
    {1, ORDER("'C'"), RC_FORMAT, "byte 44: ''' where True or False is wanted"},
    {1, ORDER("Falsehood"), RC_FORMAT, "byte 49: 'h' where '}' is wanted behind a value"},
    /* the shape */
    {1, SHAPE("3"), RC_FORMAT, "byte 60: '3' where '(' is wanted at the start of a shape"},
    {1, SHAPE("[3]"), RC_FORMAT, "byte 60: '[' where '(' is wanted at the start of a shape"},
    {1, SHAPE("(3)"), RC_FORMAT, "byte 63: a shape of one number needs a comma"},
    {1, SHAPE("(-3,)"), RC_FORMAT, "byte 61: a negative number in a shape"},
    {2, SHAPE("(2, -9223372036854775808)"), RC_FORMAT, "byte 66: a negative number in a shape"},
    {1, SHAPE("(3.0,)"), RC_FORMAT, "byte 62: '.' where ')' is wanted after a number of a shape"},
    {1, SHAPE("(3e0,)"), RC_FORMAT, "byte 62: 'e' where ')' is wanted after a number of a shape"},
    {1, SHAPE("(0x3,)"), RC_FORMAT, "byte 62: 'x' where ')' is wanted after a number of a shape"},
    {1, SHAPE("(1_0,)"), RC_FORMAT, "byte 62: '_' where ')' is wanted after a number of a shape"},
    {3, SHAPE("(3L,)"), RC_FORMAT, "byte 64: 'L' where ')' is wanted after a number of a shape"},
    {1, SHAPE("(03,)"), RC_FORMAT, "byte 61: a number of 2 digits begins with 0"},
    {1, SHAPE("('3',)"), RC_FORMAT, "byte 61: ''' where a number is wanted"},
    {1, SHAPE("(True,)"), RC_FORMAT, "byte 61: 'T' where a number is wanted"},
    {1, SHAPE("(,)"), RC_FORMAT, "byte 61: ',' where a number is wanted"},
    {1, SHAPE("(3,,)"), RC_FORMAT, "byte 63: ',' where a number is wanted"},
    {1, SHAPE("(3, 4"), RC_FORMAT, "byte 67: '}' where a number is wanted"},
    {1, SHAPE("(99999999999999999999999,)"), RC_OVERFLOW, "byte 61: a number in a shape is above "},
#if PTRDIFF_MAX == 9223372036854775807
    {2, SHAPE("(9223372036854775807,)"), RC_OVERFLOW,
     "byte 62: a shape whose elements of 4 bytes no memory holds"},
    {1, SHAPE("(1, 9223372036854775808)"), RC_OVERFLOW, "byte 64: a number in a shape is above "},
#endif
    {1, SHAPE("(2147483647, 2147483647, 2147483647)"), RC_OVERFLOW,
     "byte 60: a shape whose elements of 4 bytes no memory holds"},
    {1, SHAPE("(" SIXTY_FIVE("1,") ")"), RC_UNSUPPORTED,
     "byte 189: a shape of more than 64 dimensions"},
    {1, SHAPE("(4,)"), RC_RANGE, "byte 68: the file has 12 bytes for 4 elements of 4 bytes"},
    {1, SHAPE("(536870911,)"), RC_RANGE, "byte 76: the file has 12 bytes for 536870911 elements"},
    /* the dtype */
    {1, DESCR("'<i8'"), RC_RANGE, "byte 68: the file has 12 bytes for 3 elements of 8 bytes"},
    {1, DESCR("'|O'"), RC_UNSUPPORTED, "byte 21: a dtype of Python objects"},
    {1, DESCR("'<M8[ns]'"), RC_UNSUPPORTED, "byte 21: a dtype of dates ('M')"},
    {1, DESCR("'<m8[us]'"), RC_UNSUPPORTED, "byte 21: a dtype of dates ('m')"},
    {1, DESCR("'<y4'"), RC_FORMAT, "byte 21: there is no dtype of kind 'y'"},
    {1, DESCR("''"), RC_FORMAT, "byte 21: a dtype without a kind"},
    {2, DESCR("'<'"), RC_FORMAT, "byte 23: a dtype without a kind"},
    {1, DESCR("'<f'"), RC_FORMAT, "byte 21: a dtype of kind 'f' without a size"},
    {1, DESCR("'<f3'"), RC_UNSUPPORTED, "byte 21: there is no dtype of kind 'f' with 3 bytes"},
    {1, DESCR("'<i16'"), RC_UNSUPPORTED, "byte 21: there is no dtype of kind 'i' with 16 bytes"},
    {1, DESCR("'<f8x'"), RC_FORMAT, "byte 21: a dtype of kind 'f' with 0x78 where its size"},
    {1, DESCR("'<i-4'"), RC_FORMAT, "byte 21: a dtype of kind 'i' with 0x2d where its size"},
    {1, DESCR("'|S99999999999999999999'"), RC_OVERFLOW,
     "byte 21: a dtype of kind 'S' with a size of 20 digits"},
    {1, DESCR("4"), RC_FORMAT, "byte 20: '4' where a dtype is wanted"},
    {1, DESCR("None"), RC_FORMAT, "byte 20: 'N' where a dtype is wanted"},
    {1, DESCR("('<i4', (1,))"), RC_FORMAT, "byte 20: '(' where a dtype is wanted"},
    {1, DESCR("u'<i4'"), RC_FORMAT, "byte 20: 'u' where a dtype is wanted"},
    /* records */
    {1, DESCR("['<i4']"), RC_FORMAT, "byte 21: ''' where '(' is wanted at the start of a field"},
    {1, DESCR("[('a', '<i4'"), RC_FORMAT, "byte 34: ''' where '(' is wanted at the start of a"},
    {1, DESCR("[('a', '<i4') ('b', '<i4')]"), RC_FORMAT,
     "byte 34: '(' where ']' is wanted after a field"},
    {1, DESCR("[('a',)]"), RC_FORMAT, "byte 26: ')' where a dtype is wanted"},
    {1, DESCR("[('a')]"), RC_FORMAT, "byte 25: ')' where ',' is wanted after the name of a field"},
    {1, DESCR("[(1, '<i4')]"), RC_FORMAT, "byte 22: '1' where a string is wanted"},
    {1, DESCR("[('a', '<i4', (1,), 0)]"), RC_FORMAT,
     "byte 40: '0' where ')' is wanted at the end of a field"},
    {1, DESCR("[('a', '<i4', 3)]"), RC_FORMAT,
     "byte 34: '3' where '(' is wanted at the start of a shape"},
    {1, DESCR("[('a', '<i4', (-1,))]"), RC_FORMAT, "byte 35: a negative number in a shape"},
    {1, DESCR("[('a', '<i4', (" SIXTY_FIVE("1,") "))]"), RC_UNSUPPORTED,
     "byte 163: a shape of more than 64 dimensions"},
    {1, DESCR("[('a', '<i2'), ('b', '|i1'), ('a', '|i1')]"), RC_FORMAT,
     "byte 20: two of 3 fields are named 'a'"},
    {1, DESCR("[('r', [('x', '<i2'), ('x', '<i2')])]"), RC_FORMAT,
     "byte 20: two of 2 fields are named 'x'"},
    {1, DESCR("[('a:b', '<i4')]"), RC_UNSUPPORTED, "byte 22: a name with a ':' at its place 1"},
    {1, DESCR("[('a\\x00b', '<i4')]"), RC_UNSUPPORTED, "byte 22: a name of 3 bytes, one of them 0"},
    {1, DESCR("[('', '<i4')]"), RC_UNSUPPORTED,
     "byte 22: a field of kind 'i' without a name: padding is of kind 'V'"},
    {1, DESCR("[('', [('a', '<i4')])]"), RC_UNSUPPORTED,
     "byte 22: a field without a name is no padding"},
    {1, DESCR("[(('title', ''), '|V4')]"), RC_UNSUPPORTED,
     "byte 22: a field with a title of 5 bytes and without a name"},
    {1, DESCR("[(('title',), '<i4')]"), RC_FORMAT, "byte 31: ')' where a string is wanted"},
    {1, DESCR("[(('title'), '<i4')]"), RC_FORMAT, "byte 30: ')' where ',' is wanted after a title"},
    {1, DESCR("[(('t', 'n', 'o'), '<i4')]"), RC_FORMAT,
     "byte 31: ',' where ')' is wanted after a title and a name"},
    {1, DESCR("[('a', ('<i4', (1,))"), RC_FORMAT,
     "byte 42: ''' where '(' is wanted at the start of a shape"},
    {1, DESCR("[('a', ('<i4'))]"), RC_FORMAT,
     "byte 33: ')' where ',' is wanted after the dtype of a sub-array"},
    {1, DESCR(SIXTY_FIVE("[('a', ") "'<i4'" SIXTY_FIVE(")]")), RC_UNSUPPORTED,
     "byte 475: dtypes are nested more than 64 deep"},
    {1, DESCR("[('a', '<f8', (2147483647, 2147483647, 2147483647))]"), RC_OVERFLOW,
     "byte 20: a dtype that no format can say: format: "},
    {1, DESCR("[('a', [('b', '|u1', (" TEN("1,1,1,1,") "))], (" TEN("1,1,1,") "))]"),
     RC_UNSUPPORTED, "byte 20: a dtype that no format can say: format: the element at position 65"},
    /* names */
    {1, DESCR("[('a\nb', '<i4')]"), RC_FORMAT, "byte 24: byte 0x0a in a string"},
    {1, DESCR("[('a\rb', '<i4')]"), RC_FORMAT, "byte 24: byte 0x0d in a string"},
    {1, DESCR("[('a\\qb', '<i4')]"), RC_FORMAT, "byte 25: an escape of 'q'"},
    {1, DESCR("[('a\\N{DASH}', '<i4')]"), RC_FORMAT, "byte 25: an escape of 'N'"},
    {1, DESCR("[('a\\x4', '<i4')]"), RC_FORMAT, "byte 26: an escape with 1 digits instead of 2"},
    {1, DESCR("[('a\\u12', '<i4')]"), RC_FORMAT, "byte 26: an escape with 2 digits instead of 4"},
    {1, DESCR("[('a\\ud800', '<i4')]"), RC_FORMAT, "byte 24: U+D800 is no character"},
    {1, DESCR("[('a\\U00110000', '<i4')]"), RC_FORMAT, "byte 24: U+110000 is no character"},
    {3, DESCR("[('a\xff', '<i4')]"), RC_FORMAT, "byte 26: 0xff begins no UTF-8"},
    {3, DESCR("[('\xc0\x80', '<i4')]"), RC_FORMAT, "byte 25: 0xc0 begins no UTF-8"},
    {3, DESCR("[('\xe6\xbc', '<i4')]"), RC_FORMAT, "byte 25: 0xe6 begins no UTF-8"},
    {3, DESCR("[('\xe0\x80\x80', '<i4')]"), RC_FORMAT, "byte 25: 0xe0 begins no UTF-8"},
    {3, DESCR("[('\xc1\xbf', '<i4')]"), RC_FORMAT, "byte 25: 0xc1 begins no UTF-8"},
    {3, DESCR("[('a\xe0\x9f\xbf', '<i4')]"), RC_FORMAT, "byte 26: 0xe0 begins no UTF-8"},
    {3, DESCR("[('\xf0\x8f\xbf\xbf', '<i4')]"), RC_FORMAT, "byte 25: 0xf0 begins no UTF-8"},
    {3, DESCR("[('\xf5\x80\x80\x80', '<i4')]"), RC_FORMAT, "byte 25: 0xf5 begins no UTF-8"},
    {3, DESCR("[('\xc2\xc0', '<i4')]"), RC_FORMAT, "byte 25: 0xc2 begins no UTF-8"},
    {1, DESCR("[('a\\udfff', '<i4')]"), RC_FORMAT, "byte 24: U+DFFF is no character"},
    {3, DESCR("[('\xed\xbf\xbf', '<i4')]"), RC_FORMAT, "byte 25: U+DFFF is no character"},
    {3, DESCR("[('\xed\xa0\x81', '<i4')]"), RC_FORMAT, "byte 25: U+D801 is no character"},
    {3, DESCR("[('\xf4\x90\x80\x81', '<i4')]"), RC_FORMAT, "byte 25: U+110001 is no character"},
    {1, "{'descr': [('abc, (], }", 0, 0, RC_FORMAT, "byte 23: a string has no end"},
    {1, "{'descr': [('abc\\", 0, 0, RC_FORMAT, "byte 27: an escape of the header's end"},
    {3, "{'descr': [('abc\xe6", 0, 0, RC_FORMAT, "byte 28: 0xe6 begins no UTF-8"},
};

enum { FAULTS = sizeof faults / sizeof faults[0], PAGES = 4 };

/* ---- files that end where memory does -------------------------------------------------------- */

static unsigned char *memory;
static size_t page, edge; /* what lies from there on cannot be read */

static void make_memory(void)
{
    page = (size_t)sysconf(_SC_PAGESIZE);
    edge = PAGES * page;
    memory = mmap(NULL, edge + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert(memory != MAP_FAILED);
    ck_assert_int_eq(mprotect(memory + edge, page, PROT_NONE), 0);
}

/* Prefix and header up to the edge; elements behind it. */
static rc_buffer *guarded(const struct fault *fault)
{
    struct npy_file file = {NULL, 0};
    size_t size = fault->size ? fault->size : strlen(fault->header);
    if (fault->version)
        npy_put_header(&file, fault->version, fault->header, size);
    else
        npy_put(&file, fault->header, size);
    ck_assert(file.size <= edge && fault->elements <= page);
    unsigned char *bytes = memory + edge - file.size;
    memcpy(bytes, file.bytes, file.size);
    rc_buffer *buffer = rc_buffer_borrow(bytes, file.size + fault->elements);
    ck_assert_ptr_nonnull(buffer);
    free(file.bytes);
    return buffer;
}

START_TEST(what_is_right_is_read_without_touching_an_element)
{
    make_memory();
    static const struct fault good[] = {{1, GOOD, 0, 12, RC_OK, ""},
                                        {3, GOOD "   \n", 0, 12, RC_OK, ""},
                                        {1, DESCR("[('a', '<i2'), ('b', '>u2')]"), RC_OK, ""},
                                        {1, DESCR("'|S4'"), RC_OK, ""}};
    for (size_t i = 0; i < 4; i++) {
        rc_buffer *buffer = guarded(&good[i]);
        rc_view *view = npy_read(rc_retain(buffer));
        ck_assert_ptr_eq(view->data, memory + edge);
        ck_assert_uint_eq(rc_view_byte_count(view), 12);
        rc_release(view);
        rc_release(buffer);
    }
}
END_TEST

/* The sentence, without what every one has in front. */
static const char *refusal(const struct fault *fault)
{
    static const char call[] = "rc_npy_read: ";
    rc_buffer *buffer = guarded(fault);
    size_t offset = 0;
    rc_error_clear();
    rc_view *view = rc_npy_read(buffer, &offset);
    ck_assert_msg(!view, "it is read: %s", fault->header);
    ck_assert_uint_eq(offset, 0);
    ck_assert_uint_eq(rc_buffer_exports(buffer), 0);
    rc_release(buffer);
    const char *message = rc_error_message();
    ck_assert_msg(strncmp(message, call, sizeof call - 1) == 0, "%s", message);
    return message + sizeof call - 1;
}

START_TEST(corrupt_headers_are_refused_with_a_status_and_a_place)
{
    make_memory();
    for (size_t i = 0; i < FAULTS; i++) {
        const char *sentence = refusal(&faults[i]);
        ck_assert_msg(rc_error_status() == faults[i].status &&
                          strncmp(sentence, faults[i].sentence, strlen(faults[i].sentence)) == 0,
                      "%zu: %s: %s, not %s", i, rc_status_name(rc_error_status()), sentence,
                      faults[i].sentence);
        ck_assert_msg(strncmp(sentence, "byte ", 5) == 0 && strpbrk(sentence, "0123456789"), "%s",
                      sentence);
    }
}
END_TEST

START_TEST(at_least_sixty_corrupt_headers_have_sentences_of_their_own)
{
    make_memory();
    ck_assert_uint_ge(FAULTS, 60);
    static char sentences[FAULTS][RC_ERROR_MESSAGE_SIZE];
    for (size_t i = 0; i < FAULTS; i++) {
        snprintf(sentences[i], RC_ERROR_MESSAGE_SIZE, "%s", refusal(&faults[i]));
        for (size_t j = 0; j < i; j++)
            ck_assert_msg(strcmp(sentences[i], sentences[j]) != 0, "%zu and %zu: %s", j, i,
                          sentences[i]);
    }
}
END_TEST

START_TEST(a_mapped_file_is_refused_with_the_same_sentence_and_its_path)
{
    make_memory();
    char path[SUPPORT_PATH], expected[RC_ERROR_MESSAGE_SIZE + SUPPORT_PATH];
    int descriptor = support_file(path, 0, 0);
    static unsigned char elements[64];
    for (size_t i = 0; i < FAULTS; i++) {
        snprintf(expected, sizeof expected, "rc_npy_map: %s: %s", path, refusal(&faults[i]));
        rc_buffer *buffer = guarded(&faults[i]);
        size_t size = buffer->size - faults[i].elements;
        ck_assert_int_eq(ftruncate(descriptor, 0), 0);
        ck_assert_int_eq(pwrite(descriptor, buffer->data, size, 0), (ssize_t)size);
        ck_assert_int_eq(pwrite(descriptor, elements, faults[i].elements, (off_t)size),
                         (ssize_t)faults[i].elements);
        rc_release(buffer);
        ASSERT_NULL(rc_npy_map(path, RC_MAP_READ), faults[i].status, expected);
    }
    close(descriptor);
    unlink(path);
}
END_TEST

START_TEST(corrupt_headers_behind_another_array_tell_their_place_in_the_file)
{
    struct npy_file file = {NULL, 0};
    const char *header = npy_text("'|u1'", false, "(5,)");
    npy_put_header(&file, 1, header, strlen(header));
    npy_put_elements(&file, 1, 5);
    size_t first = file.size;
    npy_put_header(&file, 1, "{'shape': (7, -1)}", 18);
    rc_buffer *buffer = npy_close(&file);
    size_t offset = first;
    char sentence[100];
    snprintf(sentence, sizeof sentence, "rc_npy_read: byte %zu: a negative number", first + 24);
    ASSERT_NULL(rc_npy_read(buffer, &offset), RC_FORMAT, sentence);
    ck_assert_uint_eq(offset, first);
    rc_release(buffer);
}
END_TEST

/* ---- every cut, every byte ------------------------------------------------------------------- */

static const char rich[] =
    "{'descr': [(('t', 'a\\x41'), '<i2', (2,)), ('', '|V2'), (\"\xe9\", ('|S1', (1, 2)))], "
    "'fortran_order': True, 'shape': (2, 1), }  \n";

START_TEST(a_file_that_is_cut_anywhere_is_refused)
{
    make_memory();
    struct npy_file file = {NULL, 0};
    npy_put_header(&file, 1, rich, sizeof rich - 1);
    npy_put_elements(&file, 1, 16);
    for (size_t size = 0; size < file.size; size++) {
        memcpy(memory + edge - size, file.bytes, size);
        rc_buffer *buffer = rc_buffer_borrow(memory + edge - size, size);
        bool in_elements = size >= 10 + sizeof rich - 1;
        ASSERT_NULL(rc_npy_read(buffer, NULL), size < 10 ? RC_FORMAT : RC_RANGE,
                    in_elements ? "bytes for 2 elements of 8 bytes" : "rc_npy_read: byte ");
        rc_release(buffer);
    }
    memcpy(memory + edge - file.size, file.bytes, file.size);
    rc_view *view = npy_read(rc_buffer_borrow(memory + edge - file.size, file.size));
    ck_assert_uint_eq(view->itemsize, 8);
    rc_release(view);
    free(file.bytes);
}
END_TEST

/* The same with a size of the header that goes along: the dict itself ends early. */
START_TEST(a_header_that_is_cut_anywhere_is_refused)
{
    make_memory();
    for (size_t size = 1; size + 4 < sizeof rich - 1; size++) {
        const struct fault cut = {1, rich, size, 16, RC_FORMAT, ""};
        const char *sentence = refusal(&cut);
        enum rc_status status = rc_error_status(); /* a name that is cut may be that of padding */
        ck_assert_msg(status == RC_FORMAT || status == RC_UNSUPPORTED, "%zu: %s", size, sentence);
    }
}
END_TEST

START_TEST(whatever_one_byte_becomes_a_view_lies_in_its_file)
{
    make_memory();
    const struct fault whole = {1, rich, sizeof rich - 1, 16, RC_OK, ""};
    rc_buffer *buffer = guarded(&whole);
    unsigned char *header = memory + edge - (sizeof rich - 1);
    size_t read = 0, refused = 0;
    for (size_t i = 0; i < sizeof rich - 1; i++) {
        for (unsigned byte = 0; byte < 256; byte += i % 3 == 0 ? 1 : 2) {
            header[i] = (unsigned char)byte;
            rc_view *view = rc_npy_read(buffer, NULL);
            if (view) {
                read++;
                ck_assert(view->data >= memory + edge && rc_view_byte_count(view) <= 16);
            } else {
                refused++;
                ck_assert_int_ne(rc_error_status(), RC_OK);
            }
            rc_release(view);
        }
        header[i] = (unsigned char)rich[i];
        ck_assert_uint_eq(rc_buffer_exports(buffer), 0);
    }
    rc_release(buffer);
    ck_assert_uint_gt(read, 500);
    ck_assert_uint_gt(refused, 5000);
}
END_TEST

HARNESS_MAIN("buffer/npy_fault", what_is_right_is_read_without_touching_an_element,
             corrupt_headers_are_refused_with_a_status_and_a_place,
             at_least_sixty_corrupt_headers_have_sentences_of_their_own,
             a_mapped_file_is_refused_with_the_same_sentence_and_its_path,
             corrupt_headers_behind_another_array_tell_their_place_in_the_file,
             a_file_that_is_cut_anywhere_is_refused, a_header_that_is_cut_anywhere_is_refused,
             whatever_one_byte_becomes_a_view_lies_in_its_file)
