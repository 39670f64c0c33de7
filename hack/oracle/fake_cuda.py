"""Lets a torch without CUDA run autograd over fake tensors that say they lie on a GPU.

FakeTensorMode needs no GPU to follow shapes, types and storages, but autograd asks a device's guard for streams and devices, and a
build without CUDA has none. What is registered here is the guard of the meta device, which does nothing, with the methods replaced that
name a device; and the hooks that answer whether there is a GPU. The slots are those of c10/core/impl/DeviceGuardImplInterface.h and
aten/src/ATen/detail/CUDAHooksInterface.h of torch 2.14, on x86-64.
"""
import ctypes
import glob
import mmap
import os

import torch

CUDA, META = 1, 14  # c10/core/DeviceType.h
GUARD_SLOTS, HOOK_SLOTS = 28, 50
_kept = []  # what C++ points to must not be collected


class _Code:
    """A page of machine code for functions of one or two instructions."""

    def __init__(self):
        self.page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        self.base = ctypes.addressof(ctypes.c_char.from_buffer(self.page))
        self.used = 0

    def function(self, body):
        code = bytes.fromhex("f30f1efa") + bytes.fromhex(body)  # endbr64
        start = self.used
        self.page[start:start + len(code)] = code
        self.used += (len(code) + 15) // 16 * 16
        return self.base + start


def _library(name):
    """A library that torch has loaded, whatever its version."""
    folders = ["/usr/lib/x86_64-linux-gnu", os.path.join(os.path.dirname(torch.__file__), "lib")]
    found = [path for folder in folders for path in glob.glob(f"{folder}/{name}.so*")]
    if not found:
        raise RuntimeError(f"{name}.so is not among {folders}")
    return ctypes.CDLL(found[0])


def _table(pointer, slots):
    """A copy of the virtual table that an object points to, with the two words before it."""
    words = (ctypes.c_void_p * slots).from_address(ctypes.c_void_p.from_address(pointer).value - 16)
    copy = (ctypes.c_void_p * slots)(*words)
    _kept.append(copy)
    return copy


def enable():
    code = _Code()
    one = code.function("b801000000c3")        # return 1: type CUDA, device 0 of it, true
    zero = code.function("31c0c3")
    stream = code.function("31d2b801000000c3")  # return the default stream of device 0
    nothing = code.function("c3")
    _kept.append(code)

    registry = (ctypes.c_void_p * 32).in_dll(_library("libc10"), "_ZN3c104impl26device_guard_impl_registryE")
    guard = _table(registry[META], GUARD_SLOTS)
    for slot in (0, 1, 2, 14, 15):
        guard[slot + 2] = one
    for slot in (5, 6, 7, 8, 9):
        guard[slot + 2] = stream
    for slot in (12, 13, 20, 21):
        guard[slot + 2] = nothing
    owner = (ctypes.c_void_p * 4)()
    owner[0] = ctypes.addressof(guard) + 16
    _kept.append(owner)
    registry[CUDA] = ctypes.addressof(owner)

    get_hooks = _library("libtorch_cpu")["_ZN2at6detail12getCUDAHooksEv"]
    get_hooks.restype = ctypes.c_void_p
    hooks = get_hooks()
    table = _table(hooks, HOOK_SLOTS)
    for slot, function in {2: one, 3: one, 4: one, 5: nothing, 6: one, 7: nothing, 8: zero, 9: zero, 10: zero}.items():
        table[slot + 2] = function
    ctypes.c_void_p.from_address(hooks).value = ctypes.addressof(table) + 16

    # CUDA has a kernel for the gradient of SiLU; without one torch would compose it, with temporaries that no GPU sees.
    library = torch.library.Library("aten", "IMPL")
    library.impl("silu_backward", lambda gradient, given: torch.empty_like(given), "CUDA")
    _kept.append(library)

    torch.cuda.amp.common.amp_definitely_not_available = lambda: False
    torch.cuda.is_bf16_supported = lambda *_, **__: True
    torch.cuda.get_device_capability = lambda *_, **__: (9, 0)
