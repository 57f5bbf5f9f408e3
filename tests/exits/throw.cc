/* SPDX-License-Identifier: MIT */
#include "tests/exits/exits.h"

#include "rc/try.h"

RC_DEFINE_SCOPED(letter, char, '-', note(_v));

namespace {
struct held {
    char letter;
    explicit held(char c) : letter(c)
    {
    }
    ~held()
    {
        note(letter);
    }
};
} // namespace

void throw_now()
{
    held inner('x');
    throw 7;
}

void throw_through_frames()
{
    try {
        through_frames(2, throw_now);
    } catch (int value) {
        note(value == 7 ? 'C' : '!');
    }
}

void swallow_a_raise(void (*raise)(void))
{
    try {
        held inner('x');
        raise();
    } catch (...) {
        note('C');
    }
}

void raise_from_cxx(void)
{
    held inner('x');
    RC_SCOPED(letter, s) = 's';
    int number = 0;
    int *checked = RC_CHECK(&number, RC_INVALID);
    RC_CHECK_STATUS(*checked == 0 ? RC_OK : RC_RANGE);
    RC_CHECK_THAT(checked != nullptr, RC_INVALID);
    rc_raise(RC_BUSY, "%c", 'c');
}
