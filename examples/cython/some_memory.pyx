# SPDX-License-Identifier: MIT
# cython: language_level=3
"""
Memory whose life is tied to a Python object: the class of Cython's documentation, over rcbuf.

    memory of Python's own                      here
    ------------------------------------------  ------------------------------------------
    cdef double *data                           cdef rc_buffer *buffer

    __cinit__(self, size_t number)              __cinit__(self, size_t number)
        PyMem_Malloc(number * sizeof(double))       rc_buffer_new(bytes_of(number))
        NULL: MemoryError                           NULL: MemoryError, and what was asked for

    resize(self, size_t new_number)             resize(self, size_t new_number)
        PyMem_Realloc(self.data, ...)               rc_buffer_resize(self.buffer, ...)
        content kept, place where it can be         the same
        NULL: MemoryError, all as before            the same
        who else has the pointer: has garbage       BufferError, all as before

    __dealloc__(self)                           __dealloc__(self)
        PyMem_Free(self.data)                       rc_release(self.buffer)

    a typed memoryview over it                  __getbuffer__, __releasebuffer__
        none: a bare pointer                        double[::1] m = SomeMemory(10)

What the right side adds:

* 2**61 doubles are 2**64 bytes, which wraps to 0: on the left that gives a block of 0 bytes, on
  the right a MemoryError.
* Each memoryview holds an rc_view, and that holds the rc_buffer. While one lives, resize() is
  refused by the library; this class keeps no count of its own, and can forget none.
* The bytes belong to the rc_buffer, not to this object. A View outlives the SomeMemory that it is
  of, and so does a reference that C code has retained.

The interpreter's lock guards the buffer against a resize while another thread makes a view of it,
which is why no method here gives the lock up. Code that works on a typed memoryview may: the view
keeps address and size, with the lock and without.
"""

import sys

from cpython.buffer cimport (
    PyBUF_ANY_CONTIGUOUS, PyBUF_C_CONTIGUOUS, PyBUF_F_CONTIGUOUS, PyBUF_FORMAT, PyBUF_ND,
    PyBUF_STRIDES, PyBUF_WRITABLE)
from rcbuf cimport *

cdef size_t most_numbers = sys.maxsize // sizeof(double)


# ---- errors --------------------------------------------------------------------------------------

cdef int fail() except -1:
    """Raise what this thread's last error says."""
    cdef rc_status status = rc_error_status()
    message = rc_error_message().decode("utf-8", "replace")
    if status == RC_NO_MEMORY or status == RC_OVERFLOW:
        raise MemoryError(message)
    if status == RC_BUSY or status == RC_READ_ONLY:
        raise BufferError(message)
    if status == RC_RANGE:
        raise IndexError(message)
    if status == RC_SYSTEM:
        raise OSError(message)
    raise ValueError(message)


cdef size_t bytes_of(size_t number) except? 0:
    """number doubles in bytes, where that is a number of bytes."""
    if number > most_numbers:
        raise MemoryError(f"{number} doubles are more bytes than memory has")
    return number * sizeof(double)


# ---- a view as a Py_buffer -----------------------------------------------------------------------

cdef bint asks_for(int flags, int request):
    return flags & request == request


cdef int check_request(const rc_view *view, int flags) except -1:
    """BufferError if the consumer cannot do with what the view is."""
    if flags & PyBUF_WRITABLE and rc_view_edit(view) is NULL:
        fail()
    if asks_for(flags, PyBUF_C_CONTIGUOUS) or not asks_for(flags, PyBUF_STRIDES):
        if not rc_view_is_contiguous(view, b"C"):
            raise BufferError("the elements are not contiguous in C order")
    if asks_for(flags, PyBUF_F_CONTIGUOUS) and not rc_view_is_contiguous(view, b"F"):
        raise BufferError("the elements are not contiguous in Fortran order")
    if asks_for(flags, PyBUF_ANY_CONTIGUOUS) and not rc_view_is_contiguous(view, b"A"):
        raise BufferError("the elements are not contiguous")
    return 0


cdef int export(rc_view *view, object owner, Py_buffer *info, int flags) except -1:
    """
    Fill info, which borrows its format, shape and strides from the view. Takes the view, and keeps
    it in info.internal until release_export(); gives it back at once where the request is refused.
    """
    try:
        check_request(view, flags)
    except BaseException:
        rc_release(view)
        raise
    info.obj = owner
    info.internal = view
    info.buf = <void *>view.data
    info.len = rc_view_byte_count(view)
    info.itemsize = view.itemsize
    info.readonly = rc_view_is_read_only(view)
    info.ndim = view.ndim
    info.format = <char *>view.format.text if asks_for(flags, PyBUF_FORMAT) else NULL
    info.shape = <Py_ssize_t *>view.shape if asks_for(flags, PyBUF_ND) else NULL
    info.strides = <Py_ssize_t *>view.strides if asks_for(flags, PyBUF_STRIDES) else NULL
    info.suboffsets = NULL  # bytes of a SomeMemory are numbers, never addresses
    return 0


