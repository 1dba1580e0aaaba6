/* temporary_folder.h - a folder for one test, removed with all it holds. */
#ifndef CONTRACT_TEMPORARY_FOLDER_H
#define CONTRACT_TEMPORARY_FOLDER_H

#include <stddef.h>

/* Writes the path of a new folder, in a place short enough for unix sockets. */
void temporary_folder_make(char *path, size_t capacity);
void temporary_folder_remove(const char *path);

#endif
