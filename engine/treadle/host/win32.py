"""The few calls of Windows that make a named pipe one user's alone, by ctypes.

Why ours, where asyncio could open pipes itself: it takes no list of who may (by default everybody may read one, over
the network too), and it lets a server act in its client's name. See docs/decisions/0005.
"""

from __future__ import annotations

import ctypes
import sys
from ctypes import wintypes
from typing import Any, Final

assert sys.platform == "win32"

__all__ = ["BUSY", "DENIED", "MISSING", "create_pipe", "open_pipe", "owner_of", "rights_of", "user_sid"]

MISSING: Final = 2  # ERROR_FILE_NOT_FOUND
DENIED: Final = 5  # ERROR_ACCESS_DENIED
BUSY: Final = 231  # ERROR_PIPE_BUSY

_BUFFER: Final = 1 << 16
_TOKEN_QUERY: Final = 0x8
_TOKEN_USER: Final = 1
_DUPLEX: Final = 0x3
_OVERLAPPED: Final = 0x40000000
_FIRST: Final = 0x00080000
_BYTES_AND_NOBODY_REMOTE: Final = 0x8
_ANY_NUMBER: Final = 255
_READ_WRITE: Final = 0xC0000000
_OPEN_EXISTING: Final = 3
_SERVER_LEARNS_NOTHING: Final = 0x00100000  # SECURITY_SQOS_PRESENT | SECURITY_ANONYMOUS
_KERNEL_OBJECT: Final = 6
_OWNER: Final = 1
_RIGHTS: Final = 4
_INVALID: Final = wintypes.HANDLE(-1).value

_kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
_advapi32 = ctypes.WinDLL("advapi32", use_last_error=True)


class _Attributes(ctypes.Structure):
    _fields_ = (("length", wintypes.DWORD), ("descriptor", ctypes.c_void_p), ("inherit", wintypes.BOOL))


def _declare(function: Any, result: Any, *arguments: Any) -> Any:
    function.restype, function.argtypes = result, arguments
    return function


_HANDLE, _DWORD, _TEXT, _POINTER = wintypes.HANDLE, wintypes.DWORD, wintypes.LPCWSTR, ctypes.c_void_p
_this_process = _declare(_kernel32.GetCurrentProcess, _HANDLE)
_close = _declare(_kernel32.CloseHandle, wintypes.BOOL, _HANDLE)
_free = _declare(_kernel32.LocalFree, _POINTER, _POINTER)
_open_token = _declare(_advapi32.OpenProcessToken, wintypes.BOOL, _HANDLE, _DWORD, _POINTER)
_token_facts = _declare(_advapi32.GetTokenInformation, wintypes.BOOL, _HANDLE, _DWORD, _POINTER, _DWORD, _POINTER)
_sid_to_text = _declare(_advapi32.ConvertSidToStringSidW, wintypes.BOOL, _POINTER, _POINTER)
_text_to_descriptor = _declare(
    _advapi32.ConvertStringSecurityDescriptorToSecurityDescriptorW, wintypes.BOOL, _TEXT, _DWORD, _POINTER, _POINTER
)
_security_of = _declare(
    _advapi32.GetSecurityInfo, _DWORD, _HANDLE, _DWORD, _DWORD, _POINTER, _POINTER, _POINTER, _POINTER, _POINTER
)
_descriptor_to_text = _declare(
    _advapi32.ConvertSecurityDescriptorToStringSecurityDescriptorW,
    wintypes.BOOL, _POINTER, _DWORD, _DWORD, _POINTER, _POINTER,
)  # fmt: skip
_create_pipe = _declare(
    _kernel32.CreateNamedPipeW, _HANDLE, _TEXT, _DWORD, _DWORD, _DWORD, _DWORD, _DWORD, _DWORD, _POINTER
)
_create_file = _declare(_kernel32.CreateFileW, _HANDLE, _TEXT, _DWORD, _DWORD, _POINTER, _DWORD, _DWORD, _HANDLE)


