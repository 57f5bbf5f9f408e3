# SPDX-License-Identifier: MIT
#
# The part of rcbuf that some_memory.pyx uses, for cimport. Names, arguments and meanings are those
# of the C headers, which say what each call borrows, returns and refuses.
#
# Everything is nogil, and that is true: the library calls nothing of Python's, takes no lock of
# Python's, and may be called with the interpreter's lock and without it. What needs the lock is the
# promise that nobody resizes a buffer while another thread uses that same buffer: some_memory.pyx
# holds it in every call that does. rc_release() runs the release function of an adopted buffer, on
# whichever thread it is called; one that touches Python objects has to take the lock itself.

cdef extern from "rc/status.h" nogil:
    enum rc_status:
        RC_OK
        RC_NO_MEMORY
        RC_INVALID
        RC_RANGE
        RC_OVERFLOW
        RC_BUSY
        RC_READ_ONLY
        RC_FORMAT
        RC_SYSTEM
        RC_UNSUPPORTED

    # Of the calling thread; the message is borrowed until this thread's next error.
    rc_status rc_error_status()
    const char *rc_error_message()
    void rc_error_clear()

cdef extern from "rc/object.h" nogil:
    void rc_release(const void *object)  # NULL is a no-op

cdef extern from "rc/account.h" nogil:
    struct rc_account:
        size_t live_objects
        size_t live_bytes

    void rc_account_read(rc_account *now)

cdef extern from "buffer/buffer.h" nogil:
    ctypedef struct rc_buffer:
        const unsigned char *data
        size_t size  # in bytes

    rc_buffer *rc_buffer_new(size_t size)
    rc_status rc_buffer_resize(rc_buffer *buffer, size_t size)
    size_t rc_buffer_exports(const rc_buffer *buffer)

cdef extern from "buffer/format.h" nogil:
    ctypedef struct rc_format:
        const char *text

cdef extern from "buffer/view.h" nogil:
    enum:
        RC_VIEW_DIMENSIONS_MAX

    const Py_ssize_t RC_VIEW_OPEN

    ctypedef struct rc_view:
        const unsigned char *data
        const rc_format *format
        size_t itemsize
        size_t ndim
        const size_t *shape         # in elements
        const Py_ssize_t *strides   # in bytes
        const Py_ssize_t *suboffsets
        size_t size                 # in elements
        rc_buffer *base

    struct rc_view_layout:
        size_t struct_size
        const char *format
        size_t offset
        size_t ndim
        const size_t *shape
        const Py_ssize_t *strides
        const Py_ssize_t *suboffsets
        bint read_only

    rc_view *rc_view_new(rc_buffer *buffer, const char *format)
    rc_view *rc_view_new_with(rc_buffer *buffer, const rc_view_layout *layout)
    void *rc_view_edit(const rc_view *view)
    bint rc_view_is_read_only(const rc_view *view)
    size_t rc_view_byte_count(const rc_view *view)
    bint rc_view_is_contiguous(const rc_view *view, char order)
    rc_view *rc_view_slice(const rc_view *view, size_t dimension, Py_ssize_t start,
                           Py_ssize_t stop, Py_ssize_t step)
    rc_view *rc_view_transpose(const rc_view *view)
    rc_view *rc_view_to_read_only(const rc_view *view)
    rc_view *rc_view_retain "rc_retain" (rc_view *view)
