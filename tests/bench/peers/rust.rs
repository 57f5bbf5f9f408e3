// SPDX-License-Identifier: MIT
//
// Rust's standard library: Rc, Arc, their weak references, Vec; and a slice of shared bytes made of
// an Arc and a range, by value, as the bytes crate has it. No crates. peer.h says what the functions
// are for.
#![crate_type = "cdylib"]
#![allow(clippy::missing_safety_doc)]

use std::arch::asm;
use std::collections::VecDeque;
use std::ffi::c_void;
use std::os::raw::c_char;
use std::rc::Rc;
use std::sync::{Arc, Weak};

const SMALL: usize = 64;
const PAGE: usize = 4096;
const DEPTH: usize = 3; // pieces in a chain, before one more
const LARGE: usize = 1 << 20;
const RESIZE_FROM: usize = 1 << 20;
const RESIZE_TO: usize = 128 << 20;

type Bytes64 = [u8; SMALL];

/// The compiler must believe that everything the pointer leads to was read and written here.
#[inline(always)]
fn opaque<T>(pointer: *const T) -> *mut T {
    let mut it = pointer as *mut T;
    unsafe { asm!("/* {0} */", inout(reg) it, options(nostack, preserves_flags)) };
    it
}

#[inline(always)]
fn others() {
    unsafe { asm!(".rept 16", "nop", ".endr", options(nostack, preserves_flags)) };
}

#[inline(always)]
unsafe fn touch(bytes: *mut u8, size: usize) {
    bytes.write_volatile(1);
    bytes.add(size - 1).write_volatile(1);
}

unsafe fn touch_pages(bytes: *mut u8, from: usize, to: usize) {
    for at in (from..to).step_by(PAGE) {
        bytes.add(at).write_volatile(1);
    }
}

// ---- what the loops work on: made once, before anything is measured ------------------------------

struct Ours {
    rc: Rc<Bytes64>,
    arc: Arc<Bytes64>,
    weak: Weak<Bytes64>,
    page: Shared,
    queue: VecDeque<Shared>,
    piece: Bytes64,
    foreign: [u8; PAGE],
    released: usize,
}

static mut OURS: *mut Ours = std::ptr::null_mut();

#[no_mangle]
pub unsafe extern "C" fn peer_start() -> *const c_char {
    let arc = Arc::new([0; SMALL]);
    let weak = Arc::downgrade(&arc);
    let page = Shared { bytes: Arc::new(vec![0; PAGE]), from: 0, size: PAGE };
    OURS = Box::into_raw(Box::new(Ours {
        rc: Rc::new([0; SMALL]),
        arc,
        weak,
        queue: (0..DEPTH).map(|_| page.slice(SMALL, SMALL)).collect(),
        page,
        piece: [1; SMALL],
        foreign: [0; PAGE],
        released: 0,
    }));
    std::ptr::null()
}

// ---- retain and release --------------------------------------------------------------------------

macro_rules! pairs {
    ($name:ident, $field:ident, $between:expr) => {
        #[no_mangle]
        pub unsafe extern "C" fn $name(operations: usize) {
            let it = OURS;
            for _ in 0..operations {
                let copy = (*opaque(it)).$field.clone();
                opaque(&copy);
                $between;
                drop(copy);
                $between;
            }
        }
    };
}

pairs!(peer_rc_retain, rc, ());
pairs!(peer_rc_retain_among, rc, others());
pairs!(peer_arc_retain, arc, ());
pairs!(peer_arc_retain_among, arc, others());

// ---- create and destroy --------------------------------------------------------------------------

#[no_mangle]
pub unsafe extern "C" fn peer_arc_64(operations: usize) {
    for _ in 0..operations {
        let it = Arc::new([0u8; SMALL]);
        touch(opaque(Arc::as_ptr(&it)) as *mut u8, SMALL);
        opaque(&it);
    }
}

#[inline(always)]
unsafe fn vec_and_drop(size: usize) {
    let mut it: Vec<u8> = Vec::with_capacity(size);
    touch(opaque(it.as_mut_ptr()), size);
    it.set_len(size);
    opaque(&it);
}

// As a message that is shared has it: bytes that are owned, behind an Arc.
#[inline(always)]
unsafe fn arc_vec_and_drop(size: usize) {
    let mut bytes: Vec<u8> = Vec::with_capacity(size);
    touch(opaque(bytes.as_mut_ptr()), size);
    bytes.set_len(size);
    let it = Arc::new(bytes);
    opaque(&it);
}

macro_rules! creations {
    ($name:ident, $create:ident, $size:expr) => {
        #[no_mangle]
        pub unsafe extern "C" fn $name(operations: usize) {
            for _ in 0..operations {
                $create($size);
            }
        }
    };
}

creations!(peer_vec_64, vec_and_drop, SMALL);
creations!(peer_vec_4k, vec_and_drop, PAGE);
creations!(peer_vec_1m, vec_and_drop, LARGE);
creations!(peer_arc_vec_64, arc_vec_and_drop, SMALL);
creations!(peer_arc_vec_4k, arc_vec_and_drop, PAGE);
creations!(peer_arc_vec_1m, arc_vec_and_drop, LARGE);