def user_sid() -> str:
    """The user of this process, as `S-1-5-21-…`. Raises OSError."""
    token = wintypes.HANDLE()
    _check(_open_token(_this_process(), _TOKEN_QUERY, ctypes.byref(token)))
    try:
        size = wintypes.DWORD()
        _token_facts(token, _TOKEN_USER, None, 0, ctypes.byref(size))
        facts = ctypes.create_string_buffer(size.value)
        _check(_token_facts(token, _TOKEN_USER, facts, size, ctypes.byref(size)))
        return _as_text(ctypes.c_void_p.from_buffer(facts))  # a TOKEN_USER begins with the pointer to its SID
    finally:
        _close(token)


def create_pipe(name: str, sid: str, *, first: bool) -> int:
    """A waiting end of the pipe, which belongs to the user `sid`, who alone may open it, and from this machine only.

    As the `first` it is made only where no other process has the name. Raises OSError.
    """
    descriptor = ctypes.c_void_p()
    rights = f"O:{sid}D:P(D;;GA;;;NU)(A;;GA;;;{sid})"
    _check(_text_to_descriptor(rights, 1, ctypes.byref(descriptor), None))
    try:
        attributes = _Attributes(ctypes.sizeof(_Attributes), descriptor, inherit=False)
        mode = _DUPLEX | _OVERLAPPED | (_FIRST if first else 0)
        handle = _create_pipe(
            name, mode, _BYTES_AND_NOBODY_REMOTE, _ANY_NUMBER, _BUFFER, _BUFFER, 0, ctypes.byref(attributes)
        )
    finally:
        _free(descriptor)
    return _valid(handle)


def open_pipe(name: str) -> int:
    """The client's end; the server can't act in this user's name. Raises OSError."""
    flags = _OVERLAPPED | _SERVER_LEARNS_NOTHING
    return _valid(_create_file(name, _READ_WRITE, 0, None, _OPEN_EXISTING, flags, None))


def owner_of(handle: int) -> str:
    """Whose the pipe is, as `user_sid` has it: who made its first end. Raises OSError."""
    owner = ctypes.c_void_p()
    descriptor = _security(handle, _OWNER, owner)
    try:
        return _as_text(owner)
    finally:
        _free(descriptor)


def rights_of(handle: int) -> str:
    """Who may do what with the pipe, in the security descriptor definition language. Raises OSError."""
    descriptor, text = _security(handle, _RIGHTS, None), ctypes.c_void_p()
    try:
        _check(_descriptor_to_text(descriptor, 1, _RIGHTS, ctypes.byref(text), None))
        return _taken(text)
    finally:
        _free(descriptor)


def _security(handle: int, part: int, owner: ctypes.c_void_p | None) -> ctypes.c_void_p:
    """What the system says of `part`, to be given back with `_free`; `owner` is set to where its owner stands."""
    descriptor = ctypes.c_void_p()
    place = None if owner is None else ctypes.byref(owner)
    error = _security_of(handle, _KERNEL_OBJECT, part, place, None, None, None, ctypes.byref(descriptor))
    if error:
        raise ctypes.WinError(error)
    return descriptor


def _as_text(sid: ctypes.c_void_p) -> str:
    text = ctypes.c_void_p()
    _check(_sid_to_text(sid, ctypes.byref(text)))
    return _taken(text)


def _taken(text: ctypes.c_void_p) -> str:
    """The text, whose memory is given back."""
    try:
        return ctypes.wstring_at(text.value or 0)
    finally:
        _free(text)


def _check(done: int) -> None:
    if not done:
        raise ctypes.WinError(ctypes.get_last_error())


def _valid(handle: int | None) -> int:
    if handle is None or handle == _INVALID:
        raise ctypes.WinError(ctypes.get_last_error())
    return handle
