/* SPDX-License-Identifier: MIT */
#include "tests/exits/exits.h"

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
