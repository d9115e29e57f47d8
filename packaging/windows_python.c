/* python.exe: all that a python311.dll beside it needs to become an interpreter. */
#include <windows.h>

typedef int (*py_main)(int, wchar_t **);

int wmain(int count, wchar_t **arguments)
{
    HMODULE library = LoadLibraryW(L"python311.dll");
    return library ? ((py_main)(void *)GetProcAddress(library, "Py_Main"))(count, arguments) : 99;
}
