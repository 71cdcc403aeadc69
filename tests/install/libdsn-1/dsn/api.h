/* What the declarations of every public header stand between: C linkage for C++ programs, and
 * visibility, since the library hides every other symbol. src/core/libdsn.map lists the same
 * symbols with their version.
 */
#ifndef DSN_API_H
#define DSN_API_H

#ifdef __cplusplus
#define DSN_BEGIN_DECLS                                                                            \
    extern "C" {                                                                                   \
    _Pragma ("GCC visibility push(default)")
#define DSN_END_DECLS                                                                              \
    _Pragma ("GCC visibility pop")                                                                 \
    }
#else
#define DSN_BEGIN_DECLS _Pragma ("GCC visibility push(default)")
#define DSN_END_DECLS   _Pragma ("GCC visibility pop")
#endif

#endif
