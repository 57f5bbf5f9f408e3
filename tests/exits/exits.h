/* SPDX-License-Identifier: MIT */
/**
 * @file tests/exits/exits.h
 * The table of exits: one function for each way out of a scope, and what it must give back.
 *
 * Three units make the program, as programs are made: exits.c (C, the table), frames.c (C, the
 * frames between), throw.cc (C++). Each way holds the same five things in its innermost frame and
 * one more in each frame above it; letters tell what was given back, and in which order.
 */
#ifndef TESTS_EXITS_EXITS_H
#define TESTS_EXITS_EXITS_H

#ifdef __cplusplus
extern "C" {
#endif

/* Leave one's letter in this thread's trace. */
void note(char letter);

/* frames.c: @p depth frames, each of which holds a digit; the innermost calls @p end. */
void through_frames(int depth, void (*end)(void));

/* throw.cc: exceptions that pass C frames, raises that pass C++ frames. */
void throw_through_frames(void);
void swallow_a_raise(void (*raise)(void));
void throw_now(void);
void raise_from_cxx(void);

#ifdef __cplusplus
}
#endif

#endif
