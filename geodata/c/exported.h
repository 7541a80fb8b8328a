/* How the functions that Python calls are compiled. */

#ifndef EXPORTED_H
#define EXPORTED_H

#ifdef _WIN32
#define EXPORTED __declspec(dllexport)
#else
#define EXPORTED __attribute__((visibility("default")))
#endif

#define ALWAYS_INLINE inline __attribute__((always_inline))

#endif
