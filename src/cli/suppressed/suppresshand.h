/* What people decide about addresses: added, lifted, imported, forgotten. */
#ifndef CLI_SUPPRESSHAND_H
#define CLI_SUPPRESSHAND_H

#include "cli/suppressed/suppressed.h"

/* Each takes the arguments behind its word, at least one and NULL behind the last, and returns the
 * exit code. */
int suppresshand_add (struct suppressed *s, char **addresses);
int suppresshand_lift (struct suppressed *s, char **addresses);
int suppresshand_import (struct suppressed *s, char **files);
int suppresshand_forget (struct suppressed *s, char **addresses);

#endif
