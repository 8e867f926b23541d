"""Reads the headers of alpa.h: the structures, functions and tables of the C library, as ctypes.

They are the one description of the C interface.  What is read here is its own dialect of C: one declaration per
statement, tables as X macros, callbacks as typedefs.  A declaration that is not understood is an error at import.
"""
import ctypes
import re

_SCALARS = {
    "bool": ctypes.c_bool, "double": ctypes.c_double, "size_t": ctypes.c_size_t, "uint8_t": ctypes.c_uint8,
    "uint32_t": ctypes.c_uint32, "uint64_t": ctypes.c_uint64, "int64_t": ctypes.c_int64, "void": None,
}


def read_text(path, seen=None):
    """The text of a header, with the headers of its own library that it includes, each once, in their places."""
    seen = set() if seen is None else seen
    if path.name in seen:
        return ""
    seen.add(path.name)
    return re.sub(r'^#include "alpa/(\w+\.h)"$', lambda match: read_text(path.parent / match[1], seen),
                  path.read_text(encoding="utf-8"), flags=re.M)


class Header:
    """What a header declares: `structs`, `functions` as (result, arguments), `enums` and `tables` of macro rows."""

    def __init__(self, text):
        text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
        self.tables = self._read_tables(text)
        text = re.sub(r"^\s*#(?:[^\n]*\\\n)*[^\n]*$", " ", text, flags=re.M)
        text = re.sub(r'extern "C" \{', " ", text)
        self.enums, self.structs, self.callbacks, self.functions = {}, {}, {}, {}
        for match in re.finditer(r"typedef enum (\w+) \{(.*?)\}", text, flags=re.S):
            self.enums[match[1]] = [name.strip() for name in match[2].split(",") if name.strip().isidentifier()]
        names = re.findall(r"typedef struct (\w+) \{", text)
        self.structs = {name: type(name, (ctypes.Structure,), {}) for name in names}
        for match in re.finditer(r"typedef ([\w *]+?)(\w+_fn)\(([^;]*?)\);", text):
            # text that a callback receives comes with its size and need not end in a zero
            arguments = [ctypes.c_void_p if kind is ctypes.c_char_p else kind for kind in self._arguments(match[3])]
            self.callbacks[match[2]] = ctypes.CFUNCTYPE(self._type(match[1], False), *arguments)
        for match in re.finditer(r"typedef struct (\w+) \{(.*?)\}", text, flags=re.S):
            self.structs[match[1]]._fields_ = self._fields(match[2])
        for match in re.finditer(r"ALPA_API (?:ALPA_MUST_USE )?([\w *]+?)(\w+)\(([^;]*?)\);", text):
            self.functions[match[2]] = (self._type(match[1], False), self._arguments(match[3]))

    @staticmethod
    def _read_tables(text):
        tables = {}
        for match in re.finditer(r"#define ALPA_(\w+)_TABLE\(X\)((?:[^\n]*\\\n)*[^\n]*)", text):
            rows = re.findall(r"X\((.*?)\)\s*(?:\\|$)", match[2], flags=re.M)
            tables[match[1]] = [[cell.strip().strip('"') for cell in re.findall(r'"[^"]*"|[^,]+', row)] for row in rows]
        return tables

    def _type(self, words, is_pointer):
        """The ctypes type of a declaration's type words."""
        words = words.replace("const", " ").replace("struct ", " ")
        depth = words.count("*") + is_pointer
        name = words.replace("*", " ").strip()
        if depth == 0:
            if name in self.enums or name in ("alpa_status", "alpa_dtype", "alpa_severity"):
                return ctypes.c_int
            return self.structs[name] if name in self.structs else _SCALARS[name]
        if name in self.callbacks:
            return self.callbacks[name]
        return ctypes.c_char_p if name == "char" and depth == 1 else ctypes.c_void_p

    def _arguments(self, text):
        arguments = [argument.strip() for argument in text.split(",")]
        return [] if arguments == ["void"] else [self._declared(argument)[1] for argument in arguments]

    def _declared(self, text):
        """One declarator with its type: `const int64_t *dims`."""
        match = re.fullmatch(r"(.*?)(\w+)(\[\])?", text.strip(), flags=re.S)
        return match[2], self._type(match[1], bool(match[3]))

    def _fields(self, body):
        fields = []
        for statement in filter(None, (part.strip() for part in body.split(";"))):
            pointer = re.fullmatch(r"([\w ]+)\(\*(\w+)\)\((.*)\)", statement, flags=re.S)
            if pointer:
                kind = ctypes.CFUNCTYPE(self._type(pointer[1], False), *self._arguments(pointer[3]))
                fields.append((pointer[2], kind))
                continue
            text = re.fullmatch(r"char (\w+)\[(\d+)\]", statement)
            if text:
                fields.append((text[1], ctypes.c_char * int(text[2])))
                continue
            first, *others = [part.strip() for part in statement.split(",")]
            fields.append(self._declared(first))
            words = re.match(r"(?:const )?\w+", first)[0]
            fields.extend(self._declared(words + " " + other) for other in others)
        return fields