cdef void release_export(Py_buffer *info):
    rc_release(info.internal)
    info.internal = NULL


# ---- the memory ----------------------------------------------------------------------------------

cdef class SomeMemory:
    """SomeMemory(number): room for that many doubles, not initialised."""

    cdef rc_buffer *buffer

    def __cinit__(self, size_t number):
        self.buffer = rc_buffer_new(bytes_of(number))
        if self.buffer is NULL:
            fail()

    def resize(self, size_t new_number):
        """
        Have room for new_number doubles. The content is kept up to the smaller number, and its
        place where that can be. BufferError while a view or a memoryview lives, and MemoryError:
        nothing has changed.
        """
        if rc_buffer_resize(self.buffer, bytes_of(new_number)) != RC_OK:
            fail()

    def __dealloc__(self):
        rc_release(self.buffer)  # a no-op where __cinit__ gave up

    def __getbuffer__(self, Py_buffer *info, int flags):
        cdef rc_view *view = rc_view_new(self.buffer, b"d")
        if view is NULL:
            fail()
        export(view, self, info, flags)

    def __releasebuffer__(self, Py_buffer *info):
        release_export(info)

    def __len__(self):
        return self.buffer.size // sizeof(double)

    def __getitem__(self, size_t index):
        """What is in the rc_buffer at that place."""
        if index >= self.buffer.size // sizeof(double):
            raise IndexError(f"{index} is outside of {len(self)} doubles")
        return (<const double *>self.buffer.data)[index]

    @property
    def address(self):
        return <size_t>self.buffer.data

    @property
    def exports(self):
        """How many views and memoryviews live on the bytes."""
        return rc_buffer_exports(self.buffer)

    def view(self, *shape):
        """A View of the first doubles in that shape, in C order; without one, of all in a row."""
        cdef size_t extents[RC_VIEW_DIMENSIONS_MAX]
        cdef rc_view_layout layout
        if not shape:
            return wrap(rc_view_new(self.buffer, b"d"))
        if len(shape) > RC_VIEW_DIMENSIONS_MAX:
            raise ValueError(f"{len(shape)} dimensions are more than {RC_VIEW_DIMENSIONS_MAX}")
        for i, extent in enumerate(shape):
            extents[i] = extent
        layout.struct_size = sizeof(layout)
        layout.format = b"d"
        layout.offset = 0
        layout.ndim = len(shape)
        layout.shape = extents
        layout.strides = layout.suboffsets = NULL
        layout.read_only = False
        return wrap(rc_view_new_with(self.buffer, &layout))


# ---- views of it ---------------------------------------------------------------------------------

cdef View wrap(rc_view *view):
    """Takes the view; NULL: raises this thread's last error."""
    if view is NULL:
        fail()
    cdef View made = View.__new__(View)
    made.view = view
    return made


cdef class View:
    """Doubles of a SomeMemory in n dimensions. Views never change; each method makes another."""

    cdef rc_view *view

    def __init__(self):
        raise TypeError("views are made by SomeMemory.view()")

    def __dealloc__(self):
        rc_release(self.view)

    def __getbuffer__(self, Py_buffer *info, int flags):
        if self.view is NULL:
            raise BufferError("views are made by SomeMemory.view()")
        export(rc_view_retain(self.view), self, info, flags)

    def __releasebuffer__(self, Py_buffer *info):
        release_export(info)

    def transposed(self):
        """The dimensions in reverse."""
        return wrap(rc_view_transpose(self.view))

    def sliced(self, size_t dimension, start=None, stop=None, Py_ssize_t step=1):
        """Python's [start:stop:step] in one dimension."""
        return wrap(rc_view_slice(self.view, dimension, RC_VIEW_OPEN if start is None else start,
                                  RC_VIEW_OPEN if stop is None else stop, step))

    def read_only(self):
        """The same elements, which nobody can write through this view."""
        return wrap(rc_view_to_read_only(self.view))


# ---- what is alive -------------------------------------------------------------------------------

def alive():
    """The objects and bytes of the library that exist now: rc_account_read()."""
    cdef rc_account now
    rc_account_read(&now)
    return now.live_objects, now.live_bytes
