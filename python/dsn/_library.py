"""The functions of libdsn.so.1 that the package calls, by ctypes: <dsn/dsn.h> says what they do."""
import ctypes
from typing import Optional

_library = ctypes.CDLL('libdsn.so.1')


class Bytes(ctypes.Structure):
    """struct dsn_bytes"""
    _fields_ = [('p', ctypes.c_char_p), ('n', ctypes.c_size_t)]


Texts = ctypes.POINTER(ctypes.c_char_p)
OutText = ctypes.POINTER(ctypes.c_void_p)
# a string that is ours to free: c_char_p would be turned into bytes, and lost
OwnText = ctypes.c_void_p


def _declare(name, result, *arguments):
    function = getattr(_library, name)
    function.restype, function.argtypes = result, arguments
    return function


_handle, _text, _size, _bool = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_bool
_day = ctypes.c_uint32

version = _declare('dsn_version', _text)
init = _declare('dsn_init', None)
free = _declare('dsn_free', None, ctypes.c_void_p)

settings_new = _declare('dsn_settings_new', _handle)
settings_free = _declare('dsn_settings_free', None, _handle)
settings_add_rules = _declare('dsn_settings_add_rules', None, _handle, _text, Bytes)
settings_set_limit = _declare('dsn_settings_set_limit', _bool, _handle, _text, _size)
settings_set_evidence = _declare('dsn_settings_set_evidence', None, _handle, _bool)
settings_set_structure = _declare('dsn_settings_set_structure', _bool, _handle, _text)
settings_add_original_header = _declare('dsn_settings_add_original_header', None, _handle, _text)
settings_add_envelope_header = _declare('dsn_settings_add_envelope_header', None, _handle, _text)
settings_add_envelope_template = _declare('dsn_settings_add_envelope_template', _bool, _handle, _text)
settings_set_keys = _declare('dsn_settings_set_keys', None, _handle, _handle)

reader_new = _declare('dsn_reader_new', _handle, _handle, OutText)
reader_free = _declare('dsn_reader_free', None, _handle)
reader_ruleset = _declare('dsn_reader_ruleset', _text, _handle)
reader_read_json = _declare('dsn_reader_read_json', OwnText, _handle, Bytes, _day)
reader_explain_json = _declare('dsn_reader_explain_json', OwnText, _handle, Bytes)

keys_new = _declare('dsn_keys_new', _handle, Bytes, OutText)
keys_free = _declare('dsn_keys_free', None, _handle)
keys_set_window = _declare('dsn_keys_set_window', _bool, _handle, ctypes.c_uint)
keys_sign = _declare('dsn_keys_sign', OwnText, _handle, _text, _text, _text, _day)
keys_check = _declare('dsn_keys_check', _text, _handle, _day, Bytes, Texts, OutText, OutText)

init()


def take(pointer: Optional[int]) -> Optional[str]:
    """The text at @pointer, which is freed; None for none."""
    if not pointer:
        return None
    try:
        return ctypes.string_at(pointer).decode('utf-8')
    finally:
        free(pointer)