// ---- slice, adopt --------------------------------------------------------------------------------

struct Shared {
    bytes: Arc<Vec<u8>>,
    from: usize,
    size: usize,
}

impl Shared {
    #[inline(always)]
    fn slice(&self, from: usize, size: usize) -> Shared {
        assert!(from <= self.size && size <= self.size - from);
        Shared { bytes: self.bytes.clone(), from: self.from + from, size }
    }
}

#[no_mangle]
pub unsafe extern "C" fn peer_slice(operations: usize) {
    let it = OURS;
    for _ in 0..operations {
        let slice = (*opaque(it)).page.slice(SMALL, SMALL);
        opaque(&slice);
    }
}

// ---- chain ---------------------------------------------------------------------------------------

#[no_mangle]
pub unsafe extern "C" fn peer_chain(operations: usize) {
    let it = OURS;
    for _ in 0..operations {
        let slice = (*opaque(it)).page.slice(SMALL, SMALL);
        (*opaque(it)).queue.push_back(slice);
        let cut = (*opaque(it)).queue.pop_front();
        opaque(&cut);
    }
}

struct Foreign {
    _bytes: *mut u8,
    _size: usize,
    release: unsafe fn(*mut usize),
    context: *mut usize,
}

impl Drop for Foreign {
    fn drop(&mut self) {
        unsafe { (self.release)(self.context) }
    }
}

#[inline(never)]
unsafe fn count_release(context: *mut usize) {
    *context += 1;
}

#[no_mangle]
pub unsafe extern "C" fn peer_adopt(operations: usize) {
    let it = OURS;
    for _ in 0..operations {
        let ours = opaque(it);
        let foreign = Arc::new(Foreign {
            _bytes: std::ptr::addr_of_mut!((*ours).foreign) as *mut u8,
            _size: PAGE,
            release: count_release,
            context: std::ptr::addr_of_mut!((*ours).released),
        });
        opaque(&foreign);
    }
}

// ---- growth --------------------------------------------------------------------------------------

#[no_mangle]
pub unsafe extern "C" fn peer_append(operations: usize) {
    let piece = std::ptr::addr_of!((*OURS).piece);
    let mut it: Vec<u8> = Vec::new();
    for _ in 0..operations {
        it.extend_from_slice(&*opaque(piece));
    }
    opaque(&it);
}

#[no_mangle]
pub unsafe extern "C" fn peer_resize(operations: usize) {
    for _ in 0..operations {
        let mut it: Vec<u8> = Vec::new();
        let (mut old, mut size) = (0, RESIZE_FROM);
        while size <= RESIZE_TO {
            it.reserve_exact(size - old);
            it.set_len(size);
            touch_pages(it.as_mut_ptr(), old, size);
            old = size;
            size *= 2;
        }
        opaque(&it);
    }
}

// ---- weak ----------------------------------------------------------------------------------------

#[no_mangle]
pub unsafe extern "C" fn peer_weak_lock(operations: usize) {
    let it = OURS;
    for _ in 0..operations {
        let strong = (*opaque(it)).weak.upgrade().unwrap();
        opaque(&strong);
    }
}

#[no_mangle]
pub unsafe extern "C" fn peer_weak_new(operations: usize) {
    let it = OURS;
    for _ in 0..operations {
        let weak = Arc::downgrade(&(*opaque(it)).arc);
        let strong = (*opaque(&weak)).upgrade().unwrap();
        opaque(&strong);
    }
}

// ---- weighed, handed over ------------------------------------------------------------------------

#[no_mangle]
pub unsafe extern "C" fn peer_arc_make(payload: usize) -> *mut c_void {
    assert!(payload == SMALL);
    Arc::into_raw(Arc::new([1u8; SMALL])) as *mut c_void
}

#[no_mangle]
pub unsafe extern "C" fn peer_arc_unmake(thing: *mut c_void) {
    drop(Arc::from_raw(thing as *const Bytes64));
}

#[no_mangle]
pub unsafe extern "C" fn peer_arc_vec_make(payload: usize) -> *mut c_void {
    Arc::into_raw(Arc::new(vec![1u8; payload])) as *mut c_void
}

#[no_mangle]
pub unsafe extern "C" fn peer_arc_vec_unmake(thing: *mut c_void) {
    drop(Arc::from_raw(thing as *const Vec<u8>));
}

#[no_mangle]
pub unsafe extern "C" fn peer_arc_page_hand_make(payload: usize) -> *mut c_void {
    let mut bytes: Vec<u8> = Vec::with_capacity(payload);
    bytes.as_mut_ptr().write_volatile(1);
    bytes.set_len(payload);
    Arc::into_raw(Arc::new(bytes)) as *mut c_void
}

#[no_mangle]
pub unsafe extern "C" fn peer_arc_page_hand_unmake(thing: *mut c_void) {
    let bytes = Arc::from_raw(thing as *const Vec<u8>);
    bytes.as_ptr().read_volatile();
}
