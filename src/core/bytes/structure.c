/* Names of settings.
 */
#include "core/bytes/structure.h"

#include <string.h>

bool
dsn_structure_find (const char *name, enum dsn_structure *ret_structure)
{
    static const char *const names[_DSN_STRUCTURE_N] = {
        [DSN_STRUCTURE_AUTO] = "auto",
        [DSN_STRUCTURE_GMIME] = "gmime",
    };

    for (unsigned i = 0; i < _DSN_STRUCTURE_N; i++)
        if (strcmp (name, names[i]) == 0) {
            *ret_structure = (enum dsn_structure)i;
            return true;
        }
    return false;
}
