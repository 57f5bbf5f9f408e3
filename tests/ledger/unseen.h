/* SPDX-License-Identifier: MIT */
#ifndef TESTS_LEDGER_UNSEEN_H
#define TESTS_LEDGER_UNSEEN_H

#include "buffer/buffer.h"

rc_buffer *unseen_new(size_t size);
rc_buffer *unseen_retain(rc_buffer *buffer);
void unseen_release(rc_buffer *buffer);

#endif
